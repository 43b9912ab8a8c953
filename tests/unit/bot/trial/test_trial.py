"""A site tries its own runbook before it trusts it. The command, the SSH server of its scratch hosts and the record are real."""

import re
import shutil
from pathlib import Path

import pytest

from bot.__main__ import main
from tests.support.paths import EXAMPLE

RUNBOOK = """verb: tidy
alias: 整理
title: {zh: 整理, en: Tidy up}
source: our own
roles: [engineer]
confirm: second
group: oa
arguments:
  - {name: host, type: host}
  - {name: day, type: date, format: "%Y%m%d"}
look:
  - {disk_free: 1G, path: /data}
steps:
  - title: {zh: 打包, en: pack}
    run: [tar, -czf, "/data/logs-{day}.tar.gz", /data/logs]
    stdin: "{secret.pack}"
    become: dmdba
  - set: {file: /data/app.properties, key: pool.max, value: "{day}"}
  - title: {zh: 检查, en: check}
    run: [checker, --all]
    expect: fine
"""
GOOD = """cases:
  - name: packs and sets
    line: /tidy oa3 2026-11-22
    files: {oa3: {/data/app.properties: "pool.min=1\\npool.max = 5\\n"}}
    answers:
      df: "     Avail\\n9999999999\\n"
      "oa3: checker": not yet
    ends: failed expect
    after: {oa3: {/data/app.properties: "pool.min=1\\npool.max = 5\\n"}}
    sent:
      - oa3: df -B1 --output=avail /data
      - oa3: readlink -f /data/app.properties
      - oa3: cat /data/app.properties
      - oa3: ls -lndZ /data/app.properties
      - oa3: tar -czf /data/logs-20261122.tar.gz /data/logs
      - oa3: cp --preserve=mode,ownership,timestamps,xattr /data/app.properties /data/.app.properties.zhiban-43ed77fb0488
      - oa3: cp --preserve=mode,ownership,timestamps,xattr /data/app.properties /data/.app.properties.zhiban-new
      - oa3: tee /data/.app.properties.zhiban-new
      - oa3: cat /data/.app.properties.zhiban-43ed77fb0488
      - oa3: cat /data/app.properties
      - oa3: cat /data/.app.properties.zhiban-new
      - oa3: ls -lndZ /data/app.properties
      - oa3: ls -lndZ /data/.app.properties.zhiban-new
      - oa3: mv -f /data/.app.properties.zhiban-new /data/app.properties
      - oa3: cat /data/app.properties
      - oa3: checker --all
      - oa3: cat /data/app.properties
      - oa3: >-
          cp --preserve=mode,ownership,timestamps,xattr /data/.app.properties.zhiban-43ed77fb0488
          /data/.app.properties.zhiban-new
      - oa3: mv -f /data/.app.properties.zhiban-new /data/app.properties
      - oa3: cat /data/app.properties
      - oa3: rm -f /data/.app.properties.zhiban-43ed77fb0488 /data/.app.properties.zhiban-new
  - name: a day that is none
    line: /tidy oa3 2026-02-30
    ends: refused bad_day
    sent: []
  - name: too little room
    line: /tidy oa3 2026-11-22
    answers: {df: "Avail\\n5\\n"}
    ends: refused precondition
    sent: [{oa3: df -B1 --output=avail /data}]
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A data folder with a runbook of its own."""
    data = tmp_path / "data"
    shutil.copytree(EXAMPLE, data)
    (data / "runbooks").mkdir(exist_ok=True)
    (data / "runbooks" / "tidy.yaml").write_text(RUNBOOK, "utf-8")
    (tmp_path / "zhiban.toml").write_text(f'data_dir = "{data}"\nstate_dir = "{tmp_path / "state"}"\n', "utf-8")
    return tmp_path


def trial(site: Path, text: str) -> int:
    (site / "data" / "runbooks" / "tidy.test.yaml").write_text(text, "utf-8")
    return main(["runbooks", "--config", str(site / "zhiban.toml"), "test"])


