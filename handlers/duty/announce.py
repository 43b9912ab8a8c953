"""The morning announcement (SOP 2.1, 2.3): each group its own post's text, once a day."""

from datetime import date, datetime, time, timedelta

from bot.core.content import Priority
from bot.core.people import Chat, Person, Reach
from bot.work import buttons, posts
from bot.work.work import Work
from data.model import DutyPost
from data.site import Site
from handlers.duty import store
from handlers.duty.dayplan import Stretch, announced, own_posts, served_names
from handlers.duty.settings import DutySettings

LISTS_KEPT = timedelta(days=31)  # how far back a list may still have buttons
SEND_WITHIN = timedelta(minutes=10)  # a late announcement gets this long to go out, even at the end of the catch-up


def groups(site: Site) -> list[Chat]:
    """The groups that have a post, by region and importance (SOP 2.1 example 2)."""
    regions = list(site.regions)
    found = [chat for chat in site.chats.values() if chat.post]
    return sorted(found, key=lambda chat: (regions.index(chat.region) if chat.region else 99, chat.importance, chat.id))


def groups_of(site: Site, post: DutyPost) -> list[Chat]:
    """The groups that a post's people answer for."""
    return [chat for chat in groups(site) if site.post_of(chat) == post]


def post_all(work: Work, day: date) -> None:
    """Say it to every group a bot can enter; for the others the engineer of the day gets the ready text."""
    told = 0
    works = work.site.calendar.kind(day).works
    texts = {post.id: announced(work.site, post, day) for post in own_posts(work.site)}
    for chat in groups(work.site):
        lines = _text_of(work.site, chat, texts)
        if lines and chat.reach is Reach.BOT:
            about, rank = _about(day), Priority.BROADCAST
            work.say("duty/announcement", chat.id, priority=rank, about=about, lines=lines, works=works)
            told += 1
    _end_earlier_lists(work, day)
    for post in own_posts(work.site):
        by_hand = [chat for chat in groups_of(work.site, post) if chat.reach is Reach.MANUAL]
        if by_hand and texts[post.id]:
            _hand_over(work, day, by_hand, texts[post.id])
    work.due("duty.announce_over", day.isoformat(), max(_catch_up_end(work, day), work.now + SEND_WITHIN))
    work.audit("announce", day.isoformat(), groups=told)


def withdraw_unsent(work: Work, day: date) -> None:
    """What a platform would not take, or a crash held back, until it was too late is not sent; the leads are told."""
    unsent = posts.unsent(work, _about(day))
    if work.drop(_about(day), Priority.BROADCAST):
        tell_missed(work, day, [chat for chat in groups(work.site) if chat.id in unsent])


def tell_missed(work: Work, day: date, missed: list[Chat]) -> None:
    """It is too late for a good morning: nothing is posted, each lead hears which groups got nothing (fault F12)."""
    by_lead: dict[Person, list[Chat]] = {}
    for chat in missed:
        by_lead.setdefault(work.site.lead_of(work.site.post_of(chat)) or work.site.emergency, []).append(chat)
    for lead, chats in by_lead.items():
        work.say("duty/missed", f"dm-{lead.id}", priority=Priority.NOTICE, day=day, chats=chats)
    work.audit("announce", day.isoformat(), "missed", groups=len(missed))


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


def mark_sent(work: Work, day: date, chat: str) -> bool:
    """Note that a group got the text by hand; the list is rewritten in place. A second tap changes nothing.

    False when that day's list has no such group.
    """
    if work.actor is not None and store.mark_sent(work.session, day, chat, work.actor.id, work.now):
        work.audit("announce_by_hand", chat, day=day.isoformat())
    listed = store.list_with(work.session, day, chat)
    if listed:
        rows = [_shown(work.site, row) for row in listed]
        to = f"dm-{listed[0].engineer}"
        work.update(listed[0].post, to, "duty/by_hand", about=_list_of(day), day=day, groups=rows)
    return bool(listed)


def sent_before(work: Work, day: date, chat: str) -> bool:
    """Whether somebody has said already that the group got the text of that day."""
    return any(row.chat == chat and row.sent_by for row in store.list_with(work.session, day, chat))


def by_hand(site: Site) -> list[Chat]:
    """The groups that no bot can enter."""
    return [chat for chat in site.chats.values() if chat.reach is Reach.MANUAL]


def handed_over(work: Work, day: date) -> list[str]:
    """The ids of those that the text of that day is there for."""
    return [chat.id for chat in by_hand(work.site) if store.list_with(work.session, day, chat.id)]


def _about(day: date) -> str:
    return f"announcement-{day}"


def _list_of(day: date) -> str:
    return f"by-hand-{day}"


def _end_earlier_lists(work: Work, day: date) -> None:
    """Nobody passes yesterday's announcement on: the buttons of its list go."""
    earlier = store.days_unsent(work.session, day - LISTS_KEPT, day)
    if earlier:
        buttons.take_off(work, [_list_of(one) for one in earlier], lambda actions: actions)


def _catch_up_end(work: Work, day: date) -> datetime:
    return datetime.combine(day, time.fromisoformat(work.settings.section(DutySettings).catch_up_until), work.site.tz)


def _text_of(site: Site, chat: Chat, texts: dict[str, list[Stretch]]) -> list[Stretch]:
    post = site.post_of(chat)
    return texts[post.id] if post else []


def _hand_over(work: Work, day: date, chats: list[Chat], lines: list[Stretch]) -> None:
    """The text alone, to be copied, then the list of groups to tap on."""
    engineer = lines[0].people[0]
    to, works = f"dm-{engineer.id}", work.site.calendar.kind(day).works
    work.say("duty/announcement", to, priority=Priority.NOTICE, lines=lines, works=works)
    rows = [store.ByHand(day, chat.id, engineer.id, post="") for chat in chats]
    shown = [_shown(work.site, row) for row in rows]
    post = work.say("duty/by_hand", to, priority=Priority.NOTICE, about=_list_of(day), day=day, groups=shown)
    store.add(work.session, rows, post)


def _shown(site: Site, row: store.ByHand) -> dict[str, object]:
    chat = site.chat(row.chat)
    by = site.people.get(row.sent_by or "")
    return {"id": row.chat, "name": chat.name if chat else row.chat, "by": by, "at": row.sent_at}
