"""What a person may do here: all of it, one capability, or one command."""

from collections.abc import Iterable, Mapping

from bot.core.commands import plain
from bot.core.errors import UserError
from bot.core.events import Envelope
from bot.core.menu import MenuItem, Title, given_by
from bot.work.work import Work

LAST = "help"  # the area at the end of the menu


def show(work: Work, envelope: Envelope, asked: str = "") -> None:
    """The menu, in a group first how to report a fault; a long capability shows its words alone unless it is ``asked`` for."""
    word = plain(asked).lower().lstrip("/")
    chat = work.site.chat(envelope.chat)
    offered = given_by(work.actor, work.menu)
    areas = _by_area(offered, work.titles)
    area = next((name for name, title, _ in areas if word in {name, title.zh, title.en.lower()}), "")
    if word and not area:
        one = next((item for item in offered if word.split(" ")[0] in {item.verb, item.alias}), None)
        if one is None:
            raise UserError("no_help", asked=asked[:40])
        work.say("help/command", envelope.chat, reply_to=envelope.key, item=one)
        return
    work.say(
        "help/menu",
        envelope.chat,
        reply_to=envelope.key,
        areas=areas,
        asked=area,
        group=chat is not None and chat.post is not None,
        staff=work.actor is not None and bool(work.actor.roles),
        call=work.call(envelope.chat),
    )


def _by_area(items: Iterable[MenuItem], titles: Mapping[str, Title]) -> list[tuple[str, Title, list[MenuItem]]]:
    """Each area's name, title and commands, in the order of the menu, help itself last."""
    areas: dict[str, list[MenuItem]] = {}
    for item in sorted(items, key=lambda item: item.area == LAST):
        areas.setdefault(item.area, []).append(item)
    return [(name, titles.get(name, Title(name, name)), his) for name, his in areas.items()]
