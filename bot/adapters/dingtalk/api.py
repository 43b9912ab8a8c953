"""The enterprise robot's way out: into groups it is a member of, and to one person (DingTalk sheet 2.2)."""

import json
from typing import Any

from bot.adapters.common.http import Answer, Http
from bot.adapters.common.tokens import AccessToken, Issued, issued
from bot.adapters.dingtalk.codes import check_app, check_person, token_refused
from bot.adapters.dingtalk.settings import DingtalkSettings
from bot.core.errors import Temporary
from bot.core.ports import Clock

JSON = {"Content-Type": "application/json; charset=utf-8"}
TOKEN_HEADER = "x-acs-dingtalk-access-token"  # noqa: S105  # the header's name


class Api:
    """Sends as the application's robot. Each send answers the ``processQueryKey`` that a quoting reply names."""

    def __init__(self, http: Http, settings: DingtalkSettings, clock: Clock) -> None:
        self._http = http
        self._settings = settings
        self._base = settings.api_base.rstrip("/")
        self._token = AccessToken("dingtalk", self._ask_for_token, clock)

    async def to_group(self, conversation: str, text: str) -> str:
        """Post to a group by its ``openConversationId``."""
        data = await self._call("/v1.0/robot/groupMessages/send", {"openConversationId": conversation}, text)
        return _key(data)

    async def to_person(self, user: str, text: str) -> str:
        """Write to one person by staff id."""
        data = await self._call("/v1.0/robot/oToMessages/batchSend", {"userIds": [user]}, text)
        check_person(data)
        return _key(data)

    async def _call(self, path: str, to: dict[str, Any], text: str) -> dict[str, Any]:
        content = json.dumps({"content": text}, ensure_ascii=False)
        body = {"robotCode": self._settings.robot_code, "msgKey": "sampleText", "msgParam": content, **to}

        async def post(token: str) -> Answer:
            return await self._post(path, body, {TOKEN_HEADER: token})

        return check_app(await self._token.used(post, token_refused))

    async def _ask_for_token(self) -> Issued:
        secret = self._settings.app_secret
        body = {"appKey": self._settings.app_key, "appSecret": secret.get_secret_value() if secret else ""}
        data = check_app(await self._post("/v1.0/oauth2/accessToken", body, {}))
        return issued(data.get("accessToken"), data.get("expireIn"))

    async def _post(self, path: str, body: dict[str, Any], headers: dict[str, str]) -> Answer:
        data = json.dumps(body, ensure_ascii=False).encode()
        return await self._http.json("POST", self._base + path, data=data, headers=headers | JSON)


def _key(data: dict[str, Any]) -> str:
    key = data.get("processQueryKey")
    if not isinstance(key, str) or not key:
        raise Temporary("an answer without processQueryKey", uncertain=True)
    return key
