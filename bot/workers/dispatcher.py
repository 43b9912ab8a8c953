"""From the inbox to handlers: one chat in order, chats in turns, bounded retries, parking with a word to the operators."""

import asyncio
import dataclasses
import difflib
import logging
import secrets
import time
from datetime import datetime, timedelta
from typing import Any

from bot.core import commands
from bot.core.bugs import where
from bot.core.errors import UserError
from bot.core.events import Command, Message, Tap
from bot.core.people import Person, Reach
from bot.storage import inbox_rows
from bot.storage.inbox_rows import Accepted
from bot.storage.leases import LEASE, left_to
from bot.storage.store import Store, Tx
from bot.storage.tables import InboxState
from bot.work.envelopes import Incoming, unpack
from bot.work.pending import Pending
from bot.work.routes import Args, CommandRoute, RouteTable
from bot.work.runtime import Runtime
from bot.work.work import Work
from bot.work.worker import Worker
from bot.workers.turns import Turns

log = logging.getLogger(__name__)
BATCH = 64
FAIR = 4 * BATCH  # events taken at a look in turns, which costs more the more there are
BATCH_SECONDS = 0.05  # a batch of handlers gives way to waiting intake after this
LOOK_AGAIN = timedelta(seconds=1)  # at a chat that another process holds
RETRIES = (0.1, 0.3)  # seconds before the second and third try; then the event is parked
STALE = timedelta(
    seconds=60
)  # a command older than this on arrival is asked again, not executed (decisions: Time; bad input S34)


