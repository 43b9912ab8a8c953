"""Whoever speaks to the bot is heard: however he addresses it, and whatever his line begins with.

The oracle is what stands in the local chats and in the audit log afterwards.
"""

import pytest

from bot.core.events import Envelope, FileRef, Message
from bot.core.people import Account
from tests.support.desk import Desk, Said

NO_COMMAND = "这个命令"  # of the sentence that refuses an unknown command


def texts(said: list[Said], chat: str) -> list[str]:
    return [message.text for message in said if message.chat == chat]


@pytest.mark.parametrize(
    "line",
    [
        "@bot ping x",
        "@值班 ping x",
        "＠值班：ping x",
        "@值班：/ping x",
        "@值班，ping x",
        "@值班, ping x",
        "@值班ping x",
        "@值班\nping x",
        "@值班 @温若川 /ping x",
        "@温若川 @值班 /ping x",
        "@温若川 @值班 ping x",
        "@值班 @温若川 ping x",
        "@值班 @值班 ping x",
        "ping x @值班",
        "ping x@值班",
        "/ping x @值班",
        "ping x ＠值班。",
        "/zhiban ping x",
        "/zhiban /ping x",
        "/Zhiban：ping x",
        "@值班 /zhiban ping x",
        "@值班\u200bping x",
        "\u200b@值班 ping x",
        "\u202a@值班\u202c ping x",
        "@值班\u2009ping x",
        "@值班\ufe0f ping x",
        "【@值班】ping x",
        "(@值班) ping x",
        "@【值班】 ping x",
        "`@值班` ping x",
        "@ 值班 ping x",
        "@值班！ping x",
        "@值班。ping x",
        "@值班……ping x",
        "@值班 - ping x",
        "@温若川@值班 ping x",
        "@John Smith @值班 ping x",
        "ping x @值班 谢谢",
    ],
)
async def test_8_11_a_command_is_one_however_the_bot_is_addressed(desk: Desk, line: str) -> None:
    assert texts(await desk.says("lixiao", line, chat="shifuban"), "shifuban") == ["pong x"]


@pytest.mark.parametrize("line", ["@周予安 /ping x", "@值班员 ping x", "请 @值班 看 ping x", "x@bot ping x", "ping x"])
async def test_8_11_what_is_said_to_others_or_about_the_bot_is_no_command(desk: Desk, line: str) -> None:
    said = await desk.says("lixiao", line, chat="shifuban")
    assert not any("pong" in message.text for message in said)


async def test_8_11_a_bare_mention_is_helped_and_opens_no_ticket(desk: Desk) -> None:
    for line in ("@值班", "@bot", "＠值班：", "@值班 @温若川 @值班", "/zhiban"):
        (answer,) = await desk.says("lixiao", line, chat="shifuban")
        assert "盖章点了没反应" in answer.text
        assert "/help" in answer.text
    (empty,) = await desk.says("lixiao", "/status", chat="shifuban")
    assert "GD-" not in empty.text


async def test_8_11_a_bare_mention_with_a_screenshot_is_an_unsure_ticket_that_names_it(desk: Desk) -> None:
    now = desk.clock.now()
    envelope = Envelope("m1", Account("local", "lixiao"), "lixiao", "shifuban", now, now)
    picture = FileRef("登录报错.png", "")
    await desk.app.inbox.accept(Message(envelope, "@bot [图片]", files=(picture,), to_bot=True))
    await desk.settle()
    (page,) = await desk.bot("dm-wen")
    assert "登录报错.png" in page.text
    assert page.action("isfault") == "isfault:GD-20261014-001"


