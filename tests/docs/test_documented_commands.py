"""Every command that the documents show is run: shell lines as they stand, chat lines through the desk."""

import re
import shlex
import subprocess
from pathlib import Path

import pytest

from tests.support import starter
from tests.support.desk import Desk
from tests.support.paths import ROOT
from tests.support.roster_now import roster_for_now

PAGES = sorted(
    [*ROOT.glob("README*.md"), *(ROOT / "docs").glob("*.md"), ROOT / "CHANGELOG.md", ROOT / "CONTRIBUTING.md"]
)
CONSOLE = re.compile(r"^```console\n(.*?)^```", re.DOTALL | re.MULTILINE)
CHAT_LINE = re.compile(r"`([/／][a-z一-鿿][^`]*)`")
LINK = re.compile(r"\]\(([^)#\s]+)\)")
PROGRAM = ".venv/bin/zhiban"
NOT_FINE = {
    f"{PROGRAM} hosts scan oa3": 1
}  # there is no such server here; tests/unit/bot/cli/test_hosts.py has real ones
PLACES = {"/me", "/healthz", "/readyz", "/metrics"}  # addresses of the service, and commands of Slack itself


def shell_lines() -> list[str]:
    found = {
        line.removeprefix("$ ").strip()
        for page in PAGES
        for block in CONSOLE.findall(page.read_text("utf-8"))
        for line in block.splitlines()
        if line.startswith("$ ")
    }
    return sorted(found)


def chat_lines() -> list[str]:
    found = {line for page in PAGES for line in CHAT_LINE.findall(page.read_text("utf-8"))}
    return sorted(line for line in found if line.split()[0] not in PLACES and "/" not in line[1:].split()[0])


@pytest.mark.parametrize("line", [line for line in shell_lines() if line.startswith("make ")])
def test_make_target(line: str) -> None:
    """The target exists and make knows how; what it does is run by its own tests and by CI."""
    ran = subprocess.run([*shlex.split(line), "--dry-run"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr


def test_the_documented_zhiban_lines_work_one_after_the_other(tmp_path: Path, empty_db: Path) -> None:
    """In the order of the pages, in one folder, as a reader would."""
    state = tmp_path / "var"
    state.mkdir()
    (state / "zhiban.db").write_bytes(empty_db.read_bytes())
    (tmp_path / "data").symlink_to(ROOT / "data")
    roster_for_now(state)  # without one nobody is on duty, and zhiban check says so
    (tmp_path / "messages.jsonl").write_text('{"text": "盖章点了没反应"}\n', "utf-8")
    lines = [line for line in _in_order() if line.startswith(f"{PROGRAM} ")]
    assert len(lines) >= 8
    for line in lines:
        ended = starter.ran(shlex.split(line)[1:], tmp_path, {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"})
        assert ended.returncode == NOT_FINE.get(line, 0), f"{line}: {ended.stdout[-500:]}{ended.stderr[-500:]}"


def _in_order() -> list[str]:
    blocks = [block for page in PAGES for block in CONSOLE.findall(page.read_text("utf-8"))]
    lines = [
        line.removeprefix("$ ").strip() for block in blocks for line in block.splitlines() if line.startswith("$ ")
    ]
    return list(dict.fromkeys(lines))


async def test_every_documented_chat_line_is_a_command_that_is_known(desk: Desk) -> None:
    lines = chat_lines()
    assert "/drain 10.154.54.58" in lines
    for line in lines:
        await desk.says("zhou", line, chat="duty-room")
    refused = [row.entry for row in await desk.audit() if row.entry.code == "unknown_command"]
    assert refused == [], lines


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_and_pictures_lead_somewhere(page: Path) -> None:
    missing = [
        link
        for link in LINK.findall(page.read_text("utf-8"))
        if not link.startswith("http") and not (page.parent / link).exists()
    ]
    assert missing == []