class Dispatcher(Worker):
    """Takes accepted events to their handlers, each in a savepoint of the batch's transaction.

    ``alone``: no other process lives on this database, so that whatever somebody was to try again at the start is free.
    """

    name = "dispatcher"

    def __init__(self, store: Store, runtime: Runtime, routes: RouteTable, *, alone: bool = True) -> None:
        self._store = store
        self._runtime = runtime
        self._alone = alone
        self._routes = routes
        self._verbs = frozenset(routes.verbs)
        self._held: dict[str, datetime] = {}  # chats whose first event waits for its next try
        self._turns = Turns()
        self._rest: float | None = None

    async def recover(self) -> None:
        """After a restart: what the life before was to try again is tried now, not when its lease has ended."""
        now = self._runtime.clock.real()
        if self._alone:
            await self._store.write(lambda tx: inbox_rows.release(tx, now))

    async def run(self) -> None:
        """Dispatch for ever, woken by intake and by retries that come due."""
        woken = self._store.event("inbox")
        while True:
            woken.clear()
            if not await self.step():
                try:
                    await asyncio.wait_for(woken.wait(), self._rest)
                except TimeoutError:
                    continue

    async def step(self) -> int:
        """Dispatch one batch; how many events that were."""
        worked, self._rest = await self._store.write(self._batch, "dispatch")
        return worked

    async def rest(self) -> float | None:
        """Seconds from the newest batch until a retry is due."""
        return self._rest

    def _batch(self, tx: Tx) -> tuple[int, float | None]:
        """(events handled, seconds until a retry is due)."""
        now = self._runtime.clock.real()
        self._held = {chat: at for chat, at in self._held.items() if at > now}
        rows = self._next(tx)
        blocked: set[str] = set()
        done: list[int] = []
        pending = Pending()
        until = time.monotonic() + BATCH_SECONDS
        worked = 0
        for row in rows:
            if row.chat in blocked:
                continue
            if left_to(row.owner, row.lease_until, self._runtime.owner, now):  # another process tries it again
                blocked.add(row.chat)
                self._held[row.chat] = now + LOOK_AGAIN
                continue
            if row.next_try > now:
                blocked.add(row.chat)
                self._held[row.chat] = row.next_try
                continue
            if worked and time.monotonic() > until:
                break
            worked += 1
            self._turns.had(row.chat)
            if self._one(tx, row, pending):
                done.append(row.id)
            else:
                blocked.add(row.chat)
        if done:
            inbox_rows.done(tx, done, self._runtime.owner)
        pending.flush(tx)
        return worked, min(((at - now).total_seconds() for at in self._held.values()), default=None)

    def _next(self, tx: Tx) -> list[Accepted]:
        """What is to be handled now, the chats in turns: behind a long queue of some the others must not be hidden."""
        rows = inbox_rows.new(tx, BATCH, self._held)
        if len(rows) < BATCH:
            self._turns.forget_all_but({row.chat for row in rows})
        else:
            chats = self._turns.of({chat: first for chat, first in inbox_rows.fronts(tx) if chat not in self._held})[
                :BATCH
            ]
            rows = inbox_rows.first_of_each(tx, chats, max(1, FAIR // len(chats)))
        return self._turns.order(rows)

    def _one(self, tx: Tx, row: Accepted, pending: Pending) -> bool:
        work = Work(self._runtime, tx, f"i{row.id}", batch=pending)
        try:
            event = unpack(row.platform, row.key, row.chat, row.kind, row.body, row.sent_at, row.received_at)
            work, event = self._prepare(tx, row.id, event, pending)
            try:
                self._handle(event, work)
            except UserError as error:
                work.abandon()
                work.refused()
                self._refuse(event, work, error)
            work.finish()
        except Exception as error:
            work.abandon()
            self._failed(tx, row, work, error)
            pending.extend(work.pending)
            return False
        pending.extend(work.pending)
        return True

    def _prepare(self, tx: Tx, row: int, event: Incoming, pending: Pending) -> tuple[Work, Incoming]:
        site = self._runtime.site()
        account = event.envelope.account
        person = site.person_of(account)
        name = f"{account.platform}:{account.user_id}"
        work = Work(self._runtime, tx, f"i{row}", person, name, pending, account.platform)
        envelope = dataclasses.replace(event.envelope, person=person.id if person else None)
        return work, dataclasses.replace(event, envelope=envelope)

    def _handle(self, event: Incoming, work: Work) -> None:
        match event:
            case Message():
                self._message(event, work)
            case Tap():
                if _ignored(event, work):
                    return
                handler = self._routes.taps.get(event.verb)
                if handler is None:
                    raise UserError("unknown_button")
                handler(event, work)
            case _:
                raise UserError("unknown_event")

    def _message(self, message: Message, work: Work) -> None:
        line = commands.read(message.text)
        if line is None or (not line.slash and line.verb not in self._verbs):
            self._plain_talk(message, work)
            return
        if _ignored(message, work):
            return
        try:
            commands.check_verb(line.verb, self._verbs)
        except UserError as error:
            if error.code == "unknown_command":
                error.facts["nearest"] = self._nearest(line.verb, work.actor)
            raise
        route = self._routes.commands[self._routes.verbs[line.verb]]
        _check_allowed(route, work.actor)
        command = _command(message, route, line.rest)
        late = message.envelope.received_at - message.envelope.sent_at
        if (
            late > STALE and not route.strangers
        ):  # what anybody may say, a report above all, counts however late (fault F43)
            raise UserError("stale_command", line=command.line)
        if message.edited and not route.strangers:
            raise UserError("edited_command", line=command.line)
        route.handler(command, work)

    def _plain_talk(self, message: Message, work: Work) -> None:
        if work.site.chat(message.envelope.chat) is None:
            work.audit("message", message.envelope.chat, "ignored", "unknown_chat")
        elif self._routes.plain_talk is not None:
            self._routes.plain_talk.heard(message, work)

    def _nearest(self, verb: str, person: Person | None) -> str | None:
        """The verb that was meant, of those that this person may use."""
        his = [word for word, name in self._routes.verbs.items() if self._routes.commands[name].open_to(person)]
        return next(iter(difflib.get_close_matches(verb, his, 1, 0.5)), None)

    def _refuse(self, event: Incoming, work: Work, error: UserError) -> None:
        action = event.verb if isinstance(event, Tap) else "message"
        target = event.subject if isinstance(event, Tap) else event.envelope.chat
        if isinstance(event, Message) and (line := _try_read(event.text)) is not None:
            action = self._routes.verbs.get(line, "command")
        work.audit(action, target, "refused", error.code)
        if _reachable(work, event.envelope.chat):
            reply_to = event.envelope.key if isinstance(event, Message) else None
            work.say(f"refusals/{error.code}", event.envelope.chat, reply_to=reply_to, **error.facts)

    def _failed(self, tx: Tx, row: Accepted, work: Work, error: Exception) -> None:
        """Try again soon; after the last try park the event, answer plainly, and tell the operators."""
        log.error("dispatch: event %s failed (try %d): %s", row.id, row.attempts + 1, where(error))
        values: dict[str, Any] = {"attempts": row.attempts + 1, "error": type(error).__name__}
        if row.attempts < len(RETRIES):
            self._held[row.chat] = self._runtime.clock.real() + timedelta(seconds=RETRIES[row.attempts])
            values["next_try"] = self._held[row.chat]
            values |= {"owner": self._runtime.owner, "lease_until": self._held[row.chat] + LEASE}
        else:
            reference = secrets.token_hex(2).upper()
            values |= {"state": InboxState.PARKED.value, "error": f"{reference} {type(error).__name__}"}
            work.audit("event", str(row.id), "parked", type(error).__name__, reference=reference)
            log.error("dispatch: event %s parked, reference %s", row.id, reference)
            if _reachable(work, row.chat):
                work.say("ops/our_fault", row.chat, reference=reference)
            for operator in work.operators():
                work.say(
                    "ops/parked", f"dm-{operator.id}", reference=reference, event=row.id, chat=work.site.chat(row.chat)
                )
        inbox_rows.set_values(tx, row.id, values)


def _ignored(event: Message | Tap, work: Work) -> bool:
    """A command or a tap where no answer can be given (a chat nobody declared, or one reached by hand) is only noted."""
    if _reachable(work, event.envelope.chat):
        return False
    work.audit("message", event.envelope.chat, "ignored", "unreachable_chat")
    return True


def _reachable(work: Work, chat_id: str) -> bool:
    """Whether the bot can answer there: the chat may be gone from the data by now, or be one it cannot enter."""
    chat = work.site.chat(chat_id)
    return chat is not None and chat.reach is not Reach.MANUAL


def _try_read(text: str) -> str | None:
    try:
        line = commands.read(text)
    except UserError:
        return "command"
    return line.verb if line else None


def _check_allowed(route: CommandRoute, person: Person | None) -> None:
    if not route.open_to(person):
        raise UserError("not_authorised")


def _command(message: Message, route: CommandRoute, rest: str) -> Command:
    args = commands.words(rest)
    if route.args is Args.STRICT:
        words = tuple(arg for arg in args if arg != "--dry-run")
        commands.strict(words)
    line = " ".join((f"/{route.verb}", *args)) if route.args is not Args.TEXT else f"/{route.verb} {rest}".rstrip()
    about = (message.reply_to, message.mentions, message.quote, message.thread)
    return Command(message.envelope, route.verb, args, rest, line, *about)
