"""The list of all capabilities: the one place that names them."""

from collections.abc import Iterable

from bot.core.errors import ConfigError
from bot.sections import SECTIONS
from bot.settings import Settings
from bot.work.capability import Build, Capability, Services
from bot.work.routes import RouteTable, freeze
from handlers.duty import capability as duty
from handlers.faults import capability as faults
from handlers.help import capability as help
from handlers.runs import capability as runs
from handlers.triage import capability as triage
from runbooks.runs import capability as runner

ALL: tuple[Build, ...] = (
    triage.build,
    duty.build,
    faults.build,
    help.build,
    runs.build,
    runner.build,
)


def build_all(settings: Settings) -> tuple[Capability, ...]:
    """Every capability of the list, in its order, which is also that of the menu."""
    return build(Services(settings))


def build(services: Services, builds: Iterable[Build] = ALL) -> tuple[Capability, ...]:
    """Those of ``builds`` on what the services have already. Raises ``ConfigError`` when a section of theirs is not listed."""
    built = tuple(make(services) for make in builds)
    missing = [
        f"{capability.name}: its section [{kind.table}] is not in bot/sections.py, so nothing would read it"
        for capability in built
        for kind in capability.settings
        if SECTIONS.get(kind.table) is not kind
    ]
    if missing:
        raise ConfigError(missing)
    return built


def routes_of(capabilities: Iterable[Capability]) -> RouteTable:
    """One table of all their routes. Raises ``ConfigError`` when two have the same command, button, deadline or job."""
    return freeze(capability.routes for capability in capabilities if capability.routes is not None)
