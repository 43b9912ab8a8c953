"""Which adapter serves a platform; only those in use are imported, their libraries cost a second."""

import importlib
from typing import cast

from bot.adapters.common.ingress import Ingress
from bot.core.ports import Platform
from bot.settings import Settings

_ADAPTERS = {
    "wecom": "bot.adapters.wecom.adapter:WecomAdapter",
    "slack": "bot.adapters.slack.adapter:SlackAdapter",
    "feishu": "bot.adapters.feishu.adapter:FeishuAdapter",
    "dingtalk": "bot.adapters.dingtalk.adapter:DingtalkAdapter",
    "mattermost": "bot.adapters.mattermost.adapter:MattermostAdapter",
}


def platform(name: str, settings: Settings, ingress: Ingress) -> Platform:
    """The adapter of ``name``. Raises ``ConfigError`` when its section cannot work."""
    module, _, adapter = _ADAPTERS[name].partition(":")
    return cast(Platform, getattr(importlib.import_module(module), adapter)(settings, ingress))
