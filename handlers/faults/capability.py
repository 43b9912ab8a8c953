"""Fault reports as a capability: reports, tickets, their clocks and the ladder."""

from bot.core.menu import Title
from bot.work.capability import Capability, Services
from handlers.faults import routes, tables
from handlers.faults.settings import ReportsSettings


def build(_services: Services) -> Capability:
    """Plain words, commands, buttons, deadlines, and the tickets with all that belongs to them."""
    rows = (
        tables.IncidentRow,
        tables.TicketRow,
        tables.TicketEventRow,
        tables.TicketPostRow,
        tables.PageRow,
        tables.TicketCounterRow,
    )
    return Capability("faults", Title("工单", "Tickets"), routes.on, tables=rows, settings=(ReportsSettings,))
