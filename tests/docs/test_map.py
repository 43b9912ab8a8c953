"""The map of ``CONTRIBUTING.md`` is that of the tree: every place that it names is there, and every room is named."""

import re
from pathlib import Path

import pytest

from tests.support.paths import ROOT

MAP = ROOT / "CONTRIBUTING.md"
PLACE = re.compile(r"`((?:bot|handlers|runbooks|messages|data|tests|docs|deploy|scripts)/[\w/.-]+)`")
PAGES = (MAP, ROOT / "docs" / "contributing" / "architecture.md")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_place_that_is_named_is_there(page: Path) -> None:
    named = set(PLACE.findall(page.read_text("utf-8")))
    assert sorted(place for place in named if not (ROOT / place).exists()) == []


def test_every_room_stands_in_the_map() -> None:
    text = MAP.read_text("utf-8").split("\n## The map\n")[1].split("\n## ")[0]
    rooms = {
        f"{house}/{room.name}"
        for house in ("bot", "handlers", "runbooks")
        for room in (ROOT / house).iterdir()
        if (room.is_dir() and (room / "__init__.py").exists()) or room.name == "catalog"
    }
    assert {room for room in rooms if f"`{room}" not in text} == set()
