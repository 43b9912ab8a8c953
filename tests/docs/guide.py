"""The steps of a contributor's guide, read from its code blocks and done in a copy of the tree.

A block whose fence says ``file="PATH"`` is written there, or, with ``after="LINE"``, put below that line of the file; each
line of a ``console`` block that begins with ``$`` is run in the copy and must succeed.
"""

import os
import re
import shlex
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.support.paths import ROOT

_BLOCK = re.compile(r"^```(\w+)([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_GIVEN = re.compile(r'(\w+)="(.*?)"(?= \w+=|$)')
_NEEDED = {".ci", ".gitignore", ".importlinter"}  # of what begins with a dot
_LEFT = shutil.ignore_patterns(
    "var", "images", "*.egg-info", "*.pyc.*"
)  # the last: what another test is just compiling
_STAMPS = "-o .venv/.run -o .venv/.dev"  # the environment is there; make must not install it anew


@dataclass(frozen=True, slots=True)
class Block:
    """One code block: its language, what its fence says besides, its text."""

    language: str
    given: dict[str, str]
    text: str


def blocks(page: Path) -> list[Block]:
    """The code blocks of a page, in order."""
    found = _BLOCK.findall(page.read_text("utf-8"))
    return [Block(language, _said(fence), text) for language, fence, text in found]


def copy(to: Path) -> Path:
    """The tree without its history, with the environment of this one."""
    shutil.copytree(ROOT, to, ignore=lambda folder, names: _LEFT(folder, names) | _hidden(names))
    (to / ".venv").symlink_to(ROOT / ".venv")
    return to


def _hidden(names: list[str]) -> set[str]:
    return {name for name in names if name.startswith(".") and name not in _NEEDED}


def follow(page: Path, tree: Path) -> list[str]:
    """Do every step of ``page`` in ``tree``; returns what the commands printed."""
    printed = []
    for block in blocks(page):
        if "file" in block.given:
            _write(block, tree / block.given["file"])
        elif block.language == "console":
            printed += [run(line.removeprefix("$ "), tree) for line in block.text.splitlines() if line.startswith("$ ")]
    return printed


def _said(fence: str) -> dict[str, str]:
    return dict(_GIVEN.findall(fence))


def _write(block: Block, path: Path) -> None:
    if "after" not in block.given:
        assert not path.exists(), f"{path} is there already"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(block.text, "utf-8")
        return
    lines = path.read_text("utf-8").splitlines(keepends=True)
    at = [number for number, line in enumerate(lines, 1) if line.strip() == block.given["after"].strip()]
    assert len(at) == 1, f"{path}: {block.given['after']!r} stands there {len(at)} times"
    lines.insert(at[0], block.text)
    path.write_text("".join(lines), "utf-8")


def run(command: str, tree: Path) -> str:
    """Run one command in ``tree``; returns what it printed. Fails with both streams when the command does."""
    argv = shlex.split(command.replace("make ", f"make --no-print-directory {_STAMPS} ", 1))
    done = subprocess.run(argv, cwd=tree, env=_environment(tree), capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def _environment(tree: Path) -> dict[str, str]:
    """The copy's own files are imported, not those that the environment was set up for."""
    path = os.pathsep.join(("/usr/sbin", os.environ["PATH"]))
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ZHIBAN_", "PYTEST_", "COV_"))}
    return {**kept, "PATH": path, "PYTHONPATH": str(tree)}
