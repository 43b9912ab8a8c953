"""What a handler is given: the time, the organisation, a session, and ways to say, to set a deadline, to put on record.

Everything a handler causes is a row of the one transaction. What it says is rendered at once (a later change of facts does
not change it) and collected; the rows of many events are written together at the end of the batch.
"""

import json
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import CursorResult, update
from sqlmodel import Session

from bot.core.content import Attachment, Mention, Op, Post, Priority, to_json
from bot.core.events import Envelope, Message
from bot.core.fit import cut, pieces
from bot.core.menu import MenuItem
from bot.core.people import Chat, Person, Reach, Role
from bot.core.ports import Capabilities, Clock, Hears
from bot.durable import auditlog
from bot.durable.degrade import Surroundings, degrade
from bot.durable.envelopes import overtaking, unpack_row
from bot.durable.links import LIFE, Links, Pass
from bot.durable.pending import Pending
from bot.durable.store import Store, Tx, driver
from bot.durable.tables import DeadlineRow, DeadlineState, OutboxRow, OutboxState, table_of
from bot.settings import Settings
from data.site import LOCAL, Site
from messages.render import Renderer

T = TypeVar("T")
OUT_OF_ORDER = timedelta(seconds=1)  # a message this late may have been overtaken by another
PARKED_FOR = timedelta(minutes=10)  # how long words wait for the report they belong to (fault F42)
_outbox = table_of(OutboxRow)
_deadline = table_of(DeadlineRow)


@dataclass
class Tools:
    """What every Work of this process shares; ``site`` is asked for each time, because the roster may be imported anew.

    ``menu``: every command there is, in the order of the written list. ``capabilities``: what a platform can do in a chat.
    ``links``: signs links for direct chats; None where no ``public_url`` is set.
    """

    settings: Settings
    clock: Clock
    renderer: Renderer
    site: Callable[[], Site]
    menu: tuple[MenuItem, ...] = ()
    capabilities: Callable[[str, Chat], Capabilities] = lambda _platform, _chat: Capabilities()
    links: Links | None = None


