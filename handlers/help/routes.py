"""``/help`` and ``/ping``: what this person may do here, and whether the bot is alive."""

from collections.abc import Iterable, Mapping

from bot.core.events import Command
from bot.core.menu import MenuItem, Title
from bot.work.arguments import takes, word
from bot.work.routes import Args, Routes
from bot.work.work import Work

on = Routes("help")


@on.command("help", "帮助", strangers=True)
@takes(word())
def show_help(event: Command, work: Work, asked: str) -> None:
    """Every command this person may give, by capability, with sample words; in a group first how to report a fault.

    A long capability shows its words alone; ``/help runs`` shows it in full.
    """
    chat = work.site.chat(event.envelope.chat)
    offered = [item for item in work.menu if item.listed and item.open_to(work.actor)]
    areas = _by_area(offered, work.titles)
    work.say(
        "help/menu",
        event.envelope.chat,
        reply_to=event.envelope.key,
        areas=areas,
        asked=next((name for name, title, _ in areas if asked.lower() in {name, title.zh}), ""),
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


def _by_area(items: Iterable[MenuItem], titles: Mapping[str, Title]) -> list[tuple[str, Title, list[MenuItem]]]:
    """Each area's name, title and commands, in the order of the menu, help itself last."""
    areas: dict[str, list[MenuItem]] = {}
    for item in sorted(items, key=lambda item: item.area == on.area):
        areas.setdefault(item.area, []).append(item)
    return [(name, titles.get(name, Title(name, name)), his) for name, his in areas.items()]