def test_what_holds_holds(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert trial(site, GOOD) == 0
    assert "3 of 3 hold" in capsys.readouterr().out


def test_what_differs_is_shown_line_by_line(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wrong = GOOD.replace("- oa3: checker --all", "- oa3: checker --some").replace("refused precondition", "done")
    assert trial(site, wrong) == 1
    said = capsys.readouterr().out
    assert "- - oa3: checker --some" in said
    assert "+ - oa3: checker --all" in said
    assert "it ended refused precondition, expected done" in said
    assert "1 of 3 hold" in said


def test_a_site_may_have_many_hosts(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    hosts = site / "data" / "hosts.yaml"
    more = "".join(f"  more{n}: {{group: test, address: 10.154.9.{n}}}\n" for n in range(1, 30))
    hosts.write_text(hosts.read_text("utf-8").rstrip("\n") + "\n" + more, "utf-8")
    case = "cases:\n  - {line: /disk more29, answers: {df: x}, sent: [{more29: df -P}]}\n"
    assert trial(site, case) == 0, capsys.readouterr().out


def test_a_case_says_when_it_is(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A change window, a licence date, ``today``: what holds tonight holds in a test at any hour, next year too."""
    runbook = site / "data" / "runbooks" / "tidy.yaml"
    days = """  - {window: true}
  - {on: host, run: [licence], match: "until (.*)", days_left: 7}
"""
    runbook.write_text(RUNBOOK.replace("steps:", days + "steps:").replace("type: date,", "type: date, default: today,"))
    case = "  - {line: /tidy oa3, at: AT, answers: {df: '9999999999', licence: until 2026-11-30}, ends: ENDS, sent: SENT}\n"
    looks = "[{oa3: df -B1 --output=avail /data}, {oa3: licence}"
    file = "/data/app.properties"
    found = [
        ("2026-11-22 19:00", "refused cannot_read", f"{looks}, {{oa3: readlink -f {file}}}, {{oa3: cat {file}}}]"),
        ("2026-11-22 17:59:59", "refused outside_window", "[]"),
        ("2026-11-24T19:00", "refused precondition", f"{looks}]"),
    ]
    text = "".join(case.replace("AT", at).replace("ENDS", ends).replace("SENT", sent) for at, ends, sent in found)
    assert trial(site, f"cases:\n{text}") == 0, capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("cases: 3\n", "write cases: and a list below it"),
        ("cases:\n  - {name: x}\n", "case 1: line is missing"),
        ("cases:\n  - {line: /tidy oa3, colour: red}\n", "unknown key colour"),
        ("cases:\n  - {line: /tidy oa3, ends: well}\n", "ends: well: write done"),
        ("cases:\n  - {line: /tidy oa3, sent: [oa3]}\n", "write each command as - oa3: the command"),
        ("cases:\n  - {line: /tidy oa3, at: tonight}\n", "at: tonight: write a day, or a day and a time"),
        ("cases:\n  - {line: /tidy oa3, ends: ''}\n", "ends: : write done"),
        ("cases:\n  - {line: /tidy oa3, answers: {df: {said: x}}}\n", "an answer has out, err and exit"),
        ("cases:\n  - {line: /tidy oa3, files: 3}\n", "case 1: 'int' object has no attribute 'items'; see docs"),
        ("cases: [\n", "cannot be read"),
    ],
)
def test_a_broken_test_is_told(
    site: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, text: str, told: str
) -> None:
    """In the language of the settings; what Python or a parser says of it stands in the English one alone."""
    monkeypatch.setenv("ZHIBAN_LOCALE", "en")
    assert trial(site, text) == 2
    assert told in capsys.readouterr().err
    monkeypatch.setenv("ZHIBAN_LOCALE", "zh")
    assert trial(site, text) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert re.search("[一-鿿]", line)
    assert not re.search("[A-Za-z]{2,} [A-Za-z]{2,}", line.removeprefix(str(site)).replace("/restart oa3", "")), line


def test_a_folder_without_tests_says_where_to_read_of_them(
    site: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for locale, told in (("zh", "里没有测试，怎样写见 docs/runbooks.md"), ("en", "no tests in ")):
        monkeypatch.setenv("ZHIBAN_LOCALE", locale)
        assert trial(site, "cases: []\n") == 1
        assert told in capsys.readouterr().err
