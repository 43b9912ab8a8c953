"""``zhiban check`` compares a site's own runbooks with its servers, and leaves alone what it only does without."""

import re
import shutil
from pathlib import Path

import pytest

from bot.__main__ import main
from tests.support.paths import EXAMPLE
from tests.support.roster_now import roster_for_now

OWN = """verb: own
alias: 自
title: {zh: 自, en: Our own}
source: test
roles: [engineer, lead]
confirm: self
group: oa
arguments:
  - name: host
    type: host
    values:
      oa3: {confirm: second}
  - {name: node, type: node, default: 10.154.0.181, values: {10.154.0.164: {roles: [lead]}, oa4: {roles: [lead]}}}
  - {name: other, type: host, group: test, default: test1}
  - {name: all, type: group, default: oa, values: {oa: {roles: [lead]}}}
look:
  - {run: [id], on: {group: db, tag: primary}}
steps:
  - title: {zh: 停, en: stop}
    run: [halt]
    on: {group: db, without: primary}
  - {title: {zh: 问, en: ask}, run: [echo, "{peer}"], each: {name: peer, of: {group: test}}}
  - {runbook: restart, with: ["{host}"]}
  - {runbook: drain, with: ["10.154.0.179"]}
  - roll: {group: oa}
    steps:
      - {runbook: stop, with: ["{here}"]}
  - {runbook: backup db}
"""


@pytest.fixture(autouse=True)
def _in_english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZHIBAN_LOCALE", "en")


def check(
    folder: Path, capsys: pytest.CaptureFixture[str], *, own: str = OWN, hosts: str = ""
) -> tuple[int, list[str]]:
    """The exit status and the faults, of a data folder of its own."""
    shutil.copytree(EXAMPLE, folder / "data")
    (folder / "data" / "runbooks").mkdir()
    if own:
        (folder / "data" / "runbooks" / "own.yaml").write_text(own, "utf-8")
    if hosts:
        (folder / "data" / "hosts.yaml").write_text(hosts, "utf-8")
    (folder / "zhiban.toml").write_text('data_dir = "data"\n')
    roster_for_now(folder / "var")
    status = main(["check", "--config", str(folder / "zhiban.toml")])
    return status, [line.rpartition("/runbooks/")[2] for line in capsys.readouterr().err.splitlines()]


def test_what_fits_is_fine(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check(tmp_path, capsys) == (0, [])


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("group: oa\narg", "group: oaa\narg", 7, "group: no host group has the id oaa; did you mean oa?"),
        ("      oa3:", "      oa33:", 12, "values: no host has the id oa33; did you mean oa3?"),
        ("      oa3:", "      test1:", 12, "values: no host has the id test1; write one of oa1, "),
        ("10.154.0.164:", "10.154.0.16:", 13, "values: no node has the id 10.154.0.16; did you mean "),
        ("default: 10.154.0.181", "default: oa22", 13, "default: no node has the id oa22; did you mean oa2?"),
        (
            "group: test, default",
            "group: tset, default",
            14,
            "group: no host group has the id tset; did you mean test?",
        ),
        ("default: test1", "default: oa1", 14, "default: no host has the id oa1; write one of test1"),
        ("{oa: {roles", "{oaa: {roles", 15, "values: no group has the id oaa; did you mean oa?"),
        (
            "{group: db, tag: primary}",
            "{group: nope, tag: primary}",
            17,
            "on: no host group has the id nope; write one of",
        ),
        ("{group: db, tag: primary}", "{group: db, host: oa33}", 17, "unknown key host"),
        ("tag: primary", "tag: primry", 17, "tag: no host of db has the tag primry; did you mean primary?"),
        ("without: primary", "without: primry", 21, "without: no host of db has the tag primry; did you mean primary?"),
        ("of: {group: test}", "of: {group: tests}", 22, "each: no host group has the id tests; did you mean test?"),
        ('"{host}"', '"oa33"', 23, "with: no host has the id oa33; did you mean oa3?"),
        ('"{host}"', '"{other}"', 23, "with: {other} is a host of test, restart takes those of oa"),
        ('"10.154.0.179"', '"10.154.0.17"', 24, "with: no node has the id 10.154.0.17; did you mean "),
        ("roll: {group: oa}", "roll: {group: oaa}", 25, "roll: no host group has the id oaa; did you mean oa?"),
        ("roll: {group: oa}", "roll: {group: db}", 27, "with: {here} is a host of db, stop takes those of oa"),
    ],
)
def test_what_does_not_fit_has_its_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], old: str, new: str, line: int, words: str
) -> None:
    assert OWN.count(old) >= 1
    status, faults = check(tmp_path, capsys, own=OWN.replace(old, new, 1))
    assert (status, len(faults)) == (1, 1)
    assert faults[0].startswith(f"own.yaml:{line}: {words}")


