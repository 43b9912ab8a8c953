"""Words that quote something, or stand in a thread, are about that alone; what is no ticket they leave (decisions: Hearing)."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.core.events import Envelope, Message
from bot.core.people import Account
from tests.support.desk import Desk
from tests.support.once import example_site
from tests.support.platforms.base import FakePlatform, Seen
from tests.support.platforms.dingtalk import FakeDingtalk
from tests.support.platforms.every import STAND_INS
from tests.support.platforms.feishu import FakeFeishu
from tests.support.platforms.house import House, open_house
from tests.support.platforms.matrix import FakeMatrix
from tests.support.platforms.mattermost import ident
from tests.support.platforms.slack import FakeSlack
from tests.support.platforms.wecom_socket import FakeWecomSocket

LUNCH = "中午在二楼一起吃饭，来的说一声"
BROKEN = "OA 登录不上，一直转圈"


async def status(desk: Desk) -> str:
    """What /status shows of the whole desk."""
    return (await desk.says("hemu", "/status", chat="duty-room"))[0].text


# --- the local chat: whose words, which quote


@pytest.mark.parametrize("line", ["收到，马上看", "好的", "已恢复"])
async def test_8_an_engineers_words_that_quote_something_else_answer_nothing(desk: Desk, line: str) -> None:
    await desk.says("lixiao", BROKEN, chat="shifuban")
    await desk.says("zhao", LUNCH, chat="shifuban", id="lunch")
    assert await desk.says("wen", line, chat="shifuban", reply_to="lunch") == []
    assert "李晓 · 还剩 10 分" in await status(desk)
    late = await desk.later(minutes=11)
    assert any("超时" in said.text for said in late if said.chat == "dm-hemu")


@pytest.mark.parametrize("line", ["好了，谢谢", "不用看了", "怎么样了"])
async def test_8_a_reporters_words_that_quote_something_else_do_nothing_to_his_ticket(desk: Desk, line: str) -> None:
    await desk.says("lixiao", BROKEN, chat="shifuban")
    await desk.says("zhao", LUNCH, chat="shifuban", id="lunch")
    assert await desk.says("lixiao", line, chat="shifuban", reply_to="lunch") == []
    assert "李晓 · 还剩 10 分" in await status(desk)


async def test_8_me_too_below_something_else_joins_nothing(desk: Desk) -> None:
    await desk.says("lixiao", BROKEN, chat="shifuban")
    await desk.says("lixiao", LUNCH, chat="shifuban", id="lunch")
    assert await desk.says("zhao", "+1", chat="shifuban", reply_to="lunch") == []


async def test_8_a_vendors_words_are_about_what_he_quotes(desk: Desk) -> None:
    await desk.says("lixiao", "盖章盖不了", chat="shifuban", id="seal")
    await desk.says("zhao", LUNCH, chat="shifuban", id="lunch")
    assert await desk.says("duan", "处理好了", chat="shifuban", reply_to="lunch") == []
    said = await desk.says("duan", "处理好了", chat="shifuban", reply_to="seal")
    assert any("GD-20261014-001" in m.text for m in said)


async def test_8_a_report_below_something_else_is_a_report_and_joins_only_what_it_names(desk: Desk) -> None:
    await desk.says("lixiao", "盖章盖不了", chat="shifuban")
    await desk.says("zhao", "今天谁在机房？", chat="shifuban", id="talk")
    said = await desk.says("zhao", "我这里打不开了，一直转圈", chat="shifuban", reply_to="talk")
    assert any("已收到，工单 GD-20261014-002" in m.text for m in said)
    said = await desk.says("sun", "盖章也盖不了", chat="shifuban", reply_to="talk")
    assert any("已并入 GD-20261014-001" in m.text for m in said)


async def test_8_a_quote_of_a_list_answers_none_of_its_tickets(desk: Desk) -> None:
    await desk.says("lixiao", "盖章盖不了", chat="shifuban")
    await desk.says("lixiao", "VPN连不上", chat="shifuban")
    (listed,) = await desk.says("wen", "/status", chat="shifuban")
    await desk.says("wen", "收到", chat="shifuban", reply_to=listed.id)
    assert (await status(desk)).count("还剩 10 分") == 2


async def test_8_in_his_own_chat_an_engineer_who_quotes_something_else_is_asked_which(desk: Desk) -> None:
    (pong,) = await desk.says("wen", "/ping x", chat="dm-wen")
    await desk.says("lixiao", BROKEN, chat="shifuban")
    (asked,) = await desk.says("wen", "收到", chat="dm-wen", reply_to=pong.id)
    assert "请写明工单号" in asked.text
    assert "李晓 · 还剩 10 分" in await status(desk)


async def test_8_what_the_reporter_adds_and_who_quotes_that_is_about_his_ticket(desk: Desk) -> None:
    await desk.says("lixiao", BROKEN, chat="shifuban")
    await desk.says("lixiao", "用的是谷歌浏览器，重启过电脑", chat="shifuban", id="more")
    await desk.says("zhao", "我看到了", chat="shifuban", id="aside", reply_to="more")
    await desk.says("wen", "收到，马上看", chat="shifuban", reply_to="aside")
    assert "温若川 处理中" in await status(desk)


@pytest.mark.parametrize("beside", [LUNCH, "周五的材料谁来交", "会议改到302房间了", "麻烦把名单发我一下"])
async def test_8_what_the_reporter_says_beside_it_is_not(desk: Desk, beside: str) -> None:
    await desk.says("lixiao", BROKEN, chat="shifuban")
    await desk.says("lixiao", beside, chat="shifuban", id="lunch")
    await desk.says("wen", "好的，马上来", chat="shifuban", reply_to="lunch")
    assert "李晓 · 还剩 10 分" in await status(desk)


async def test_8_who_quotes_the_engineers_further_words_speaks_of_his_ticket(desk: Desk) -> None:
    await desk.says("lixiao", BROKEN, chat="shifuban")
    await desk.says("wen", "收到，马上看", chat="shifuban")
    await desk.says("wen", "已重启，您再试一下", chat="shifuban", id="try")
    (offer,) = await desk.says("lixiao", "好了，谢谢", chat="shifuban", reply_to="try")
    assert "GD-20261014-001（协同办公）已恢复？" in offer.text


async def test_8_a_line_that_quotes_one_of_two_is_about_that_one(desk: Desk) -> None:
    await desk.says("lixiao", "盖章盖不了", chat="shifuban", id="seal")
    await desk.says("lixiao", "VPN连不上", chat="shifuban", id="vpn")
    said = await desk.says("zhao", "我这边也是", chat="shifuban", reply_to="seal")
    assert any("已并入 GD-20261014-001" in m.text for m in said)


async def test_8_a_quote_of_an_ended_ticket_ends_no_other(desk: Desk) -> None:
    await desk.says("lixiao", "盖章盖不了", chat="shifuban", id="seal")
    await desk.says("wen", "/resolve 1", chat="duty-room")
    vpn = (await desk.says("lixiao", "VPN连不上", chat="shifuban"))[0]
    assert "GD-20261014-002" in vpn.text
    said = await desk.says("lixiao", "好了，谢谢", chat="shifuban", reply_to="seal")
    assert not any("GD-20261014-002" in m.text for m in said)
    assert all(m.shown["updated"] and not m.actions for m in said), "what asked whether it is over asks no more"
    (still,) = [m for m in await desk.bot("shifuban") if m.id == vpn.id]
    assert still.shown == vpn.shown


async def test_8_an_early_answer_to_something_else_is_no_answer_to_a_late_report(desk: Desk) -> None:
    """Words that overtook a report (fault F42) count for it only where they quote nothing else."""
    now = desk.clock.now()
    await desk.says("zhao", LUNCH, chat="shifuban", id="lunch")
    early = Envelope("early", Account("local", "wen"), "wen", "shifuban", now, now)
    await desk.app.inbox.accept(Message(early, "收到，马上看", "lunch"))
    await desk.settle()
    await desk.later(seconds=20)
    late = desk.clock.now()
    first = Envelope("late", Account("local", "lixiao"), "lixiao", "shifuban", now - timedelta(seconds=5), late)
    await desk.app.inbox.accept(Message(first, BROKEN))
    await desk.settle()
    assert "李晓 · 还剩" in await status(desk)


# --- the platforms, each with its own form of quote or thread


def _talk(fake: FakePlatform, platform: str) -> Seen:
    """The colleague's earlier line, as that platform names it when it is quoted."""
    if isinstance(fake, FakeSlack):
        return Seen(f"C0SHIFUBAN:{fake._given['talk']}", LUNCH)
    return Seen(ident("post", "talk") if platform == "mattermost" else "talk", LUNCH)


