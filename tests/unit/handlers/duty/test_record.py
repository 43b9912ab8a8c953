"""It is known for ever who was on duty, whatever becomes of the files. The oracle is the table itself, read by sqlite3."""

import argparse
import shutil
import sqlite3
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from bot.cli import roster
from bot.cli.arguments import ADD
from data.live import LiveSite
from data.load.site import load_site
from handlers.duty.record import RosterRecord
from tests.support.desk import Desk, open_desk
from tests.support.paths import EXAMPLE

TZ = "Asia/Shanghai"
START = datetime.fromisoformat("2026-10-14T12:30:00+08:00")
HEAD = "date,post,slot,from,to,person,note\n"
OCTOBER = (
    HEAD
    + "2026-10-14,shifu,onsite,08:30,18:00,zhou,\n"
    + "2026-10-14,zhengshu,onsite,08:30,18:00,su,\n"
    + "2026-10-20,shifu,onsite,08:30,18:00,zhou,\n"
)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = Path(shutil.copytree(EXAMPLE, tmp_path / "data"))
    shutil.rmtree(folder / "roster")
    (folder / "roster").mkdir()
    (folder / "roster" / "2026-10.csv").write_text(OCTOBER, "utf-8")
    return folder


@pytest.fixture
def site(data: Path) -> LiveSite:
    return LiveSite(lambda: load_site(data, None, TZ), (data, data / "roster"))


def rows(desk: Desk) -> list[tuple[str, ...]]:
    """Every row: day, post, person, where it is from, when it was recorded and replaced (UTC)."""
    columns = "day, post, person, source, substr(recorded_at, 12, 5), coalesce(substr(replaced_at, 12, 5), '')"
    with sqlite3.connect(desk.app.settings.database) as database:
        return list(database.execute(f"SELECT {columns} FROM roster_shift ORDER BY id"))  # noqa: S608  our own words


def record(desk: Desk) -> RosterRecord:
    (found,) = (worker for worker in desk.app.workers if isinstance(worker, RosterRecord))
    return found


def rewrite(data: Path, site: LiveSite, text: str) -> bool:
    (data / "roster" / "2026-10.csv").write_text(text, "utf-8")
    return site.refresh()


FIRST = [
    ("2026-10-14", "shifu", "zhou", "roster/2026-10.csv:2", "04:30", ""),
    ("2026-10-14", "zhengshu", "su", "roster/2026-10.csv:3", "04:30", ""),
    ("2026-10-20", "shifu", "zhou", "roster/2026-10.csv:4", "04:30", ""),
]


async def test_a_correction_replaces_what_was_known_and_keeps_it(
    tmp_path: Path, empty_db: Path, data: Path, site: LiveSite
) -> None:
    async with open_desk(tmp_path / "state", empty_db, start=START, site=site()) as desk:
        desk.app.runtime.site = site
        assert rows(desk) == FIRST
        assert await record(desk).step() == 0
        await desk.later(hours=1)
        assert rewrite(data, site, OCTOBER.replace("\n2026", "\n\n2026", 1).replace("18:00,su", "18:00,tang"))
        assert await record(desk).step() == 2
        assert (
            rows(desk)
            == [
                FIRST[0],  # a line further down, and the same
                (*FIRST[1][:5], "05:30"),
                FIRST[2],
                ("2026-10-14", "zhengshu", "tang", "roster/2026-10.csv:4", "05:30", ""),
            ]
        )


async def test_a_row_that_stands_twice_is_one_and_goes_as_one(
    tmp_path: Path, empty_db: Path, data: Path, site: LiveSite
) -> None:
    """Of a standby several may stand at one time, so the file may say the same twice."""
    twice = OCTOBER + "2026-10-15,shifu,standby,18:00,24:00,zhou,\n" * 2
    async with open_desk(tmp_path / "state", empty_db, start=START, site=site()) as desk:
        desk.app.runtime.site = site
        assert rewrite(data, site, twice)
        assert await record(desk).step() == 1
        await desk.later(hours=1)
        assert rewrite(data, site, OCTOBER)
        assert await record(desk).step() == 1
        assert rows(desk) == [*FIRST, ("2026-10-15", "shifu", "zhou", "roster/2026-10.csv:5", "04:30", "05:30")]


