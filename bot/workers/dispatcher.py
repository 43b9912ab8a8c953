"""From the inbox to handlers: one chat in order, chats in turns, bounded retries, parking with a word to the operators."""

import asyncio
import dataclasses
import logging
import re
import secrets
import time
from datetime import datetime, timedelta
from typing import Any

from bot.core import commands
from bot.core.bugs import where
from bot.core.errors import Again, UserError
from bot.core.events import Command, Message, Tap
from bot.core.menu import sample
from bot.core.people import Person, Reach
from bot.core.ports import Rate
from bot.storage import inbox_rows
from bot.storage.inbox_rows import Accepted
from bot.storage.leases import LEASE, left_to
from bot.storage.store import Store, Tx
from bot.storage.tables import InboxState
from bot.work.envelopes import Incoming, unpack
from bot.work.pending import Pending
from bot.work.recognition import Recognised, Talk, asks_how, recognise
from bot.work.routes import Args, CommandRoute, PlainTalk, RouteTable
from bot.work.runtime import Runtime
from bot.work.understanding import Understanding
from bot.work.work import Work
from bot.work.worker import Worker
from bot.workers.rate_limit import SlidingWindow
from bot.workers.turns import Turns

log = logging.getLogger(__name__)
_CHINESE_WORD = re.compile(r"[\u3400-\u9fff]+")
BATCH = 64
FAIR = 4 * BATCH  # events taken at a look in turns, which costs more the more there are
BATCH_SECONDS = 0.05  # a batch of handlers gives way to waiting intake after this
LOOK_AGAIN = timedelta(seconds=1)  # at a chat that another process holds
RETRIES = (0.1, 0.3)  # seconds before the second and third try; then the event is parked
STALE = timedelta(seconds=60)  # of a command on its way
ANSWERED = (Rate(10, 60),)  # commands of one person without a role: a whole group reads the answers
TOLD = (Rate(1, 60),)  # how often he hears that there were too many


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
        self._held: dict[str, datetime] = {}  # chats whose first event waits for its next try
        self._turns = Turns()
        self._commands, self._told = SlidingWindow(), SlidingWindow()
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
                    async with asyncio.timeout(self._rest):
                        await woken.wait()
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
        line = _Line(self._routes.plain_talk, message, work)
        try:
            found = recognise(message.text, self._routes, work.actor, lambda: line.speaks, lambda: work.menu)
        except UserError:
            if _ignored(message, work) or not self._within(message, work):
                return
            raise
        if isinstance(found, Talk):
            if found.said is not None:
                line = _Line(self._routes.plain_talk, dataclasses.replace(message, text=found.said), work)
            if self._plain_talk(line) or found.otherwise is None or _ignored(message, work):
                return
            if self._within(message, work):
                raise found.otherwise
        elif not _ignored(message, work) and (found.route.args is Args.REPORT or self._within(message, work)):
            _command(message, found, work)

    def _within(self, message: Message, work: Work) -> bool:
        """Whether a command counts: of somebody without a role so many a minute do (fault F58), and once in it he is told so."""
        if work.actor is not None and work.actor.roles:
            return True
        who, at = message.envelope.account, message.envelope.sent_at
        if self._commands.wait(who, ANSWERED, at) == 0:
            self._commands.note(who, ANSWERED, at)
            return True
        if self._told.wait(who, TOLD, at) == 0:
            self._told.note(who, TOLD, at)
            raise UserError("too_many_commands")
        return False

    def _plain_talk(self, line: "_Line") -> bool:
        work, message = line.work, line.message
        if work.site.chat(message.envelope.chat) is None:
            work.audit("message", message.envelope.chat, "ignored", "unknown_chat")
            return False
        return line.heard()

    def _refuse(self, event: Incoming, work: Work, error: UserError) -> None:
        action = event.verb if isinstance(event, Tap) else "message"
        target = event.subject if isinstance(event, Tap) else event.envelope.chat
        if isinstance(event, Message) and (line := _first_word(event.text)) is not None:
            action = self._routes.verbs.get(line, "command")
        work.audit(action, target, "refused", error.code)
        chat = event.envelope.chat
        if isinstance(error, Again) and work.actor is not None and work.actor.roles:
            chat = f"dm-{work.actor.id}"
        if _reachable(work, chat):
            here = isinstance(event, Message) and chat == event.envelope.chat
            work.say(f"refusals/{error.code}", chat, reply_to=event.envelope.key if here else None, **error.facts)

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


def _first_word(text: str) -> str | None:
    line = commands.parse(text)
    return line.verb if line else None


def _check_allowed(route: CommandRoute, person: Person | None) -> None:
    if not route.open_to(person):
        raise UserError("not_authorised")


def _check_twins(route: CommandRoute, args: tuple[str, ...]) -> None:
    """Whoever writes a Chinese word where one of a few is to stand is told which there are. Raises ``bad_choice``."""
    choices = [twin for twin, word in route.twins.items() if not word.startswith("-")]
    odd = next((arg for arg in args if _CHINESE_WORD.fullmatch(arg)), None)
    if odd and choices:
        raise UserError("bad_choice", value=odd, choices=choices)


def _as_his(route: CommandRoute, work: Work) -> CommandRoute | None:
    """A command as it is given in this organisation by whoever types it."""
    here = route.at(work.site, work.now)
    return here.of(work.actor) if here else None


def _check_strict(route: CommandRoute, args: tuple[str, ...], work: Work) -> None:
    """What reaches a server is plain ASCII; whoever types something else gets an example of this very command."""
    try:
        commands.strict(args)
    except UserError as error:
        error.facts["example"] = sample(_as_his(route, work) or route, args)
        raise


def _command(message: Message, found: Recognised, work: Work) -> None:
    """Hand a command to its handler; one that came late is asked again, not executed (decisions: Time; bad input S34)."""
    route, rest = found.route, found.rest
    _check_allowed(route, work.actor)
    args = commands.words(rest)
    if asks_how(route, args):
        item = _as_his(route, work)
        raise UserError("usage", item=item) if item else UserError("no_help", asked=route.verb)
    if route.args is Args.STRICT:
        args = tuple(route.twins.get(word, word) for word in args)
        given = tuple(arg for arg in args if arg != "--dry-run")
        _check_twins(route, given)
        _check_strict(route, given, work)
    whole = route.args in {Args.TEXT, Args.REPORT}
    line = f"/{route.verb} {rest}".rstrip() if whole else " ".join((f"/{route.verb}", *args))
    late = message.envelope.received_at - message.envelope.sent_at
    if (
        late > STALE and not route.strangers
    ):  # what anybody may say, a report above all, counts however late (fault F43)
        raise UserError("stale_command", line=line)
    if message.edited and not route.strangers:
        raise UserError("edited_command", line=line)
    about = (message.reply_to, message.mentions, message.quote, message.thread)
    route.handler(Command(message.envelope, route.verb, args, rest, line, *about), work)


@dataclasses.dataclass
class _Line:
    """A message's words, understood when first asked for, and once."""

    talk: PlainTalk | None
    message: Message
    work: Work
    read: Understanding | None = None

    def _understood(self, talk: PlainTalk) -> Understanding:
        if self.read is None:
            self.read = talk.read(self.message, self.work)
        return self.read

    @property
    def speaks(self) -> bool:
        """Whether they tell of something that does not work, or ask who is on duty."""
        read = self._understood(self.talk) if self.talk is not None else None
        return read is not None and (read.failing or read.duty_day is not None)

    def heard(self) -> bool:
        """Whether a capability took them."""
        return self.talk is not None and self.talk.heard(self.message, self._understood(self.talk), self.work)
