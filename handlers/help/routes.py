"""``/ping``: the whole durable way and back."""

from bot.core.events import Command
from bot.durable.routes import Args, Routes
from bot.durable.work import Work

on = Routes("help")


@on.command("ping", "在吗", args=Args.TEXT, strangers=True, usage="TEXT")
def ping(event: Command, work: Work) -> None:
    """Answer ``pong TEXT`` through inbox, transaction and outbox: how people and monitors see that the bot is alive."""
    work.say("help/pong", event.envelope.chat, reply_to=event.envelope.key, text=event.rest)
