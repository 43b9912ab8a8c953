"""Help as a capability: what this person may do here, and whether the bot is alive."""

from bot.core.menu import Title
from bot.work.capability import Capability, Services
from handlers.help import routes


def build(_services: Services) -> Capability:
    """Commands alone."""
    return Capability("help", Title("其他", "Other"), routes.on)
