"""A long queue of one chat holds up no other, and each chat's own events stay in order."""

import asyncio

import pytest

from bot.core.content import Priority
from bot.core.events import Message
from bot.work.understanding import Understanding
from bot.work.work import Work
from bot.workers import dispatcher as dispatching
from tests.support.kit import Kit
from tests.support.until import until

FLOODED, QUIET = "shifuban", "minzheng"


def heard_by(kit: Kit) -> list[tuple[str, str]]:
    """(chat, words) in the order in which they are handled."""
    heard: list[tuple[str, str]] = []

    @kit.on.message()
    def hear(event: Message, _line: Understanding, _work: Work) -> bool:
        heard.append((event.envelope.chat, event.text))
        return True

    return heard


async def test_8_3_a_line_behind_300_of_another_chat_is_handled_next(kit: Kit) -> None:
    heard = heard_by(kit)
    for number in range(300):
        await kit.accept(f"f{number}", f"f{number}", chat=FLOODED)
    await kit.accept("q", "在吗", chat=QUIET)
    dispatcher = kit.dispatcher()
    await dispatcher.step()
    assert (QUIET, "在吗") in heard[:2]
    while await dispatcher.step():
        pass
    assert [words for chat, words in heard if chat == FLOODED] == [f"f{number}" for number in range(300)]


async def test_8_3_each_of_many_flooding_chats_has_its_turn_before_any_has_its_third(
    kit: Kit, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The handlers are slow: a batch is over after one event, and more chats wait than one batch looks at."""
    monkeypatch.setattr(dispatching, "BATCH_SECONDS", 0.0)
    monkeypatch.setattr(dispatching, "BATCH", 4)
    heard = heard_by(kit)
    chats = [chat.id for chat in kit.runtime.site().chats.values() if chat.post][:8]
    for chat in chats:
        for number in range(20):
            await kit.accept(f"{chat}{number}", f"{number}", chat=chat)
    dispatcher = kit.dispatcher()
    for turn in range(1, 4):
        for _ in chats:
            await dispatcher.step()
        assert sorted(heard[-8:]) == sorted((chat, f"{turn - 1}") for chat in chats)


async def test_8_3_a_long_queue_of_one_place_keeps_no_other_from_being_sent(kit: Kit) -> None:
    held = asyncio.Event()
    kit.platform.will(FLOODED, held)

    def say(work: Work) -> None:
        for number in range(300):
            work.say("help/pong", FLOODED, text=f"f{number}", priority=Priority.ESCALATION)
        work.say("help/pong", QUIET, text="在")

    await kit.transactions.do("t", say)
    sender = kit.sender()
    running = asyncio.create_task(sender.run())
    await until(lambda: kit.platform.texts(QUIET) == ["pong 在"])
    held.set()
    await until(lambda: len(kit.platform.texts(FLOODED)) == 300)
    assert kit.platform.texts(FLOODED) == [f"pong f{number}" for number in range(300)]
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