async def test_8_11_a_quote_without_an_id_of_ours_answers_the_ticket_that_it_names(desk: Desk) -> None:
    await desk.says("lixiao", "盖章盖不了", chat="shifuban")
    await desk.says("zhao", "VPN连不上", chat="shifuban")
    now = desk.clock.now()
    envelope = Envelope("m1", Account("local", "wen"), "wen", "shifuban", now, now)
    quote = "已收到，工单 GD-20261014-001（电子印章） …"
    await desk.app.inbox.accept(Message(envelope, "@bot 收到，马上看", "msgUnknown==", to_bot=True, quote=quote))
    await desk.settle()
    answered = [m.text for m in await desk.bot("shifuban") if "已响应" in m.text]
    assert len(answered) == 1
    assert "GD-20261014-001" in answered[0]


@pytest.mark.parametrize("user", ["lixiao", "zhou", "duan", "jiang"])
@pytest.mark.parametrize("line", ["在吗", "你好", "hi", "Hello!", "您好～", "有人吗？", "在不在", "早上好"])
async def test_8_11_a_greeting_in_a_direct_chat_gets_one_considerate_line(desk: Desk, user: str, line: str) -> None:
    (answer,) = await desk.says(user, line, chat=f"dm-{user}")
    assert answer.text.startswith("在的")
    assert "GD-" not in answer.text


@pytest.mark.parametrize("line", ["@值班 在吗", "@值班 谢谢", "@值班 哦", "@值班 中午吃什么", "在吗 @值班"])
async def test_8_11_whoever_mentions_the_bot_is_never_met_with_silence(desk: Desk, line: str) -> None:
    for user in ("lixiao", "zhou", "duan"):
        (answer,) = await desk.says(user, line, chat="shifuban")
        assert "GD-" not in answer.text


async def test_8_11_small_talk_that_is_not_said_to_the_bot_stays_unanswered(desk: Desk) -> None:
    for line in ("在吗", "谢谢", "你好", "中午吃什么", "/微笑"):
        assert await desk.says("lixiao", line, chat="shifuban") == []


async def test_8_11_where_no_bot_can_speak_nothing_is_said_and_nothing_breaks(desk: Desk) -> None:
    for line in ("@值班", "@值班 在吗", "@值班 你好", "谁值班", "/nope", "@值班 谁值班"):
        await desk.says("zhou", line, chat="shiweiban")
    assert await desk.bot("shiweiban") == []
    assert not any(entry.entry.outcome == "parked" for entry in await desk.audit())


REPORTS = [
    "/data/WEAVER 目录满了，OA 登录不上",
    "/::'( OA 打不开，一直转圈",
    "/附件上传不了，提示系统错误",
    "/附件上传不了",
    "/oa 打不开",
    "/OA打不开了\n从早上开始",
    "//OA 打不开",
    "/:heavy OA打不开",
    "/微笑 OA打不开了",
    "/流泪OA打不开了",
    "/api/v1/login 报500错误",
    "/opt/app/logs 写满了",
    "/data 磁盘满了",
    "/zhiban OA 登录不上，一直转圈",
    "/值班 OA 打不开了",
    "/值班系统打不开",
    "/重启 之后还是打不开",
    "/数据库连不上了",
    "/👍 OA打不开",
    "／流程提交不了",
    "@值班 状态 不对，OA打不开",
    "@值班 重启后还是登录不上",
    "@值班 重启 之后还是登录不上",
    "@值班 在吗 OA打不开了",
    "@值班 值班 系统打不开",
    "@值班 我的 OA 登录不上",
    "@温若川 @值班 OA打不开了",
    "OA打不开了 @值班",
    "@值班：OA打不开了",
    "/nginx 报 502 Bad Gateway",
    "/db 连不上了",
    "/logs 打不开",
    "/restart 之后还是打不开",
    "/停止响应了，OA",
    "@值班！OA打不开了",
]


@pytest.mark.parametrize("line", REPORTS)
async def test_8_12_a_report_is_heard_whatever_it_begins_with(desk: Desk, line: str) -> None:
    said = await desk.says("lixiao", line, chat="shifuban")
    assert "已收到" in texts(said, "shifuban")[0]
    (page,) = [message for message in said if message.chat == "dm-wen"]
    assert line.removeprefix("@值班").strip(" ：！").split("\n")[0][-8:].strip(" @值班") in page.text


