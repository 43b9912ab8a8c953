"""The app shows a post well on a phone, changes its cards as often as it may, and survives what the platform does."""

import asyncio
import shutil
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import RawTestServer

from bot.adapters.wecom.adapter import WecomAdapter
from bot.adapters.wecom.app import Apps
from bot.adapters.wecom.format import app_text_bytes
from bot.core.content import Attachment, Button, Card, Op, Post
from bot.core.errors import Rejected, Temporary
from bot.core.fit import pieces
from bot.core.ports import Hears, Outgoing
from tests.support.certificate import server_context
from tests.support.platforms.lone import alone
from tests.support.platforms.wecom import FakeWecom
from tests.support.platforms.wecom_qyapi import CODE_USED, EXPIRED, NOBODY
from tests.unit.bot.adapters.wecom.conftest import Wecom

CLAIM, ROUTE = Button("claim:GD-1", "我来处理", "primary"), Button("route:GD-1", "转派")
SHORT = "GD-1 · 市府办交流群 · OA\n李晓：“打不开了”\n请在 10:10 前回复。"
LONG = SHORT + "\n" + "很长的一句话。" * 30


def page(text: str = SHORT, *buttons: Button, tone: str = "open") -> Post:
    return Post(text, card=Card(buttons or (CLAIM, ROUTE), tone=tone))


def kinds(fake: FakeWecom) -> list[str]:
    return [posted.kind for posted in fake.api.posted]


async def test_a_text_goes_as_text(fake: FakeWecom, wecom: Wecom) -> None:
    await wecom.send("dm-zhou", "pong 1")
    (seen,) = fake.seen("dm-zhou")
    assert (seen.text, seen.buttons) == ("pong 1", [])


async def test_a_short_post_with_buttons_is_one_card(fake: FakeWecom, wecom: Wecom) -> None:
    await wecom.send("dm-zhou", SHORT, post=page())
    (seen,) = fake.seen("dm-zhou")
    assert seen.text == SHORT
    assert seen.buttons == [("我来处理", "claim:GD-1"), ("转派", "route:GD-1")]


async def test_a_long_post_is_a_text_and_a_card_below_it(fake: FakeWecom, wecom: Wecom) -> None:
    await wecom.send("dm-zhou", LONG, post=page(LONG))
    text, card = fake.seen("dm-zhou")
    assert (text.text, text.buttons) == (LONG, [])
    assert card.text == SHORT.partition("\n")[0]
    assert [label for label, _ in card.buttons] == ["我来处理", "转派"]


async def test_files_follow(fake: FakeWecom, wecom: Wecom) -> None:
    (wecom.settings.state_dir / "out.txt").write_text("x")  # one byte; the platform takes none below six
    await wecom.send("dm-zhou", "输出", files=(Attachment("R1 输出.txt", "out.txt"),))
    assert [(seen.text, seen.files) for seen in fake.seen("dm-zhou")] == [("输出", []), ("", ["R1 输出.txt"])]
    ((_, data, _),) = fake.api.files.values()
    assert data.startswith(b"x")


async def test_what_people_typed_is_neither_link_nor_mention(fake: FakeWecom, wecom: Wecom) -> None:
    await wecom.send("dm-zhou", '<a href="https://evil.invalid">点我</a> <@all> @所有人 1 < 2')
    (seen,) = fake.seen("dm-zhou")
    assert seen.text == '＜a href="https://evil.invalid">点我＜/a> ＜@all> @所有人 1 < 2'
    assert seen.mentions == []


async def test_the_limit_counts_what_goes_out(fake: FakeWecom, wecom: Wecom) -> None:
    chat = wecom.site.chat("dm-zhou")
    assert chat is not None
    can = wecom.adapter.capabilities(chat)
    assert (can.hears, can.most_buttons, can.client_keys, can.files, can.updates) == (Hears.ALL, 6, True, True, True)
    for part in pieces(Post("<b>灯" * 1000 + "\n" + "😀" * 700), can):
        assert app_text_bytes(part.text) <= 2048
        await wecom.send("dm-zhou", "", post=part)
    said = "".join(seen.text for seen in fake.seen("dm-zhou"))
    assert said.replace("＜", "<") == "<b>灯" * 1000 + "😀" * 700


