"""Settings that name chats of the organisation: each must be there, and on the platform that the setting is about."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches

from bot.core.people import Chat, Reach
from bot.core.problems import Line, Told, line_of
from bot.settings import PlatformSection, Settings
from data.site import Site


def misplaced(sections: Iterable[PlatformSection], chats: Mapping[str, Chat]) -> list[str]:
    """One line for each chat that a platform's section names and ``chats.yaml`` has not, or has elsewhere."""
    there = {chat.id: chat.platform for chat in chats.values()}
    return [
        Line(f"settings: {section.platform}.{what}: ", fault, "zh")
        for section in sections
        for what, named in section.named_chats().items()
        for chat in named
        if (fault := _fault(chat, section.platform, there))
    ]


def unreached(settings: Settings, site: Site) -> list[str]:
    """One line for each platform that ``adapters`` leaves out although chats are there: what is said to them is lost."""
    lost: dict[str, list[str]] = {}
    for chat in site.chats.values():
        if chat.reach is Reach.BOT and chat.platform not in settings.adapters:
            lost.setdefault(chat.platform, []).append(chat.id)
    room = site.duty_room
    return [
        line_of(
            "check/note",
            text=Told(
                "check/unreached", platform=platform, chats=chats, room=room.id if room and room.id in chats else None
            ),
        )
        for platform, chats in lost.items()
    ]


def _fault(chat: str, platform: str, platforms: Mapping[str, str]) -> Told | None:
    if chat not in platforms:
        near = get_close_matches(chat, platforms, 1)
        return Told("check/no_chat", chat=chat, near=near[0] if near else None)
    if platforms[chat] != platform:
        return Told("check/misplaced", chat=chat, there=platforms[chat], platform=platform)
    return None