SMALL = """ssh: {user: zhiban}
groups:
  oa: {name: 应用节点}
  lb: {name: 负载均衡}
hosts:
  oa1: {group: oa, address: 10.154.0.179}
"""


def test_a_site_without_a_database_needs_no_runbook_of_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What is shipped is for every site; only what a site wrote itself is meant for its servers."""
    assert check(tmp_path, capsys, own="", hosts=SMALL) == (0, [])


def test_a_runbook_within_stands_on_the_site_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own = OWN[: OWN.index("arguments:")].replace("group: oa", "group: lb") + "steps:\n  - runbook: backup db\n"
    status, faults = check(tmp_path, capsys, own=own, hosts=SMALL)
    assert status == 1
    assert faults == [
        "own.yaml:7: group: no host is in the group lb; write one of oa",
        "own.yaml:9: runbook: backup db is for hosts of db, there are none in hosts.yaml",
    ]


TWO_WORDS = re.compile("[A-Za-z]{2,} [A-Za-z]{2,}")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("group: oa\narg", "group: oaa\narg", "7: group：没有编号为 oaa 的服务器组，是不是 oa？"),
        ("group: oa\narg", "group: void\narg", "7: group：void 组里没有服务器，可以写 "),
        ("      oa3:", "      oa33:", "12: values：没有编号为 oa33 的服务器，是不是 oa3？"),
        ("default: 10.154.0.181", "default: oa22", "13: default：没有编号为 oa22 的节点，是不是 oa2？"),
        ("type: group, default: oa", "type: group, default: oaa", "15: default：没有编号为 oaa 的服务器组，是不是 oa？"),
        ("tag: primary", "tag: primry", "17: tag：db 组里没有服务器带标签 primry，是不是 primary？"),
        ('"{host}"', '"{other}"', "23: with：{other} 是 test 组的服务器，restart 只能用于 oa 组，请换一个操作，或写 group: oa"),
    ],
)  # fmt: skip
def test_8_25_what_does_not_fit_is_told_in_chinese(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, old: str, new: str, told: str
) -> None:
    monkeypatch.setenv("ZHIBAN_LOCALE", "zh")
    hosts = (EXAMPLE / "hosts.yaml").read_text("utf-8").replace("\ngroups:\n", "\ngroups:\n  void: {name: 空}\n")
    status, faults = check(tmp_path, capsys, own=OWN.replace(old, new, 1), hosts=hosts)
    assert (status, len(faults)) == (1, 1)
    assert faults[0].startswith(f"own.yaml:{told}")
    assert not TWO_WORDS.search(faults[0])


def test_8_25_a_runbook_for_hosts_that_are_not_there_is_told_in_chinese(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZHIBAN_LOCALE", "zh")
    own = OWN[: OWN.index("arguments:")] + "steps:\n  - runbook: backup db\n"
    assert check(tmp_path, capsys, own=own, hosts=SMALL)[1] == [
        "own.yaml:9: runbook：backup db 是给 db 组的，hosts.yaml 里没有这一组的服务器，请去掉这一步，或补上服务器"
    ]


def test_a_plan_is_refused_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """``runbooks plan`` shows what the chat would do; a wrong word there would make nothing stricter."""
    check(tmp_path, capsys, own=OWN.replace("      oa3:", "      oa33:"))
    assert main(["runbooks", "--config", str(tmp_path / "zhiban.toml"), "plan", "restart", "oa3"]) == 2
    assert "values: no host has the id oa33" in capsys.readouterr().err
