"""Custom robots: one a group, they only send, and real @mentions work (DingTalk sheet 2.1)."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta

from bot.adapters.common.http import Http
from bot.adapters.dingtalk.api import JSON
from bot.adapters.dingtalk.codes import BLOCK_SECONDS, ShutOut, check_robot
from bot.adapters.dingtalk.format import At
from bot.adapters.dingtalk.settings import DingtalkRobot
from bot.adapters.dingtalk.verify import sign
from bot.core.errors import Temporary
from bot.core.ports import Clock


class CustomRobots:
    """The robots of ``[dingtalk.robots.CHAT]`` by chat id; one that was shut out is left alone until its time is over."""

    def __init__(self, http: Http, base: str, robots: Mapping[str, DingtalkRobot], clock: Clock) -> None:
        self._http = http
        self._url = f"{base.rstrip('/')}/robot/send"
        self._robots = robots
        self._clock = clock
        self._shut_out: dict[str, datetime] = {}

    def has(self, chat: str) -> bool:
        """Whether the chat has a robot of its own."""
        return chat in self._robots

    async def send(self, chat: str, text: str, at: At) -> None:
        """Post to the group. Raises ``Temporary`` or ``Rejected``."""
        self._check_door(chat)
        robot, timestamp = self._robots[chat], str(round(self._clock.wall().timestamp() * 1000))
        params = {
            "access_token": robot.token.get_secret_value(),
            "timestamp": timestamp,
            "sign": sign(timestamp, robot.secret.get_secret_value()),
        }
        mentioned = {"atUserIds": at.users, "atMobiles": at.phones, "isAtAll": False}
        body = {"msgtype": "text", "text": {"content": text}, "at": mentioned}
        data = json.dumps(body, ensure_ascii=False).encode()
        answer = await self._http.json("POST", self._url, params=params, data=data, headers=JSON)
        try:
            check_robot(answer)
        except ShutOut as error:
            self._shut_out[chat] = self._clock.real() + timedelta(seconds=error.retry_after or BLOCK_SECONDS)
            raise

    def _check_door(self, chat: str) -> None:
        """An escalation queued after a refusal must not knock either: every knock may prolong the block."""
        left = (self._shut_out.get(chat, self._clock.real()) - self._clock.real()).total_seconds()
        if left > 0:
            raise Temporary("robot shut out for sending too fast", left)
