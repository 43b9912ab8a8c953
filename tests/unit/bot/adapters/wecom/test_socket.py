"""The long connection hears and speaks, survives what happens to lines, and gives way to a newer one."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import islice
from pathlib import Path

import pytest

from bot.adapters.common.listening import MENDING
from bot.adapters.wecom.bots import Bots
from bot.adapters.wecom.socket import Pace
from bot.core.content import Attachment, Button
from bot.core.errors import Rejected, Temporary
from bot.core.events import Message, Tap
from bot.core.ports import Hears
from tests.soak.fuzz import wecom_bot
from tests.support.certificate import server_context
from tests.support.platforms.wecom_socket import FakeWecomSocket
from tests.support.until import eventually, until
from tests.unit.bot.adapters.wecom.kit import Wecom, opened, outgoing, wecom_site

QUICK = Pace(ping=0.1, missed=2, ack=0.5)
CLAIM = Button("claim:GD-20261122-001", "我来处理", "primary")
OTHER = Button("pass:GD-20261122-001", "转派")


class Line:
    """A fake, and a bot that talks with it."""

    def __init__(self, fake: FakeWecomSocket, wecom: Wecom, bots: Bots) -> None:
        self.fake = fake
        self.wecom = wecom
        self.bots = bots
        self.tasks: list[asyncio.Future[None]] = []

    def hurry(self) -> None:
        """Pauses pass at once, but for those that wait for people."""
        (listening,) = self.wecom.ingress.connections
        listening.sleep = lambda seconds: asyncio.sleep(0.02 if seconds < min(MENDING) / 2 else seconds)

    async def connect(self) -> None:
        self.hurry()
        self.tasks = [asyncio.ensure_future(run()) for run in self.bots.workers().values()]
        await until(lambda: self.connected)

    @property
    def connected(self) -> bool:
        """As the bot sees it."""
        return self.bots._sockets["duty"]._connection._socket is not None

    async def until_kept(self, count: int) -> list[tuple[str, str, str]]:
        async def there() -> bool:
            return len(await self.wecom.kept()) >= count

        await eventually(there)
        return await self.wecom.kept()


@asynccontextmanager
async def line_to(fake: FakeWecomSocket, folder: Path, empty_db: Path, pace: Pace = QUICK) -> AsyncIterator[Line]:
    async with opened(folder, empty_db, fake.settings(), wecom_site(*fake.site_names())) as wecom:
        fake.deliver_to("", wecom.clock.wall)
        line = Line(fake, wecom, Bots(wecom.settings, wecom.http, wecom.ingress, pace))
        try:
            yield line
        finally:
            for task in line.tasks:
                task.cancel()
            await asyncio.gather(*line.tasks, return_exceptions=True)


@pytest.fixture
async def fake() -> AsyncIterator[FakeWecomSocket]:
    server = FakeWecomSocket()
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def line(fake: FakeWecomSocket, tmp_path: Path, empty_db: Path) -> AsyncIterator[Line]:
    async with line_to(fake, tmp_path / "state", empty_db) as connected:
        await connected.connect()
        yield connected


async def test_what_is_said_in_a_group_and_to_the_bot_alone_is_kept(line: Line) -> None:
    await line.fake.says("lixiao", "shifuban", "盖章点了没反应")
    await line.fake.says("zhou", "dm-zhou", "/ping x")
    await line.fake.sends(
        "stranger", "wrELSEWHERE", {"msgtype": "image", "image": {"url": "https://x/y", "aeskey": "k"}}
    )
    kept = await line.until_kept(3)
    assert [(kind, chat) for kind, chat, _ in kept] == [
        ("message", "shifuban"),
        ("message", "dm-zhou"),
        ("message", "wecom:wrELSEWHERE"),
    ]
    assert [json.loads(body)["text"] for _, _, body in kept] == ["@bot 盖章点了没反应", "/ping x", "@bot [图片]"]


async def test_the_same_message_id_again_is_one_event(line: Line) -> None:
    for _ in range(10):
        await line.fake.says("lixiao", "shifuban", "盖章点了没反应", id="SAME")
    await line.fake.says("lixiao", "shifuban", "还是不行", id="OTHER")
    kept = await line.until_kept(2)
    assert [json.loads(body)["text"] for _, _, body in kept] == ["@bot 盖章点了没反应", "@bot 还是不行"]


async def test_a_message_is_kept_before_it_is_answered_and_the_answer_names_it(line: Line) -> None:
    await line.fake.says("lixiao", "shifuban", "盖章点了没反应", id="M7")
    await line.until_kept(1)
    await line.bots.send(outgoing("已收到", reply_to="M7"))
    await line.bots.send(outgoing("再说一句", key="k2", reply_to="M7"))
    assert [(seen.text, seen.thread) for seen in line.fake.seen("shifuban")] == [("已收到", "M7"), ("再说一句", None)]


async def test_it_may_speak_first_in_groups_and_to_people(line: Line) -> None:
    await line.bots.send(outgoing("早上好"))
    await line.bots.send(outgoing("请看一下", "dm-zhou", "k2", address="wx-zhou", direct=True))
    sent = [frame["body"] for frame in line.fake.commands if frame["cmd"] == "aibot_send_msg"]
    assert [(body["chatid"], body["chat_type"]) for body in sent] == [("wrSHIFUBAN", 2), ("wx-zhou", 1)]


async def test_what_people_typed_neither_mentions_nor_formats(line: Line) -> None:
    await line.bots.send(outgoing("<@all> **急** [点这里](http://evil) <font color=red>\n# 大字"))
    (seen,) = line.fake.seen("shifuban")
    assert "<@" not in seen.text
    assert "<font" not in seen.text
    assert "**" not in seen.text
    assert "](" not in seen.text
    assert not any(row.startswith("#") for row in seen.text.splitlines())


async def test_a_click_is_kept_as_a_tap_and_shown_to_the_one_who_clicked(line: Line) -> None:
    message = await line.bots.send(outgoing("GD-20261122-001 · 盖章\n请在 14:15 前回复。", buttons=(CLAIM, OTHER)))
    (card,) = line.fake.seen("shifuban")
    assert card.buttons == [("我来处理", CLAIM.action), ("转派", OTHER.action)]
    await line.fake.taps("zhou", card, "我来处理")
    kept = await line.until_kept(1)
    assert kept[0][:2] == ("tap", "shifuban")
    tap = json.loads(kept[0][2])
    assert (tap["action"], tap["message"]) == (CLAIM.action, message)
    await until(lambda: line.fake.posted[0].updated == 1)
    assert [button["text"] for button in line.fake.posted[0].card("wx-zhou")["button_list"]] == ["我来处理"]
    assert len(line.fake.posted[0].card("wx-wen")["button_list"]) == 2  # his click may be refused; others still count


async def test_a_long_text_goes_before_its_card_and_many_buttons_make_two_cards(line: Line) -> None:
    words = "R17 摘除节点\n" + "很长的一行说明\n" * 30
    buttons = tuple(Button(f"choose:{n}", f"第 {n} 项") for n in range(8))
    message = await line.bots.send(outgoing(words, buttons=buttons))
    lead, first, second = line.fake.seen("shifuban")
    assert lead.text == words
    assert (len(first.buttons), len(second.buttons)) == (6, 2)
    await line.fake.taps("zhou", second, "choose:7")
    kept = await line.until_kept(1)
    assert json.loads(kept[0][2])["message"] == message


async def test_files_are_brought_over_in_pieces(line: Line, tmp_path: Path) -> None:
    data = bytes(range(256)) * 4096 + b"end"
    (line.wecom.settings.state_dir / "out.bin").write_bytes(data)
    await line.bots.send(outgoing("输出", files=(Attachment("输出.bin", "out.bin", "application/octet-stream"),)))
    text, file = line.fake.seen("shifuban")
    assert text.text == "输出"
    assert line.fake.files[file.files[0]] == ("输出.bin", data)


async def test_a_file_that_is_gone_holds_nothing_up(line: Line) -> None:
    with pytest.raises(Rejected, match="not there any more"):
        await line.bots.send(outgoing("输出", files=(Attachment("a.txt", "nowhere.txt"),)))


async def test_whoever_opens_the_chat_is_told_what_this_is(line: Line) -> None:
    await line.fake.enters("zhou")
    await until(lambda: bool(line.fake.welcomed))
    assert "/help" in line.fake.welcomed[0]
    assert await line.wecom.kept() == []


async def test_an_errcode_says_what_to_do(line: Line) -> None:
    cases = (("45009", Temporary, 60), ("-1", Temporary, 2), ("45033", Temporary, 3), ("40008", Rejected, None))
    for number, (code, kind, pause) in enumerate(cases):
        line.fake.fail(code)
        with pytest.raises(kind) as caught:
            await line.bots.send(outgoing("x", key=f"k{number}"))
        assert getattr(caught.value, "retry_after", None) == pause
        assert code in str(caught.value)
    assert line.fake.seen("shifuban") == []


async def test_where_nobody_wrote_before_the_reason_says_what_to_do(line: Line) -> None:
    line.fake.greeted = set()
    with pytest.raises(Rejected, match="somebody wrote to it before"):
        await line.bots.send(outgoing("x"))
    await line.fake.says("lixiao", "shifuban", "盖章点了没反应")
    await line.bots.send(outgoing("y", key="k2"))


async def test_an_answer_that_never_comes_may_have_arrived_and_is_marked(line: Line) -> None:
    line.fake.fail("hang")
    with pytest.raises(Temporary) as caught:
        await line.bots.send(outgoing("已收到"))
    assert caught.value.uncertain
    await line.bots.send(outgoing("已收到", repeated=True))
    assert [seen.text for seen in line.fake.seen("shifuban")] == ["已收到", "(补发) 已收到"]


async def test_a_retry_goes_on_where_the_post_stopped(line: Line) -> None:
    words = "标题\n" + "说明\n" * 80
    line.fake.fail("pass", "-1")
    with pytest.raises(Temporary):
        await line.bots.send(outgoing(words, buttons=(CLAIM,)))
    await line.bots.send(outgoing(words, buttons=(CLAIM,)))
    assert [len(entry.buttons) for entry in line.fake.seen("shifuban")] == [0, 1]


async def test_a_lost_line_is_taken_up_again_and_nothing_is_sent_meanwhile(line: Line) -> None:
    await line.fake.stop()
    await until(lambda: not line.connected)
    with pytest.raises(Temporary) as caught:
        await line.bots.send(outgoing("x"))
    assert not caught.value.uncertain
    await line.fake.start()
    await until(lambda: line.fake.connected)
    await eventually(lambda: goes(line, "wieder da"))
    assert line.fake.seen("shifuban")[-1].text == "wieder da"


async def goes(line: Line, words: str) -> bool:
    try:
        await line.bots.send(outgoing(words, key=words))
    except Temporary:
        return False
    return True


async def test_two_unanswered_pings_are_a_dead_line(line: Line) -> None:
    first = line.fake.subscriptions
    line.fake._faults.append("deaf")
    await until(lambda: line.fake.subscriptions > first)
    line.fake._faults.clear()
    await eventually(lambda: goes(line, "after the dead line"))  # the bot has its answer to come yet
    assert [seen.text for seen in line.fake.seen("shifuban")] == ["after the dead line"]


async def test_pings_go_out_and_a_quiet_line_stays(line: Line) -> None:
    await until(lambda: sum(frame["cmd"] == "ping" for frame in line.fake.commands) >= 5)
    assert line.fake.subscriptions == 1


async def test_a_newer_connection_wins_and_is_not_fought(
    fake: FakeWecomSocket, tmp_path: Path, empty_db: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with line_to(fake, tmp_path / "a", empty_db) as older, line_to(fake, tmp_path / "b", empty_db) as newer:
        await older.connect()
        newer.tasks = [asyncio.ensure_future(run()) for run in newer.bots.workers().values()]
        await until(lambda: not older.connected)
        await until(lambda: sum(frame["cmd"] == "ping" for frame in fake.commands) >= 5)
        assert fake.subscriptions == 2
        with pytest.raises(Temporary, match="taken over"):
            await older.bots.send(outgoing("x"))
        await newer.bots.send(outgoing("y"))
    assert "taken over" in caplog.text
    assert any(record.levelno == logging.ERROR for record in caplog.records)


async def test_a_wrong_secret_is_told_and_not_tried_again_at_once(
    fake: FakeWecomSocket, tmp_path: Path, empty_db: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings = fake.settings()
    settings["wecom"]["bots"]["duty"]["secret"] = "not-the-secret"
    async with opened(tmp_path / "state", empty_db, settings, wecom_site(*fake.site_names())) as wecom:
        bots = Bots(wecom.settings, wecom.http, wecom.ingress, QUICK)
        tasks = [asyncio.ensure_future(run()) for run in bots.workers().values()]
        await until(lambda: "refused" in caplog.text)
        with pytest.raises(Temporary, match="bot_id or secret"):
            await bots.send(outgoing("x"))
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    assert sum(frame["cmd"] == "aibot_subscribe" for frame in fake.commands) == 1
    assert "not-the-secret" not in caplog.text


async def test_8_14_a_subscription_that_ended_is_made_anew_and_the_page_goes_again(line: Line) -> None:
    """The line stands, and every command is answered "not subscribed"."""
    line.fake.fail("846609")
    with pytest.raises(Temporary) as caught:
        await line.bots.send(outgoing("请看一下", "dm-zhou", address="wx-zhou", direct=True))
    assert not caught.value.uncertain, "it was refused, so it is no repeat"
    await eventually(lambda: goes(line, "请看一下"))
    assert line.fake.subscriptions == 2
    assert [seen.text for seen in line.fake.seen("shifuban")] == ["请看一下"]


async def test_8_14_a_ping_tells_that_the_subscription_ended(line: Line) -> None:
    """Nothing is sent in a quiet night; what people write then would be heard by nobody."""
    line.fake.forgets()
    await until(lambda: line.fake.subscriptions == 2)
    await line.fake.says("lixiao", "shifuban", "盖章点了没反应")
    assert len(await line.until_kept(1)) == 1


@pytest.mark.parametrize(("code", "least", "most"), [(45009, 60, 60), (846607, 0.8, 1), (-1, 2, 2), (40058, 0.8, 1)])
async def test_8_14_a_refused_subscription_waits_as_its_code_says_and_blames_no_secret(
    fake: FakeWecomSocket, tmp_path: Path, empty_db: Path, code: int, least: float, most: float
) -> None:
    async with line_to(fake, tmp_path / "state", empty_db) as line:
        fake.refuse_subscriptions(code, 2)
        (listening,) = line.wecom.ingress.connections
        pauses: list[float] = []

        async def sleep(seconds: float) -> None:
            deaf = listening.deaf
            assert deaf is not None
            assert "secret" not in deaf.last.why
            pauses.append(seconds)

        listening.sleep = sleep
        line.tasks = [asyncio.ensure_future(run()) for run in line.bots.workers().values()]
        await until(lambda: line.connected)
        assert least <= pauses[0] <= most
        assert least <= pauses[1]


async def test_a_busy_store_loses_no_callback(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    """The platform sends nothing twice here, so what the store cannot take now is kept for later."""
    accept = line.wecom.ingress.accept
    refused = 0

    async def busy_twice(event: Message | Tap) -> bool:
        nonlocal refused
        refused += 1
        if refused <= 2:
            raise Temporary("busy")
        return await accept(event)

    monkeypatch.setattr(line.wecom.ingress, "accept", busy_twice)
    await line.fake.says("lixiao", "shifuban", "盖章点了没反应")
    assert len(await line.until_kept(1)) == 1


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"msgtype": "text", "text": {"content": "x"}, "from": {}},
        {"msgtype": "event", "event": "x"},
        {"msgtype": "event", "event": {"eventtype": "template_card_event"}},
        {"msgtype": "text", "text": {"content": "x"}, "aibotid": "SOMEBODY-ELSE"},
    ],
)
async def test_a_callback_that_is_none_is_put_on_record_and_the_next_one_heard(
    line: Line, body: dict[str, object]
) -> None:
    await line.fake.sends("lixiao", "shifuban", body)
    await line.fake.says("lixiao", "shifuban", "盖章点了没反应")
    assert len(await line.until_kept(1)) == 1
    assert await line.wecom.refusals() in (["bad_body"], ["wrong_receiver"])


async def test_five_hundred_hostile_callbacks_leave_it_well(line: Line, caplog: pytest.LogCaptureFixture) -> None:
    assert line.fake._live is not None
    bodies = wecom_bot.callbacks(1, line.wecom.clock.wall())
    for number, body in enumerate(islice(bodies, 500)):
        frame = {"cmd": "aibot_msg_callback", "headers": {"req_id": f"f{number}"}, "body": body}
        await line.fake._live.send_str(json.dumps(frame))
    await line.fake.says("lixiao", "shifuban", "盖章点了没反应", id="LAST")

    await eventually(lambda: line.wecom.ingress.seen("LAST"))
    assert line.fake.subscriptions == 1
    assert "not understood" not in caplog.text


async def test_frames_that_are_no_json_do_not_end_the_connection(line: Line) -> None:
    assert line.fake._live is not None
    for text in ("{", "[]", '"x"', '{"cmd": "aibot_msg_callback"}', '{"headers": 3, "errcode": 0}'):
        await line.fake._live.send_str(text)
    await line.fake.says("lixiao", "shifuban", "盖章点了没反应")
    assert len(await line.until_kept(1)) == 1
    assert line.fake.subscriptions == 1


@pytest.mark.parametrize("trusted", [True, False])
async def test_the_servers_certificate_is_always_checked(
    tmp_path: Path, empty_db: Path, trusted: bool, caplog: pytest.LogCaptureFixture
) -> None:
    context, certificate = server_context(tmp_path)
    fake = FakeWecomSocket(context)
    await fake.start()
    section = fake.settings()
    if trusted:
        section["wecom"]["ca_file"] = str(certificate)
    async with opened(tmp_path / "state", empty_db, section, wecom_site(*fake.site_names())) as wecom:
        bots = Bots(wecom.settings, wecom.http, wecom.ingress, QUICK)
        Line(fake, wecom, bots).hurry()
        tasks = [asyncio.ensure_future(run()) for run in bots.workers().values()]
        await until(lambda: fake.connected if trusted else caplog.text.count("no connection") >= 2)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    assert (fake.subscriptions > 0) is trusted
    await fake.stop()


async def test_what_it_can_do(line: Line) -> None:
    chat = line.wecom.ingress.runtime.site().chat("shifuban")
    assert chat is not None
    can = line.bots.capabilities(chat)
    assert (can.hears, can.call, can.buttons, can.updates) == (Hears.MENTIONS, "@值班", True, False)
    assert [(rate.count, rate.seconds) for rate in can.rates] == [(30, 60), (1000, 3600)]
    assert can.measure("盖章 **x**") == len("盖章 ＊＊x＊＊".encode())
