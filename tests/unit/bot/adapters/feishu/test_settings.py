"""Mistakes in ``[feishu]`` are found before anything starts."""

import pytest
from pydantic import ValidationError

from bot.adapters.feishu.settings import FeishuSettings

APP = {"app_id": "cli_1", "app_secret": "s", "verification_token": "t"}
HOOK = "open-apis/bot/v2/hook/abc"


@pytest.mark.parametrize(
    "section",
    [
        APP | {"api_base": "http://open.feishu.cn"},
        APP | {"api_base": "open.feishu.cn"},
        {"robots": {"shifuban": {"hook": f"http://open.feishu.cn/{HOOK}"}}},
        {"app_id": "cli_1"},
    ],
)
def test_a_mistake_is_named_and_no_secret_with_it(section: dict[str, object]) -> None:
    with pytest.raises(ValidationError) as caught:
        FeishuSettings.model_validate(section)
    (mistake,) = caught.value.errors()
    assert "https://" in mistake["msg"] or "app_secret" in mistake["msg"]
    assert HOOK not in mistake["msg"]


@pytest.mark.parametrize(
    "section",
    [
        APP,
        APP | {"api_base": "http://127.0.0.1:8000"},
        {"robots": {"shifuban": {"hook": "abc"}, "minzheng": {"hook": f"https://open.feishu.cn/{HOOK}"}}},
    ],
)
def test_a_right_section_is_taken(section: dict[str, object]) -> None:
    taken = FeishuSettings.model_validate(section).model_dump()
    for name in ("app_id", "api_base"):
        assert taken[name] == section.get(name, taken[name])
    robots = section.get("robots", {})
    assert isinstance(robots, dict)
    assert set(taken["robots"]) == set(robots)
