"""Does ``zhiban runbooks`` print what would run, and refuse as the chat does?"""

import json

import pytest

from bot.__main__ import main


def test_list_names_every_runbook(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["runbooks", "list"]) == 0
    verbs = {line.split()[0] for line in capsys.readouterr().out.splitlines()}
    assert {"/restart", "/stop", "/start", "/drain", "/undrain", "/nodes", "/conns", "/disk", "/logs"} <= verbs


def test_show_takes_the_alias(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["runbooks", "show", "重启"]) == 0
    assert "asadmin stop-domain" in capsys.readouterr().out


def test_plan_is_exact(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["runbooks", "plan", "drain", "１０.154.54.58", "--json"]) == 0
    plan = json.loads(capsys.readouterr().out)
    commands = [argv for step in plan["steps"] for argv in step["commands"]]
    conf = "/data/nginx/conf/nginx.conf"
    assert plan["line"] == "/drain 10.154.54.58"
    assert commands == [
        ["cp", "-p", conf, f"{conf}.zhiban-HASH"],
        ["cp", "-p", conf, f"{conf}.zhiban-new"],
        ["tee", f"{conf}.zhiban-new"],
        ["mv", "-f", f"{conf}.zhiban-new", conf],
        ["/data/nginx/sbin/nginx", "-t"],
        ["/data/nginx/sbin/nginx", "-s", "reload"],
    ]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["plan", "restart", "oa33"], "Did you mean /restart oa3?"),
        (["plan", "restart", "oa3;reboot"], "cannot be used"),
        (["show", "nope"], "no runbook nope"),
    ],
)
def test_what_is_not_fine_is_one(capsys: pytest.CaptureFixture[str], words: list[str], told: str) -> None:
    assert main(["runbooks", *words]) == 1
    assert told in capsys.readouterr().err
