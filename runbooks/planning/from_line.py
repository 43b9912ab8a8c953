"""The plan of a typed line, from its first step or a later one on: at the request, and anew before the start."""

from collections.abc import Collection
from datetime import datetime

from bot.core.errors import UserError
from bot.core.people import Person
from data.site import Site
from runbooks.language.definition import Catalogue
from runbooks.planning.inventory_check import unfit
from runbooks.planning.offers import line_at
from runbooks.planning.plan import Plan
from runbooks.planning.planner import plan_run


def plan_line(
    catalogue: Catalogue,
    line: str,
    site: Site,
    asked_at: datetime,
    first: int = 1,
    done: Collection[int] = (),
    *,
    by: Person | None = None,
) -> Plan:
    """Raises ``UserError`` naming the word that is wrong. ``first``: the place in the whole plan where it begins, ``done``:
    places behind it that are left out.
    ``asked_at``: when it was asked for, of a run that goes on when that began: what it names by day or minute keeps its name.
    ``by``: who types it now: of a line that is not finished he is told how it goes on for him.

    ``servers_off``: nothing runs while the inventory or a site's own runbook cannot be read (fault F83); ``runbook_unfit``:
    this one does not while it names what the inventory has not got.
    """
    wrong = (*site.faults, *catalogue.faults)
    if wrong:
        raise UserError("servers_off", line=line, count=len(wrong))
    verb, *words = line.removeprefix("/").split()
    definition, arguments = catalogue.pick(
        verb, tuple(words), lambda each: line_at(catalogue, each, site) if by is None or by.may(*each.roles) else None
    )
    if misfits := unfit(catalogue, site, definition):
        raise UserError("runbook_unfit", line=line, count=len(misfits))
    return plan_run(definition, arguments, site, catalogue=catalogue, at=site.local(asked_at), first=first, done=done)