async def test_six_buttons_are_the_most_of_one_card(fake: FakeWecom, wecom: Wecom) -> None:
    many = tuple(Button(f"reroute:GD-1:{n}", f"第{n}位很长很长的名字啊") for n in range(6))
    await wecom.send("dm-zhou", SHORT, post=page(SHORT, *many))
    (seen,) = fake.seen("dm-zhou")
    assert len(seen.buttons) == 6


async def update(wecom: Wecom, message: str, post: Post, **more: Any) -> str:
    return await wecom.adapter.send(wecom.out("dm-zhou", "", post=post, op=Op.UPDATE, message=message, **more))


async def test_a_change_rewrites_the_card(fake: FakeWecom, wecom: Wecom) -> None:
    message = await wecom.send("dm-zhou", SHORT, post=page())
    done = Post("GD-1 · OA\n周予安 10:03 已响应", card=Card((Button("resolve:GD-1", "已恢复"),), tone="quiet"))
    assert await update(wecom, message, done) == message
    (seen,) = fake.seen("dm-zhou")
    assert (seen.text, seen.updated) == ("GD-1 · OA\n周予安 10:03 已响应", 1)
    assert seen.buttons == [("已恢复", "resolve:GD-1")]


async def test_where_nothing_can_be_pressed_any_more_the_card_says_so(fake: FakeWecom, wecom: Wecom) -> None:
    message = await wecom.send("dm-zhou", SHORT, post=page())
    await update(wecom, message, Post("GD-1 · OA\n10:20 已恢复", card=Card(tone="done")))
    (seen,) = fake.seen("dm-zhou")
    assert (seen.text, seen.buttons) == ("GD-1 · OA\n10:20 已恢复", [])
    assert fake.api.posted[0].body["replace_text"] == "已结束"


async def test_of_a_long_change_the_end_is_shown(fake: FakeWecom, wecom: Wecom) -> None:
    message = await wecom.send("dm-zhou", LONG, post=page(LONG))
    await update(wecom, message, Post(f"{LONG}\n周予安 10:03 已响应", card=Card(tone="quiet")))
    assert fake.seen("dm-zhou")[-1].text.endswith("…\n周予安 10:03 已响应")


async def test_each_right_changes_once_and_then_it_is_said_anew(fake: FakeWecom, wecom: Wecom) -> None:
    message = await wecom.send("dm-zhou", SHORT, post=page())
    await update(wecom, message, page("一", CLAIM))
    await update(wecom, message, page("二", ROUTE))
    await update(wecom, message, page("三", CLAIM))
    await update(wecom, message, page("四", ROUTE))
    assert [(seen.text, seen.updated) for seen in fake.seen("dm-zhou")] == [("一", 1), ("三", 1), ("四", 0)]


async def test_the_last_right_is_kept_for_what_changes_how_things_stand(fake: FakeWecom, wecom: Wecom) -> None:
    message = await wecom.send("dm-zhou", SHORT, post=page())
    for count in range(3):
        await update(wecom, message, page(f"{SHORT}\n另有 {count} 人反映", tone="breach"))
    await update(wecom, message, Post("GD-1\n已恢复", card=Card(tone="done")))
    (seen,) = fake.seen("dm-zhou")
    assert (seen.text, seen.updated) == ("GD-1\n已恢复", 1)


async def test_a_click_brings_another_right(fake: FakeWecom, wecom: Wecom) -> None:
    message = await wecom.send("dm-zhou", SHORT, post=page())
    await update(wecom, message, page("一", CLAIM))
    assert await fake.taps("zhou", fake.seen("dm-zhou")[0], "我来处理") == 200
    (tap,) = await wecom.heard()
    assert (tap.action, tap.message) == ("claim:GD-1", message)  # type: ignore[union-attr]  # it is a tap
    await update(wecom, message, page("二", ROUTE, tone="quiet"))
    assert [(seen.text, seen.updated) for seen in fake.seen("dm-zhou")] == [("二", 2)]


