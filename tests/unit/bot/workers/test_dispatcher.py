"""Events of a chat are handled in order; a bad one is set aside and told, and holds up nobody."""

import itertools
import time

import pytest

from bot.core.errors import UserError
from bot.core.events import Command, Envelope, Message, Tap
from bot.core.people import Account
from bot.work.understanding import Understanding
from bot.work.work import Work
from bot.workers.dispatcher import Dispatcher
from tests.support.kit import OPERATOR, Kit


async def dispatch(kit: Kit, dispatcher: Dispatcher | None = None) -> None:
    """Dispatch everything, letting retries come due, and send what was said."""
    dispatcher = dispatcher or kit.dispatcher()
    while True:
        worked = await dispatcher.step()
        wait = await dispatcher.rest()
        if not worked and wait is None:
            break
        kit.later(wait or 0)
    await kit.sender().step()


async def test_a_chat_is_handled_in_order_and_a_bad_event_blocks_only_for_its_tries(kit: Kit) -> None:
    handled: list[str] = []
    tries = itertools.count()

    @kit.on.message()
    def hear(event: Message, _line: Understanding, work: Work) -> bool:
        if event.text == "bad":
            next(tries)
            work.say("help/pong", event.envelope.chat, text="half done")
            raise KeyError("a bug")
        handled.append(event.text)
        return True

    for key, words in enumerate(("one", "bad", "收到", "three")):
        await kit.accept(f"e{key}", words)
    await kit.accept("o1", "other chat", chat="minzheng")
    await dispatch(kit)
    assert handled == ["one", "other chat", "收到", "three"]
    assert next(tries) == 3
    assert await kit.column("SELECT state FROM inbox ORDER BY id") == ["done", "parked", "done", "done", "done"]


async def test_a_parked_event_is_told_in_its_chat_and_to_the_operators_with_one_reference(kit: Kit) -> None:
    @kit.on.message()
    def hear(event: Message, _line: Understanding, work: Work) -> bool:
        raise KeyError("phone 13800000012")

    await kit.accept("e1")
    await dispatch(kit)
    (told,), (operator,) = kit.platform.texts("shifuban"), kit.platform.texts(OPERATOR)
    reference = told.partition("编号 ")[2][:4]
    assert len(reference) == 4
    assert reference in operator
    assert "市府办交流群" in operator
    assert "13800000012" not in told + operator


async def test_a_flood_of_failing_events_in_one_chat_does_not_hold_up_another(kit: Kit) -> None:
    @kit.on.message()
    def hear(event: Message, _line: Understanding, work: Work) -> bool:
        if event.envelope.chat == "shifuban":
            raise KeyError("a bug")
        work.say("help/pong", event.envelope.chat, text=event.text)
        return True

    for n in range(150):
        await kit.accept(f"e{n}")
    await kit.accept("o1", "hello", chat="minzheng")
    dispatcher = kit.dispatcher()
    await dispatcher.step()
    await dispatcher.step()
    await kit.sender().step()
    assert kit.platform.texts("minzheng") == ["pong hello"]


@pytest.mark.parametrize("words", ["/pign", "plain words that meet a bug"])
async def test_a_chat_that_the_bot_cannot_enter_stops_nothing(kit: Kit, words: str) -> None:
    """A refusal or an apology cannot be said there; the event must end all the same, and so must those behind it."""

    @kit.on.message()
    def hear(event: Message, _line: Understanding, work: Work) -> bool:
        if event.envelope.chat == "shiweiban":
            raise KeyError("a bug")
        work.say("help/pong", event.envelope.chat, text=event.text)
        return True

    @kit.on.command("ping", "在吗")
    def ping(event: Command, work: Work) -> None:
        raise AssertionError("never called here")

    await kit.accept("m1", words, chat="shiweiban")
    await kit.accept("e2", "after", chat="shifuban")
    await dispatch(kit)
    assert kit.platform.texts("shifuban") == ["pong after"]
    assert await kit.column("SELECT count(*) FROM inbox WHERE state = 'new'") == [0]


@pytest.mark.parametrize("chat", ["shiweiban", "dm-stranger"])
async def test_a_command_where_no_answer_can_be_given_is_noted_and_not_carried_out(kit: Kit, chat: str) -> None:
    """A group reached by hand, the direct chat of a stranger: no bug of ours, and nothing for the operators."""

    @kit.on.command("ping", "在吗", strangers=True)
    def ping(event: Command, work: Work) -> None:
        work.say("help/pong", event.envelope.chat, text="x")

    @kit.on.tap("oncall")
    def oncall(event: Tap, work: Work) -> None:
        work.say("help/pong", event.envelope.chat, text="x")

    await kit.accept("m1", "/ping x", chat=chat)
    envelope = Envelope("t1", Account("local", "stranger"), None, chat, kit.clock.now(), kit.clock.now())
    await kit.inbox.accept(Tap(envelope, "oncall:now"))
    await dispatch(kit)
    assert await kit.column("SELECT state FROM inbox ORDER BY id") == ["done", "done"]
    assert kit.platform.got == []
    assert await kit.column("SELECT code FROM audit") == ["unreachable_chat", "unreachable_chat"]


async def test_an_event_that_cannot_be_read_is_parked(kit: Kit) -> None:
    await kit.accept("e1")
    await kit.sql("UPDATE inbox SET kind = 'from the future'")
    await kit.accept("e2", chat="minzheng")
    await dispatch(kit)
    assert await kit.column("SELECT state FROM inbox ORDER BY id") == ["parked", "done"]


async def test_a_refusal_rolls_back_what_the_handler_did(kit: Kit) -> None:
    @kit.on.command("ping", "在吗")
    def ping(event: Command, work: Work) -> None:
        work.due("test.x", "1", work.now)
        work.say("help/pong", event.envelope.chat, text="half done")
        raise UserError("unknown_button")

    await kit.accept("e1", "/ping")
    await dispatch(kit)
    assert await kit.column("SELECT count(*) FROM deadline") == [0]
    assert await kit.column("SELECT template FROM outbox") == ["refusals/unknown_button"]
    assert await kit.column("SELECT code FROM audit") == ["unknown_button"]


async def test_a_command_that_comes_late_is_not_executed(kit: Kit) -> None:
    @kit.on.command("ping", "在吗")
    def ping(event: Command, work: Work) -> None:
        raise AssertionError("executed")

    await kit.accept("e1", "/ping")
    await kit.sql("UPDATE inbox SET sent_at = '2026-10-14 01:58:59.000000'")
    await dispatch(kit)
    assert await kit.column("SELECT template FROM outbox") == ["refusals/stale_command"]


async def test_what_anybody_may_say_counts_however_late(kit: Kit) -> None:
    """Fault F43: a report, or a sign of life, is done late and not refused."""

    @kit.on.command("ping", "在吗", strangers=True)
    def ping(event: Command, work: Work) -> None:
        work.say("help/pong", event.envelope.chat, text="late")

    await kit.accept("e1", "/ping")
    await kit.sql("UPDATE inbox SET sent_at = '2026-10-14 00:00:00.000000'")
    await dispatch(kit)
    assert await kit.column("SELECT template FROM outbox") == ["help/pong"]


async def test_a_long_batch_gives_way_to_intake(kit: Kit) -> None:
    """Handlers that take 10 ms each do not keep the writer for all 64 of a batch."""

    @kit.on.message()
    def hear(event: Message, _line: Understanding, work: Work) -> bool:
        time.sleep(0.01)
        return True

    for n in range(64):
        await kit.accept(f"e{n}")
    worked = await kit.dispatcher().step()
    assert worked < 40