@pytest.fixture(params=sorted(STAND_INS))
async def house(request: pytest.FixtureRequest, tmp_path: Path, empty_db: Path) -> AsyncIterator[House]:
    platform, make = STAND_INS[request.param]
    async with open_house(platform, make(), tmp_path / "state", empty_db, example_site()) as opened:
        yield opened


async def test_8_on_every_platform_a_quote_of_something_else_answers_nothing_and_one_of_the_report_answers_it(
    house: House, request: pytest.FixtureRequest
) -> None:
    platform = STAND_INS[request.node.callspec.params["house"]][0]
    await house.says("lixiao", "shifuban", BROKEN)
    assert await house.fake.says("zhao", "shifuban", LUNCH, id="talk") == 200
    await house.calm()
    await house.says("wen", "shifuban", "收到，马上看", quote=_talk(house.fake, platform))
    await house.later(minutes=11)
    house.last("dm-hemu", "超时未响应", "GD-20261014-001")
    await house.says("wen", "shifuban", "收到，马上看", quote=house.last("shifuban", "已收到", "GD-20261014-001"))
    await house.later(minutes=10)
    assert not house.reads("dm-shen"), "the clock did not stop"


@pytest.mark.parametrize("house", ["wecom", "wecom-socket", "dingtalk"], indirect=True)
async def test_8_where_a_quote_is_text_alone_the_reporters_own_words_are_known_by_it(house: House) -> None:
    """Beside an AI bot or a custom robot: the quote has no id that is ours."""
    await house.says("lixiao", "shifuban", "电子印章盖不了章")
    await house.says("zhao", "shifuban", "VPN 连不上，一直超时")
    await house.says("wen", "shifuban", "收到，马上看", quote=Seen("robot-unknown", "VPN 连不上，一直超时"))
    await house.later(minutes=11)
    assert any("GD-20261014-001" in text for text in house.texts("dm-hemu"))
    assert not any("GD-20261014-002" in text for text in house.texts("dm-hemu"))