async def test_a_card_said_anew_belongs_to_the_same_post(fake: FakeWecom, wecom: Wecom) -> None:
    message = await wecom.send("dm-zhou", SHORT, post=page())
    await update(wecom, message, page("一", CLAIM))
    await update(wecom, message, page("二", ROUTE))
    await fake.taps("zhou", fake.seen("dm-zhou")[1], "转派")
    (tap,) = await wecom.heard()
    assert tap.message == message  # type: ignore[union-attr]  # it is a tap
    await update(wecom, message, page("三", CLAIM))
    assert [(seen.text, seen.updated) for seen in fake.seen("dm-zhou")] == [("一", 1), ("三", 1)]


async def test_after_a_restart_a_change_is_said_anew(fake: FakeWecom, wecom: Wecom) -> None:
    await update(wecom, "a-post-of-before", page())
    assert [seen.text for seen in fake.seen("dm-zhou")] == [SHORT]


async def test_a_text_that_changes_is_said_anew_only_when_things_stand_otherwise(fake: FakeWecom, wecom: Wecom) -> None:
    message = await wecom.send("dm-zhou", "请转发：已收到", post=Post("请转发：已收到", card=Card(tone="open")))
    await update(wecom, message, Post("请转发：已收到，另有 2 人", card=Card(tone="open")))
    await update(wecom, message, Post("请转发：已响应", card=Card(tone="quiet")))
    assert [seen.text for seen in fake.seen("dm-zhou")] == ["请转发：已收到", "请转发：已响应"]


def again(out: Outgoing) -> Outgoing:
    return replace(out, repeated=True)


@pytest.fixture
def for_long(wecom: Wecom) -> None:
    """The process has been running for longer than the platform compares."""
    apps = next(way for way in wecom.adapter._ways if isinstance(way, Apps))
    apps._posters[0]._once._knows_from = 0.0


@pytest.mark.usefixtures("for_long")
@pytest.mark.parametrize("post", [Post("收到"), page(), page(LONG)], ids=["text", "card", "both"])
async def test_a_message_taken_before_the_line_broke_is_there_once(fake: FakeWecom, wecom: Wecom, post: Post) -> None:
    out = wecom.out("dm-zhou", "", post=post)
    fake.fail("cut")
    with pytest.raises(Temporary) as lost:
        await wecom.adapter.send(out)
    assert lost.value.uncertain
    await wecom.adapter.send(again(out))
    texts = [seen.text for seen in fake.seen("dm-zhou")]
    assert len(texts) == len(set(texts)) == (2 if post.text == LONG else 1)
    assert not any("补发" in text for text in texts)


async def test_the_same_answer_to_the_same_question_arrives_again(fake: FakeWecom, wecom: Wecom) -> None:
    for _ in range(3):
        await wecom.send("dm-zhou", "现在值班：周予安")
    assert len(fake.seen("dm-zhou")) == 3


async def test_the_same_answer_arrives_after_a_restart_too(fake: FakeWecom, tmp_path: Path, empty_db: Path) -> None:
    for life in "ab":
        (tmp_path / life).mkdir()
        shutil.copyfile(empty_db, tmp_path / life / "zhiban.db")
        async with alone(WecomAdapter, "wecom", fake, tmp_path / life / "zhiban.db") as lone:
            await lone.send("dm-zhou", "pong")
    assert [seen.text for seen in fake.seen("dm-zhou")] == ["pong", "pong"]


async def test_what_a_young_process_repeats_is_marked(fake: FakeWecom, wecom: Wecom) -> None:
    out = wecom.out("dm-zhou", "pong")
    fake.fail("cut")
    with pytest.raises(Temporary):
        await wecom.adapter.send(out)
    await wecom.adapter.send(again(out))
    assert [seen.text for seen in fake.seen("dm-zhou")] == ["pong", "(补发) pong"]


