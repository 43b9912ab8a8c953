"""The steps of ``docs/contributing/adding-a-capability.md`` add a capability, touching its folder, its messages and one line.

They are done in a copy of the tree; the copy's own command line, database and console are asked what came of it.
"""

import json
import sqlite3
from pathlib import Path

import pytest

from tests.docs import guide
from tests.support.paths import ROOT
from tests.support.roster_now import roster_for_now

PAGE = ROOT / "docs" / "contributing" / "adding-a-capability.md"
SETTING = PAGE.with_name("adding-a-setting.md")
PYTHON = ".venv/bin/python"
OWN = ("handlers/keys/", "messages/zh/keys/", "messages/en/keys/", "tests/unit/handlers/keys/")
MADE = 'from pathlib import Path; from bot.storage import schema; schema.prepare(Path("new.db"))'
OPENED = """
import asyncio, sys
from pathlib import Path
from bot.settings import ServerSettings
from tests.support.desk import empty_database, make_settings, open_desk
from tests.unit.bot.console.conftest import serving

async def main(folder):
    settings = make_settings(folder / "state", server=ServerSettings(public_url="http://duty.example"))
    async with open_desk(folder / "state", empty_database(folder), settings=settings) as desk, serving(desk) as pages:
        await desk.says("zhou", "机房钥匙我拿走了", chat="duty-room")
        said = [one for one in await desk.later(hours=4) if one.chat == "dm-zhou" and "K1" in one.text]
        link = said[0].text.rpartition("http://duty.example")[2].split()[0]
        opened, other = await pages.get(link), await pages.get(link.replace("/keys/K1", "/keys/K2"))
        (menu,) = await desk.says("zhou", "/help", chat="dm-zhou")
        print(opened.status, "还没有还" in opened.text, other.status, "钥匙：/keys（钥匙）" in menu.text)

folder = Path("tried")
folder.mkdir()
asyncio.run(main(folder))
"""

SET = """
from pathlib import Path
from bot.cli.platforms import PLATFORMS
from bot.core.errors import ConfigError
from bot.sections import SECTIONS
from bot.settings_file import load_settings
from handlers.keys.settings import KeysSettings

def ask(environ):
    return load_settings(Path("deploy/zhiban.toml"), environ, platforms=PLATFORMS, sections=SECTIONS).section(KeysSettings).ask

print(ask({}), ask({"ZHIBAN_KEYS__ASK": "false"}))
try:
    ask({"ZHIBAN_KEYS__ASKS": "true", "ZHIBAN_KEYS__ASK": "perhaps"})
except ConfigError as error:
    print(*[fault.partition(": ")[2].partition(": ")[0] for fault in error.faults])
"""


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the tree in which every step was done, its tests included."""
    made = guide.copy(tmp_path_factory.mktemp("capability") / "zhiban")
    before = contents(made)
    printed = guide.follow(PAGE, made)
    assert "passed" in printed[-1]
    after = contents(made)
    assert before.keys() <= after.keys()
    changed = {path for path, data in after.items() if before.get(path) != data}
    others = sorted(path for path in changed if not path.startswith(OWN))
    assert [path.rpartition("_machine_keys")[2] or path for path in others] == ["bot/capabilities.py", ".py"]
    return made


def contents(tree: Path) -> dict[str, bytes]:
    """Every file of the sources, by its path."""
    rooms = ("bot", "handlers", "runbooks", "messages", "data", "tests", "docs", "scripts")
    files = [path for room in rooms for path in (tree / room).rglob("*") if path.is_file()]
    return {path.relative_to(tree).as_posix(): path.read_bytes() for path in files if "__pycache__" not in path.parts}


def test_its_table_is_in_a_new_database(tree: Path) -> None:
    guide.run(f"{PYTHON} -c '{MADE}'", tree)
    with sqlite3.connect(tree / "new.db") as database:
        columns = [row[1] for row in database.execute("PRAGMA table_info(machine_key)")]
    database.close()
    assert columns == ["id", "person", "chat", "taken_at", "back_at"]


def test_slack_learns_of_its_command(tree: Path) -> None:
    manifest = json.loads(guide.run(f"{PYTHON} -m bot slack-manifest --socket", tree))
    assert "/keys" in {command["command"] for command in manifest["features"]["slash_commands"]}


def test_its_page_opens_by_its_link_and_help_names_it(tree: Path) -> None:
    (tree / "try.py").write_text(OPENED, "utf-8")
    assert guide.run(f"{PYTHON} try.py", tree) == "200 True 403 True\n"


def test_check_asks_it_too(tree: Path) -> None:
    roster_for_now(tree / "var")
    said = guide.run(f"{PYTHON} -m bot check", tree)
    assert "no duty room" not in said
    chats = tree / "data" / "example" / "chats.yaml"
    whole = chats.read_text("utf-8")
    chats.write_text("".join(line for line in whole.splitlines(keepends=True) if "duty-room:" not in line), "utf-8")
    assert "note: chats.yaml has no duty room" in guide.run(f"{PYTHON} -m bot check", tree)
    chats.write_text(whole, "utf-8")


def test_its_settings_are_added_by_the_steps_of_their_own_page(tree: Path) -> None:
    before = contents(tree)
    printed = guide.follow(SETTING, tree)
    assert "passed" in printed[-1]
    changed = {path for path, data in contents(tree).items() if before.get(path) != data}
    assert {path for path in changed if not path.startswith(OWN)} == {"bot/sections.py"}
    (tree / "set.py").write_text(SET, "utf-8")
    assert guide.run(f"{PYTHON} set.py", tree) == "True False\nkeys.ask keys.asks\n"
