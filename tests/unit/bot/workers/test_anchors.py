"""The audit log is anchored by itself: hourly outside, daily in the operators' chat, once after a pause; a cut end is found."""

import sqlite3
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.__main__ import main
from bot.settings import AuditSettings
from bot.storage.anchors import FILE_NAME
from bot.work.work import Transactions
from bot.workers.anchors import Anchors
from bot.workers.operators import Operators
from tests.support.kit import OPERATOR, Kit


def anchoring(kit: Kit, place: Path | None = None) -> Anchors:
    """The worker on the kit's database, as a service that was just started has it."""
    settings = kit.runtime.settings.model_copy(update={"audit": AuditSettings(anchor_to=place)})
    transactions = Transactions(kit.store, replace(kit.runtime, settings=settings))
    return Anchors(kit.store, transactions, Operators(transactions))


async def record(kit: Kit, rows: int) -> None:
    """So many lines of the audit log."""
    for _ in range(rows):
        await kit.transactions.do("t", lambda work: work.audit("restart", "oa1"))


async def operators(kit: Kit) -> list[str]:
    await kit.sender().step()
    return kit.platform.texts(OPERATOR)


def cut(kit: Kit, after: int) -> None:
    """Somebody with the database in his hands takes away what he did."""
    with sqlite3.connect(kit.runtime.settings.database) as database:
        database.execute("DELETE FROM audit WHERE seq > ?", (after,))


