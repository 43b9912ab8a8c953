"""Which runbooks can run in this organisation, each with words that would be right there: its own hosts and groups."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.core.errors import UserError
from data.site import Site
from runbooks.language.arguments import sample_words
from runbooks.language.definition import Catalogue, Definition
from runbooks.planning.inventory_check import unfit
from runbooks.planning.planner import plan_run

_NOWHERE = frozenset({"no_such_group", "no_balancer", "unknown_target", "same_host"})


@dataclass(slots=True)
class Offers:
    """Worked out when first asked for, and anew when the organisation has changed."""

    catalogue: Catalogue
    _found: tuple[Site, Mapping[str, tuple[str, ...]]] | None = field(default=None, repr=False)

    def at(self, site: Site) -> Mapping[str, tuple[str, ...]]:
        """By name, the words that must follow the verb; a runbook that has nowhere to run is not in it."""
        found = self._found
        if found is None or found[0] is not site:
            words = ((each.name, words_at(self.catalogue, each, site)) for each in self.catalogue.definitions.values())
            found = (site, {name: given for name, given in words if given is not None})
            self._found = found
        return found[1]


def words_at(catalogue: Catalogue, definition: Definition, site: Site) -> tuple[str, ...] | None:
    """What must follow the verb of a runbook, in words of the site; None where it has no host to run on.

    While the data folder has faults nothing is kept back for what it seems not to have: a command is then told why it waits.
    """
    word = definition.word.split()
    if site.faults or catalogue.faults:
        return (*word, *sample_words(definition, site, needed=True))
    if unfit(catalogue, site, definition):
        return None
    try:
        plan_run(definition, sample_words(definition, site), site, catalogue=catalogue)
    except UserError as error:
        if error.code in _NOWHERE:
            return None
    return (*word, *sample_words(definition, site, needed=True))


def line_at(catalogue: Catalogue, definition: Definition, site: Site) -> str | None:
    """The whole line of it; None as above."""
    words = words_at(catalogue, definition, site)
    return None if words is None else " ".join((f"/{definition.verb}", *words))
