"""The walks of ``docs/contributing/architecture.md`` are those that the interpreter sees: the files named, in that order."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.docs.walk import Walk
from tests.support.desk import Desk, open_desk
from tests.support.estate import ADDRESSES, Estate
from tests.support.paths import ROOT
from tests.unit.handlers.runs.rooms import say, served

PAGE = (ROOT / "docs" / "contributing" / "architecture.md").read_text("utf-8")
FILE = re.compile(r"`((?:bot|handlers|runbooks|messages|data)/[\w/]+\.py)`")


def told(heading: str) -> list[list[str]]:
    """The files of a walk as the page names them, for each of its numbered lists."""
    section = PAGE.split(f"\n### {heading}\n")[1].split("\n## ")[0].split("\n### ")[0]
    lists: list[list[str]] = []
    for number, line in re.findall(r"^(\d+)\. (.+)$", section, re.MULTILINE):
        if number == "1":
            lists.append([])
        lists[-1] += FILE.findall(line)
    return lists


def in_order(walk: Walk, named: list[str]) -> list[str]:
    """The named files as they were entered; those that never were are left out."""
    return [file for file in walk.files if file in named]


@pytest.fixture
async def watched(tmp_path: Path, empty_db: Path) -> AsyncIterator[tuple[Desk, Walk]]:
    """A desk at which a first line was said, so that nothing is done for the first time."""
    walk = Walk()
    with walk.everywhere():
        async with open_desk(tmp_path / "state", empty_db) as desk:
            await desk.says("lixiao", "/ping a", chat="shifuban")
            yield desk, walk


async def test_a_report_a_due_row_and_a_tap(watched: tuple[Desk, Walk]) -> None:
    desk, walk = watched
    with walk.watched():
        said = await desk.says("lixiao", "盖章点了没反应，急等着发文", chat="shifuban")
    assert [in_order(walk, named) for named in told("Walk of a report")] == told("Walk of a report")
    with walk.watched():
        assert await desk.later(minutes=5)
    assert [in_order(walk, named) for named in told("Walk of a due row")] == told("Walk of a due row")
    page = next(one for one in said if one.chat == "dm-wen")
    with walk.watched():
        await desk.taps("wen", page, "claim")
    assert [in_order(walk, named) for named in told("Walk of a tap")] == told("Walk of a tap")


@pytest.mark.servers
async def test_a_drain(estate: Estate, tmp_path: Path, empty_db: Path) -> None:
    walk = Walk()
    asked, confirmed = told("Walk of `/drain`")
    with walk.everywhere():
        async with served(estate, tmp_path / "state", empty_db) as desk:
            with walk.watched():
                await say(desk, "zhou", f"/drain {ADDRESSES['oa4']}")
            assert in_order(walk, asked) == asked
            with walk.watched():
                done = await say(desk, "wen", "/confirm R1")
            assert in_order(walk, confirmed) == confirmed
    assert done.text.startswith("R1 完成")