async def test_a_folder_with_faults_changes_nothing(tmp_path: Path, empty_db: Path, data: Path, site: LiveSite) -> None:
    async with open_desk(tmp_path / "state", empty_db, start=START, site=site()) as desk:
        desk.app.runtime.site = site
        assert rewrite(data, site, OCTOBER.replace("shifu", "shfu"))
        assert site().faults
        assert await record(desk).step() == 0
        assert rows(desk) == FIRST


async def test_a_file_that_is_taken_away_is_no_correction(
    tmp_path: Path, empty_db: Path, data: Path, site: LiveSite
) -> None:
    async with open_desk(tmp_path / "state", empty_db, start=START, site=site()) as desk:
        desk.app.runtime.site = site
        await desk.later(hours=6)  # the fourteenth is over
        (data / "roster" / "2026-10.csv").unlink()
        assert site.refresh()
        assert await record(desk).step() == 1
        assert rows(desk) == [*FIRST[:2], (*FIRST[2][:5], "10:30")]


async def test_what_changed_while_the_service_was_down_is_taken_up(tmp_path: Path, empty_db: Path, data: Path) -> None:
    state = tmp_path / "state"
    async with open_desk(state, empty_db, start=START, site=load_site(data, None, TZ)):
        pass
    (data / "roster" / "2026-10.csv").write_text(
        OCTOBER.replace("20,shifu,onsite,08:30,18:00,zhou", "21,shifu,onsite,08:30,18:00,wen"), "utf-8"
    )
    later = START.replace(hour=23)
    async with open_desk(state, None, start=later, site=load_site(data, None, TZ)) as desk:
        assert [row[2] for row in rows(desk) if not row[5]] == ["zhou", "su", "wen"]
        assert len(rows(desk)) == 4


Ask = Callable[..., tuple[int, list[str], list[str]]]


@pytest.fixture
async def ask(tmp_path: Path, empty_db: Path, data: Path, site: LiveSite, capsys: pytest.CaptureFixture[str]) -> Ask:
    """``zhiban roster at``, after a correction an hour after the start."""
    async with open_desk(tmp_path / "state", empty_db, start=START, site=site()) as desk:
        desk.app.runtime.site = site
        await desk.later(hours=1)
        rewrite(data, site, OCTOBER.replace("18:00,su", "18:00,tang"))
        await record(desk).step()
    config = tmp_path / "zhiban.toml"
    config.write_text('data_dir = "data"\nstate_dir = "state"\n', "utf-8")

    def run(*words: str) -> tuple[int, list[str], list[str]]:
        parser = argparse.ArgumentParser(prog="zhiban roster")
        ADD["roster"](parser)
        code = roster.main(parser.parse_args(["--config", str(config), "at", *words]))
        said = capsys.readouterr()
        return code, said.out.splitlines(), said.err.splitlines()

    return run


ZHOU = "2026-10-14 08:30-18:00 shifu onsite zhou 周予安  (roster/2026-10.csv:2, known since 2026-10-14 12:30)"
SU = "2026-10-14 08:30-18:00 zhengshu onsite su 苏明  (roster/2026-10.csv:3, known since 2026-10-14 12:30, until 2026-10-14 13:30)"
TANG = "2026-10-14 08:30-18:00 zhengshu onsite tang 唐叙  (roster/2026-10.csv:3, known since 2026-10-14 13:30)"


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        (["2026-10-14T08:30"], (0, [ZHOU, TANG], [])),
        (["2026-10-14T17:59:59"], (0, [ZHOU, TANG], [])),
        (["2026-10-14T10:00", "--known", "2026-10-14T13:29"], (0, [ZHOU, SU], [])),
        (["2026-10-14T10:00", "--known", "2026-10-14T13:30"], (0, [ZHOU, TANG], [])),
        (["2026-10-14T18:00"], (1, [], ["2026-10-14 18:00: nobody is known to have been on duty"])),
        (["2026-10-14T10:00", "--known", "2026-10-14T12:29"], (1, [], ["2026-10-14 10:00: nobody is known to have been on duty"])),
    ],
)  # fmt: skip
def test_any_minute_is_answered_by_what_was_known(
    ask: Ask, words: list[str], answer: tuple[int, list[str], list[str]]
) -> None:
    assert ask(*words) == answer
