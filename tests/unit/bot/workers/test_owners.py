"""Two processes on one database: a living one's row is left alone, a dead one's taken up when its lease has ended."""

import asyncio
import dataclasses
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot.core.events import Due, Message
from bot.core.ports import Capabilities
from bot.storage import outbox_rows
from bot.storage.leases import LEASE, RENEW
from bot.work.routes import freeze
from bot.work.understanding import Understanding
from bot.work.work import Transactions, Work
from bot.workers.auditor import Auditor
from bot.workers.dispatcher import Dispatcher
from bot.workers.outbox import Outcome, Served
from bot.workers.sender import Sender
from bot.workers.waker import RETRIES, Waker
from tests.support.kit import Kit
from tests.support.until import until

OUTBOX = "SELECT state || ' ' || coalesce(owner, '-') FROM outbox ORDER BY id"


def process(kit: Kit, name: str) -> Kit:
    """Another process on the same database."""
    return dataclasses.replace(kit, runtime=dataclasses.replace(kit.runtime, owner=name))


def sender(kit: Kit) -> Sender:
    return Sender(kit.store, Transactions(kit.store, kit.runtime), {kit.platform.name: kit.platform}, alone=False)


def auditor(kit: Kit) -> Auditor:
    return Auditor(kit.store, kit.transactions, freeze([kit.on]))


@pytest.fixture
async def sending(kit: Kit) -> AsyncIterator[Sender]:
    """The sender of process A, with one message on its way and one behind it."""
    kit.platform.can = Capabilities(client_keys=False)
    await kit.say("shifuban", "1", "2")
    kit.platform.will("shifuban", asyncio.Event())  # never answers
    made = sender(process(kit, "a"))
    await made.start_ready()
    await until(lambda: kit.platform.under_way == 1)
    yield made
    for task in made._busy.values():
        task.cancel()


async def test_what_a_living_process_sends_is_not_sent_by_another(kit: Kit, sending: Sender) -> None:
    other = process(kit, "b")
    await sender(other).recover()
    await auditor(other).step()
    assert await kit.column(OUTBOX) == ["sending a", "queued -"]


async def test_what_a_dead_process_had_on_its_way_goes_again_when_its_lease_has_ended(
    kit: Kit, sending: Sender
) -> None:
    kit.later(LEASE.total_seconds() + 1)
    other = sender(process(kit, "b"))
    await other.recover()
    await other.step()
    assert [(out.post.text, out.repeated) for out in kit.platform.got] == [("pong 1", True), ("pong 2", False)]


async def test_who_lost_a_message_to_another_process_does_not_queue_it_again(kit: Kit, sending: Sender) -> None:
    """A is stopped for longer than its lease, B sends in its place, A wakes and finds that its own send failed."""
    kit.later(LEASE.total_seconds() + 1)
    other = sender(process(kit, "b"))
    await other.recover()
    await other.step()
    (task,) = sending._busy.values()
    task.cancel()
    await asyncio.wait([task])
    place = next(iter(sending._busy))
    row = (await kit.store.read(lambda s: list(outbox_rows.everything(s))))[0]
    sending._finished.append(Served(place, [Outcome(row, again=kit.clock.real(), unsure=True)], []))
    await sending.start_ready()
    assert await kit.column(OUTBOX) == ["sent b", "sent b"]


async def test_a_lease_lasts_as_long_as_its_owner_lives_and_then_the_auditor_takes_back(
    kit: Kit, sending: Sender
) -> None:
    other = auditor(process(kit, "b"))
    for _ in range(6):
        kit.later(RENEW.total_seconds())
        await sending.start_ready()
        await other.step()
        assert (await kit.column(OUTBOX))[0] == "sending a"
    kit.later(LEASE.total_seconds() + 1)
    await auditor(process(kit, "a")).step()
    assert (await kit.column(OUTBOX))[0] == "sending a"  # its own sender is there, however slow
    await other.step()
    assert (await kit.column(OUTBOX))[0] == "queued -"


async def test_the_auditor_takes_back_what_the_version_before_left_without_an_owner(kit: Kit, sending: Sender) -> None:
    await kit.sql("UPDATE outbox SET owner = NULL, lease_until = NULL WHERE state = 'sending'")
    await auditor(process(kit, "b")).step()
    assert (await kit.column(OUTBOX))[0] == "queued -"


