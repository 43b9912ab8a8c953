"""What a handler is given: the time, the organisation, a session, and ways to say, to set a deadline, to put on record.

Everything a handler causes is a row of the one transaction. What it says is rendered at once (a later change of facts does
not change it) and collected; the rows of many events are written together at the end of the batch.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from bot.core.content import Attachment, Op, Post, Priority
from bot.core.events import Envelope, Message
from bot.core.menu import MenuItem, Title, offered
from bot.core.people import Chat, Person, Reach, Role
from bot.core.ports import Capabilities
from bot.core.redact import mask
from bot.settings import Settings
from bot.storage import audit_log, deadline_rows, inbox_rows, outbox_rows
from bot.storage.statements import count
from bot.storage.store import Session, Store, Tx
from bot.storage.tables import DeadlineState
from bot.work.addressing import Addressing
from bot.work.envelopes import unpack_row
from bot.work.pending import Pending
from bot.work.runtime import Runtime
from bot.work.speech import Saying, Speech
from data.site import Site

T = TypeVar("T")
OUT_OF_ORDER = timedelta(seconds=1)  # a message this late may have been overtaken by another
PARKED_FOR = timedelta(minutes=10)  # how long words wait for the report they belong to (fault F42)


class Work:
    """One event's work. ``source`` is the stable name of its cause: it makes the client keys of what is said."""

    def __init__(
        self,
        runtime: Runtime,
        tx: Tx,
        source: str,
        actor: Person | None = None,
        actor_name: str = "system",
        batch: Pending | None = None,
        platform: str | None = None,
    ) -> None:
        self._runtime = runtime
        self._tx = tx
        self._batch = batch or Pending()
        self._source = source
        self._session: Session | None = None
        self._marked = False
        self._said = 0
        self._if_refused: list[Callable[[Work], None]] = []
        self.pending = Pending()
        self.now: datetime = runtime.clock.now()
        self.real_now: datetime = runtime.clock.real()
        self.site: Site = runtime.site()
        self.settings: Settings = runtime.settings
        self.owner: str = runtime.owner
        self.titles: Mapping[str, Title] = runtime.titles
        self.actor = actor
        self.actor_name = actor.id if actor else actor_name
        self._addressing = Addressing(runtime, self.site, actor, platform)
        self._speech = Speech(runtime, self._addressing, self.now, self.real_now)

    @property
    def menu(self) -> tuple[MenuItem, ...]:
        """Every command that can be given in this organisation, in the order of the written list."""
        return offered(self._runtime.menu, self.site, self.now)

    @property
    def session(self) -> Session:
        """The session of this event: a savepoint of the batch's transaction, after what the batch said and set so far."""
        if self._session is None:
            self._batch.flush(self._tx)
            if not self._marked:
                self._mark()
            self._session = self._tx.session()
        return self._session

    def within(self) -> Tx:
        """The transaction inside this event's savepoint, for the statements of a store's hot tables (``Statement.rows``).

        What the batch said and set so far is not written yet: read outbox and deadlines through ``session``.
        """
        if not self._marked:
            self._mark()
        return self._tx

    def _mark(self) -> None:
        self._tx.savepoint("event")
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
        beside: str = "",
        **facts: Any,
    ) -> str:
        """Post ``template`` to a chat (``dm-PERSON`` for one person); returns the key of the post.

        ``about`` ties the post to a ticket or run: ``drop`` and ``bot.work.posts`` go by it. ``page`` of the console (``runs/R17``)
        stands below it as a signed link, in a direct chat and where there are links. A chat that no bot can enter
        (``reach: manual``) takes nothing here: whoever says it decides whom to hand the text to. ``beside``: a platform that a
        direct chat is not sent by while there is another.
        """
        chat = self._addressing.chat(to)
        if chat.reach is Reach.MANUAL:
            raise ValueError(f"chat {to} is reached by hand; say it to the engineer instead")
        saying = Saying(template, facts, priority=priority, about=about, reply_to=reply_to, files=files, page=page)
        return self._queue(chat, replace(saying, beside=beside))

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
    ) -> str | None:
        """Rewrite the earlier post ``post`` of chat ``to`` in place.

        Where the platform cannot, what ``matters`` (somebody must see that it changed) is said anew, the rest is left out.
        Returns the key of what was said anew.
        """
        chat = self._addressing.chat(to)
        saying = Saying(template, facts, about=about, page=page)
        if self._addressing.capabilities(chat).updates:
            self._queue(chat, replace(saying, op=Op.UPDATE, post=post))
            return None
        return self._queue(chat, saying) if matters else None

    def put_in_place(self, post: str, adapter: str, to: str, content: Post, *, template: str, about: str) -> None:
        """Put ``content`` in the place of the message ``post`` that ``adapter`` has in chat ``to``, with nothing rendered anew.

        Left out where the platform cannot, and where chat or platform are no more.
        """
        chat = self.site.chat(to)
        known = chat is not None and adapter in self.settings.adapters
        if chat is None or not known or not self._runtime.capabilities(adapter, chat).updates:
            return
        self._said += 1
        saying = Saying(template, {}, op=Op.UPDATE, about=about, post=post)
        self.pending.outbox.append(self._speech.row(f"{self._source}.{self._said}", adapter, chat, content, saying))

    def _queue(self, chat: Chat, saying: Saying) -> str:
        self._said += 1
        key = f"{self._source}.{self._said}"
        self.pending.outbox.extend(self._speech.rows(key, chat, saying))
        return key

    def capabilities(self, chat_id: str) -> Capabilities:
        """What can be done in a chat."""
        return self._addressing.capabilities(self._addressing.chat(chat_id))

    def call(self, chat_id: str) -> str:
        """What people must write first to be heard in that group (``@值班``); empty where everything is heard, or nothing."""
        return self._addressing.call(self._addressing.chat(chat_id))

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
        return deadline_rows.cancel(self.session, kind, key) or bool(mine)

    def drop(self, about: str, priority: Priority = Priority.ESCALATION, template: str | None = None) -> int:
        """Do not send what is still queued about ``about`` at ``priority``: it became moot; how many of those were stored.

        With ``template`` only what has it.
        """
        moot = {"about": about, "priority": int(priority)} | ({"template": template} if template else {})
        self.pending.outbox = [row for row in self.pending.outbox if any(row[name] != moot[name] for name in moot)]
        return outbox_rows.drop_like(self.session, **moot)

    def execute(self, statement: Any) -> int:
        """Run one Core statement of a store inside this event's savepoint; the count of rows it met."""
        return count(self.session, statement)

    def audit(self, action: str, target: str, outcome: str = "ok", code: str | None = None, **detail: Any) -> None:
        """Put one line on the audit log, at true time and without secrets: nothing is ever taken out of it again."""
        shown = {key: mask(value) if isinstance(value, str) else value for key, value in detail.items()}
        text = json.dumps(shown, ensure_ascii=False, sort_keys=True, default=str)
        self.pending.audits.append(audit_log.Entry(self.real_now, self.actor_name, action, target, outcome, code, text))

    def wake(self, worker: str) -> None:
        """Wake a worker (``runner``) once this is committed."""
        self._tx.wake(worker)

    def overtaken(self, envelope: Envelope) -> list[Message]:
        """What was sent after this message in the same chat and yet came before it, oldest first (fault F42)."""
        if envelope.received_at - envelope.sent_at < OUT_OF_ORDER:
            return []
        since = envelope.received_at - PARKED_FOR
        rows = inbox_rows.overtaking(self, envelope.chat, envelope.sent_at, since)
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
            self._tx.release("event")
            self._marked = False

    def if_refused(self, note: Callable[["Work"], None]) -> None:
        """Have ``note`` write its rows should this event be refused: what a refusal is to remember outlives its undoing."""
        self._if_refused.append(note)

    def refused(self) -> None:
        """The event was refused, and what it wrote is undone: write what is to be remembered of that."""
        for note in self._if_refused:
            note(self)

    def abandon(self) -> None:
        """Undo what this event wrote and forget what it said."""
        self.pending = Pending()
        self._said = 0
        if self._session is not None:
            self._session.rollback()
            self._session.close()
            self._session = None
        if self._marked:
            self._tx.undo("event")
            self._marked = False


class Transactions:
    """Work outside an event: the runner's and the other workers' way into the store."""

    def __init__(self, store: Store, runtime: Runtime) -> None:
        self.store = store
        self.runtime = runtime

    def here(self, tx: Tx, source: str, fn: Callable[[Work], T]) -> T:
        """Run ``fn`` as one unit of work inside ``tx``."""
        work = Work(self.runtime, tx, source)
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
