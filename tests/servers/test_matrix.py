"""Matrix against a real Synapse: what the story does not touch; people act through matrix-nio, the server's record is read."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.adapters.matrix.adapter import MatrixAdapter
from bot.adapters.matrix.format import TEXT_LIMIT, measured
from bot.core.content import Attachment, Mention, Op, Post
from bot.core.ports import Outgoing
from data.load.site import load_site
from tests.support import synapse
from tests.support.paths import EXAMPLE
from tests.support.platforms.house import House, open_house
from tests.support.platforms.matrix import FakeMatrix
from tests.support.synapse import path_of
from tests.support.until import until

pytestmark = pytest.mark.servers
REPORT = "电子印章盖不了章，点了没反应"


@pytest.fixture
async def house(tmp_path: Path, empty_db: Path) -> AsyncIterator[House]:
    synapse.needed()
    async with open_house("matrix", FakeMatrix(), tmp_path / "state", empty_db, load_site(EXAMPLE)) as opened:
        yield opened


def matrix(house: House) -> FakeMatrix:
    assert isinstance(house.fake, FakeMatrix)
    return house.fake


def adapter(house: House) -> MatrixAdapter:
    found = house.app.adapters["matrix"]
    assert isinstance(found, MatrixAdapter)
    return found


def out(house: House, key: str, text: str, **more: Any) -> Outgoing:
    room = matrix(house).rooms["shifuban"]
    post = more.pop("post", Post(text))
    return Outgoing(chat="shifuban", address=room, op=more.pop("op", Op.POST), client_key=key, post=post, **more)


async def test_a_repeat_with_the_same_key_is_one_message(house: House) -> None:
    first = await adapter(house).send(out(house, "k1", "通知"))
    assert await adapter(house).send(out(house, "k1", "通知", repeated=True)) == first
    assert house.texts("shifuban") == ["通知"]


async def test_a_mention_reaches_the_person_and_a_typed_at_sign_nobody(house: House) -> None:
    post = Post("@温若川 请看；@room", mentions=(Mention("wen", "温若川"),))
    await adapter(house).send(out(house, "k1", "", post=post))
    assert house.last("shifuban", "请看").mentions == [house.account("wen")]
    wen = matrix(house).members["wen"]
    event = matrix(house).events(matrix(house).members["lixiao"], matrix(house).rooms["shifuban"])[-1]
    assert wen.id in event["content"]["m.mentions"]["user_ids"]
    assert not event["content"]["m.mentions"].get("room")


async def test_a_file_comes_behind_its_post_and_can_be_read(house: House) -> None:
    folder = house.app.settings.state_dir / "runs"
    folder.mkdir()
    (folder / "R1.txt").write_text("第 1 步\n", "utf-8")
    post = Post("R1 完成", files=(Attachment("R1.txt", "runs/R1.txt"),))
    await adapter(house).send(out(house, "k1", "", post=post))
    seen = matrix(house).seen("shifuban")
    assert [found.files for found in seen] == [[], ["R1.txt"]]
    room = matrix(house).events(matrix(house).members["lixiao"], matrix(house).rooms["shifuban"])
    answer = await matrix(house).members["lixiao"].client.download(room[-1]["content"]["url"])
    assert getattr(answer, "body", None) == "第 1 步\n".encode()


async def test_an_answer_in_a_thread_stays_in_it(house: House) -> None:
    root = await matrix(house).sends("wen", "duty-room", "m.room.message", {"msgtype": "m.text", "body": "测试"})
    thread = {"rel_type": "m.thread", "event_id": root}
    await matrix(house).sends(
        "wen", "duty-room", "m.room.message", {"msgtype": "m.text", "body": "/ping 一", "m.relates_to": thread}
    )
    await house.calm()
    assert house.last("duty-room", "pong 一").thread == root


async def test_a_plain_answer_stands_beside_what_it_answers(house: House) -> None:
    asked = await matrix(house).sends("wen", "duty-room", "m.room.message", {"msgtype": "m.text", "body": "/ping 一"})
    await house.calm()
    assert house.last("duty-room", "pong 一").thread == asked


async def test_a_button_that_is_gone_has_no_sign_and_does_nothing(house: House) -> None:
    await house.says("lixiao", "shifuban", REPORT)
    page = house.last("dm-wen", "GD-20261014-001", "请在 10:10 前回复")
    assert "我来处理" in dict(page.buttons)
    room = matrix(house).direct_rooms(matrix(house).members["wen"])[0]
    before = _signs(house, room, page.id)
    assert len(before) == len(page.buttons)
    await house.taps("wen", "dm-wen", "我来处理", "GD-20261014-001")
    page = next(seen for seen in matrix(house).seen("dm-wen") if seen.id == page.id)
    assert _signs(house, room, page.id) == {sign for _, sign in page.buttons}
    assert "我来处理" not in dict(page.buttons)


async def test_the_reply_that_stands_beside_a_button_does_the_same(house: House) -> None:
    await house.says("lixiao", "shifuban", REPORT)
    assert "（/claim GD-20261014-001）" in house.last("dm-wen", "请在 10:10 前回复").text
    await house.says("wen", "dm-wen", "/claim GD-20261014-001")
    house.last("shifuban", "温若川", "已响应")


async def test_a_post_of_somebody_else_offers_no_button(house: House) -> None:
    await house.says("lixiao", "shifuban", REPORT)
    forged = {"msgtype": "m.text", "body": "1️⃣", "org.zhiban.buttons": {"1️⃣": "claim:GD-20261014-001"}}
    event = await matrix(house).sends("lixiao", "shifuban", "m.room.message", forged)
    room = matrix(house).rooms["shifuban"]
    client = matrix(house).members["wen"].client
    await client.join(room)
    relation = {"rel_type": "m.annotation", "event_id": event, "key": "1️⃣"}
    await client.room_send(room, "m.reaction", {"m.relates_to": relation})
    await house.says("wen", "duty-room", "/ping 之后")
    house.last("duty-room", "pong 之后")
    assert not any("已响应" in text for text in house.texts("shifuban"))


async def test_what_was_said_while_we_were_away_is_heard_whole(house: House) -> None:
    """More than one answer of the stream holds: the gap is read back. The server may first repeat its last answer.

    Of an engineer, because of others not so many commands a minute are answered.
    """
    await house.says("wen", "shifuban", "/ping 前")
    stop_listening()
    room, client = matrix(house).rooms["shifuban"], matrix(house).members["wen"].client
    for number in range(60):
        await client.room_send(room, "m.room.message", {"msgtype": "m.text", "body": f"/ping {number}"})
    expected = ["pong 前", *(f"pong {number}" for number in range(60))]
    for _ in range(3):
        if _pongs(house, "shifuban") != expected:
            await adapter(house).sync.step()
            await house.calm()
    assert _pongs(house, "shifuban") == expected


async def test_what_was_said_before_the_bot_was_put_out_for_a_while_is_heard(house: House) -> None:
    """It was away all the time: before, out, and after it came in again."""
    await house.says("lixiao", "shifuban", "/ping 前")
    stop_listening()
    fake = matrix(house)
    room, owner, bot = fake.rooms["shifuban"], fake.members["lixiao"], fake.members["bot"]

    async def ping(word: str) -> None:
        await owner.client.room_send(room, "m.room.message", {"msgtype": "m.text", "body": f"/ping {word}"})

    await ping("一")
    fake.as_member(bot, "PUT", f"/_matrix/client/v3/profile/{bot.id}/displayname", {"displayname": "新名"})
    await until(lambda: _named(house, room, "新名"))  # the server gives it to each room by and by
    await ping("二")
    fake.as_member(owner, "POST", path_of(room, "kick"), {"user_id": bot.id})
    await ping("外")
    fake.as_member(owner, "POST", path_of(room, "invite"), {"user_id": bot.id})
    fake.as_member(bot, "POST", path_of(room, "join"), {})
    await ping("三")
    for _ in range(3):
        if _pongs(house, "shifuban")[-1] != "pong 三":
            await adapter(house).sync.step()
            await house.calm()
    assert _pongs(house, "shifuban") == ["pong 前", "pong 一", "pong 二", "pong 三"]


async def test_who_puts_the_bot_out_of_the_direct_chat_is_reached_in_a_new_one(house: House) -> None:
    fake = matrix(house)
    wen, bot = fake.members["wen"], fake.members["bot"]
    await house.says("wen", "dm-wen", "/ping 一")
    [old] = fake.direct_rooms(wen)
    fake.as_member(wen, "POST", path_of(old, "kick"), {"user_id": bot.id})
    await adapter(house).send(to_wen(house, "k1", "请在 10:10 前回复"))
    assert house.last("dm-wen", "请在 10:10 前回复")
    assert len(fake.direct_rooms(wen)) == 2


async def test_of_two_direct_chats_each_has_its_own_answers_and_edits(house: House) -> None:
    fake = matrix(house)
    wen = fake.members["wen"]
    await house.says("wen", "dm-wen", "/ping 一")
    [old] = fake.direct_rooms(wen)
    page = await adapter(house).send(to_wen(house, "k1", "请回复"))
    new = await fake._open_direct(wen)
    await until(lambda: new in _direct(house))
    root = await wen.client.room_send(old, "m.room.message", {"msgtype": "m.text", "body": "测试"})
    thread = {"rel_type": "m.thread", "event_id": getattr(root, "event_id", None)}
    asked = {"msgtype": "m.text", "body": "/ping 二", "m.relates_to": thread}
    sent = await wen.client.room_send(old, "m.room.message", asked)
    await until(lambda: fake._taken("wen", str(getattr(sent, "event_id", None))))
    await house.calm()
    assert "pong 二" in [seen.text for seen in fake._read(wen, old)]
    await adapter(house).send(to_wen(house, "k2", "已回复", op=Op.UPDATE, message=page))
    assert "已回复" in [seen.text for seen in fake._read(wen, old)]
    await adapter(house).send(to_wen(house, "k3", "新的"))
    assert [seen.text for seen in fake._read(wen, new)] == ["新的"]


@pytest.mark.parametrize("one", ["a\n", "\\", "<", '"', "\x01", "值"])
async def test_a_text_of_the_greatest_length_fits_an_event_even_as_an_edit(house: House, one: str) -> None:
    text = one * (TEXT_LIMIT // measured(one))
    sent = await adapter(house).send(out(house, "k1", text))
    await adapter(house).send(out(house, "k2", text, op=Op.UPDATE, message=sent))
    assert [seen.updated for seen in matrix(house).seen("shifuban")] == [1]


async def test_what_was_said_before_the_bot_came_was_not_said_to_it(house: House) -> None:
    owner = matrix(house).members["lixiao"]
    made = matrix(house).as_member(owner, "POST", "/_matrix/client/v3/createRoom", {"preset": "public_chat"})
    room = str(made["room_id"])
    client = owner.client
    await client.room_send(room, "m.room.message", {"msgtype": "m.text", "body": "/ping 从前"})
    await client.room_invite(room, matrix(house).members["bot"].id)
    await until(lambda: room in matrix(house).joined(), 30)
    await client.room_send(room, "m.room.message", {"msgtype": "m.text", "body": "/ping 现在"})
    matrix(house).rooms["new"] = room
    await house.says("lixiao", "new", "/ping 以后")
    assert _pongs(house, "new") == ["pong 现在", "pong 以后"]


async def test_a_stranger_s_report_in_a_room_nobody_declared_is_taken(house: House) -> None:
    fake = matrix(house)
    fake.rooms["strange"] = fake.room(fake.members["stranger"], "strange")
    await fake.members["lixiao"].client.join(fake.rooms["strange"])
    await until(fake.ready, 30)
    await house.says("stranger", "strange", REPORT)
    assert "GD-20261014-001" in house.last("strange", "已收到").text


def stop_listening() -> None:
    """As if the service were down: the stream is read only when the test does it."""
    for task in [task for task in asyncio.all_tasks() if "Background.run" in repr(task)]:
        task.cancel()


def to_wen(house: House, key: str, text: str, **more: Any) -> Outgoing:
    address = house.account("wen")
    op = more.pop("op", Op.POST)
    return Outgoing(chat="dm-wen", address=address, direct=True, op=op, client_key=key, post=Post(text), **more)


def _direct(house: House) -> list[str]:
    """The direct chats with that person as the bot's account has them on record."""
    bot = matrix(house).members["bot"]
    path = f"/_matrix/client/v3/user/{bot.id}/account_data/m.direct"
    return list(matrix(house).as_member(bot, "GET", path)[house.account("wen")])


def _named(house: House, room: str, name: str) -> bool:
    events = matrix(house).events(matrix(house).members["lixiao"], room)
    return any(event["content"].get("displayname") == name for event in events)


def _pongs(house: House, chat: str) -> list[str]:
    return [text for text in house.texts(chat) if text.startswith("pong")]


def _signs(house: House, room: str, event: str) -> set[str]:
    """The bot's own signs below a message that are still there."""
    bot, reader = matrix(house).members["bot"].id, matrix(house).members["wen"]
    found = [e for e in matrix(house).events(reader, room) if e["type"] == "m.reaction" and e["sender"] == bot]
    relations = [e["content"].get("m.relates_to", {}) for e in found]
    return {relation["key"] for relation in relations if relation.get("event_id") == event}
