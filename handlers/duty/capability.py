"""Duty as a capability: who is on, the morning announcement, tomorrow's gaps."""

from bot.core.menu import Title
from bot.work.capability import Capability, Services
from handlers.duty import routes, store


def build(_services: Services) -> Capability:
    """Commands, daily jobs, and the groups that get the announcement by hand."""
    return Capability("duty", Title("值班", "Duty"), routes.on, tables=(store.ByHandRow,))
