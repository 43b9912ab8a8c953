"""A chat that the settings name wrongly comes to light before anything is sent."""

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from bot.__main__ import main
from bot.adapters.wecom.settings import WecomSettings
from bot.core.problems import in_locale
from bot.settings import Settings
from data.load.named_chats import misplaced, unreached
from tests.support.once import example_site
from tests.support.paths import EXAMPLE

BOT = {"mode": "websocket", "bot_id": "b", "secret": "s"}


def faults(wecom: dict[str, Any]) -> list[str]:
    site = example_site()
    moved = dataclasses.replace(site.chats["shifuban"], platform="wecom")
    found = misplaced([WecomSettings.model_validate(wecom)], {**site.chats, "shifuban": moved})
    return [in_locale(line, "en") for line in found]


@pytest.mark.parametrize(
    ("wecom", "expected"),
    [
        ({"robots": {"shifuban": {"key": "k"}}, "bots": {"duty": BOT}}, []),
        (
            {"robots": {"shifubn": {"key": "k"}}},
            ["settings: wecom.robots: no chat shifubn in chats.yaml; did you mean shifuban?"],
        ),
        (
            {"robots": {"minzheng": {"key": "k"}}},
            ["settings: wecom.robots: chat minzheng is on local in chats.yaml; write platform: wecom there"],
        ),
        ({"bots": {"duty": {**BOT, "chats": ["zzz"]}}}, ["settings: wecom.bots.duty.chats: no chat zzz in chats.yaml"]),
    ],
)
def test_each_is_named(wecom: dict[str, Any], expected: list[str]) -> None:
    assert faults(wecom) == expected


def test_chats_on_a_platform_that_is_not_in_use_are_named() -> None:
    site = example_site()
    on = {"shifuban": dataclasses.replace(site.chats["shifuban"], platform="slack")}
    site = dataclasses.replace(site, chats={i: site.chats[i] for i in ("shiweiban", "minzheng", "duty-room")} | on)
    assert unreached(Settings.model_validate({"adapters": ["local", "slack"]}), site) == []
    (note,) = unreached(Settings.model_validate({"adapters": ["slack"]}), site)
    assert in_locale(note, "en").startswith(
        "note: adapters leaves out local, so nothing reaches minzheng, duty-room; duty-room is"
    )


def test_check_tells(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = tmp_path / "zhiban.toml"
    example = EXAMPLE
    config.write_text(
        f'locale = "en"\ndata_dir = "{example}"\nstate_dir = "{tmp_path}"\n[wecom.robots.shifubn]\nkey = "k"\n', "utf-8"
    )
    assert main(["check", "--config", str(config)]) == 1
    assert "no chat shifubn in chats.yaml; did you mean shifuban?" in capsys.readouterr().err
