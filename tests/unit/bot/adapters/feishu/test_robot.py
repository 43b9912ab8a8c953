"""A group's custom robot says what it should, signed, within its limits, and never more often than it must."""

import asyncio
from collections.abc import AsyncIterator
from functools import partial

import pytest

from bot.adapters.common.http import Http
from bot.adapters.feishu import adapter as adapter_module
from bot.core.content import Mention, Op, Post
from bot.core.errors import Rejected, Temporary
from bot.core.fit import pieces
from bot.core.people import Chat
from bot.core.ports import Hears, Rate
from tests.support.kit import Kit
from tests.support.platforms.feishu import FakeFeishu
from tests.unit.bot.adapters.feishu.bench import Bench, opened, outgoing

SHIFUBAN = Chat("shifuban", "市府办")


async def test_it_posts_text_with_real_mentions(robot: Bench) -> None:
    post = Post('今日值班 @周予安\n@所有人 <at user_id="all">', (Mention("zhou", "周予安"),))
    sent = await robot.adapter.send(outgoing(post))
    (seen,) = robot.fake.seen("shifuban")
    assert sent == "robot:shifuban:i1.1"
    assert seen.text == '今日值班 @ou_zhou\n@所有人 <at user_id="all">'
    assert seen.mentions == ["ou_zhou"]
    assert robot.fake.tokens_given == 0


async def test_what_it_can_do_is_little(robot: Bench) -> None:
    can = robot.adapter.capabilities(SHIFUBAN)
    assert (can.hears, can.buttons, can.updates, can.files, can.client_keys) == (Hears.NOTHING, *[False] * 4)
    assert can.rates == (Rate(5, 1.0), Rate(100, 60.0))


@pytest.mark.parametrize("text", ["值" * 15_000, '"\\\n' * 1_500])
async def test_long_text_in_pieces_is_taken(robot: Bench, text: str) -> None:
    parts = pieces(Post(text), robot.adapter.capabilities(SHIFUBAN))
    assert 1 < len(parts) <= 5
    for part in parts:
        await robot.adapter.send(outgoing(part))
    assert "".join(seen.text for seen in robot.fake.seen("shifuban")).replace("\n", "") == text.replace("\n", "")


async def test_the_sixth_in_a_second_is_told_to_wait(robot: Bench) -> None:
    outcomes = await asyncio.gather(*(robot.adapter.send(outgoing("x")) for _ in range(6)), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes].count(Temporary) == 1
    assert len(robot.fake.seen("shifuban")) == 5


@pytest.mark.parametrize(
    ("fault", "error", "reason"),
    [
        ("code:11232", Temporary, "limited"),
        ("code:9499", Rejected, "9499"),
        ("code:19001", Rejected, "gone"),
        ("code:19022", Rejected, "address"),
        ("code:19024", Rejected, "key word"),
        ("5xx", Temporary, "503"),
    ],
)
async def test_its_answers_are_told_apart(robot: Bench, fault: str, error: type[Exception], reason: str) -> None:
    robot.fake.fail(fault)
    with pytest.raises(error, match=reason):
        await robot.adapter.send(outgoing("x"))
    assert robot.fake.seen("shifuban") == []


async def test_a_wrong_secret_says_what_to_check(kit: Kit) -> None:
    wrong = {"robots": {"shifuban": {"hook": "hook-0001", "secret": "wrong"}}}
    async with opened(kit, FakeFeishu(robot="shifuban"), **wrong) as bench:
        with pytest.raises(Rejected, match="secret and this machine's clock"):
            await bench.adapter.send(outgoing("x"))


async def test_a_hook_may_be_its_whole_address(kit: Kit) -> None:
    fake = FakeFeishu(robot="shifuban")
    await fake.start()
    hook = {"hook": f"{fake.url}/open-apis/bot/v2/hook/hook-0001", "secret": "fs_test_secret_01"}
    await fake.stop()
    async with opened(kit, fake, robots={"shifuban": hook}, api_base="http://127.0.0.1:1") as bench:
        await bench.adapter.send(outgoing("x"))
        assert len(bench.fake.seen("shifuban")) == 1


async def test_it_cannot_change_what_it_said(robot: Bench) -> None:
    with pytest.raises(Rejected, match="cannot change"):
        await robot.adapter.send(outgoing("x", op=Op.UPDATE, message="robot:shifuban:i1.1"))


@pytest.fixture
async def hasty(kit: Kit, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bench]:
    """A bench whose requests wait half a second instead of eight."""
    monkeypatch.setattr(adapter_module, "Http", partial(Http, total=0.5))
    async with opened(kit, FakeFeishu(robot="shifuban")) as bench:
        yield bench


async def test_a_repeat_that_may_stand_twice_is_marked(hasty: Bench) -> None:
    hasty.fake.fail("hang")
    with pytest.raises(Temporary) as raised:
        await hasty.adapter.send(outgoing("值班公告"))
    assert raised.value.uncertain
    await hasty.adapter.send(outgoing("值班公告", repeated=True))
    assert [seen.text for seen in hasty.fake.seen("shifuban")] == ["值班公告", "(补发) 值班公告"]
