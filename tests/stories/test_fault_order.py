"""Words that come in another order than they were said (fault F42): nothing is lost, nothing waits for ever."""

from datetime import timedelta

from bot.core.events import Envelope, Message
from bot.core.people import Account
from tests.support.desk import Desk


async def deliver(desk: Desk, key: str, user: str, text: str, ago: float, chat: str = "shifuban") -> None:
    now = desk.clock.now()
    envelope = Envelope(key, Account("local", user), user, chat, now - timedelta(seconds=ago), now)
    await desk.app.inbox.accept(Message(envelope, text))
    await desk.settle()


async def test_it_works_said_before_the_report_came_is_asked_about_when_it_comes(desk: Desk) -> None:
    await deliver(desk, "m2", "lixiao", "好了，可以了", ago=10)
    assert await desk.bot("shifuban") == []
    await desk.later(seconds=20)
    await deliver(desk, "m1", "lixiao", "电子印章盖不了章，点了没反应", ago=60)
    card, asked = await desk.bot("shifuban")
    assert "GD-" in card.text
    assert [action.partition(":")[0] for action in asked.actions] == ["resolved", "still"]


async def test_an_answer_that_overtook_the_report_stops_its_clock(desk: Desk) -> None:
    await deliver(desk, "m2", "wen", "收到，马上看", ago=10)
    await desk.later(seconds=20)
    await deliver(desk, "m1", "lixiao", "电子印章盖不了章，点了没反应", ago=60)
    (card,) = await desk.bot("shifuban")
    assert "已响应" in card.text
    assert not any("超时" in said.text for said in await desk.later(minutes=20))


async def test_words_said_before_the_trouble_or_long_ago_do_not_count(desk: Desk) -> None:
    await deliver(desk, "m0", "wen", "收到，马上看", ago=3600)
    await desk.later(minutes=11)
    await deliver(desk, "m1", "lixiao", "电子印章盖不了章，点了没反应", ago=120)
    (card,) = await desk.bot("shifuban")
    assert "会在" in card.text or "仍未响应" in card.text
    assert "已响应（" not in card.text


async def test_somebody_elses_well_being_ends_nothing(desk: Desk) -> None:
    await deliver(desk, "m2", "zhao", "好了，可以了", ago=10)
    await deliver(desk, "m1", "lixiao", "电子印章盖不了章，点了没反应", ago=60)
    assert len(await desk.bot("shifuban")) == 1
