"""Files of any shape are read to the end, each mistake is told once and at its line, and nothing crashes."""

import random
import re
import shutil
from pathlib import Path

import pytest

from bot.core.errors import ConfigError
from bot.core.problems import Problems
from data.load.files import HostsFile, PeopleFile, PostsFile
from data.load.read import as_written, read_file
from data.load.site import FILES, load_site
from data.load.written import Written
from tests.support.paths import EXAMPLE

PEOPLE = "contacts: {emergency: a}\npeople:\n  a:\n    name: A\n"


def told(folder: Path, model: type[Written], text: str) -> list[str]:
    path, problems = folder / "file.yaml", Problems("en")
    path.write_text(text, "utf-8")
    file = read_file(path, problems)
    assert file is not None
    as_written(file, model)
    return [line.removeprefix(f"{path}:") for line in problems.lines()]


@pytest.mark.parametrize(
    ("model", "text", "lines"),
    [
        (PeopleFile, PEOPLE, []),
        (PeopleFile, PEOPLE + "    roles: lead\n    phone:\n    accounts:\n", []),
        (PeopleFile, PEOPLE + "    colour:\n", ["5: unknown key colour; write one of accounts, locale, name, "]),
        (PeopleFile, PEOPLE + "    roles: [[lead]]\n", ["5: roles holds something else than plain values; write roles"]),
        (PeopleFile, PEOPLE + "    roles:\n      - lead\n      - led\n", ["5: roles: unknown word led; did you mean lead?"]),
        (PeopleFile, PEOPLE + "    accounts: {slack: [x]}\n", ["5: slack is a list or a map; write one value"]),
        (PeopleFile, PEOPLE + "    accounts: {slack: }\n", ["5: slack is missing; write slack: …"]),
        (PeopleFile, PEOPLE + "  b:\n", ["5: name is missing; write name: …"]),
        (PeopleFile, PEOPLE + "  b: 3\n", ["5: expected a map here, found '3'; write key: value"]),
        (PeopleFile, "[a, b]\n", ["1: expected a map here, found a list; write key: value"]),
        (PostsFile, "posts:\n  a: {name: A, cover: 3}\n", ["2: cover is no list; write each entry after a dash"]),
        (PostsFile, "posts:\n  a: {name: A, presence: 8-9}\n", ["2: presence: 8-9 is not a time of day; write 08:30-18:00"]),
        (
            PostsFile,
            "posts:\n  a:\n    name: A\n    cover:\n      - {hours: 8, days: all}\n      - 4\n",
            [
                "5: hours: 8 is not a time of day; write 08:30-18:00 or 18:00-24:00",
                "5: slot is missing; write slot: …",
                "6: expected a map here, found '4'; write key: value",
            ],
        ),
        (HostsFile, "ssh: {port: 070000}\n", ["1: port: 070000 is no number from 1 to 65535"]),
        (HostsFile, "ssh: {port: +22}\n", ["1: port: +22 is no number from 1 to 65535"]),
        (HostsFile, "ssh: &x {user: *x}\n", ["1: this anchor repeats itself without end; write the values out"]),
        (HostsFile, "ssh:\n  <<: {port: 22}\n", ["2: unknown key <<; write one of port, user"]),
    ],
)  # fmt: skip
def test_each_mistake_is_one_line(tmp_path: Path, model: type[Written], text: str, lines: list[str]) -> None:
    found = told(tmp_path, model, text)
    assert [line for line, start in zip(found, lines, strict=True) if not line.startswith(start)] == []


def test_anchors_that_would_fill_the_memory_are_told(tmp_path: Path) -> None:
    text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
    for n in range(1, 12):
        text += f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n"
    assert any("repeats itself without end" in line for line in told(tmp_path, HostsFile, text))


VALUES = ("[a]", "{a: b}", "", "x", "3", "true", "[{a: b}]", "''", "~", "{zh: a}", "[x, [y]]", "&x [*x]", "!!set {a}")
KEY = re.compile(r"[A-Za-z_0-9-]+: ")


def changed(text: str, chance: random.Random) -> str:
    """The file with one value replaced, one key renamed, or one line left out."""
    lines = text.splitlines()
    places = [(n, m.start(), m.end()) for n, line in enumerate(lines) if line[:1] != "#" for m in KEY.finditer(line)]
    n, start, end = chance.choice(places)
    line = lines[n]
    rest = re.sub(r"^(\{[^{}]*\}|\[[^\[\]]*\]|[^,}\]]*)", lambda _: chance.choice(VALUES), line[end:])
    lines[n] = chance.choice((line[:end] + rest, line[:start] + "zz" + line[start:], line[:start] + line[end:], ""))
    return "\n".join(lines)


def faults(folder: Path) -> list[str]:
    try:
        load_site(folder, with_roster=False, locale="en")
    except ConfigError as error:
        return error.faults
    return []


def test_a_file_with_anything_in_it_is_a_report_and_not_a_crash(tmp_path: Path) -> None:
    folder = shutil.copytree(EXAMPLE, tmp_path / "site")
    chance = random.Random(20261129)  # noqa: S311  tests want the same files again
    reports: list[list[str]] = []
    for turn in range(210):
        path = folder / f"{FILES[turn % len(FILES)]}.yaml"
        kept = path.read_text("utf-8")
        path.write_text(changed(kept, chance), "utf-8")
        reports.append(faults(folder))
        path.write_text(kept, "utf-8")
    assert sum(map(bool, reports)) > 100
    lines = [line for report in reports for line in report]
    assert [line for line in lines if not re.match(rf"{folder}/[a-z]+\.yaml:[0-9]+: ", line)] == []
