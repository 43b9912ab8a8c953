"""Nothing ever reaches a host that is not exactly an allowed value: lines of malice by the thousand, one real host.

The oracle is twofold and shares no code with what is tested: the host's own record of the words that a program got, and the
tables and patterns below, which say what each argument may be.
"""

import asyncio
import json
import random
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.core import commands
from bot.core.errors import UserError
from data.load.site import load_site
from data.model import Host
from data.site import Site
from runbooks.language.definition import Catalogue
from runbooks.language.load.catalogue import load_catalogue
from runbooks.planning.plan import Step
from runbooks.planning.planner import plan_run
from runbooks.remote.ssh import Ssh
from tests.support import sshd
from tests.support.paths import EXAMPLE
from tests.support.sshd import Sshd

pytestmark = pytest.mark.servers
TODAY = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
HEAD = "title: {{zh: 试, en: try}}\nsource: test\nroles: [engineer]\nconfirm: second\ngroup: oa\n"
STEP = 'steps:\n  - title: {{zh: 记, en: note}}\n    on: {{group: oa, first: true}}\n    run: ["{program}", "{{x}}"]\n'
EACH = "    each: {{name: x, of: xs}}\n"
NASTY = "/* a; echo $HOME `id` 'q' > x &"  # what a site may write is one word on the host, too
ARGUMENTS = {
    "host": "{name: x, type: host}",
    "node": "{name: x, type: node}",
    "group": "{name: x, type: group}",
    "choice": f"{{name: x, type: choice, choices: {{app: app.log, all: {json.dumps(NASTY)}}}}}",
    "int": "{name: x, type: int, least: 1, most: 500}",
    "date": '{name: x, type: date, format: "%Y%m%d"}',
    "size": "{name: x, type: size, least: 1G, most: 500G}",
    "port": "{name: x, type: port}",
    "path": "{name: x, type: path, root: /data/WEAVER}",
    "file": "{name: x, type: file}",
    "ports": "{name: xs, type: port, many: true}",
}
SAMPLES = {
    "host": ["oa3", "oa10", "OA3", "oa03", "ＯＡ３"],
    "node": ["10.154.54.58", "oa3", "１０.154.54.58", "10.154。54.58"],
    "group": ["oa", "lb", "OA"],
    "choice": ["app", "all", "APP"],
    "int": ["1", "500", "007", "５０"],
    "date": ["2026-11-22", "20261122", "today", "yesterday", "TODAY"],
    "size": ["10G", "1g", "500G", "2048M"],
    "port": ["22", "6888", "65535"],
    "path": ["a.zip", "ecology/x-1.2.tar.gz", "/data/WEAVER/a.zip"],
    "file": ["a.license", "new_1.key"],
    "ports": ["22", "6888,22", "22,22"],
}
EVIL = (
    ";reboot", "$(reboot)", "`reboot`", "&&reboot", "|reboot", ">x", "<x", "*", "?", "~", "!", "'", '"', "\\", "\n", "\r", "\0",
    "\t", " reboot", "..", "/..", "../", "../../etc/passwd", "-rf", "--", "-", "/", "//", ".", ",", ":", "@", "%0a", "%s", "{x}",
    "{today}", "‹x›", "${IFS}", "$HOME", "；", "＆", "｜", "＄", "（", "．．", "／", "－", "\u200b", "\u202e", "\ufeff", "\u00a0",
    "\u3000", "٣", "३", "Ｏ", "о", "ο", "é", "𝟑", "③", "�", "\ud800", "0", "00", "1e9", "0x10", "1_000", "+1", " 1", "=", "#", "=1",
)  # fmt: skip


def expected(kind: str, typed: str) -> set[str]:
    """What a program may get for what was typed: empty when nothing may."""
    plain = typed.translate({**{c: c - 0xFEE0 for c in range(0xFF01, 0xFF5F)}, 0x3000: " "})
    plain = re.sub(r"(?<=[0-9])。(?=[0-9])", ".", plain)
    low = plain.lower()
    match kind:
        case "host":
            match_host = re.fullmatch(r"oa0*([1-9]|10)", low, re.ASCII)
            return {f"oa{match_host[1]}"} if match_host else set()
        case "node":
            by_name = re.fullmatch(r"oa0*([1-9]|10)", low, re.ASCII)
            return {ADDRESSES[int(by_name[1]) - 1]} if by_name else {plain} & set(ADDRESSES)
        case "group":
            return {low} & {"oa", "lb", "db", "test"}
        case "choice":
            return {"app": {"app.log"}, "all": {NASTY}}.get(low, set())
        case "int":
            return _number(plain, 1, 500)
        case "port":
            return _number(plain, 1, 65535)
        case "ports":
            parts = plain.split(",")
            found = [_number(part, 1, 65535) for part in parts]
            return set().union(*found) if all(found) and len(set(parts)) <= 16 else set()
        case "date":
            return _date(low)
        case "size":
            size = re.fullmatch(r"([1-9][0-9]{0,5})([KMGT])", plain.upper(), re.ASCII)
            gib = {"K": 2**-20, "M": 2**-10, "G": 1.0, "T": 1024.0}
            return {plain.upper()} if size and 1 <= int(size[1]) * gib[size[2]] <= 500 else set()
        case _:
            pass
    name = r"[A-Za-z0-9_][A-Za-z0-9_.+-]*"
    if kind == "file":
        return {plain} if re.fullmatch(name, plain, re.ASCII) and ".." not in plain else set()
    below = plain.removeprefix("/data/WEAVER/")
    fine = re.fullmatch(rf"{name}(/{name})*", below, re.ASCII) and ".." not in below
    return {f"/data/WEAVER/{below}"} if fine else set()


