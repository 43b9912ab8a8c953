"""What goes out arrives once, whole, in the right chat, and each of Feishu's answers is understood."""

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest

from bot.adapters.common.http import Http
from bot.adapters.feishu import adapter as adapter_module
from bot.core.content import Attachment, Button, Card, Mention, Op, Post
from bot.core.errors import Rejected, Temporary
from bot.core.fit import pieces
from bot.core.people import Chat
from bot.core.ports import Hears, Rate
from tests.support.kit import Kit
from tests.support.platforms.feishu import CARD_BYTES, FakeFeishu
from tests.unit.bot.adapters.feishu.bench import Bench, opened, outgoing

SHIFUBAN, ZHOU = Chat("shifuban", "市府办"), Chat("dm-zhou", "周予安")
CARD = Post(
    "新故障 GD-1\n请 @周予安 处理",
    (Mention("zhou", "周予安"),),
    card=Card((Button("claim:GD-1", "我来处理", "primary"),), tone="open"),
)


async def test_a_card_with_a_mention_and_a_button(bench: Bench) -> None:
    sent = await bench.adapter.send(outgoing(CARD))
    (seen,) = bench.fake.seen("shifuban")
    assert (seen.id, seen.text) == (sent, "新故障 GD-1\n请 @ou_zhou 处理")
    assert (seen.buttons, seen.mentions) == ([("我来处理", "claim:GD-1")], ["ou_zhou"])


async def test_a_direct_message_goes_to_the_person(bench: Bench) -> None:
    await bench.adapter.send(outgoing("您好", "dm-zhou"))
    assert [seen.text for seen in bench.fake.seen("dm-zhou")] == ["您好"]


async def test_an_answer_stands_under_what_it_answers(bench: Bench) -> None:
    await bench.fake.says("lixiao", "shifuban", "慢", id="om_in_1")
    await bench.adapter.send(outgoing("收到", reply_to="om_in_1"))
    assert [seen.thread for seen in bench.fake.seen("shifuban")] == ["om_in_1"]


async def test_an_answer_to_what_was_withdrawn_goes_into_the_chat(bench: Bench) -> None:
    await bench.fake.says("lixiao", "shifuban", "慢", id="om_in_1")
    bench.fake.withdraw("om_in_1")
    await bench.adapter.send(outgoing("收到", reply_to="om_in_1"))
    assert [(seen.text, seen.thread) for seen in bench.fake.seen("shifuban")] == [("收到", None)]


async def test_an_update_changes_the_card_in_place(bench: Bench) -> None:
    sent = await bench.adapter.send(outgoing(CARD))
    done = Post("已处理 GD-1", card=Card(tone="done"))
    assert await bench.adapter.send(outgoing(done, op=Op.UPDATE, message=sent, client_key="i2.1")) == sent
    (seen,) = bench.fake.seen("shifuban")
    assert (seen.text, seen.buttons, seen.updated) == ("已处理 GD-1", [], 1)


async def test_an_update_of_what_was_withdrawn_is_given_up(bench: Bench) -> None:
    with pytest.raises(Rejected, match="gone"):
        await bench.adapter.send(outgoing("x", op=Op.UPDATE, message="om_99"))


async def test_files_follow_the_text(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "out.txt").write_text("x" * 2_000_000)
    post = Post("结果", files=(Attachment("oa3 日志.txt", "files/out.txt"),))
    sent = await bench.adapter.send(outgoing(post))
    text, file = bench.fake.seen("shifuban")
    assert (text.id, text.text, file.files) == (sent, "结果", ["oa3 日志.txt"])


async def test_a_repeat_of_a_post_with_files_adds_nothing(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "out.txt").write_text("x")
    post = Post("结果", files=(Attachment("out.txt", "out.txt"),))
    first = await bench.adapter.send(outgoing(post))
    assert await bench.adapter.send(outgoing(post, repeated=True)) == first
    assert [seen.text for seen in bench.fake.seen("shifuban")] == ["结果", ""]


async def test_a_file_that_is_gone_is_given_up(bench: Bench) -> None:
    with pytest.raises(Rejected, match="not there any more"):
        await bench.adapter.send(outgoing(Post("", files=(Attachment("a", "nowhere"),))))


@pytest.mark.parametrize("text", ["值" * 30_000, "*_~<>\n" * 3_000, '"\\\n' * 5_000])
async def test_the_longest_text_that_is_allowed_is_taken(bench: Bench, text: str) -> None:
    can = bench.adapter.capabilities(SHIFUBAN)
    buttons = tuple(Button(f"confirm:R-20261122-{n:04}", "确认执行这一步") for n in range(20))
    whole = Post(text, card=Card(buttons))
    for number, part in enumerate(pieces(whole, can)):
        await bench.adapter.send(
            outgoing(part, client_key=f"i1.{number}", chat=f"dm-{'zhou' if number % 2 else 'wen'}")
        )
    said = bench.fake.seen("dm-wen") + bench.fake.seen("dm-zhou")
    assert sum(len(seen.text) for seen in said) >= len(text) - len(said)
    assert CARD_BYTES == 30 * 1024


