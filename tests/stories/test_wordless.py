"""Pictures, recordings and files without a word: one considerate line, and nothing is lost (decisions: Hearing)."""

import itertools
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from bot.core.events import Envelope, FileRef, Message
from bot.core.people import Account
from tests.support.desk import Desk, Said
from tests.support.once import example_site
from tests.support.platforms.dingtalk import FakeDingtalk
from tests.support.platforms.feishu import BOT, FakeFeishu
from tests.support.platforms.house import House, open_house
from tests.support.platforms.slack import FakeSlack
from tests.support.platforms.wecom import FakeWecom

KEYS = itertools.count(1)
SHOT = (FileRef("err.png", "/local/files/0/err.png"),)


async def sends(
    desk: Desk,
    text: str,
    *,
    user: str = "lixiao",
    chat: str = "shifuban",
    to_bot: bool = False,
    files: tuple[FileRef, ...] = (),
    **more: Any,
) -> list[Said]:
    """A message as an adapter gives it; what the bot says to it."""
    before = {said.id for place in (chat, "dm-wen") for said in await desk.bot(place)}
    now = desk.clock.now()
    envelope = Envelope(f"m{next(KEYS)}", Account("local", user), user, chat, now, now)
    await desk.app.inbox.accept(Message(envelope, text, files=files, to_bot=to_bot, **more))
    await desk.settle()
    return [said for place in (chat, "dm-wen") for said in await desk.bot(place) if said.id not in before]


@pytest.mark.parametrize(
    ("text", "files"),
    [
        ("[图片]", ()),
        ("", SHOT),
        ("[图片]", SHOT),
        ("[语音]", ()),
        ("[文件] err.log", (FileRef("err.log", ""),)),
        ("转自 某处室：[图片]", ()),
    ],
)
@pytest.mark.parametrize("chat", ["shifuban", "dm-lixiao"])
async def test_8_13_a_picture_said_to_the_bot_is_a_doubtful_ticket_that_asks_for_words(
    desk: Desk, text: str, files: tuple[FileRef, ...], chat: str
) -> None:
    receipt, page = await sends(
        desk, f"@bot {text}".strip() if chat == "shifuban" else text, to_bot=True, chat=chat, files=files
    )
    assert "已收到，工单 GD-20261014-001" in receipt.text
    assert "请再用一句话说说哪里不正常" in receipt.text
    assert "不确定是不是故障" in page.text
    assert all(file.name in page.text for file in files)


@pytest.mark.parametrize("greeting", ["在吗", "您好，值班老师在吗", "有人吗？"])
async def test_8_13_after_a_greeting_a_picture_is_meant_for_us(desk: Desk, greeting: str) -> None:
    """A greeting that is a question to the desk has a ticket already; then the picture is kept with that."""
    assert await sends(desk, "[图片]") == []
    await desk.says("lixiao", greeting, chat="shifuban")
    assert await sends(desk, "[图片]", user="zhao") == [], "the greeting was somebody else's"
    said = await sends(desk, "[图片]")
    assert any("GD-20261014-001" in m.text and "再用一句话说说" in m.text for m in said)


async def test_8_13_long_after_a_greeting_it_is_not(desk: Desk) -> None:
    await desk.says("lixiao", "在吗", chat="shifuban")
    await desk.later(minutes=11)
    assert await sends(desk, "[图片]") == []


@pytest.mark.parametrize("talk", ["大家好", "值班老师在吗，中午吃什么", "收到"])
async def test_8_13_after_other_talk_it_is_not(desk: Desk, talk: str) -> None:
    await desk.says("lixiao", talk, chat="shifuban")
    assert await sends(desk, "[图片]") == []


@pytest.mark.parametrize("text", ["[表情]", "[位置]", "[消息]", "[名片]"])
async def test_8_13_what_reports_nothing_is_asked_about(desk: Desk, text: str) -> None:
    (said,) = await sends(desk, text, to_bot=True, chat="dm-lixiao")
    assert "请用一句话说说哪里不正常" in said.text
    assert await sends(desk, text) == []


async def test_8_13_the_words_that_follow_are_the_tickets_words(desk: Desk) -> None:
    await sends(desk, "@bot [图片]", to_bot=True, files=SHOT)
    said = await desk.says("lixiao", "电子印章盖不了章", chat="shifuban")
    assert any("已补到 GD-20261014-001（电子印章）" in m.text for m in said if m.chat == "shifuban")
    assert any("李晓 补充“电子印章盖不了章 [图片] err.png”" in m.text for m in said if m.chat == "dm-wen")
    assert any("GD-20261014-001" in m.text for m in said if m.chat == "dm-duan") or "段宁" in "".join(
        m.text for m in said
    )
    status = (await desk.says("hemu", "/status", chat="duty-room"))[0].text
    assert status.count("GD-20261014") == 1
    assert "电子印章" in status


