"""Settings that name chats of the organisation: each must be there, and on the platform that the setting is about."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches

from bot.core.people import Chat, Reach
from bot.settings import PlatformSection, Settings
from data.site import Site


def misplaced(sections: Iterable[PlatformSection], chats: Mapping[str, Chat]) -> list[str]:
    """One line for each chat that a platform's section names and ``chats.yaml`` has not, or has elsewhere."""
    there = {chat.id: chat.platform for chat in chats.values()}
    return [
        f"{section.platform}.{what}: {fault}"
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
        f"note: adapters leaves out {platform}, so nothing reaches {', '.join(chats)}"
        + (
            f"; {room.id} is the duty room, where people without an account are called"
            if room and room.id in chats
            else ""
        )
        for platform, chats in lost.items()
    ]


def _fault(chat: str, platform: str, platforms: Mapping[str, str]) -> str | None:
    if chat not in platforms:
        near = get_close_matches(chat, platforms, 1)
        return f"no chat {chat} in chats.yaml" + (f"; did you mean {near[0]}?" if near else "")
    if platforms[chat] != platform:
        return f"chat {chat} is on {platforms[chat]} in chats.yaml; write platform: {platform} there"
    return None