def verify(kit: Kit, place: Path | None, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    """``zhiban audit verify``: its exit code, and the one line that it says."""
    config = kit.runtime.settings.state_dir / "zhiban.toml"
    outside = f'[audit]\nanchor_to = "{place}"\n' if place else ""
    config.write_text(f'state_dir = "{config.parent}"\n{outside}', "utf-8")
    code = main(["audit", "--config", str(config), "verify", *words])
    said = capsys.readouterr()
    return code, (said.out + said.err).strip()


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A folder on what would be another machine's disk."""
    folder = tmp_path / "outside"
    folder.mkdir()
    return folder


async def test_8_5_an_anchor_is_made_each_hour_and_once_after_a_pause(kit: Kit, outside: Path) -> None:
    await record(kit, 3)
    worker = anchoring(kit, outside)
    for minutes in (0, 30, 29, 1, 45, 15, 300, 1):
        kit.later(minutes * 60)
        await worker.step()
        await anchoring(kit, outside).step()
        await record(kit, 1)
    lines = (outside / FILE_NAME).read_text("ascii").splitlines()
    start = kit.clock.now() - timedelta(minutes=421)
    at = [datetime.fromisoformat(line.split()[2]) for line in lines]
    assert [(when - start).total_seconds() / 60 for when in at] == [0, 60, 120, 420]
    assert [int(line.split()[0]) for line in lines] == [3, 6, 8, 9]


@pytest.mark.parametrize("left", [0, 1, 19])
async def test_8_5_a_cut_end_is_found_and_told(
    kit: Kit, outside: Path, capsys: pytest.CaptureFixture[str], left: int
) -> None:
    await record(kit, 20)
    await anchoring(kit, outside).step()
    cut(kit, left)
    assert verify(kit, outside, capsys) == (1, f"rows after {left} were cut off: row 20 was anchored")
    kit.later(60)
    await record(kit, 25)  # who cut it lets it grow again
    code, said = verify(kit, outside, capsys)
    assert (code, said) == (1, "row 20 is not the one that was anchored")
    kit.later(3600)
    await anchoring(kit, outside).step()
    assert any("审计记录被动过：第 20 行" in text for text in await operators(kit))
    assert verify(kit, outside, capsys)[0] == 1, "the anchors made since do not hide it"


async def test_8_5_verify_says_how_far_it_can_vouch(
    kit: Kit, outside: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    await record(kit, 5)
    code, said = verify(kit, None, capsys)
    assert code == 0
    assert said.startswith("the chain holds: 5 rows, head ")
    assert (
        "no anchor was compared, so rows cut off its end, or the whole of it written anew, would not be noticed" in said
    )
    await anchoring(kit, outside).step()
    file = outside / FILE_NAME
    assert verify(kit, outside, capsys)[1].endswith(
        f"; nothing is missing up to row 5 ({file}, noted 2026-10-14T02:00+00:00)"
    )
    await record(kit, 2)
    assert verify(kit, outside, capsys)[1].endswith("; of the 2 after it only that they are unchanged among themselves")
    assert "\n" not in verify(kit, outside, capsys)[1]


@pytest.mark.parametrize("how", ["deleted", "emptied", "a folder", "out of reach"])
async def test_8_5_anchors_that_were_taken_away_vouch_for_nothing(
    kit: Kit, outside: Path, capsys: pytest.CaptureFixture[str], how: str
) -> None:
    """Whoever cuts the log takes its anchors away first: a script that looks at the exit code must see it."""
    await record(kit, 5)
    await anchoring(kit, outside).step()
    file = outside / FILE_NAME
    told = file.read_text("utf-8").split()
    match how:
        case "emptied":
            file.write_text("", "utf-8")
        case "out of reach":
            outside.rename(outside.with_name("elsewhere"))
        case _:
            file.unlink()
    if how == "a folder":
        file.mkdir()
    code, said = verify(kit, outside, capsys)
    assert (code, "5 rows are unchanged among themselves" in said) == (1, True)
    assert verify(kit, outside, capsys, "--anchor", f"{told[0]}:{told[1]}")[0] == 0, "the chat's anchor vouches as well"


async def test_8_5_the_operators_get_the_days_anchor_once_and_can_compare_it(
    kit: Kit, capsys: pytest.CaptureFixture[str]
) -> None:
    await anchoring(kit).step()
    await record(kit, 7)
    await anchoring(kit).step()
    assert await operators(kit) == [], "the day of the first start has none"
    for hours in (22, 1, 1, 5, 96):  # to 8:00, 9:00, 10:00, 15:00, and four days later
        kit.later(hours * 3600)
        await anchoring(kit).step()
        await anchoring(kit).step()
    first, second = await operators(kit)
    assert first.startswith("审计锚点：第 7 行 ")
    assert second.partition("行")[0] == first.partition("行")[0]
    told = first.rpartition(" ")[2]
    assert verify(kit, None, capsys, "--anchor", told)[1].endswith("nothing is missing up to row 7 (given)")
    cut(kit, 6)
    assert verify(kit, None, capsys, "--anchor", told) == (1, "rows after 6 were cut off: row 7 was anchored")
    wrong = f"5:{'0' * 32}"
    assert verify(kit, None, capsys, "--anchor", wrong) == (1, "row 5 is not the one that was anchored")
    assert verify(kit, None, capsys, "--anchor", "5:xyz") == (
        2,
        "5:xyz: not an anchor; it holds a row number and a hash",
    )


async def test_8_5_a_place_that_is_gone_is_told_once_not_made_and_written_when_it_is_back(
    kit: Kit, outside: Path
) -> None:
    await record(kit, 2)
    place = outside / "mount" / "anchors.txt"
    worker = anchoring(kit, place)
    for _ in range(3):
        await worker.step()
        kit.later(60)
    assert not place.parent.exists()
    (told,) = await operators(kit)
    assert told.startswith(f"审计锚点写不进 {place}：")
    place.parent.mkdir()
    await worker.step()
    assert place.read_text("ascii").startswith("2 ")


async def test_8_5_a_file_of_ones_own_holds_the_newest_head_as_before(
    kit: Kit, outside: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = outside / "anchor"
    for rows in (3, 6):
        await record(kit, 3)
        assert verify(kit, None, capsys, "--anchor", str(own))[0] == 0
        assert own.read_text("ascii").split()[0] == str(rows)
    cut(kit, 2)
    assert verify(kit, None, capsys, "--anchor", str(own)) == (1, "rows after 2 were cut off: row 6 was anchored")
    own.write_text("rubbish\n", "ascii")
    assert verify(kit, None, capsys, "--anchor", str(own))[0] == 2
    assert own.read_text("ascii") == "rubbish\n"