async def test_8_13_words_that_triage_is_not_sure_of_are_its_words_too(desk: Desk) -> None:
    await sends(desk, "[语音]", to_bot=True, chat="dm-lixiao")
    said = await desk.says("lixiao", "就是财务那个模块", chat="dm-lixiao")
    assert any("李晓 补充“就是财务那个模块 [语音]”" in m.text for m in said if m.chat == "dm-wen")


@pytest.mark.parametrize("line", ["好了，谢谢", "不用看了", "怎么样了", "谢谢"])
async def test_8_13_an_end_or_a_chase_is_no_words(desk: Desk, line: str) -> None:
    await sends(desk, "@bot [图片]", to_bot=True)
    said = await desk.says("lixiao", line, chat="shifuban")
    assert not any("补" in m.text and "已补到" in m.text for m in said)


async def test_8_13_what_he_says_beside_it_in_a_group_is_no_words(desk: Desk) -> None:
    await sends(desk, "@bot [图片]", to_bot=True)
    assert await desk.says("lixiao", "周五的材料我来交", chat="shifuban") == []


async def test_8_13_a_name_of_many_dots_costs_nothing(desk: Desk) -> None:
    """A search that tries every way to part it would hold everybody up, and this test for ever."""
    await sends(desk, "@bot [文件] " + "a." * 2000, to_bot=True)
    said = await desk.says("lixiao", "电子印章盖不了章", chat="shifuban")
    assert any("GD-20261014" in m.text for m in said)


async def test_8_13_a_picture_to_his_own_ticket_is_kept_with_it(desk: Desk) -> None:
    await desk.says("lixiao", "OA 登录不上，一直转圈", chat="shifuban")
    assert await sends(desk, "[图片]") == [], "it is seen in the group, and on the ticket's record"
    (said,) = await sends(desk, "@bot [语音]", to_bot=True)
    assert "语音已记到 GD-20261014-001" in said.text
    assert "温若川 13800000013" in said.text


async def test_8_13_an_engineers_picture_opens_nothing(desk: Desk) -> None:
    await sends(desk, "@bot [图片]", user="zhou", to_bot=True)
    assert "没有未结的工单" in (await desk.says("hemu", "/status", chat="duty-room"))[0].text


# --- the platforms, each with its own form of a picture or a recording


async def wecom_group(fake: FakeWecom) -> int:
    items = [{"msgtype": "text", "text": {"content": "@值班"}}, {"msgtype": "image", "image": {"url": "https://x/1"}}]
    return await fake.post(fake.bot_message("lixiao", "shifuban", {"msgtype": "mixed", "mixed": {"msg_item": items}}))


async def wecom_voice(fake: FakeWecom) -> int:
    return await fake.post(fake.app_message("lixiao", {"MsgType": "voice", "MediaId": "m", "Format": "amr"}))


async def wecom_image(fake: FakeWecom) -> int:
    return await fake.post(fake.app_message("lixiao", {"MsgType": "image", "PicUrl": "https://x/1", "MediaId": "m"}))


async def feishu_group(fake: FakeFeishu) -> int:
    rows = [[{"tag": "at", "user_id": "@_user_1"}], [{"tag": "img", "image_key": "i"}]]
    mention = {"key": "@_user_1", "id": {"open_id": BOT}, "name": "值班"}
    return await fake.sends("lixiao", "shifuban", "post", {"title": "", "content": rows}, mentions=[mention])


async def feishu_image(fake: FakeFeishu) -> int:
    return await fake.sends("lixiao", "dm-lixiao", "image", {"image_key": "i"})


async def feishu_audio(fake: FakeFeishu) -> int:
    return await fake.sends("lixiao", "dm-lixiao", "audio", {"file_key": "f", "duration": 2000})


async def ding_group(fake: FakeDingtalk) -> int:
    body = fake.body("lixiao", "minzheng", "") | {"msgtype": "richText", "content": {"richText": [{"type": "picture"}]}}
    return await fake.deliver({name: value for name, value in body.items() if name != "text"})


async def ding_direct(fake: FakeDingtalk) -> int:
    body = fake.body("lixiao", "dm-lixiao", "") | {"msgtype": "picture", "content": {"downloadCode": "x"}}
    return await fake.deliver({name: value for name, value in body.items() if name != "text"})


async def slack_direct(fake: FakeSlack) -> int:
    file = {"id": "F1", "name": "err.png", "mimetype": "image/png", "permalink": "https://x.slack.com/files/1"}
    event = fake.message("lixiao", "dm-lixiao", "", ts=fake.ts())
    return await fake.event(event | {"subtype": "file_share", "files": [file]})


