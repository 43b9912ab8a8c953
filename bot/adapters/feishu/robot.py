"""A custom robot: a group's own hook, which only sends (Feishu sheet 1.1)."""

from datetime import datetime
from typing import Any

from bot.adapters.common.http import Http
from bot.adapters.feishu.codes import check
from bot.adapters.feishu.crypto import robot_signature
from bot.adapters.feishu.format import ROBOT_LIMIT, Part, rich_text, rich_text_bytes
from bot.adapters.feishu.settings import FeishuRobot
from bot.core.ports import Capabilities, Hears, Rate

CAPABILITIES = Capabilities(
    hears=Hears.NOTHING,
    buttons=False,
    updates=False,
    threads=False,
    files=False,
    client_keys=False,
    text_limit=ROBOT_LIMIT,
    measure=rich_text_bytes,
    rates=(Rate(5, 1.0), Rate(100, 60.0)),
)


class Robot:
    """Posts to one hook; signed where the robot has a secret."""

    def __init__(self, http: Http, base: str, settings: FeishuRobot) -> None:
        hook = settings.hook.get_secret_value()
        self._url = hook if "://" in hook else f"{base.rstrip('/')}/open-apis/bot/v2/hook/{hook}"
        self._secret = settings.secret.get_secret_value() if settings.secret else None
        self._http = http

    async def send(self, pieces: list[Part], now: datetime) -> None:
        """Post it; the platform names no id. ``now`` is the wall clock: a signature lives for an hour."""
        body: dict[str, Any] = {"msg_type": "post", "content": rich_text(pieces)}
        if self._secret is not None:
            timestamp = str(int(now.timestamp()))
            body |= {"timestamp": timestamp, "sign": robot_signature(timestamp, self._secret)}
        check(await self._http.json("POST", self._url, json=body))
