"""Matrix against a real Synapse: what the story does not touch; people act through matrix-nio, the server's record is read."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.adapters.matrix.adapter import MatrixAdapter
from bot.core.content import Attachment, Mention, Op, Post
from bot.core.ports import Outgoing
from data.load.site import load_site
from tests.support import synapse
from tests.support.paths import EXAMPLE
from tests.support.platforms.house import House, open_house
from tests.support.platforms.matrix import FakeMatrix
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
    """More than one answer of the stream holds: the gap is read back. The server may first repeat its last answer."""
    await house.says("lixiao", "shifuban", "/ping 前")
    for task in [task for task in asyncio.all_tasks() if "Sync.run" in repr(task)]:
        task.cancel()
    room, client = matrix(house).rooms["shifuban"], matrix(house).members["lixiao"].client
    for number in range(120):
        await client.room_send(room, "m.room.message", {"msgtype": "m.text", "body": f"/ping {number}"})
    expected = ["pong 前", *(f"pong {number}" for number in range(120))]
    for _ in range(3):
        if _pongs(house, "shifuban") != expected:
            await adapter(house).sync.step()
            await house.calm()
    assert _pongs(house, "shifuban") == expected


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
    await fake.add("stranger")
    fake.rooms["strange"] = fake.room(fake.members["stranger"], "strange")
    await fake.members["lixiao"].client.join(fake.rooms["strange"])
    await until(fake.ready, 30)
    await house.says("stranger", "strange", REPORT)
    house.last("strange", "已收到", "GD-20261014-001")


def _pongs(house: House, chat: str) -> list[str]:
    return [text for text in house.texts(chat) if text.startswith("pong")]


def _signs(house: House, room: str, event: str) -> set[str]:
    """The bot's own signs below a message that are still there."""
    bot, reader = matrix(house).members["bot"].id, matrix(house).members["wen"]
    found = [e for e in matrix(house).events(reader, room) if e["type"] == "m.reaction" and e["sender"] == bot]
    relations = [e["content"].get("m.relates_to", {}) for e in found]
    return {relation["key"] for relation in relations if relation.get("event_id") == event}
