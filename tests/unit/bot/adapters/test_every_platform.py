"""What every adapter owes the service, written once: heard once and by whom, said once and where, pressed and by whom.

The oracle is the platform's own record on one side and the inbox on the other.
"""

import asyncio
from collections.abc import AsyncIterator

import pytest

from bot.adapters.common.platform import Platform
from bot.cli.platforms import PLATFORMS
from bot.core.content import Button, Card, Mention, Op, Post
from bot.core.events import Message, Tap
from bot.core.ports import Hears
from tests.support.kit import Kit
from tests.support.platforms.every import STAND_INS
from tests.support.platforms.lone import Lone, beside
from tests.support.until import until

Desk = Lone[Platform]
CLAIM = Button("claim:GD-20261014-001", "我来处理", "primary")


@pytest.fixture(params=sorted(STAND_INS))
async def desk(request: pytest.FixtureRequest, kit: Kit) -> AsyncIterator[Desk]:
    """One platform after the other, each with its connections open."""
    platform, make = STAND_INS[request.param]
    fake = make()
    await fake.start()
    async with beside(PLATFORMS[platform].adapter(), platform, fake, kit) as lone:
        workers = [asyncio.ensure_future(run()) for run in lone.adapter.workers().values()]
        await until(fake.ready)
        yield lone
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)
    await fake.stop()


async def heard(desk: Desk, number: int) -> list[Message | Tap]:
    """So many events; a socket's come a moment after they were sent."""
    for _ in range(200):
        if len(found := await desk.heard()) >= number:
            return found
        await asyncio.sleep(0.01)
    raise AssertionError("nobody heard it")


async def test_a_report_in_a_group_is_heard_once_with_who_and_where(desk: Desk) -> None:
    for _ in range(2):
        assert await desk.says("lixiao", "minzheng", "公文打不开", id="r1") == 200
    await desk.says("wen", "minzheng", "看到了")
    first, second = await heard(desk, 2)
    assert isinstance(first, Message)
    assert (first.envelope.chat, who(desk, first)) == ("minzheng", "lixiao")
    assert first.text.removeprefix("@bot ") == "公文打不开"
    assert who(desk, second) == "wen"
    assert first.envelope.sent_at <= first.envelope.received_at


async def test_what_is_said_in_a_direct_chat_is_said_to_the_bot(desk: Desk) -> None:
    assert await desk.says("wen", "dm-wen", "我的工单") == 200
    (event,) = await heard(desk, 1)
    assert isinstance(event, Message)
    assert (event.envelope.chat, event.text.removeprefix("@bot "), event.to_bot) == ("dm-wen", "我的工单", True)


@pytest.mark.parametrize("chat", ["minzheng", "dm-wen"])
async def test_a_post_stands_where_it_is_meant_to_and_reaches_who_is_meant(desk: Desk, chat: str) -> None:
    await say_first(desk, chat)
    await desk.send(chat, "@温若川 请看：公文打不开", mentions=(Mention("wen", "温若川"),))
    (seen,) = desk.reads(chat)
    assert "请看：公文打不开" in seen.text
    account = desk.platform.site_names()[1]["wen"]
    assert seen.mentions == ([account] if desk.can(chat).mentions else [])
    assert [other for other in ("shifuban", "dm-lixiao") if desk.reads(other)] == []


async def test_a_button_says_who_pressed_it_on_which_message(desk: Desk) -> None:
    if not desk.can("dm-wen").buttons:
        return  # it is typed there: test_platforms plays that
    await say_first(desk, "dm-wen")
    message = await desk.send("dm-wen", "GD-20261014-001 公文打不开", buttons=(CLAIM,))
    before = len(await desk.heard())
    (seen,) = [seen for seen in desk.reads("dm-wen") if seen.buttons]
    assert await desk.taps("wen", seen, "我来处理") == 200
    *_, tap = await heard(desk, before + 1)
    assert isinstance(tap, Tap)
    assert (tap.action, tap.message) == (CLAIM.action, message)
    assert (who(desk, tap), tap.envelope.chat) == ("wen", "dm-wen")


async def test_a_changed_post_is_changed_in_its_place(desk: Desk) -> None:
    if not desk.can("dm-wen").updates:
        return
    await say_first(desk, "dm-wen")
    message = await desk.send("dm-wen", "GD-20261014-001 公文打不开", buttons=(CLAIM,))
    done = Post("GD-20261014-001 已响应", card=Card(tone="done"))
    assert await desk.send("dm-wen", "", post=done, op=Op.UPDATE, message=message) == message
    (seen,) = desk.reads("dm-wen")
    assert "已响应" in seen.text
    assert CLAIM.label not in dict(seen.buttons)


async def test_it_hears_what_it_says_that_it_hears(desk: Desk) -> None:
    """A direct chat is heard whole where it is heard at all; how to call the bot is known where it must be called."""
    assert desk.can("dm-wen").hears in {Hears.ALL, Hears.MENTIONS}
    group = desk.can("minzheng")
    assert (group.hears is Hears.MENTIONS) <= bool(group.call)


def who(desk: Desk, event: Message | Tap) -> str:
    """The person behind the account of an event, as the platform knows it."""
    people = {account: person for person, account in desk.platform.site_names()[1].items()}
    return people[event.envelope.account.user_id]


async def say_first(desk: Desk, chat: str) -> None:
    """Some bots may only answer."""
    await desk.says("wen", chat, "在吗")
    await heard(desk, 1)
