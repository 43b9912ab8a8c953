"""The manifest is one that Slack takes, with an address, scopes and commands that fit the settings."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from bot.__main__ import main
from bot.capabilities import build_all
from bot.settings import Settings
from tests.support.paths import EXAMPLE


def made(tmp_path: Path, capsys: pytest.CaptureFixture[str], toml: str, *words: str) -> Any:
    config = tmp_path / "zhiban.toml"
    config.write_text(f'data_dir = "{EXAMPLE}"\n{toml}', "utf-8")
    assert main(["slack-manifest", "--config", str(config), *words]) == 0
    return json.loads(capsys.readouterr().out)


PUBLIC = 'adapters = ["slack"]\n[server]\npublic_url = "https://duty.example.gov/"\n'


def test_every_command_is_there_within_slacks_limits(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    manifest = made(tmp_path, capsys, PUBLIC)
    slash = manifest["features"]["slash_commands"]
    names = [command["command"] for command in slash]
    assert names[0] == "/zhiban"
    assert {"/restart", "/drain", "/oncall"} <= set(names)
    assert "/help" not in names
    assert len(names) == len(set(names)) <= 50
    assert (
        len(names) >= sum(len(one.routes.commands) for one in build_all(Settings(data_dir=EXAMPLE)) if one.routes) - 2
    )
    for command in slash:
        assert re.fullmatch(r"/[a-z0-9_-]{1,31}", command["command"])
        assert command["url"] == "https://duty.example.gov/slack/events"
        assert command["should_escape"] is True
        assert 0 < len(command["description"]) <= 2000
    assert re.fullmatch(r"[a-z0-9._-]{1,80}", manifest["features"]["bot_user"]["display_name"])
    assert len(manifest["display_information"]["name"]) <= 35
    assert manifest["settings"]["interactivity"]["request_url"] == "https://duty.example.gov/slack/events"


def test_8_16_the_manifest_has_what_can_run_here_with_hosts_of_its_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(EXAMPLE, tmp_path / "own")
    hosts = "ssh: {user: zhiban}\ngroups:\n  oa: {name: 门户, app_port: 8080}\nhosts:\n"
    (tmp_path / "own" / "hosts.yaml").write_text(f"{hosts}  portal: {{group: oa, address: 192.0.2.1}}\n", "utf-8")
    (tmp_path / "zhiban.toml").write_text(f'data_dir = "{tmp_path / "own"}"\n{PUBLIC}', "utf-8")
    assert main(["slack-manifest", "--config", str(tmp_path / "zhiban.toml")]) == 0
    slash = json.loads(capsys.readouterr().out)["features"]["slash_commands"]
    hints = {command["command"]: command.get("usage_hint") for command in slash}
    assert hints["/restart"] == "portal"
    assert hints.keys().isdisjoint({"/db", "/drain", "/nginx"})
    assert not re.search(r"\boa[0-9]|\bdm[0-9]", json.dumps(hints))


@pytest.mark.parametrize(
    ("hears", "more"), [("all", {"channels:history", "groups:history"}), ("mentions", set())], ids=["all", "mentions"]
)
def test_scopes_follow_what_is_heard(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], hears: str, more: set[str]
) -> None:
    manifest = made(tmp_path, capsys, f'{PUBLIC}[slack]\nhears = "{hears}"')
    always = {"app_mentions:read", "chat:write", "commands", "files:read", "files:write", "im:history", "im:write"}
    assert set(manifest["oauth_config"]["scopes"]["bot"]) == always | more
    events = set(manifest["settings"]["event_subscriptions"]["bot_events"])
    assert ("message.channels" in events) == bool(more)


@pytest.mark.parametrize(("toml", "words"), [("", ["--socket"]), ('[slack]\napp_token = "xapp-1"', [])])
def test_socket_mode_needs_no_address(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], toml: str, words: list[str]
) -> None:
    manifest = made(tmp_path, capsys, toml, *words, "--only-umbrella")
    assert manifest["settings"]["socket_mode_enabled"] is True
    assert "url" not in json.dumps(manifest)
    assert [command["command"] for command in manifest["features"]["slash_commands"]] == ["/zhiban"]


def test_without_an_address_it_says_what_is_missing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = tmp_path / "zhiban.toml"
    config.write_text("", "utf-8")
    assert main(["slack-manifest", "--config", str(config)]) == 2
    assert "public_url" in capsys.readouterr().err
