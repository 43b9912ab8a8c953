"""Duty as a capability: who is on and was on, the morning announcement, tomorrow's gaps."""

from datetime import date, datetime

from bot.core.menu import Title
from bot.work.capability import Capability, Check, Findings, Services
from data.roster.tables import ShiftRow
from data.site import Site
from handlers.duty import routes, store
from handlers.duty.readiness import ready
from handlers.duty.record import RosterRecord
from handlers.duty.settings import DutySettings


def build(_services: Services) -> Capability:
    """Commands, daily jobs, the groups that get the announcement by hand, and the history of the roster."""
    return Capability(
        "duty",
        Title("值班", "Duty"),
        routes.on,
        tables=(store.ByHandRow, ShiftRow),
        workers=(RosterRecord,),
        checks=(Check(_ready, needs=frozenset({"people", "posts"})),),
        settings=(DutySettings,),
    )


def _ready(site: Site | None) -> Findings:
    return ready(site, datetime.now(site.tz).date() if site else date.min)
