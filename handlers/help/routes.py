"""``/help`` and ``/ping``: what this person may do here, and whether the bot is alive."""

from collections.abc import Iterable

from bot.core.events import Command
from bot.core.menu import MenuItem
from bot.work.routes import Args, Routes
from bot.work.work import Work

on = Routes("help")
WORDS = {"值班": "duty", "工单": "faults", "操作": "runs", "其他": "help"}  # what people call the areas


@on.command("help", "帮助", strangers=True)
def show_help(event: Command, work: Work) -> None:
    """Every command this person may give, by capability, with sample words; in a group first how to report a fault.

    A long capability shows its words alone; ``/help runs`` shows it in full.
    """
    chat = work.site.chat(event.envelope.chat)
    word = event.args[0].lower() if event.args else ""
    work.say(
        "help/menu",
        event.envelope.chat,
        reply_to=event.envelope.key,
        areas=_by_area(item for item in work.menu if item.listed and item.open_to(work.actor)),
        asked=WORDS.get(word, word),
        group=chat is not None and chat.post is not None,
        staff=work.actor is not None and bool(work.actor.roles),
        call=work.call(event.envelope.chat),
    )


@on.command("ping", "在吗", args=Args.TEXT, strangers=True, usage="…")
def ping(event: Command, work: Work) -> None:
    """Answer ``pong TEXT`` through inbox, transaction and outbox: how people and monitors see that the bot is alive."""
    work.say("help/pong", event.envelope.chat, reply_to=event.envelope.key, text=event.rest)


@on.command("bind", "绑定", strangers=True, listed=False)
def bind(event: Command, work: Work) -> None:
    """What stands in ``chats.yaml`` and ``people.yaml`` for this chat and this account, or the lines to put there."""
    envelope = event.envelope
    chat = work.site.chat(envelope.chat)
    if chat is None:
        raise LookupError(f"no chat {envelope.chat}")
    work.say(
        "help/bind",
        envelope.chat,
        reply_to=envelope.key,
        chat=chat,
        place=work.site.address(chat, envelope.account.platform),
        account=envelope.account,
        person=work.actor,
    )


def _by_area(items: Iterable[MenuItem]) -> dict[str, list[MenuItem]]:
    """In the order of the menu, help itself last."""
    areas: dict[str, list[MenuItem]] = {}
    for item in sorted(items, key=lambda item: item.area == on.area):
        areas.setdefault(item.area, []).append(item)
    return areas
