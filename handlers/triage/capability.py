"""Triage as a capability: it reads every plain line once, for all that hear it."""

from bot.work.capability import Capability, Services
from handlers.triage import routes


def build(_services: Services) -> Capability:
    """What makes an ``Understanding`` of a line, and nothing else."""
    return Capability("triage", routes=routes.on)
