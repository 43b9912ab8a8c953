"""What the guides for contributors tell to do is done, step by step, in a copy of the tree, and does what they promise."""

import sqlite3
from pathlib import Path

import pytest

from tests.docs import guide
from tests.support.paths import ROOT

PAGES = ROOT / "docs" / "contributing"
LOADED = """
import zoneinfo
from bot.core.errors import ConfigError
from messages.render import Renderer
try:
    Renderer(zoneinfo.ZoneInfo("Asia/Shanghai")).check()
except ConfigError as error:
    print(error)
"""
MADE = 'from pathlib import Path; from bot.storage import schema; schema.prepare(Path("new.db"))'


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    return guide.copy(tmp_path / "zhiban")


def test_a_migration_is_added_as_its_page_says(tree: Path) -> None:
    """The oracle is a database that the copy's own command line made: it has the column."""
    before = len(list((tree / "bot" / "storage" / "migrations" / "versions").glob("0*.py")))
    guide.follow(PAGES / "adding-a-migration.md", tree)
    (new,) = (tree / "bot" / "storage" / "migrations" / "versions").glob("*_room_of_the_reporter.py")
    assert new.name.startswith(f"{before + 1:04}_")
    assert "drop_" not in new.read_text("utf-8")
    guide.run(f".venv/bin/python -c '{MADE}'", tree)
    with sqlite3.connect(tree / "new.db") as database:
        columns = {name: needed for _, name, _, needed, *_ in database.execute("PRAGMA table_info(ticket)")}
    database.close()
    assert columns["reporter_room"] == 0


def test_a_message_is_added_as_its_page_says(tree: Path) -> None:
    """The page's own test speaks through the copy's desk; a fact that one language lacks is told by file and name."""
    printed = guide.follow(PAGES / "adding-a-message.md", tree)
    assert "passed" in printed[-1]
    english = tree / "messages" / "en" / "help" / "greeting.j2"
    english.write_text("{# facts: name #}\nHello {{ name }}.\n", "utf-8")
    assert "messages/en/help/greeting.j2:1: declares other facts" in guide.run(f".venv/bin/python -c '{LOADED}'", tree)


def test_a_type_of_argument_is_added_as_its_page_says(tree: Path) -> None:
    """The page's own tests pass in the copy, and the schema that editors read offers the new word."""
    printed = guide.follow(PAGES / "adding-a-runbook-kind.md", tree)
    assert "passed" in printed[-1]
    assert '"percent"' in (tree / "runbooks" / "schema.json").read_text("utf-8")
    assert '"percent"' not in (ROOT / "runbooks" / "schema.json").read_text("utf-8")


def test_a_platform_is_added_as_its_page_says(tree: Path) -> None:
    """The page's own test passes in the copy, every import contract is kept, and what is missing is told by name."""
    passed, contracts = guide.follow(PAGES / "adding-a-platform.md", tree)
    assert ("passed" in passed, "0 broken" in contracts) == (True, True)
    (tree / "zhiban.toml").write_text('adapters = ["pager"]\n', "utf-8")
    with pytest.raises(AssertionError, match="pager: give url"):
        guide.run(".venv/bin/python -m bot check", tree)
