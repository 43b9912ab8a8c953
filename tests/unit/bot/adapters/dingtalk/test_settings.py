"""What a wrong section is told."""

from typing import Any

import pytest
from pydantic import ValidationError

from bot.adapters.dingtalk.settings import DingtalkSettings
from bot.cli.platforms import PLATFORMS
from bot.core.errors import ConfigError
from bot.sections import SECTIONS
from bot.settings_file import load_settings

APP = {"app_key": "k", "app_secret": "s", "robot_code": "r"}


@pytest.mark.parametrize(
    ("section", "word"),
    [
        ({"app_key": "k"}, "belong together"),
        (APP | {"app_secret": ""}, "belong together"),  # an empty secret would sign anything
        ({"api_base": "http://api.dingtalk.com"}, "https://"),
        ({"robot_base": "http://10.0.0.1"}, "https://"),
        ({"robots": {"shifuban": {"token": "t"}}}, "secret"),
    ],
)
def test_wrong_sections(section: dict[str, Any], word: str) -> None:
    with pytest.raises(ValidationError, match=word):
        DingtalkSettings.model_validate(section)


def test_right_sections() -> None:
    assert DingtalkSettings().app_secret is None
    assert DingtalkSettings.model_validate(APP).robot_code == "r"
    robots = DingtalkSettings.model_validate({"robots": {"shifuban": {"token": "t", "secret": "SECx"}}}).robots
    assert "SECx" not in repr(robots)


def test_a_platform_that_is_used_must_be_set_up() -> None:
    with pytest.raises(ConfigError, match=r"dingtalk: give .*app_key"):
        load_settings(
            environ={"ZHIBAN_ADAPTERS": "dingtalk", "ZHIBAN_LOCALE": "en"}, platforms=PLATFORMS, sections=SECTIONS
        )