class Work:
    """One event's work. ``source`` is the stable name of its cause: it makes the client keys of what is said."""

    def __init__(
        self,
        tools: Tools,
        tx: Tx,
        source: str,
        actor: Person | None = None,
        actor_name: str = "system",
        batch: Pending | None = None,
        platform: str | None = None,
    ) -> None:
        self._tools = tools
        self._tx = tx
        self._batch = batch or Pending()
        self._source = source
        self._platform = platform
        self._session: Session | None = None
        self._marked = False
        self._said = 0
        self.pending = Pending()
        self.now: datetime = tools.clock.now()
        self.real_now: datetime = tools.clock.real()
        self.site: Site = tools.site()
        self.settings: Settings = tools.settings
        self.menu: tuple[MenuItem, ...] = tools.menu
        self.actor = actor
        self.actor_name = actor.id if actor else actor_name

    @property
    def session(self) -> Session:
        """The session of this event: a savepoint of the batch's transaction, after what the batch said and set so far."""
        if self._session is None:
            self._batch.flush(self._tx)
            self._mark()
            self._session = self._tx.session()
        return self._session

    @property
    def driver(self) -> sqlite3.Connection:
        """The driver's connection inside this event's savepoint, for the ``Quick`` statements of a handler's hot tables.

        What the batch said and set so far is not written yet: read outbox and deadlines through ``session``.
        """
        self._mark()
        return driver(self._tx.connection)

    def _mark(self) -> None:
        if not self._marked:
            driver(self._tx.connection).execute("SAVEPOINT event")
            self._marked = True

    def say(
        self,
        template: str,
        to: str,
        *,
        priority: Priority = Priority.REPLY,
        about: str | None = None,
        reply_to: str | None = None,
        files: tuple[Attachment, ...] = (),
        page: str = "",
        **facts: Any,
    ) -> str:
        """Post ``template`` to a chat (``dm-PERSON`` for one person); returns the key of the post.

        ``about`` ties the post to a ticket or run, so that a quoting answer finds it. ``page`` of the console (``runs/R17``)
        stands below it as a signed link, in a direct chat and where there are links. A chat that no bot can enter
        (``reach: manual``) takes nothing here: whoever says it decides whom to hand the text to.
        """
        chat = self._chat(to)
        if chat.reach is Reach.MANUAL:
            raise ValueError(f"chat {to} is reached by hand; say it to the engineer instead")
        return self._queue(chat, Op.POST, template, facts, priority, about, reply_to, None, files, page)

    def update(
        self,
        post: str,
        to: str,
        template: str,
        *,
        about: str | None = None,
        matters: bool = False,
        page: str = "",
        **facts: Any,
    ) -> None:
        """Rewrite the earlier post ``post`` of chat ``to`` in place.

        Where the platform cannot, what ``matters`` (somebody must see that it changed) is said anew, the rest is left out.
        """
        chat = self._chat(to)
        if self._tools.capabilities(self._platform_for(chat), chat).updates:
            self._queue(chat, Op.UPDATE, template, facts, Priority.REPLY, about, None, post, (), page)
        elif matters:
            self._queue(chat, Op.POST, template, facts, Priority.REPLY, about, None, None, (), page)

    def _queue(
        self,
        chat: Chat,
        op: Op,
        template: str,
        facts: dict[str, Any],
        priority: Priority,
        about: str | None,
        reply_to: str | None,
        post: str | None,
        files: tuple[Attachment, ...],
        page: str,
    ) -> str:
        self._said += 1
        key = f"{self._source}.{self._said}"
        locale = self.locale_of(chat)
        content = self._tools.renderer.post(template, locale, facts)
        if files:
            content = replace(content, files=files)
        chat, content = self._reached(chat, content)
        content = self._with_page(chat, locale, content, page)
        platform = self._platform_for(chat)
        can = self._tools.capabilities(platform, chat)
        content = degrade(content, can, self._surroundings(chat, locale, key))
        parts = [_shortened(content, can)] if op is Op.UPDATE else pieces(content, can)
        for number, part in enumerate(parts, 1):
            last = number == len(parts)
            self.pending.outbox.append(
                {
                    "key": key if last else f"{key}/{number}",
                    "adapter": platform,
                    "target": chat.id,
                    "priority": int(priority),
                    "op": op.value,
                    "template": template,
                    "about": about,
                    "reply_to": reply_to if number == 1 else None,
                    "post": post,
                    "body": json.dumps(to_json(part), ensure_ascii=False),
                    "state": OutboxState.QUEUED.value,
                    "attempts": 0,
                    "uncertain": False,
                    "created_at": self.now,
                    "next_try": self.real_now,
                }
            )
        return key

    def _with_page(self, chat: Chat, locale: str, content: Post, page: str) -> Post:
        """The post with the link to a page below it, made for the one person who reads the chat; groups get none."""
        links = self._tools.links
        if not page or links is None or chat.person is None:
            return content
        url = links.page_url(Pass(chat.person, page, self.real_now + LIFE))
        words = self._tools.renderer.post("shared/page", locale, {"url": url}).text
        return replace(content, text=f"{content.text}\n{words}")

    def _surroundings(self, chat: Chat, locale: str, key: str) -> Surroundings:
        tools = self._tools
        return Surroundings(tools.renderer, tools.links, locale, chat, key, self.real_now, self.settings.state_dir)

    def capabilities(self, chat_id: str) -> Capabilities:
        """What can be done in a chat."""
        chat = self._chat(chat_id)
        return self._tools.capabilities(self._platform_for(chat), chat)

    def call(self, chat_id: str) -> str:
        """What people must write first to be heard in that group (``@值班``); empty where everything is heard, or nothing."""
        chat = self._chat(chat_id)
        can = self.capabilities(chat_id)
        unheard = chat.private or chat.reach is Reach.MANUAL or can.hears is not Hears.MENTIONS
        return "" if unheard else can.call

    def _platform_for(self, chat: Chat) -> str:
        """Where a chat is: somebody's direct chat on the platform he just spoke on, else on the first where he has an account."""
        if not chat.person:
            return chat.platform
        enabled = self.settings.adapters
        if self.actor is not None and self.actor.id == chat.person and self._platform in enabled:
            return str(self._platform)
        local_last = sorted(enabled, key=lambda name: name == LOCAL)  # there everybody has an account, wanted or not
        return next((name for name in local_last if self.site.account_of(chat.person, name)), enabled[0])

    def _reached(self, chat: Chat, content: Post) -> tuple[Chat, Post]:
        """The chat, or for somebody without an account on any platform the duty room, with his name in front."""
        person = self.site.people.get(chat.person or "")
        room = self.site.duty_room
        if person is None or room is None or any(self.site.account_of(person.id, p) for p in self.settings.adapters):
            return chat, content
        called = f"@{person.name}\n{content.text}"
        return room, replace(content, text=called, mentions=(Mention(person.id, person.name), *content.mentions))

    def _chat(self, to: str) -> Chat:
        chat = self.site.chat(to)
        if chat is None:
            raise LookupError(f"no chat {to}")
        return chat

    def locale_of(self, chat: Chat) -> str:
        """A person's own language in his direct chat, else the house's."""
        person = self.site.people.get(chat.person) if chat.person else None
        return (person.locale if person else None) or self.settings.locale

    def due(self, kind: str, key: str, at: datetime, *, real: bool = False, **payload: Any) -> None:
        """Set the deadline (kind, key) to ``at``, replacing an earlier one; ``real`` judges it by true time, not duty time."""
        self.pending.deadlines.append(
            {
                "kind": kind,
                "key": key,
                "due_at": at,
                "real": real,
                "payload": payload,
                "state": DeadlineState.WAITING.value,
                "attempts": 0,
                "next_try": None,
                "error": None,
            }
        )

    def cancel_due(self, kind: str, key: str) -> bool:
        """Take the deadline back; says whether one was waiting."""
        mine = [row for row in self.pending.deadlines if (row["kind"], row["key"]) == (kind, key)]
        for row in mine:
            self.pending.deadlines.remove(row)
        where = (_deadline.c.kind == kind, _deadline.c.key == key, _deadline.c.state == DeadlineState.WAITING.value)
        return self.execute(update(_deadline).where(*where).values(state=DeadlineState.CANCELLED.value)) > 0 or bool(
            mine
        )

    def drop(self, about: str, priority: Priority = Priority.ESCALATION) -> int:
        """Do not send what is still queued about ``about`` at ``priority``: it became moot."""
        self.pending.outbox = [r for r in self.pending.outbox if (r["about"], r["priority"]) != (about, priority)]
        where = (
            _outbox.c.about == about,
            _outbox.c.priority == int(priority),
            _outbox.c.state == OutboxState.QUEUED.value,
        )
        return self.execute(update(_outbox).where(*where).values(state=OutboxState.DROPPED.value))

    def execute(self, statement: Any) -> int:
        """Run one Core statement inside this event's savepoint; the count of rows it met."""
        result = self.session.connection().execute(statement)
        return result.rowcount if isinstance(result, CursorResult) else 0

    def audit(self, action: str, target: str, outcome: str = "ok", code: str | None = None, **detail: Any) -> None:
        """Put one line on the audit log, at true time."""
        text = json.dumps(detail, ensure_ascii=False, sort_keys=True, default=str)
        self.pending.audits.append(auditlog.Entry(self.real_now, self.actor_name, action, target, outcome, code, text))

    def wake(self, worker: str) -> None:
        """Wake a worker (``runner``) once this is committed."""
        self._tx.wake(worker)

    def overtaken(self, envelope: Envelope) -> list[Message]:
        """What was sent after this message in the same chat and yet came before it, oldest first (fault F42)."""
        if envelope.received_at - envelope.sent_at < OUT_OF_ORDER:
            return []
        since = envelope.received_at - PARKED_FOR
        rows = overtaking(self.driver, envelope.chat, envelope.sent_at, since)
        return [event for event in map(unpack_row, rows) if isinstance(event, Message) and event.envelope != envelope]

    def operators(self) -> list[Person]:
        """Those who run Zhiban: told of what the bot cannot mend itself."""
        return list(self.site.with_role(Role.OPERATOR))

    def finish(self) -> None:
        """Release this event's savepoint, keeping its rows for the batch's commit."""
        if self._session is not None:
            self._session.commit()
            self._session.close()
        if self._marked:
            driver(self._tx.connection).execute("RELEASE event")
            self._marked = False

    def abandon(self) -> None:
        """Undo what this event wrote and forget what it said."""
        self.pending = Pending()
        self._said = 0
        if self._session is not None:
            self._session.rollback()
            self._session.close()
            self._session = None
        if self._marked:
            driver(self._tx.connection).execute("ROLLBACK TO event")
            driver(self._tx.connection).execute("RELEASE event")
            self._marked = False


def _shortened(content: Post, can: Capabilities) -> Post:
    """A change is one message, so it is cut where a new one would be several."""
    return replace(content, text=cut(content.text, can.text_limit, can.measure))


class Transactions:
    """Work outside an event: the runner's and the other workers' way into the store."""

    def __init__(self, store: Store, tools: Tools) -> None:
        self.store = store
        self.tools = tools

    def here(self, tx: Tx, source: str, fn: Callable[[Work], T]) -> T:
        """Run ``fn`` as one unit of work inside ``tx``."""
        work = Work(self.tools, tx, source)
        try:
            result = fn(work)
            work.finish()
        except Exception:
            work.abandon()
            raise
        work.pending.flush(tx)
        return result

    async def do(self, source: str, fn: Callable[[Work], T], point: str | None = None) -> T:
        """Run ``fn`` in a transaction of its own; ``source`` must be unique to this act (``R17:asked``)."""
        return await self.store.write(lambda tx: self.here(tx, source, fn), point)
