"""Which AI bot is in which chat: the first whose settings name the chat, else the first that names none."""

from collections.abc import Mapping

from bot.adapters.wecom.settings import WecomBot
from bot.core.people import Chat


def bot_in(bots: Mapping[str, WecomBot], chat: Chat) -> str | None:
    """The name of the AI bot in ``chat``; None where there is none. Direct and undeclared chats always have one."""
    named = [name for name, bot in bots.items() if chat.id in bot.chats]
    open_to_all = [name for name, bot in bots.items() if not bot.chats]
    last = [] if chat.known and not chat.private else list(bots)
    return next(iter([*named, *open_to_all, *last]), None)


def call_of(bots: Mapping[str, WecomBot], chat: Chat) -> str:
    """How the bot in ``chat`` is addressed, ``@值班``; empty where there is none."""
    name = bot_in(bots, chat)
    return f"@{bots[name].display_name}" if name else ""