async def test_a_chat_whose_event_another_process_tries_again_is_left_to_it(kit: Kit) -> None:
    heard: list[str] = []
    broken = [True]

    @kit.on.message()
    def hear(event: Message, _line: Understanding, work: Work) -> bool:
        if event.text == "bad" and broken:
            raise KeyError("a bug")
        heard.append(event.text)
        return True

    await kit.accept("e1", "bad")
    await kit.accept("e2", "behind it")
    routes = freeze([kit.on])
    await Dispatcher(kit.store, process(kit, "a").runtime, routes).step()
    broken.clear()
    await kit.accept("e3", "elsewhere", chat="duty-room")
    other = Dispatcher(kit.store, process(kit, "b").runtime, routes)
    kit.later(2)
    await other.step()
    assert heard == ["elsewhere"]
    kit.later(LEASE.total_seconds())
    await other.step()
    assert heard == ["elsewhere", "bad", "behind it"]
    assert await kit.column("SELECT owner FROM inbox ORDER BY id") == ["b", "b", "b"]


async def test_a_deadline_that_another_process_tries_again_is_left_to_it(kit: Kit) -> None:
    fired: list[str] = []
    broken = [True]

    @kit.on.due("test.x")
    def fire(event: Due, work: Work) -> None:
        if broken:
            raise KeyError("a bug")
        fired.append(event.key)

    await kit.transactions.do("arm", lambda work: work.due("test.x", "k", work.now))
    routes = freeze([kit.on])
    await Waker(kit.store, process(kit, "a").runtime, routes).step()
    broken.clear()
    other = Waker(kit.store, process(kit, "b").runtime, routes)
    kit.later(2)
    assert (await other.step(), fired) == (0, [])
    assert await other.rest() == LEASE.total_seconds() - 2 + RETRIES[0]  # it sleeps so long, and does not spin
    kit.later(LEASE.total_seconds())
    assert (await other.step(), fired) == (1, ["k"])


async def test_after_a_restart_nothing_waits_for_the_lease_of_the_life_before(kit: Kit) -> None:
    """No other process lives on the folder: a failed event, and the chat behind it, and a failed deadline go on at once."""
    heard: list[str] = []
    broken = [True]

    @kit.on.message()
    def hear(event: Message, _line: Understanding, work: Work) -> bool:
        return take(event.text)

    @kit.on.due("test.x")
    def fire(event: Due, work: Work) -> None:
        take(event.key)

    def take(word: str) -> bool:
        if broken:
            raise KeyError("a bug")
        heard.append(word)
        return True

    await kit.accept("e1", "bad")
    await kit.accept("e2", "behind it")
    await kit.transactions.do("arm", lambda work: work.due("test.x", "k", work.now))
    routes, before, after = freeze([kit.on]), process(kit, "before").runtime, process(kit, "after").runtime
    await Dispatcher(kit.store, before, routes).step()
    await Waker(kit.store, before, routes).step()
    broken.clear()
    for worker in (Dispatcher(kit.store, after, routes), Waker(kit.store, after, routes)):
        await worker.recover()
        await worker.step()
    assert heard == ["bad", "behind it", "k"]


async def test_what_was_accepted_by_a_clock_that_was_ahead_does_not_wait_for_that_time(kit: Kit) -> None:
    heard: list[str] = []

    @kit.on.message()
    def hear(event: Message, _line: Understanding, work: Work) -> bool:
        heard.append(event.text)
        return True

    await kit.accept("e1", "early bird")
    await kit.say("shifuban", "1")
    ahead = (kit.clock.real() + timedelta(hours=1)).strftime("%F %T.%f")
    await kit.sql("UPDATE inbox SET next_try = ?", ahead)
    await kit.sql("UPDATE outbox SET next_try = ?", ahead)
    dispatcher = Dispatcher(kit.store, kit.runtime, freeze([kit.on]))
    sender = Sender(kit.store, kit.transactions, {kit.platform.name: kit.platform})
    for worker in (dispatcher, sender):
        await worker.recover()
        await worker.step()
    assert (heard, kit.platform.texts("shifuban")) == (["early bird"], ["pong 1"])
