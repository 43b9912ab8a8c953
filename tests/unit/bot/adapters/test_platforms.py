"""Every platform of the table has what the service and the settings ask of it, and costs nothing until it is used."""

import subprocess
import sys

import pytest

from bot.adapters.common.platform import Platform
from bot.adapters.dingtalk.adapter import DingtalkAdapter
from bot.adapters.feishu.adapter import FeishuAdapter
from bot.adapters.local.adapter import LocalAdapter
from bot.adapters.matrix.adapter import MatrixAdapter
from bot.adapters.mattermost.adapter import MattermostAdapter
from bot.adapters.recorder.adapter import RecorderAdapter
from bot.adapters.slack.adapter import SlackAdapter
from bot.adapters.wecom.adapter import WecomAdapter
from bot.cli.platforms import PLATFORMS

# mypy holds each of them against the protocol here
_ADAPTERS: tuple[type[Platform], ...] = (
    LocalAdapter,
    WecomAdapter,
    SlackAdapter,
    FeishuAdapter,
    DingtalkAdapter,
    MattermostAdapter,
    MatrixAdapter,
    RecorderAdapter,
)


def test_the_table_has_every_adapter() -> None:
    assert [parts.adapter() for parts in PLATFORMS.values()] == list(_ADAPTERS)


@pytest.mark.parametrize("name", PLATFORMS)
def test_name_section_and_folder_are_one(name: str) -> None:
    assert (PLATFORMS[name].adapter().name, PLATFORMS[name].section().platform) == (name, name)


def test_nothing_of_a_platform_is_imported_before_it_is_used() -> None:
    code = "import sys, bot.app, bot.cli.platforms; print(*(m for m in sys.modules if m.startswith(('bot.adap', 'slack'))))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert {name.split(".")[2] for name in loaded if name.count(".") > 1} == {"common"}
    assert not any(name.startswith("slack") for name in loaded)


def test_the_table_and_the_settings_cost_no_server() -> None:
    """Commands such as ``zhiban backup`` read settings and serve nothing: aiohttp would take half of their time."""
    code = (
        "import sys, bot.cli.platforms, bot.settings_file; print('aiohttp' in sys.modules, 'sqlalchemy' in sys.modules)"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert told.split() == ["False", "False"]