# --- threads: everything that was reported in one is what its words are about


@pytest.fixture
async def threads(tmp_path: Path, empty_db: Path) -> AsyncIterator[House]:
    async with open_house("slack", FakeSlack(), tmp_path / "state", empty_db, example_site()) as opened:
        yield opened


def _root(house: House, name: str) -> Seen:
    assert isinstance(house.fake, FakeSlack)
    return Seen(f"C0SHIFUBAN:{house.fake._given[name]}", "")


async def test_8_an_answer_in_a_thread_of_talk_is_for_what_was_reported_in_it(threads: House) -> None:
    await threads.says("lixiao", "shifuban", "电子印章盖不了章")
    assert await threads.fake.says("zhao", "shifuban", "今天谁值班呀", id="talk") == 200
    await threads.calm()
    root = _root(threads, "talk")
    await threads.says("zhao", "shifuban", "VPN 连不上，一直超时", quote=root)
    await threads.says("wen", "shifuban", "收到，马上看", quote=root)
    await threads.later(minutes=11)
    late = [text for text in threads.texts("dm-hemu") if "超时" in text]
    assert any("GD-20261014-001" in text for text in late)
    assert not any("GD-20261014-002" in text for text in late)


async def test_8_an_answer_in_a_reports_thread_is_for_the_further_report_in_it_too(threads: House) -> None:
    assert await threads.fake.says("lixiao", "shifuban", "电子印章盖不了章", id="seal") == 200
    await threads.calm()
    root = _root(threads, "seal")
    await threads.says("wen", "shifuban", "收到，马上看", quote=root)
    await threads.says("zhao", "shifuban", "VPN 连不上，一直超时", quote=root)
    await threads.says("wen", "shifuban", "收到，马上看", quote=root)
    await threads.later(minutes=11)
    assert not any("GD-20261014-002" in text for text in threads.texts("dm-hemu"))