async def test_what_the_process_before_tried_last_is_not_said_twice(
    fake: FakeWecom, tmp_path: Path, empty_db: Path, wecom: Wecom, for_long: None
) -> None:
    out = wecom.out("dm-zhou", "收到")
    await wecom.adapter.send(out)
    (tmp_path / "b").mkdir()
    shutil.copyfile(empty_db, tmp_path / "b" / "zhiban.db")
    async with alone(WecomAdapter, "wecom", fake, tmp_path / "b" / "zhiban.db") as later:
        await later.adapter.send(again(out))
    assert [seen.text for seen in fake.seen("dm-zhou")] == ["收到"]


async def test_such_an_answer_is_marked_when_it_is_repeated(fake: FakeWecom, wecom: Wecom) -> None:
    await wecom.send("dm-zhou", "现在值班：周予安")
    out = wecom.out("dm-zhou", "现在值班：周予安")
    fake.fail("cut")
    with pytest.raises(Temporary):
        await wecom.adapter.send(out)
    await wecom.adapter.send(again(out))
    assert [seen.text for seen in fake.seen("dm-zhou")][2:] == ["(补发) 现在值班：周予安"]


async def test_a_change_taken_before_the_line_broke_is_not_said_twice(fake: FakeWecom, wecom: Wecom) -> None:
    message = await wecom.send("dm-zhou", SHORT, post=page())
    out = wecom.out("dm-zhou", "", post=page("一", CLAIM), op=Op.UPDATE, message=message)
    fake.fail("cut")
    with pytest.raises(Temporary):
        await wecom.adapter.send(out)
    await wecom.adapter.send(again(out))
    assert [(seen.text, seen.updated) for seen in fake.seen("dm-zhou")] == [("一", 1)]


async def test_a_right_that_is_too_old_makes_a_new_message(fake: FakeWecom, wecom: Wecom) -> None:
    message = await wecom.send("dm-zhou", SHORT, post=page())
    fake.fail(f"code:{CODE_USED}")
    await update(wecom, message, page("一", CLAIM))
    assert [seen.text for seen in fake.seen("dm-zhou")] == [SHORT, "一"]


@pytest.mark.parametrize(
    ("fault", "pause", "uncertain"),
    [
        ("429", 30, False),
        ("code:45009", 60, False),
        ("code:45033", 3, False),
        ("code:-1", 2, False),
        ("code:60020", 60, False),
        ("5xx", None, True),
    ],
)
async def test_what_may_pass_is_tried_again(
    fake: FakeWecom, wecom: Wecom, fault: str, pause: float | None, uncertain: bool
) -> None:
    fake.fail(fault)
    with pytest.raises(Temporary) as later:
        await wecom.send("dm-zhou", "x")
    assert (later.value.retry_after, later.value.uncertain) == (pause, uncertain)


@pytest.mark.parametrize("code", [NOBODY, 60111, 40056, 45002, 48002])
async def test_what_will_never_work_is_given_up(fake: FakeWecom, wecom: Wecom, code: int) -> None:
    fake.fail(f"code:{code}")
    with pytest.raises(Rejected, match=str(code)):
        await wecom.send("dm-zhou", "x")


async def test_a_member_who_left_is_gone(fake: FakeWecom, wecom: Wecom) -> None:
    fake.api.members.discard("u_zhou")
    with pytest.raises(Rejected, match="gone"):
        await wecom.send("dm-zhou", "x")


@pytest.mark.parametrize("account", ["@all", "u_zhou|u_wen", ""])
async def test_never_to_more_than_one(fake: FakeWecom, wecom: Wecom, account: str) -> None:
    with pytest.raises(Rejected):
        await wecom.adapter.send(replace(wecom.out("dm-zhou", "x"), address=account))
    assert fake.api.posted == []


async def test_a_hundred_sends_share_one_new_token(fake: FakeWecom, wecom: Wecom) -> None:
    people = [f"dm-{person}" for person in wecom.site.people][:20]
    await wecom.send(people[0], "first")
    outs = [wecom.out(people[n % 20], f"n{n}") for n in range(100)]
    fake.api.answer_after = 0.02
    first = [asyncio.ensure_future(wecom.adapter.send(out)) for out in outs[:50]]
    await asyncio.sleep(0.01)
    fake.api.expire_tokens()
    await asyncio.gather(*first, *(wecom.adapter.send(out) for out in outs[50:]))
    assert len(fake.api.posted) == 101
    assert fake.api.tokens_given == 2


