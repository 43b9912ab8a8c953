"""The morning announcement (SOP 2.1, 2.3): each group its own post's text, once a day."""

from datetime import date

from bot.core.content import Priority
from bot.core.people import Chat, Person, Reach
from bot.durable.work import Work
from data.model import DutyPost
from data.site import Site
from handlers.duty import store
from handlers.duty.dayplan import announced, own_posts, served_names


def groups(site: Site) -> list[Chat]:
    """The groups that have a post, by region and importance (SOP 2.1 example 2)."""
    regions = list(site.regions)
    found = [chat for chat in site.chats.values() if chat.post]
    return sorted(found, key=lambda chat: (regions.index(chat.region) if chat.region else 99, chat.importance, chat.id))


def groups_of(site: Site, post: DutyPost) -> list[Chat]:
    """The groups that a post's people answer for."""
    return [chat for chat in groups(site) if site.post_of(chat) == post]


def lead_or_emergency(site: Site, post: DutyPost) -> Person:
    """Who hears of what went wrong with a post."""
    return site.lead_of(post) or site.emergency


def post_all(work: Work, day: date) -> None:
    """Say it to every group a bot can enter; for the others the engineer of the day gets the ready text."""
    site = work.site
    works = site.calendar.kind(day).works
    texts = {post.id: announced(site, post, day) for post in own_posts(site)}
    told = 0
    for chat in groups(site):
        post = site.post_of(chat)
        lines = texts.get(post.id) if post else None
        if lines and chat.reach is Reach.BOT:
            work.say("duty/announcement", chat.id, priority=Priority.BROADCAST, lines=lines, works=works)
            told += 1
    for post in own_posts(site):
        by_hand = [chat for chat in groups_of(site, post) if chat.reach is Reach.MANUAL]
        lines = texts[post.id]
        if by_hand and lines:
            engineer = lines[0].people[0]
            work.say("duty/announcement", f"dm-{engineer.id}", priority=Priority.NOTICE, lines=lines, works=works)
            _hand_over(work, day, by_hand, engineer)
    work.audit("announce", day.isoformat(), groups=told)


def tell_missed(work: Work, day: date) -> None:
    """It is too late for a good morning: nothing is posted, each lead hears which groups got nothing (fault F12)."""
    missed: dict[Person, list[Chat]] = {}
    for post in own_posts(work.site):
        found = groups_of(work.site, post)
        if found:
            missed.setdefault(lead_or_emergency(work.site, post), []).extend(found)
    for lead, chats in missed.items():
        until = work.settings.duty.catch_up_until
        work.say("duty/missed", f"dm-{lead.id}", priority=Priority.NOTICE, day=day, until=until, chats=chats)
    work.audit("announce", day.isoformat(), "missed")


def preview(work: Work, here: Chat, day: date) -> None:
    """Show the text of this chat's post, of every post where the chat has none."""
    own = work.site.post_of(here)
    for post in [own] if own else own_posts(work.site):
        work.say(
            "duty/preview",
            here.id,
            day=day,
            names=served_names(work.site, post),
            groups=len(groups_of(work.site, post)),
            lines=announced(work.site, post, day),
            works=work.site.calendar.kind(day).works,
        )


def mark_sent(work: Work, day: date, chat: str) -> None:
    """Note that a group got the text by hand; the list is rewritten in place. A second tap changes nothing."""
    if work.actor is not None and store.mark_sent(work.session, day, chat, work.actor.id, work.now):
        work.audit("announce_by_hand", chat, day=day.isoformat())
    listed = store.list_with(work.session, day, chat)
    if listed:
        rows = [_shown(work.site, row) for row in listed]
        work.update(listed[0].post, f"dm-{listed[0].engineer}", "duty/by_hand", day=day, groups=rows)


def _hand_over(work: Work, day: date, chats: list[Chat], engineer: Person) -> None:
    rows = [store.ByHand(day, chat.id, engineer.id, post="") for chat in chats]
    shown = [_shown(work.site, row) for row in rows]
    post = work.say("duty/by_hand", f"dm-{engineer.id}", priority=Priority.NOTICE, day=day, groups=shown)
    store.add(work.session, rows, post)


def _shown(site: Site, row: store.ByHand) -> dict[str, object]:
    chat = site.chat(row.chat)
    by = site.people.get(row.sent_by or "")
    return {"id": row.chat, "name": chat.name if chat else row.chat, "by": by, "at": row.sent_at}