ADDRESSES = (
    "10.154.0.179", "10.154.0.181", "10.154.0.164", "10.154.54.34", "10.154.54.35",
    "10.154.54.36", "10.154.54.39", "10.154.54.56", "10.154.54.57", "10.154.54.58",
)  # fmt: skip


def _number(text: str, least: int, most: int) -> set[str]:
    fine = re.fullmatch(r"[0-9]{1,6}", text, re.ASCII) and least <= int(text) <= most
    return {str(int(text))} if fine else set()


def _date(text: str) -> set[str]:
    if text in {"today", "yesterday"}:
        return {"20261122" if text == "today" else "20261121"}
    for form, pattern in (("%Y-%m-%d", r"[0-9]{4}-[0-9]{2}-[0-9]{2}"), ("%Y%m%d", r"[0-9]{8}")):
        if re.fullmatch(pattern, text, re.ASCII):
            try:
                return {datetime.strptime(text, form).strftime("%Y%m%d")}  # noqa: DTZ007  a date alone
            except ValueError:
                return set()
    return set()


def lines(count: int, seed: int) -> Iterator[tuple[str, str]]:
    """(kind, what is typed): good words, good words with something evil in them, and plain noise."""
    chance = random.Random(seed)  # noqa: S311  tests want the same lines again
    for _ in range(count):
        kind = chance.choice(list(ARGUMENTS))
        word = chance.choice(SAMPLES[kind])
        for _ in range(chance.choice((0, 1, 1, 1, 2, 3))):
            place = chance.randint(0, len(word))
            sign = (
                chance.choice(EVIL)
                if chance.random() < 0.7
                else chr(chance.choice((chance.randint(0, 255), chance.randint(0, 0xD7FF))))
            )
            word = word[:place] + sign + word[place + chance.choice((0, 0, 1)) :]
        yield kind, word


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Sshd]:
    with sshd.running(tmp_path / "host") as running:
        yield running


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """What the commands run: it notes every word it got."""
    path = tmp_path / "note"
    path.write_text(
        f'#!/usr/bin/env python3\nimport json,sys\nprint(json.dumps(sys.argv[1:]), file=open("{tmp_path}/record","a"))\n'
    )
    path.chmod(0o755)
    return path


@pytest.fixture
def catalogue(tmp_path: Path, program: Path) -> Catalogue:
    folder = tmp_path / "runbooks"
    folder.mkdir()
    for number, (kind, argument) in enumerate(ARGUMENTS.items()):
        text = f"verb: try-{kind}\nalias: 试{number}\n" + (HEAD + "arguments:\n  - ").format() + argument + "\n"
        text += STEP.format(program=program) + (EACH.format() if kind == "ports" else "")
        (folder / f"try-{kind}.yaml").write_text(text, "utf-8")
    return load_catalogue(folder)


def planned(catalogue: Catalogue, site: Site, kind: str, typed: str) -> tuple[Step, ...]:
    """The way a message goes, from the chat to the steps; empty when it is refused or no command."""
    try:
        line = commands.read(f"/try-{kind} {typed}")
        assert line is not None
        definition, words = catalogue.pick(line.verb, commands.words(line.rest))
        return plan_run(definition, words, site, catalogue=catalogue, at=TODAY).steps
    except UserError:
        return ()


@pytest.mark.soak
async def test_only_allowed_values_reach_a_host(
    catalogue: Catalogue, host: Sshd, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    site = load_site(EXAMPLE, with_roster=False)
    site = site.with_hosts({"oa1": Host("oa1", "oa", host.address, host.port, host.user, "10.154.0.179:6888")})
    sent: dict[tuple[str, ...], Step] = {}
    accepted, count = 0, int(request.config.getoption("--argument-lines"))
    for kind, typed in lines(count, seed=20261122):
        found = planned(catalogue, site, kind, typed)
        values = {argv[-1] for step in found for argv in step.commands}
        assert values <= expected(kind, typed.strip(" \t\r\n\u3000\u00a0\u2005")), (kind, typed)
        accepted += bool(found)
        sent |= {argv: step for step in found for argv in step.commands}
    assert accepted > count / 50  # the good ones do get through
    record = await _send(host, tmp_path, sent)
    assert sorted(record) == sorted([argv[1]] for argv in sent)


async def _send(host: Sshd, folder: Path, sent: dict[tuple[str, ...], Step]) -> list[list[str]]:
    """Every different command once, over real SSH; returns what the program noted."""
    known_hosts = folder / "known_hosts"
    known_hosts.write_text(host.known_hosts)
    remote = Ssh(known_hosts, host.key_file)
    try:
        chosen = list(sent.items())
        for start in range(0, len(chosen), 8):
            await asyncio.gather(*(remote.run(step.target, argv) for argv, step in chosen[start : start + 8]))
    finally:
        await remote.close()
    record: list[Any] = [json.loads(line) for line in (folder / "record").read_text().splitlines()]
    return record
