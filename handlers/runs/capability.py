"""Runs in the chat as a capability: asking for a runbook, confirming it, following it, ending it."""

from bot.core.menu import Title
from bot.core.problems import Told, line_of
from bot.work.capability import Capability, Check, Findings, Services
from data.site import Site
from handlers.runs import routes
from handlers.runs.pages import RUN
from runbooks.language.definition import Catalogue
from runbooks.language.load.for_site import site_catalogue
from runbooks.planning.inventory_check import unbalanced, unfit, unmanned, untagged
from runbooks.planning.offers import Offers


def build(services: Services) -> Capability:
    """One command for each verb of the catalogue; what stands in the way of running any is told at the start (fault F83)."""
    catalogue, offers = services.shared(site_catalogue), services.shared(Offers, site_catalogue)
    checks = (
        Check(lambda site: _off(catalogue, site), "ops/servers_off"),
        Check(lambda site: _unfit(catalogue, site), "ops/runbooks_unfit", frozenset({"hosts"})),
    )
    return Capability("runs", Title("操作", "Runbooks"), routes.table(catalogue, offers), checks=checks, pages=(RUN,))


def _off(catalogue: Catalogue, site: Site | None) -> Findings:
    """Why no runbook at all runs: an inventory, or a file of the site's own runbooks, that cannot be read."""
    return Findings((*(site.faults if site else ()), *catalogue.faults))


def _unfit(catalogue: Catalogue, site: Site | None) -> Findings:
    """Which of the site's own runbooks name servers that it does not have, and which shipped ones it cannot run."""
    if site is None or site.faults:
        return Findings()
    notes = (
        line_of("check/note", text=Told("check/unmanned", group=group, commands=names))
        for group, names in unmanned(catalogue, site).items()
    )
    blind = (_without_balancer(group, *names) for group, names in unbalanced(catalogue, site).items())
    return Findings((*unfit(catalogue, site), *_tags(catalogue, site)), (*notes, *blind))


def _without_balancer(group: str, needing: list[str], blind: list[str]) -> str:
    return line_of("check/note", text=Told("check/unbalanced", group=group, refused=needing, blind=blind))


def _tags(catalogue: Catalogue, site: Site) -> list[str]:
    """A group whose hosts are there, but whose one host of a kind is not told, or is told twice."""
    return [
        line_of("check/untagged", group=group, tag=tag, count=count, commands=names)
        for (group, tag), (count, names) in untagged(catalogue, site).items()
    ]
