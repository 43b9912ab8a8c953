"""The table of docs/platforms.md, from what the adapters declare (``python -m tests.docs.platforms`` prints it)."""

import asyncio
import tempfile
from pathlib import Path
from typing import Any

from bot.adapters.common.ingress import Ingress
from bot.adapters.common.platform import Platform
from bot.adapters.dingtalk.adapter import DingtalkAdapter
from bot.adapters.feishu.adapter import FeishuAdapter
from bot.adapters.matrix.adapter import MatrixAdapter
from bot.adapters.mattermost.adapter import MattermostAdapter
from bot.adapters.slack.adapter import SlackAdapter
from bot.adapters.wecom.adapter import WecomAdapter
from bot.core.people import Chat
from bot.core.ports import Capabilities, Hears
from bot.settings import Settings
from bot.storage.schema import prepare
from tests.support.kit import Kit, opened

HEAD = "| where | hears | buttons | changes a message | threads | mentions | files | exactly once | text | pace |"
RULE = "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |"
GROUP, DIRECT = "shifuban", "dm-zhou"
TOKEN = "t" * 26
_BOT = {"token": "t", "aes_key": "a" * 43}
_SOCKET = {"mode": "websocket", "bot_id": "b", "secret": "s"}
_APP = {"corp_id": "c", "agent_id": 1, "secret": "s", **_BOT}
_ROBOT = {"robots": {GROUP: {"key": "k"}}}
_SLACK = {"bot_token": "x", "signing_secret": "s"}
_FEISHU = {"app_id": "a", "app_secret": "s", "verification_token": "v"}
_DING = {"app_key": "a", "app_secret": "s", "robot_code": "r"}
_DING_ROBOT = {**_DING, "robots": {GROUP: {"token": "t", "secret": "s"}}}
_MATTERMOST = {"url": "https://chat.example", "bot_token": TOKEN, "outgoing_tokens": [TOKEN], "command_tokens": [TOKEN]}
_HOOK = {"hooks": {GROUP: {"url": "https://chat.example/hooks/x"}}, "command_tokens": [TOKEN]}
_MATRIX = {"homeserver": "https://matrix.example", "access_token": "t"}
_HEARS = {Hears.ALL: "everything", Hears.MENTIONS: "what calls it", Hears.NOTHING: "nothing"}

VARIANTS: tuple[tuple[str, type[Platform], str, dict[str, Any], str], ...] = (
    ("Slack channel", SlackAdapter, "slack", _SLACK, GROUP),
    ('Slack channel, `hears = "mentions"`', SlackAdapter, "slack", {**_SLACK, "hears": "mentions"}, GROUP),
    ("Slack direct message", SlackAdapter, "slack", _SLACK, DIRECT),
    ("WeCom group: robot and AI bot", WecomAdapter, "wecom", {**_ROBOT, "bots": {"duty": _BOT}}, GROUP),
    ("WeCom group: AI bot, long connection", WecomAdapter, "wecom", {"bots": {"duty": _SOCKET}}, GROUP),
    ("WeCom group: AI bot, callback alone", WecomAdapter, "wecom", {"bots": {"duty": _BOT}}, GROUP),
    ("WeCom direct: self-built app", WecomAdapter, "wecom", {"apps": {"duty": _APP}}, DIRECT),
    ("WeCom direct: AI bot, long connection", WecomAdapter, "wecom", {"bots": {"duty": _SOCKET}}, DIRECT),
    ("Feishu group: app", FeishuAdapter, "feishu", _FEISHU, GROUP),
    ("Feishu group: custom robot", FeishuAdapter, "feishu", {**_FEISHU, "robots": {GROUP: {"hook": "h"}}}, GROUP),
    ("Feishu direct", FeishuAdapter, "feishu", _FEISHU, DIRECT),
    ("DingTalk group: enterprise robot", DingtalkAdapter, "dingtalk", _DING, GROUP),
    ("DingTalk group: with custom robot", DingtalkAdapter, "dingtalk", _DING_ROBOT, GROUP),
    ("DingTalk direct", DingtalkAdapter, "dingtalk", _DING, DIRECT),
    ("Mattermost channel: bot account", MattermostAdapter, "mattermost", _MATTERMOST, GROUP),
    ("Mattermost channel: incoming webhook", MattermostAdapter, "mattermost", _HOOK, GROUP),
    ("Mattermost direct", MattermostAdapter, "mattermost", _MATTERMOST, DIRECT),
    ("Matrix room", MatrixAdapter, "matrix", _MATRIX, GROUP),
    ("Matrix direct", MatrixAdapter, "matrix", _MATRIX, DIRECT),
)  # fmt: skip


def row(label: str, can: Capabilities) -> str:
    """One line of the table."""
    unit = "bytes" if can.measure("值") > can.measure("a") else "characters"
    pace = ", ".join(f"{rate.count} in {rate.seconds:g} s" for rate in can.rates) or "—"
    flags = (can.updates, can.threads, can.mentions, can.files, can.client_keys)
    yes_or_no = [f"{can.most_buttons}" if can.buttons else "typed", *("yes" if flag else "—" for flag in flags)]
    cells = [label, _HEARS[can.hears], *yes_or_no, f"{can.text_limit} {unit}", pace]
    return f"| {' | '.join(cells)} |"


def table(kit: Kit) -> list[str]:
    """The whole table, line by line."""
    lines = [HEAD, RULE]
    for label, make, name, section, chat in VARIANTS:
        settings = Settings.model_validate(
            {"adapters": (name,), "platforms": {name: section}, "state_dir": kit.runtime.settings.state_dir}
            | {"server": {"public_url": "https://duty.example"}}
        )
        adapter = make(settings, Ingress(name, kit.inbox, kit.transactions))
        lines.append(row(label, adapter.capabilities(Chat(id=chat, name="", platform=name, chat_id="x"))))
    return lines


async def main() -> None:
    """Print it."""
    with tempfile.TemporaryDirectory() as folder:
        prepare(Path(folder) / "zhiban.db")
        async with opened(Path(folder)) as kit:
            print("\n".join(table(kit)))


if __name__ == "__main__":
    asyncio.run(main())
