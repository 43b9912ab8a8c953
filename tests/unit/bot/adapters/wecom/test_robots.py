"""Group robots say what they are told, mention whom they should and nobody else, and read errcodes rightly."""

import asyncio
import importlib
import logging
import uuid
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.adapters.wecom.adapter import WecomAdapter
from bot.core.content import Attachment, Mention, Post
from bot.core.errors import Rejected, Temporary
from bot.core.fit import pieces
from bot.core.ports import Hears
from bot.storage.clock import ManualClock
from tests.support.desk import WORKDAY
from tests.support.platforms.lone import alone
from tests.support.platforms.wecom import FakeWecom, account
from tests.support.platforms.wecom_qyapi import Qyapi
from tests.unit.bot.adapters.wecom.conftest import Wecom

ZHOU, WEN = Mention("zhou", "周予安"), Mention("wen", "温若川")
PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)


async def test_a_text_with_its_mentions(fake: FakeWecom, wecom: Wecom) -> None:
    await wecom.send("shifuban", "请 @周予安 和 @温若川 看一下", mentions=(ZHOU, WEN, ZHOU))
    (seen,) = fake.seen("shifuban")
    assert seen.text == "请 @周予安 和 @温若川 看一下"
    assert seen.mentions == [account("zhou"), account("wen")]


async def test_whoever_has_no_account_is_mentioned_by_phone(fake: FakeWecom, empty_db: Path, tmp_path: Path) -> None:
    fake.people = tuple(person for person in fake.people if person != "wen")
    database = tmp_path / "zhiban.db"
    database.write_bytes(empty_db.read_bytes())
    async with alone(WecomAdapter, "wecom", fake, database) as wecom:
        await wecom.send("shifuban", "@周予安 @温若川", mentions=(ZHOU, WEN))
    assert fake.seen("shifuban")[0].mentions == [account("zhou"), "13800000013"]
    assert fake.api.posted[0].body["mentioned_mobile_list"] == ["13800000013"]


@pytest.mark.parametrize("words", ["@所有人 系统坏了", "<@all> 系统坏了", "<@u_zhou> 系统坏了", "@all <<@x>>"])
async def test_words_of_people_mention_nobody(fake: FakeWecom, wecom: Wecom, words: str) -> None:
    await wecom.send("shifuban", f"李晓：“{words}”")
    (seen,) = fake.seen("shifuban")
    assert seen.mentions == []
    assert fake.api.posted[0].body.keys() == {"content"}
    assert "系统坏了" in seen.text or "x" in seen.text


