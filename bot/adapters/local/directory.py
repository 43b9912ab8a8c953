"""What the page is told of the organisation (contract: HTTP): groups with who is in them, people, posts, a person's commands."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from bot.core.menu import MenuItem, given_by, offered
from bot.core.people import Chat, Person
from data.site import Site
from handlers.duty.rules import in_group, on_duty
from messages.render import LOCALES, Renderer


def shown(site: Site, now: datetime) -> dict[str, Any]:
    """The directory; ``members`` of a chat are who is in that group now, and nobody else's page shows it."""
    duty: dict[str, list[str]] = {}
    for post in site.posts.values():
        for person in on_duty(site, post, now).people:
            duty.setdefault(person.id, []).append(post.id)
    chats = (chat for chat in site.chats.values() if chat.platform == "local")
    return {
        "chats": [_chat(site, c, now) for c in sorted(chats, key=lambda c: (c.post is not None, c.importance))],
        "people": [_person(p, duty.get(p.id, [])) for p in site.people.values()],
        "posts": [{"id": post.id, "name": post.name} for post in site.posts.values()],
        "regions": [{"id": region, "name": name} for region, name in site.regions.items()],
        "timezone": site.tz.key,
    }


def commands(
    menu: Iterable[MenuItem], site: Site, now: datetime, person: Person | None, renderer: Renderer
) -> list[dict[str, Any]]:
    """What ``/help`` lists for this person; ``title`` is what its help says of it, in each language."""
    return [
        {
            "verb": item.verb,
            "alias": item.alias,
            "usage": item.usage,
            "title": {locale: renderer.post("help/about", locale, {"item": item}).text for locale in LOCALES},
        }
        for item in given_by(person, offered(menu, site, now))
    ]


def _chat(site: Site, chat: Chat, now: datetime) -> dict[str, Any]:
    return {
        "id": chat.id,
        "name": chat.name,
        "region": chat.region,
        "post": chat.post,
        "reach": chat.reach.value,
        "importance": chat.importance,
        "members": sorted(person.id for person in in_group(site, chat, now)),
    }


def _person(person: Person, posts: list[str]) -> dict[str, Any]:
    return {
        "id": person.id,
        "name": person.name,
        "roles": sorted(role.value for role in person.roles),
        "team": person.team,
        "organisation": person.organisation,
        "on_duty": posts,
    }