@pytest.fixture
async def ding(tmp_path: Path, empty_db: Path) -> AsyncIterator[House]:
    async with open_house("dingtalk", FakeDingtalk(), tmp_path / "state", empty_db, example_site()) as opened:
        yield opened


def _replied(text: str, kind: str) -> dict[str, object]:
    """What a quote of ``text`` carries, in each of the forms in which DingTalk was seen to send one."""
    forms: dict[str, dict[str, object]] = {
        "content": {"msgType": "text", "content": {"content": text}},
        "text": {"msgType": "text", "content": {"text": text}},
        "rich": {"msgType": "richText", "content": {"richText": [{"text": text[:4]}, {"text": text[4:]}]}},
        "bare": {"msgType": "text", "content": text},
    }
    return forms[kind]


@pytest.mark.parametrize("kind", ["content", "text", "rich", "bare"])
@pytest.mark.parametrize("place", ["text", "content"])
async def test_8_dingtalks_quote_with_an_unknown_id_is_known_by_the_number_in_its_words(
    ding: House, kind: str, place: str
) -> None:
    assert isinstance(ding.fake, FakeDingtalk)
    await ding.says("lixiao", "shifuban", "电子印章盖不了章")
    await ding.says("zhao", "shifuban", "VPN 连不上，一直超时")
    body = ding.fake.body("wen", "shifuban", "收到，马上看")
    replied = {"msgId": "msgUnknown==", **_replied("已收到，工单 GD-20261014-001（电子印章） …", kind)}
    if place == "content":  # a rich text has no text part
        body |= {"msgtype": "richText", "content": {"richText": [{"text": "收到，马上看"}]}}
        del body["text"]
    body[place] |= {"isReplyMsg": True, "repliedMsg": replied}
    assert await ding.fake.deliver(body) == 200
    await ding.calm()
    await ding.later(minutes=11)
    late = [text for text in ding.texts("dm-hemu") if "超时" in text]
    assert any("GD-20261014-002" in text for text in late)
    assert not any("GD-20261014-001" in text for text in late)


@pytest.mark.parametrize("replied", [None, {}, {"msgType": "interactiveCard", "content": {"x": 1}}, "msg"])
async def test_8_dingtalks_quote_of_what_cannot_be_read_is_a_quote(ding: House, replied: object) -> None:
    assert isinstance(ding.fake, FakeDingtalk)
    await ding.says("lixiao", "shifuban", "电子印章盖不了章")
    body = ding.fake.body("wen", "shifuban", "收到，马上看")
    body["text"] |= {"isReplyMsg": True, "repliedMsg": replied}
    assert await ding.fake.deliver(body) == 200
    await ding.calm()
    await ding.later(minutes=11)
    ding.last("dm-hemu", "超时未响应", "GD-20261014-001")


@pytest.mark.parametrize(
    "quote", [{"msgtype": "text", "text": {"content": ""}}, {"msgtype": "image", "image": {}}, {"msgtype": "new"}]
)
async def test_8_wecoms_quote_of_what_cannot_be_read_is_a_quote(
    tmp_path: Path, empty_db: Path, quote: dict[str, object]
) -> None:
    fake = FakeWecomSocket()
    async with open_house("wecom", fake, tmp_path / "state", empty_db, example_site()) as house:
        await house.says("lixiao", "shifuban", "电子印章盖不了章")
        said = {"msgtype": "text", "text": {"content": "@值班 收到，马上看"}, "quote": quote}
        await fake.sends("wen", "shifuban", said)
        await house.calm()
        await house.later(minutes=11)
        assert "GD-20261014-001" in house.last("dm-hemu", "超时未响应").text