async def test_no_account_of_the_people_file_reaches_everybody(
    fake: FakeWecom, empty_db: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = fake.site_names()
    monkeypatch.setattr(fake, "site_names", lambda: (names[0], names[1] | {"zhou": "@all"}))
    database = tmp_path / "zhiban.db"
    database.write_bytes(empty_db.read_bytes())
    async with alone(WecomAdapter, "wecom", fake, database) as wecom:
        await wecom.send("shifuban", "@周予安", mentions=(ZHOU,))
    assert fake.seen("shifuban")[0].mentions == []


async def test_the_longest_text_that_is_declared_goes_and_is_marked_as_well(fake: FakeWecom, wecom: Wecom) -> None:
    chat = wecom.site.chat("shifuban")
    assert chat is not None
    can = wecom.adapter.capabilities(chat)
    words = "<@字😀é" * 900
    for number, post in enumerate(pieces(Post(words), can)):
        await wecom.send("shifuban", "", post=post, repeated=number == 0)
    texts = [seen.text for seen in fake.seen("shifuban")]
    assert texts[0].startswith("(补发) ")
    assert "".join(texts).removeprefix("(补发) ").replace("＜", "<") == words
    assert not any("<@" in text for text in texts)
    assert max(len(text.encode()) for text in texts) <= 2048


async def test_files_and_pictures_follow_the_text(fake: FakeWecom, wecom: Wecom) -> None:
    (wecom.settings.state_dir / "out.txt").write_text("ok\n")  # three bytes; the platform takes none below six
    (wecom.settings.state_dir / "p.png").write_bytes(PNG)
    files = (Attachment("R1 输出.txt", "out.txt"), Attachment("p.png", "p.png", "image/png"))
    await wecom.send("shifuban", "输出", files=files)
    assert [(posted.kind) for posted in fake.api.posted] == ["text", "file", "image"]
    assert fake.seen("shifuban")[1].files == ["R1 输出.txt"]
    ((_, data, _),) = fake.api.files.values()
    assert data.strip() == b"ok"


@pytest.mark.parametrize("chat", ["shifuban", "dm-zhou"])
async def test_a_file_that_is_gone_holds_nothing_up(fake: FakeWecom, wecom: Wecom, chat: str) -> None:
    """By the group's robot and by the app."""
    with pytest.raises(Rejected, match="not there any more"):
        await wecom.send(chat, "输出", files=(Attachment("a.txt", "nowhere.txt"),))
    assert [seen.text for seen in fake.seen(chat)] == ["输出"]


async def test_a_retry_of_a_post_with_files_says_nothing_twice(fake: FakeWecom, wecom: Wecom) -> None:
    (wecom.settings.state_dir / "out.txt").write_text("some output")
    out = wecom.out("shifuban", "输出", files=(Attachment("o.txt", "out.txt"),))
    fake.fail("ok", "code:45033")
    with pytest.raises(Temporary):
        await wecom.adapter.send(out)
    await wecom.adapter.send(out)
    assert [posted.kind for posted in fake.api.posted] == ["text", "file"]


@pytest.mark.parametrize(
    ("fault", "kind", "pause", "uncertain"),
    [
        ("code:45009", Temporary, 60, False),
        ("code:45033", Temporary, 3, False),
        ("code:-1", Temporary, 2, False),
        ("429", Temporary, 30, False),
        ("5xx", Temporary, None, True),
        ("cut", Temporary, None, True),
        ("code:93000", Rejected, None, None),
        ("code:93004", Rejected, None, None),
        ("code:93008", Rejected, None, None),
        ("code:40058", Rejected, None, None),
        ("code:44004", Rejected, None, None),
    ],
)
async def test_what_the_answer_means(
    fake: FakeWecom, wecom: Wecom, fault: str, kind: Any, pause: float | None, uncertain: bool | None
) -> None:
    fake.fail(fault)
    with pytest.raises(kind) as caught:
        await wecom.send("shifuban", "x")
    assert getattr(caught.value, "retry_after", None) == pause
    assert getattr(caught.value, "uncertain", None) == uncertain


async def test_a_removed_robot_is_named_as_gone(fake: FakeWecom, wecom: Wecom) -> None:
    fake.api.removed.add("key-shifuban")
    with pytest.raises(Rejected, match="gone: the robot was removed"):
        await wecom.send("shifuban", "x")
    await wecom.send("minzheng", "y")
    assert [seen.text for seen in fake.seen("minzheng")] == ["y"]


async def test_a_platform_that_is_down_has_taken_nothing(fake: FakeWecom, wecom: Wecom) -> None:
    await fake.api.stop()
    with pytest.raises(Temporary) as caught:
        await wecom.send("shifuban", "x")
    assert not caught.value.uncertain


async def test_the_key_is_in_no_log_and_no_error(
    fake: FakeWecom, wecom: Wecom, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    reasons = []
    for fault in ("code:45009", "code:93000", "code:-1", "cut", "5xx"):
        fake.fail(fault)
        with pytest.raises((Temporary, Rejected)) as caught:
            await wecom.send("shifuban", "geheim")
        reasons.append(repr(caught.value) + repr(caught.value.__cause__))
    await fake.api.stop()
    with pytest.raises(Temporary) as down:
        await wecom.send("shifuban", "geheim")
    spoken = caplog.text + "".join(reasons) + repr(down.value)
    assert "key-shifuban" not in spoken
    assert "geheim" not in spoken


async def test_what_a_group_with_a_robot_can_do(wecom: Wecom) -> None:
    chat = wecom.site.chat("shifuban")
    assert chat is not None
    can = wecom.adapter.capabilities(chat)
    assert (can.hears, can.call) == (Hears.MENTIONS, "@值班")
    assert (can.buttons, can.updates, can.client_keys, can.mentions, can.files) == (False, False, False, True, True)
    assert [(rate.count, rate.seconds) for rate in can.rates] == [(20, 60)]


async def test_without_an_ai_bot_a_group_only_listens(fake: FakeWecom, empty_db: Path, tmp_path: Path) -> None:
    database = tmp_path / "zhiban.db"
    database.write_bytes(empty_db.read_bytes())
    async with alone(WecomAdapter, "wecom", fake, database, bots={}) as wecom:
        chat = wecom.site.chat("shifuban")
        assert chat is not None
        assert wecom.adapter.capabilities(chat).hears is Hears.NOTHING
        assert wecom.adapter.capabilities(chat).call == ""


# -- is the stand-in right? pywgb, a client that others wrote, must get along with it


KEY = str(uuid.UUID(int=7))


@pytest.fixture
async def qyapi(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Qyapi]:
    api = Qyapi(set(), {KEY})
    await api.start()
    clock = ManualClock(WORKDAY)
    api.wall = clock.wall
    abstract = importlib.import_module("pywgb.bot._abstract")
    monkeypatch.setattr(abstract._Basic, "_API_BASE_URL", api.url)

    def slept(seconds: float) -> None:
        clock.move_to(clock.now() + timedelta(seconds=seconds))

    monkeypatch.setattr(importlib.import_module("pywgb._deco"), "sleep", slept)
    yield api
    await api.stop()


async def test_pywgb_posts_texts_pictures_and_files(qyapi: Qyapi, tmp_path: Path) -> None:
    bots = importlib.import_module("pywgb.bot")
    (tmp_path / "out.txt").write_text("some output")
    (tmp_path / "p.png").write_bytes(PNG)
    text = bots.TextBot(KEY)
    await asyncio.to_thread(text.send, "早上好", mentioned_list=["u_zhou"], mentioned_mobile_list=["13800000012"])
    await asyncio.to_thread(bots.ImageBot(KEY).send, file_path=str(tmp_path / "p.png"))
    await asyncio.to_thread(bots.FileBot(KEY).send, file_path=str(tmp_path / "out.txt"))
    assert [posted.kind for posted in qyapi.posted] == ["text", "image", "file"]
    assert qyapi.posted[0].body["mentioned_list"] == ["u_zhou"]
    ((name, data, _),) = qyapi.files.values()
    assert (name, data) == ("out.txt", b"some output")


async def test_pywgb_meets_the_limit_after_twenty_and_is_let_in_a_minute_later(qyapi: Qyapi) -> None:
    bot = importlib.import_module("pywgb.bot").TextBot(KEY)
    for number in range(21):
        await asyncio.to_thread(bot.send, str(number))
    assert [posted.body["content"] for posted in qyapi.posted] == [str(number) for number in range(21)]
    assert qyapi.limited == [KEY]
    assert qyapi.posted[20].at - qyapi.posted[0].at >= timedelta(seconds=60)


async def test_pywgb_is_refused_for_a_removed_robot(qyapi: Qyapi) -> None:
    qyapi.removed.add(KEY)
    bot = importlib.import_module("pywgb.bot").TextBot(KEY)
    with pytest.raises(OSError, match="Request failed"):
        await asyncio.to_thread(bot.send, "x")
