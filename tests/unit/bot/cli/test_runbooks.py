"""``zhiban runbooks`` prints what would run, and refuses as the chat does."""

import json
import shutil
from pathlib import Path

import pytest

from bot.__main__ import main
from tests.support.paths import EXAMPLE


def test_list_names_every_runbook(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["runbooks", "list"]) == 0
    verbs = {line.split()[0] for line in capsys.readouterr().out.splitlines()}
    assert {"/restart", "/stop", "/start", "/drain", "/undrain", "/nodes", "/conns", "/disk", "/logs"} <= verbs


def test_show_takes_the_alias(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["runbooks", "show", "重启"]) == 0
    assert "asadmin stop-domain" in capsys.readouterr().out


OWN = """verb: own
alias: 自
title: {zh: 自, en: Our own}
source: test
roles: [engineer, lead]
confirm: self
group: oa
arguments:
  - {name: host, type: host}
  - name: how
    type: choice
    default: soft
    choices: {soft: s, hard: h}
    values: {hard: {confirm: second, roles: [lead], confirmers: [director]}}
steps:
  - title: {zh: 停, en: stop}
    run: [halt, "{how}"]
    become: weaver
    stdin: "{secret.pw}"
    expect: halted
    idempotent: true
    retry: {times: 2}
    undo: [go, on]
"""


def test_who_may_and_how_is_shown_before_anybody_trusts_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copytree(EXAMPLE, tmp_path / "data")
    (tmp_path / "data" / "runbooks").mkdir(exist_ok=True)
    (tmp_path / "data" / "runbooks" / "own.yaml").write_text(OWN, "utf-8")
    (tmp_path / "zhiban.toml").write_text('data_dir = "data"\n')
    config = ["--config", str(tmp_path / "zhiban.toml")]
    assert main(["runbooks", *config, "show", "own"]) == 0
    said = capsys.readouterr().out.splitlines()
    choice = "argument how: choice one of soft, hard (default soft)"
    assert f"{choice}; hard: confirm second, only lead, confirmed by director" in said
    assert "1. stop [run, 30 s, as weaver, given {secret.pw}, must say halted, up to 3 times] halt {how}" in said
    assert "   when a later step fails: go on" in said
    for how, who in (("soft", "engineer, lead; confirm: self;"), ("hard", "lead; confirm: second by director;")):
        assert main(["runbooks", *config, "plan", "own", "oa3", how]) == 0
        said = capsys.readouterr().out.splitlines()
        assert said[0] == f"/own oa3 {how}: Our own; may run: {who} holds: oa3"
        assert "   is given: ‹secret.pw›" in said


def test_plan_is_exact(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["runbooks", "plan", "drain", "１０.154.54.58", "--json"]) == 0
    plan = json.loads(capsys.readouterr().out)
    commands = [argv for step in plan["steps"] for argv in step["commands"]]
    folder, keeping = "/data/nginx/conf", "--preserve=mode,ownership,timestamps,xattr"
    conf = f"{folder}/nginx.conf"
    assert plan["line"] == "/drain 10.154.54.58"
    assert commands == [
        ["cp", keeping, conf, f"{folder}/.nginx.conf.zhiban-HASH"],
        ["cp", keeping, conf, f"{folder}/.nginx.conf.zhiban-new"],
        ["tee", f"{folder}/.nginx.conf.zhiban-new"],
        ["mv", "-f", f"{folder}/.nginx.conf.zhiban-new", conf],
        ["/data/nginx/sbin/nginx", "-t"],
        ["/data/nginx/sbin/nginx", "-s", "reload"],
    ]


@pytest.mark.parametrize(
    ("words", "locale", "told"),
    [
        (["plan", "restart", "oa33"], "en", "Did you mean /restart oa3?"),
        (["plan", "restart", "oa33"], "zh", "您是不是要 /restart oa3？"),
        (["plan", "restart", "oa3;reboot"], "en", "cannot be used"),
        (["plan", "restart", "oa3;reboot"], "zh", "不能识别的字符"),
        (["plan", "nope"], "zh", "没有叫 nope 的操作，有哪些见 zhiban runbooks list"),
        (["show", "nope"], "en", "no runbook nope; see: zhiban runbooks list"),
        (["show", "nope"], "zh", "没有叫 nope 的操作，有哪些见 zhiban runbooks list"),
    ],
)
def test_what_is_not_fine_is_one(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, words: list[str], locale: str, told: str
) -> None:
    monkeypatch.setenv("ZHIBAN_LOCALE", locale)
    assert main(["runbooks", *words]) == 1
    assert told in capsys.readouterr().err


@pytest.mark.parametrize(
    ("action", "wrong", "locale", "told"),
    [
        (["list"], "roles: []", "zh", "own.yaml:1: roles：没有人能运行它，请写上 roles: [engineer]"),
        (["list"], "roles: []", "en", "own.yaml:1: roles: nobody may run it; write roles: [engineer]"),
        (["plan", "own", "oa3"], "roles: [lead]\ngroup: lb", "zh", "group：没有编号为 "),
        (["plan", "own", "oa3"], "roles: [lead]\ngroup: lb", "en", "group: no host group has the id "),
    ],
)
def test_8_25_a_wrong_file_is_told_in_the_language_of_the_settings(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    action: list[str],
    wrong: str,
    locale: str,
    told: str,
) -> None:
    shutil.copytree(EXAMPLE, tmp_path / "data")
    (tmp_path / "data" / "runbooks").mkdir(exist_ok=True)
    text = OWN.replace("roles: [engineer, lead]", wrong)
    text = text.replace("group: oa\n", "").replace("group: lb", "group: oaa") if "group" in wrong else text
    (tmp_path / "data" / "runbooks" / "own.yaml").write_text(text, "utf-8")
    (tmp_path / "zhiban.toml").write_text(f'data_dir = "data"\nlocale = "{locale}"\n')
    assert main(["runbooks", "--config", str(tmp_path / "zhiban.toml"), *action]) == 2
    assert told in capsys.readouterr().err
