"""A Slack section that cannot work is refused at the start, in plain lines."""

from typing import Any

import pytest
from pydantic import ValidationError

from bot.adapters.slack.settings import SlackSettings
from bot.settings import ServerSettings


@pytest.mark.parametrize(
    ("section", "missing"),
    [
        ({}, ["slack.bot_token", "slack.signing_secret"]),
        ({"bot_token": "xoxb-1"}, ["slack.signing_secret"]),
        ({"bot_token": "xoxb-1", "signing_secret": ""}, ["slack.signing_secret"]),
        ({"app_token": "xapp-1", "bot_token": ""}, ["slack.bot_token"]),
    ],
    ids=str,
)
def test_it_says_what_is_missing(section: dict[str, Any], missing: list[str]) -> None:
    faults = SlackSettings.model_validate(section).faults_in_use(ServerSettings())
    assert [fault.text("en").split(":")[0] for fault in faults] == missing


@pytest.mark.parametrize(
    "section",
    [
        {"api_base_url": "http://slack.example/api/"},
        {"api_base_url": "ftp://127.0.0.1/"},
        {"team_id": "C123"},
        {"hears": "nothing"},
        {"command": "/Zhi ban"},
        {"name": "值班"},
    ],
    ids=str,
)
def test_what_slack_would_not_take_is_refused(section: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        SlackSettings.model_validate(section)