async def test_a_token_that_is_never_good_is_asked_for_once_more_only(fake: FakeWecom, wecom: Wecom) -> None:
    fake.fail(f"code:{EXPIRED}", f"code:{EXPIRED}")
    with pytest.raises(Temporary, match=str(EXPIRED)):
        await wecom.send("dm-zhou", "x")
    assert fake.api.requests.count("message/send") == 2


async def test_wrong_credentials_are_not_hammered(fake: FakeWecom, wecom: Wecom) -> None:
    fake.api.refuse_tokens = True
    results = await asyncio.gather(
        *(wecom.adapter.send(wecom.out("dm-zhou", f"n{n}")) for n in range(50)), return_exceptions=True
    )
    assert all(isinstance(result, Temporary) and result.retry_after for result in results)
    assert fake.api.requests.count("gettoken") == 1


async def test_who_waits_for_a_token_that_does_not_come_tries_once_together(fake: FakeWecom, wecom: Wecom) -> None:
    fake.api.no_tokens = True
    outs = [wecom.out("dm-zhou", f"n{n}") for n in range(50)]
    results = await asyncio.gather(*(wecom.adapter.send(out) for out in outs), return_exceptions=True)
    assert all(isinstance(result, Temporary) and not result.uncertain for result in results)
    assert fake.api.requests.count("gettoken") == 1


async def test_a_stranger_is_answered_where_he_asked(fake: FakeWecom, wecom: Wecom) -> None:
    await wecom.send("wecom:dm:u_zhou", "已收到")
    assert [seen.text for seen in fake.seen("dm-zhou")] == ["已收到"]


@pytest.mark.waits
async def test_no_answer_ends_within_ten_seconds(fake: FakeWecom, wecom: Wecom) -> None:
    await wecom.send("dm-zhou", "first")
    fake.fail("hang")
    began = time.monotonic()
    with pytest.raises(Temporary) as lost:
        await wecom.send("dm-zhou", "x")
    assert lost.value.uncertain
    assert time.monotonic() - began < 10


async def test_the_platform_down_is_no_answer(fake: FakeWecom, wecom: Wecom) -> None:
    await fake.api.stop()
    with pytest.raises(Temporary):
        await wecom.send("dm-zhou", "x")
    await fake.api.start()
    await wecom.send("dm-zhou", "x")


async def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path, empty_db: Path) -> None:
    """Unless ``ca_file`` names its authority; it is never left unchecked (fault F54)."""
    context, authority = server_context(tmp_path)
    fake = FakeWecom()
    await fake.api.start(context)
    fake.url = fake.api.url
    database = tmp_path / "zhiban.db"
    shutil.copyfile(empty_db, database)
    async with alone(WecomAdapter, "wecom", fake, database) as lone:
        with pytest.raises(Temporary):
            await lone.send("dm-zhou", "x")
    assert fake.api.requests == []
    async with alone(WecomAdapter, "wecom", fake, database, ca_file=str(authority)) as lone:
        await lone.send("dm-zhou", "x")
    assert kinds(fake) == ["text"]
    await fake.api.stop()


async def test_a_proxy_is_the_way_out_where_one_is_named(fake: FakeWecom, tmp_path: Path, empty_db: Path) -> None:
    asked: list[str] = []

    async def proxy(request: web.BaseRequest) -> web.Response:
        asked.append(str(request.url))
        return web.json_response({"errcode": -1, "errmsg": "busy"})

    database = tmp_path / "zhiban.db"
    shutil.copyfile(empty_db, database)
    server = RawTestServer(proxy)
    await server.start_server()
    async with alone(WecomAdapter, "wecom", fake, database, proxy=str(server.make_url("/"))) as lone:
        with pytest.raises(Temporary):
            await lone.send("dm-zhou", "x")
    await server.close()
    assert [url.partition("?")[0] for url in asked] == [f"{fake.url}/cgi-bin/gettoken"]
    assert fake.api.requests == []
