"""A licence is handed in by chat: sent as a file, named in the command, seen by its hash, on every node as it was sent.

The oracle is the file on the nodes, and what lies in the state folder.
"""

import hashlib
import stat
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import quote

import pytest

from bot.core.errors import Rejected
from bot.core.events import FileRef
from bot.work.sent_files import typed_name
from runbooks.runs import handed_in
from runbooks.runs.run import State
from tests.support.desk import Desk
from tests.support.estate import Estate
from tests.unit.handlers.runs.rooms import ROOM, code, run, say, served

pytestmark = pytest.mark.servers
NODES = ("oa1", "oa2", "oa3", "oa4")
RUNBOOK = """
verb: put
alias: 放
title: {zh: 放授权, en: put the licence}
source: test
roles: [engineer, lead]
confirm: second
confirmers: [engineer, lead]
group: oa
arguments:
  - {name: file, type: file, example: new.license}
steps:
  - {upload: "{file}", to: "@/on-{here}.license", on: {group: oa}}
"""
LICENCE = b"\x00\xff licence until 2027\n"


@pytest.fixture
async def desk(estate: Estate, tmp_path: Path, empty_db: Path) -> AsyncIterator[Desk]:
    books = tmp_path / "data" / "runbooks"
    books.mkdir(parents=True)
    (books / "put.yaml").write_text(RUNBOOK.replace("@", str(tmp_path)), "utf-8")
    async with served(estate, tmp_path / "state", empty_db, data_dir=tmp_path / "data") as opened:
        yield opened


def uploaded(folder: Path, name: str, content: bytes = LICENCE, number: int = 1) -> FileRef:
    """As the local chat keeps what is uploaded."""
    place = folder / "state" / "files" / f"{number:032x}"
    place.mkdir(parents=True)
    (place / name).write_bytes(content)
    return FileRef(name, f"/local/files/{number:032x}/{quote(name)}")


def on_nodes(folder: Path) -> list[bytes]:
    return [path.read_bytes() for node in NODES if (path := folder / f"on-{node}.license").exists()]


@pytest.mark.parametrize("name", ["new.license", "新授权 2027.license"])
async def test_8_22_a_licence_handed_in_by_chat_goes_to_every_node(desk: Desk, tmp_path: Path, name: str) -> None:
    answered = await desk.says("zhou", "", chat="dm-zhou", files=(uploaded(tmp_path, name),))
    typed = typed_name(name)
    (answer,) = answered
    assert answer.text.startswith(f"收到文件。一小时内的命令里可以写它，例如 /licence replace app oa1 {typed}（")
    question = await say(desk, "zhou", f"/put {typed}")
    assert f"文件 {typed}（{len(LICENCE)} 字节，sha256 {hashlib.sha256(LICENCE).hexdigest()[:16]}…）" in question.text
    kept = tmp_path / "state" / "files" / typed
    assert kept.read_bytes() == LICENCE
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert on_nodes(tmp_path) == []
    assert (await say(desk, "wen", "/confirm R1")).text.startswith("R1 完成")
    assert on_nodes(tmp_path) == [LICENCE] * 4


async def test_8_22_the_file_may_hang_on_the_command_itself_and_the_newest_counts(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "state" / "files").mkdir(exist_ok=True)
    (tmp_path / "state" / "files" / "new.license").write_bytes(b"of last year")
    await desk.says("zhou", "", chat=ROOM, files=(uploaded(tmp_path, "new.license", b"wrong one", 2),))
    await desk.says("zhou", "/put new.license", chat=ROOM, files=(uploaded(tmp_path, "new.license", LICENCE, 3),))
    await say(desk, "wen", "/confirm R1")
    assert on_nodes(tmp_path) == [LICENCE] * 4


async def test_8_22_a_file_that_is_exchanged_behind_the_question_is_asked_about_anew(
    desk: Desk, tmp_path: Path
) -> None:
    await desk.says("zhou", "", chat=ROOM, files=(uploaded(tmp_path, "new.license"),))
    await say(desk, "zhou", "/put new.license")
    await desk.says("zhou", "", chat=ROOM, files=(uploaded(tmp_path, "new.license", b"another", 2),))
    await say(desk, "wen", "/confirm R1")
    assert (await run(desk)).state is State.VOID
    assert hashlib.sha256(b"another").hexdigest()[:16] in (await desk.bot(ROOM))[-1].text
    assert on_nodes(tmp_path) == []


async def test_8_22_only_ones_own_file_of_the_last_hour_counts(desk: Desk, tmp_path: Path) -> None:
    await desk.says("sun", "", chat=ROOM, files=(uploaded(tmp_path, "new.license", b"a reporter's", 2),))
    await desk.says("zhou", "", chat=ROOM, files=(uploaded(tmp_path, "dm.key", b"k", 3),))
    refused = await say(desk, "zhou", "/put new.license")
    assert await code(desk) == ("refused", "file_missing")
    assert "请把它作为文件发给我" in refused.text
    assert "您刚发过：dm.key" in refused.text
    await desk.says("zhou", "", chat=ROOM, files=(uploaded(tmp_path, "new.license", LICENCE, 4),))
    await desk.later(minutes=61)
    await say(desk, "zhou", "/put new.license")
    assert await code(desk) == ("refused", "file_missing")
    assert on_nodes(tmp_path) == []


async def test_8_22_what_cannot_be_taken_is_said_in_one_line(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await desk.says("zhou", "", chat=ROOM, files=(uploaded(tmp_path, "big.license", b"12345678"),))
    monkeypatch.setattr(handed_in, "LIMIT", 4)
    await say(desk, "zhou", "/put big.license")
    assert (await code(desk))[1] == "file_not_fetched"
    assert not (tmp_path / "state" / "files" / "big.license").exists()

    async def nothing(*_: object) -> bytes | None:
        return None

    monkeypatch.setattr(desk.app.runtime, "fetch", nothing)
    refused = await say(desk, "zhou", "/put big.license")
    assert (await code(desk))[1] == "file_not_delivered"
    assert "files 目录" in refused.text

    async def gone(*_: object) -> bytes | None:
        raise Rejected("status 404")

    monkeypatch.setattr(desk.app.runtime, "fetch", gone)
    assert "status 404" in (await say(desk, "zhou", "/put big.license")).text