@pytest.mark.parametrize(
    "words",
    [
        "OA打不开\n从早上八点开始\n三楼都不行",
        "\nOA打不开\n截图见下",
        "打印不了😭❤️ 急",
        "OA打不开，" + "试了很多次都不行，" * 80,
        "👨‍👩‍👧 的公文\u200b打不开",
    ],
    ids=["lines", "lines behind the word", "emoji", "long", "joined emoji"],
)
@pytest.mark.parametrize("verb", ["/fault ", "/报障 ", "/报障：", "@值班 报障 "])
async def test_8_12_fault_takes_what_people_write(desk: Desk, verb: str, words: str) -> None:
    said = await desk.says("lixiao", verb + words, chat="shifuban")
    assert "已收到" in texts(said, "shifuban")[0]
    assert any("打" in message.text for message in said if message.chat == "dm-wen")


@pytest.mark.parametrize(
    "line",
    [
        "/:ok 收到，马上看",
        "@值班 /:ok 收到，马上看",
        "/强 收到，马上看",
        "/OK 收到，马上看",
        "/收到",
        "／收到。",
        "@值班 /OK收到",
        "/已恢复",
        "/修好了",
    ],
)
async def test_8_12_an_engineers_answer_counts_behind_an_emoticon(desk: Desk, line: str) -> None:
    await desk.says("lixiao", "OA 打不开", chat="shifuban")
    await desk.says("wen", line, chat="shifuban")
    assert "已响应" in (await desk.bot("shifuban"))[0].text


@pytest.mark.parametrize(
    ("user", "line", "code"),
    [
        ("zhou", "/drian oa3", "unknown_command"),
        ("zhou", "/nope", "unknown_command"),
        ("zhou", "/", "unknown_command"),
        ("zhou", "/rest\u0430rt oa3", "non_ascii_command"),
        ("zhou", "/re\u200bstart oa3", "invisible_character"),
        ("zhou", "/restart oa3\n/restart oa4", "multiple_lines"),
        ("zhou", "@bot restart oa3\n/confirm R1", "multiple_lines"),
        ("zhou", "/restart oa3；reboot", "bad_argument"),
        ("zhou", "/重启 oa3 打不开了", "non_ascii_argument"),
        ("zhou", "/oncall 打不开", "bad_date"),
        ("zhou", "/restart " + "a" * 600, "too_long"),
        ("lixiao", "/restart oa3", "not_authorised"),
        ("lixiao", "@值班 重启 oa3", "not_authorised"),
    ],
)
async def test_8_12_what_protects_hosts_stays(desk: Desk, user: str, line: str, code: str) -> None:
    await desk.says(user, line, chat="shifuban")
    assert [line.entry.code for line in await desk.audit()][-1] == code
    assert await desk.app.store.read(lambda s: list(s.connection().exec_driver_sql("SELECT id FROM run"))) == []


async def test_8_12_a_chinese_word_that_nobody_can_read_is_told_so(desk: Desk) -> None:
    (answer,) = await desk.says("zhou", "/没有这样的命令", chat="duty-room")
    assert NO_COMMAND in answer.text


async def test_8_12_half_a_command_is_told_its_nearest_where_it_says_nothing(desk: Desk) -> None:
    (answer,) = await desk.says("zhou", "/重起", chat="duty-room")
    assert "/重启" in answer.text


@pytest.mark.parametrize("line", ["/fault -h", "/报障 帮助", "/fault help", "/报障 ？"])
async def test_8_12_who_asks_how_to_report_has_not_reported(desk: Desk, line: str) -> None:
    (answer,) = await desk.says("lixiao", line, chat="shifuban")
    assert "/fault（报障）" in answer.text
