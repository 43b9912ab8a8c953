"""Does a wrong runbook definition fail at start, with every fault, file and line?"""

from pathlib import Path

import pytest

from bot.core.errors import ConfigError
from runbooks.load import load_catalogue

GOOD = """verb: tidy
alias: 整理
title: {zh: 备份, en: Back up}
source: SOP 6.1
roles: [engineer]
confirm: second
where: host
effect: in
arguments:
  - {name: host, type: host}
steps:
  - title: {zh: 备份, en: back up}
    run: [tar, "{host}"]
"""


def faults(folder: Path, **files: str) -> list[str]:
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text, "utf-8")
    try:
        load_catalogue(folder)
    except ConfigError as error:
        return [fault.removeprefix(f"{folder}/") for fault in error.faults]
    return []


def test_a_sites_own_runbook_is_added(tmp_path: Path) -> None:
    assert faults(tmp_path, backup=GOOD) == []
    assert load_catalogue(tmp_path).find("整理") is not None


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ('"{host}"', '"{hots}"', 13, "no argument is called {hots}; did you mean host?"),
        ('"{host}"', '"{host.__class__}"', 13, "no argument is called {host.__class__}"),
        ('"{host}"', '"{host!r}"', 13, "no argument is called {host}"),
        ('"{host}"', '"{host"', 13, "expected '}'"),
        ("type: host", "type: hsot", 10, "unknown word hsot; did you mean host?"),
        ("verb: tidy", "verb: restart", 1, "restart is taken by restart.yaml"),
        ("alias: 整理", "alias: 重启", 2, "重启 is taken by restart.yaml"),
        ("confirm: second", "confirm: none", 6, "none is for what only reads"),
        ("roles: [engineer]", "roles: []", 1, "nobody may run it"),
        ("where: host", "where: balancer\ncolour: red", 8, "unknown key colour"),
    ],
)
def test_every_fault_has_its_line(tmp_path: Path, old: str, new: str, line: int, words: str) -> None:
    found = faults(tmp_path, backup=GOOD.replace(old, new, 1))
    assert len(found) == 1
    assert found[0].startswith(f"backup.yaml:{line}: ")
    assert words in found[0]


def test_all_faults_come_in_one_report(tmp_path: Path) -> None:
    found = faults(tmp_path, one=GOOD.replace("{host}", "{x}"), two=GOOD.replace("engineer", "engneer"))
    assert {fault.split(":")[0] for fault in found} == {"one.yaml", "two.yaml"}
    assert len(found) == 5  # {x}; engneer, so nobody; tidy and 整理 stand twice
