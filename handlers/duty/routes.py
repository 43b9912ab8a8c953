"""Duty in the chat: ``/oncall``, ``/announce preview``, the morning announcement, tomorrow's gaps."""

from datetime import date, datetime, timedelta

from bot.core.commands import plain
from bot.core.errors import Again, Refused, UserError
from bot.core.events import Command, Due, Message, Tap, Tick
from bot.core.menu import Here
from bot.core.people import Chat, Reach, Role
from bot.work.arguments import takes, text
from bot.work.routes import Routes
from bot.work.understanding import Understanding
from bot.work.work import Work
from data.site import Site
from handlers.duty import announce, outlook
from handlers.duty.arguments import DAY, GROUP, PREVIEW, today
from handlers.duty.dates import day_meant
from handlers.duty.oncall import day_rows, now_rows
from handlers.duty.rules import on_duty
from handlers.duty.settings import DutySettings

on = Routes("duty")
STAFF = (Role.ENGINEER, Role.LEAD)
_NOW = {"", "now", "现在", "电话", "谁"}


def oncall_here(site: Site, now: datetime) -> Here | None:
    """With the date of tomorrow, which is what people ask for beside now; its month has a roster or is about to."""
    return Here(f"{site.local(now).date() + timedelta(days=1):%m-%d}")


@on.command("oncall", "值班", usage="12-25", here=oncall_here)
@takes(text())
def oncall(event: Command, work: Work, when: str) -> None:
    """Who is on duty now, or through a date (SOP 1.1, 1.2)."""
    _answer(work, event.envelope.chat, plain(when), event.envelope.key)


@on.message()
def asked_in_words(event: Message, line: Understanding, work: Work) -> bool:
    """ "今天谁值班" is answered from the roster: to whoever is known everything, to others in a group what concerns that group."""
    chat = work.site.chat(event.envelope.chat)
    if line.duty_day is None or chat is None or chat.reach is Reach.MANUAL:
        return False
    if work.actor is None and (chat.private or not chat.known):
        work.say("duty/ask_in_group", event.envelope.chat, reply_to=event.envelope.key)
    else:
        _answer(work, event.envelope.chat, line.duty_day, event.envelope.key, alone=work.actor is None)
    return True


@on.tap("oncall")
def oncall_tapped(event: Tap, work: Work) -> None:
    """The same from a button, for those who may ask."""
    if work.actor is None:
        raise Refused("not_authorised")
    _answer(work, event.envelope.chat, event.subject, None)


@on.command("announce", "公告", roles=STAFF, usage="preview")
@takes(PREVIEW, DAY)
def announce_preview(event: Command, work: Work, _what: str, day: date) -> None:
    """Show the announcement of today, or of another date, without posting it."""
    announce.preview(work, _chat(work, event.envelope.chat), day)


@on.tap("sent")
def sent(event: Tap, work: Work) -> None:
    """A group that no bot can enter got its text (``sent:2026-10-14/shiweiban``)."""
    if work.actor is None or not work.actor.may(*STAFF):
        raise Refused("not_authorised")
    day, _, chat = event.subject.partition("/")
    announce.mark_sent(work, date.fromisoformat(day), chat)
    group = work.site.chat(chat)
    if group is not None and not work.capabilities(event.envelope.chat).updates:
        work.say("duty/noted", event.envelope.chat, chat=group)


def sent_here(site: Site, _now: datetime) -> Here | None:
    """With a group that is told by hand; without any there is nothing to note."""
    group = next(iter(announce.by_hand(site)), None)
    return Here(group.id) if group else None


@on.command("sent", "已发", roles=STAFF, usage="…", here=sent_here)
@takes(GROUP)
def sent_typed(event: Command, work: Work, chat: Chat | None) -> None:
    """The typed twin of the tap, for today's announcement."""
    if chat is not None and announce.sent_before(work, today(work), chat.id):
        raise Again("sent_already", chat=chat)
    if chat is None or not announce.mark_sent(work, today(work), chat.id):
        raise _nothing_to_note(work, chat)
    work.say("duty/noted", event.envelope.chat, reply_to=event.envelope.key, chat=chat)


def _nothing_to_note(work: Work, chat: Chat | None) -> UserError:
    """Why a group has no text of today's that could have been passed on; groups are named where they have one."""
    if chat is None or chat not in announce.by_hand(work.site):
        return UserError("not_by_hand", groups=announce.handed_over(work, today(work)))
    at = work.settings.section(DutySettings).announce_at
    later = work.site.local(work.now).strftime("%H:%M") < at
    return UserError("not_announced", chat=chat, at=at, later=later)


@on.tick(
    "duty.announce",
    lambda settings: settings.section(DutySettings).announce_at,
    until=lambda settings: settings.section(DutySettings).catch_up_until,
)
def announce_daily(event: Tick, work: Work) -> None:
    """Post it, late too; after the catch-up hour tell the leads instead (fault F12)."""
    if event.missed:
        announce.tell_missed(work, event.local_date, announce.groups(work.site))
    else:
        announce.post_all(work, event.local_date)


@on.due("duty.announce_over")
def announce_over(event: Due, work: Work) -> None:
    """The catch-up hour has come: what is still not sent would be stale (fault F12)."""
    announce.withdraw_unsent(work, date.fromisoformat(event.key))


@on.tick("duty.gaps", "17:00", until="23:59")
def gaps_daily(event: Tick, work: Work) -> None:
    """Tell tomorrow's gaps while somebody can still be found."""
    outlook.tell_gaps(work, event.local_date)


def _answer(work: Work, here: str, when: str, reply_to: str | None, *, alone: bool = False) -> None:
    """``alone``: of the posts only that of the chat."""
    site, chat = work.site, _chat(work, here)
    if when.lower() in _NOW:
        duty = on_duty(site, chat, work.now)
        rows = now_rows(site, chat, work.now)[: 1 if alone else None]
        work.say("duty/now", here, reply_to=reply_to, at=work.now, rows=rows, emergency=duty.emergency)
        return
    day = day_meant(when, today(work))
    through = day_rows(site, chat, day)[: 1 if alone else None]
    work.say("duty/day", here, reply_to=reply_to, day=day, kind=site.calendar.kind(day), rows=through)


def _chat(work: Work, chat: str) -> Chat:
    found = work.site.chat(chat)
    if found is None:
        raise LookupError(f"no chat {chat}")
    return found