async def slack_called(fake: FakeSlack) -> int:
    file = {"id": "F1", "name": "err.png", "mimetype": "image/png", "permalink": "https://x.slack.com/files/1"}
    event = fake.message("lixiao", "shifuban", "@bot ", ts=fake.ts())
    return await fake.event(event | {"subtype": "file_share", "files": [file]})


CASES: dict[str, tuple[str, Callable[[], Any], Callable[[Any], Awaitable[int]], str]] = {
    "wecom group": ("wecom", FakeWecom, wecom_group, "shifuban"),
    "wecom app voice": ("wecom", FakeWecom, wecom_voice, "dm-lixiao"),
    "wecom app image": ("wecom", FakeWecom, wecom_image, "dm-lixiao"),
    "feishu group": ("feishu", FakeFeishu, feishu_group, "shifuban"),
    "feishu image": ("feishu", FakeFeishu, feishu_image, "dm-lixiao"),
    "feishu audio": ("feishu", FakeFeishu, feishu_audio, "dm-lixiao"),
    "dingtalk group": ("dingtalk", FakeDingtalk, ding_group, "minzheng"),
    "dingtalk direct": ("dingtalk", FakeDingtalk, ding_direct, "dm-lixiao"),
    "slack direct": ("slack", FakeSlack, slack_direct, "dm-lixiao"),
    "slack called": ("slack", FakeSlack, slack_called, "shifuban"),
}


@pytest.fixture(params=sorted(CASES))
async def house(request: pytest.FixtureRequest, tmp_path: Path, empty_db: Path) -> AsyncIterator[House]:
    platform, make, *_ = CASES[request.param]
    async with open_house(platform, make(), tmp_path / "state", empty_db, example_site()) as opened:
        yield opened


async def test_8_13_on_every_platform_a_picture_or_voice_alone_is_answered(
    house: House, request: pytest.FixtureRequest
) -> None:
    _, _, send, chat = CASES[request.node.callspec.params["house"]]
    assert await send(house.fake) == 200
    await house.calm()
    assert "请再用一句话说说哪里不正常" in house.last(chat, "已收到", "GD-20261014-001").text


async def feishu_sticker(fake: FakeFeishu) -> int:
    mention = {"key": "@_user_1", "id": {"open_id": BOT}, "name": "值班"}
    return await fake.sends("lixiao", "shifuban", "sticker", {"file_key": "s"}, mentions=[mention])


async def wecom_sticker(fake: FakeWecom) -> int:
    text: dict[str, object] = {"msgtype": "text", "text": {"content": "@值班 [表情]"}}
    return await fake.post(fake.bot_message("lixiao", "shifuban", text))


async def ding_sticker(fake: FakeDingtalk) -> int:
    body = fake.body("lixiao", "minzheng", "") | {"msgtype": "unknownMsgType", "content": {}}
    return await fake.deliver({name: value for name, value in body.items() if name != "text"})


ASKED: dict[str, tuple[str, Callable[[], Any], Callable[[Any], Awaitable[int]], str]] = {
    "feishu": ("feishu", FakeFeishu, feishu_sticker, "shifuban"),
    "wecom": ("wecom", FakeWecom, wecom_sticker, "shifuban"),
    "dingtalk": ("dingtalk", FakeDingtalk, ding_sticker, "minzheng"),
}


@pytest.mark.parametrize("platform", ASKED)
async def test_8_13_where_only_mentions_are_heard_the_question_for_words_says_so(
    tmp_path: Path, empty_db: Path, platform: str
) -> None:
    name, make, send, chat = ASKED[platform]
    async with open_house(name, make(), tmp_path / "state", empty_db, example_site()) as house:
        assert await send(house.fake) == 200
        await house.calm()
        house.last(chat, "请用一句话说说哪里不正常（发“@值班 ……”），我马上转给值班工程师")


async def test_8_13_feishus_untold_content_is_asked_about(tmp_path: Path, empty_db: Path) -> None:
    fake = FakeFeishu()
    async with open_house("feishu", fake, tmp_path / "state", empty_db, example_site()) as house:
        message = {
            "message_id": "om_x",
            "chat_id": "oc_p2p_lixiao",
            "chat_type": "p2p",
            "message_type": "text",
            "content": "",
        }
        said = {"create_time": str(int(house.clock.wall().timestamp() * 1000))}
        sender = {"sender_id": {"open_id": "ou_lixiao"}, "sender_type": "user"}
        event = fake.event("im.message.receive_v1", {"sender": sender, "message": message | said})
        assert (await fake.deliver(json.loads(json.dumps(event))))[0] == 200
        await house.calm()
        house.last("dm-lixiao", "请用一句话说说哪里不正常")
