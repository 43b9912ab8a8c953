"""Triage's part in the chain of plain talk: it reads every line first, for all who hear it."""

from bot.core.events import Message
from bot.work.routes import Routes
from bot.work.understanding import Surroundings, Understanding
from bot.work.work import Work
from handlers.triage.understand import speaker_of, understand

on = Routes("triage")


@on.reader()
def reader(event: Message, around: Surroundings, work: Work) -> Understanding:
    """One line of somebody, read in what surrounds it."""
    return understand(event.text, speaker_of(work.actor), around)