async def test_8_in_a_feishu_topic_an_answer_is_for_what_was_reported_in_it(tmp_path: Path, empty_db: Path) -> None:
    fake = FakeFeishu(hears_all=True)

    async def topic(person: str, text: str, *, id: str, parent: str) -> None:
        place = {"parent_id": parent, "root_id": "om_root", "thread_id": "omt_1"}
        message = {"message_id": id, "chat_id": "oc_shifuban", "chat_type": "group", "message_type": "text"}
        said = {"content": json.dumps({"text": text}), "create_time": str(int(fake._wall().timestamp() * 1000))}
        sender = {"sender_id": {"open_id": f"ou_{person}"}, "sender_type": "user"}
        event = fake.event("im.message.receive_v1", {"sender": sender, "message": message | said | place})
        assert (await fake.deliver(event))[0] == 200

    async with open_house("feishu", fake, tmp_path / "state", empty_db, example_site()) as house:
        await house.says("lixiao", "shifuban", "电子印章盖不了章")
        assert await fake.says("zhao", "shifuban", LUNCH, id="om_root") == 200
        await topic("zhao", "VPN 连不上，一直超时", id="om_vpn", parent="om_root")
        await house.calm()
        await topic("wen", "收到，马上看", id="om_answer", parent="om_root")
        await house.calm()
        await house.later(minutes=11)
        late = [text for text in house.texts("dm-hemu") if "超时" in text]
        assert any("GD-20261014-001" in text for text in late)
        assert not any("GD-20261014-002" in text for text in late)


async def test_8_a_typed_claim_takes_the_ticket_that_a_text_quote_names(ding: House) -> None:
    await ding.says("lixiao", "shifuban", "电子印章盖不了章")
    receipt = ding.last("shifuban", "已收到", "GD-20261014-001")
    await ding.says("wen", "shifuban", "/claim", quote=receipt)
    await ding.says("zhao", "shifuban", "VPN 连不上，一直超时")
    await ding.says("wen", "shifuban", "/claim", quote=Seen("robot-x", LUNCH))
    ding.last("shifuban", "请写明工单号")
    await ding.later(minutes=11)
    late = [text for text in ding.texts("dm-hemu") if "超时" in text]
    assert any("GD-20261014-002" in text for text in late)
    assert not any("GD-20261014-001" in text for text in late)


@pytest.mark.waits
@pytest.mark.servers
async def test_8_on_matrix_a_reply_or_thread_of_something_else_answers_nothing(tmp_path: Path, empty_db: Path) -> None:
    fake = FakeMatrix()
    async with open_house("matrix", fake, tmp_path / "state", empty_db, example_site()) as house:
        await house.says("lixiao", "shifuban", BROKEN)
        talk = await fake.sends("zhao", "shifuban", "m.room.message", {"msgtype": "m.text", "body": LUNCH})
        await house.calm()
        await house.says("wen", "shifuban", "收到，马上看", quote=Seen(talk, LUNCH))
        thread = {
            "rel_type": "m.thread",
            "event_id": talk,
            "is_falling_back": True,
            "m.in_reply_to": {"event_id": talk},
        }
        content = {"msgtype": "m.text", "body": "好的，马上来", "m.relates_to": thread}
        await fake.sends("wen", "shifuban", "m.room.message", content)
        await house.calm()
        await house.later(minutes=11)
        house.last("dm-hemu", "超时未响应", "GD-20261014-001")
        await house.says("wen", "shifuban", "收到，马上看", quote=house.last("shifuban", "GD-20261014-001"))
        await house.later(minutes=10)
        assert not house.reads("dm-shen"), "the clock did not stop"