@pytest.mark.parametrize(
    ("fault", "error", "reason", "pause"),
    [
        ("limited", Temporary, "too many requests", 30.0),
        ("429", Temporary, "429", 30.0),
        ("5xx", Temporary, "503", None),
        ("code:230020", Temporary, "too many messages", None),
        ("code:230049", Temporary, "still being sent", None),
        ("code:230013", Rejected, "gone", None),
        ("code:230027", Rejected, "permission", None),
        ("code:123456", Rejected, "123456", None),
    ],
)
async def test_the_answers_are_told_apart(
    bench: Bench, fault: str, error: type[Exception], reason: str, pause: float | None
) -> None:
    bench.fake.fail(fault)
    with pytest.raises(error, match=reason) as raised:
        await bench.adapter.send(outgoing("x"))
    assert getattr(raised.value, "retry_after", None) == pause
    await bench.adapter.send(outgoing("x"))
    assert len(bench.fake.seen("shifuban")) == 1


async def test_a_token_that_is_refused_again_and_again_may_be_good_later(bench: Bench) -> None:
    bench.fake.fail("code:99991663", "code:99991663")
    with pytest.raises(Temporary, match="expired"):
        await bench.adapter.send(outgoing("x"))
    assert bench.fake.tokens_given == 2


@pytest.mark.parametrize(
    ("fault", "error", "reason"), [("page:404", Rejected, "api_base"), ("page:200", Temporary, "without a code")]
)
async def test_an_answer_of_somebody_else_is_no_yes(
    bench: Bench, fault: str, error: type[Exception], reason: str
) -> None:
    """A proxy's page, or a wrong ``api_base``."""
    bench.fake.fail(fault)
    with pytest.raises(error, match=reason):
        await bench.adapter.send(outgoing("x"))


async def test_a_group_without_the_bot_is_given_up(bench: Bench) -> None:
    bench.fake.removed.add("oc_shifuban")
    with pytest.raises(Rejected, match="gone: the bot is not in the group"):
        await bench.adapter.send(outgoing("x"))


async def test_a_token_that_ends_among_a_hundred_sends_is_renewed_once(bench: Bench) -> None:
    await bench.adapter.send(outgoing("x", "dm-zhou", client_key="first"))
    bench.fake.expire_tokens()
    chats = [f"dm-{person}" for person in bench.kit.runtime.site().people]
    sends = [outgoing(f"第 {n} 条", chats[n % len(chats)], client_key=f"i{n}.1") for n in range(100)]
    await asyncio.gather(*(bench.adapter.send(out) for out in sends))
    assert bench.fake.tokens_given == 2
    assert sum(len(bench.fake.seen(chat)) for chat in chats) == 101


async def test_a_hundred_sends_at_the_start_ask_for_one_token(bench: Bench) -> None:
    chats = [f"dm-{person}" for person in bench.kit.runtime.site().people]
    await asyncio.gather(*(bench.adapter.send(outgoing("x", c, client_key=c)) for c in chats))
    assert bench.fake.tokens_given == 1


async def test_without_a_token_nothing_is_lost(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    bench.fake.refuse_tokens = True
    with pytest.raises(Temporary, match="app_secret") as raised:
        await bench.adapter.send(outgoing("x"))
    assert not raised.value.uncertain
    assert "10014" in caplog.text
    assert "fs_app_secret" not in caplog.text


@pytest.fixture
async def hasty(kit: Kit, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bench]:
    """A bench whose requests wait half a second instead of eight."""
    monkeypatch.setattr(adapter_module, "Http", partial(Http, total=0.5))
    async with opened(kit, FakeFeishu()) as bench:
        yield bench


@pytest.mark.parametrize("fault", ["hang", "cut"])
async def test_what_was_taken_and_never_answered_stands_once(hasty: Bench, fault: str) -> None:
    hasty.fake.fail(fault)
    with pytest.raises(Temporary) as raised:
        await hasty.adapter.send(outgoing("x"))
    assert raised.value.uncertain
    await hasty.adapter.send(outgoing("x", repeated=True))
    assert [seen.text for seen in hasty.fake.seen("shifuban")] == ["x"]


async def test_a_platform_that_is_down_got_nothing(bench: Bench) -> None:
    await bench.fake.stop()
    with pytest.raises(Temporary) as raised:
        await bench.adapter.send(outgoing("x"))
    assert not raised.value.uncertain
    await bench.fake.start()
    await bench.adapter.send(outgoing("x"))
    assert len(bench.fake.seen("shifuban")) == 1


async def test_what_it_can_do_is_declared_by_chat(bench: Bench) -> None:
    group, direct = bench.adapter.capabilities(SHIFUBAN), bench.adapter.capabilities(ZHOU)
    assert (group.hears, group.call, direct.hears) == (Hears.MENTIONS, "@值班", Hears.ALL)
    assert group.rates == direct.rates == (Rate(5, 1.0),)
    assert group.buttons
    assert group.updates
    assert group.client_keys


async def test_without_an_app_a_group_without_a_robot_is_given_up(kit: Kit) -> None:
    none = {"app_id": "", "app_secret": None, "verification_token": None}
    async with opened(kit, FakeFeishu(robot="minzheng"), **none) as bench:
        with pytest.raises(Rejected, match="no app"):
            await bench.adapter.send(outgoing("x"))
        await bench.adapter.send(outgoing("x", "minzheng"))
        assert [seen.text for seen in bench.fake.seen("minzheng")] == ["x"]
