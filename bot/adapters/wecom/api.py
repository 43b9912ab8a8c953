"""The HTTP interface behind one self-built app: its token, its errcodes (WeCom 90236, 94888, 90313)."""

from typing import Any

import aiohttp

from bot.adapters.common.http import Answer, Http
from bot.adapters.common.tokens import AccessToken, Issued, issued
from bot.adapters.wecom.codes import check
from bot.adapters.wecom.settings import WecomApp
from bot.core.errors import Rejected, Temporary
from bot.core.ports import Clock

STALE_TOKEN = frozenset({40014, 42001})
NOBODY = frozenset({81013, 60111})
ADDRESS_NOT_TRUSTED = 60020
TRUST_PAUSE = 60.0  # seconds; somebody has to enter our address on the app's page


class Api:
    """Calls as one app. Raises ``Temporary`` or ``Rejected`` for every answer that is not 0."""

    def __init__(self, name: str, app: WecomApp, api_base: str, http: Http, clock: Clock) -> None:
        self.agent_id = app.agent_id
        self._base = f"{api_base.rstrip('/')}/cgi-bin"
        self._credentials = {"corpid": app.corp_id, "corpsecret": app.secret.get_secret_value()}
        self._token = AccessToken(f"wecom: app {name}", self._ask_for_token, clock)
        self._http = http

    async def send(self, body: dict[str, Any]) -> dict[str, Any]:
        """``message/send`` to one member; the answer."""
        answer = await self.call("message/send", json={"agentid": self.agent_id, "safe": 0} | body)
        if answer.get("invaliduser") or answer.get("unlicenseduser"):  # 0, and yet it reached nobody
            raise Rejected("gone: the app does not reach this member, or the member has no licence")
        return answer

    async def update(self, body: dict[str, Any]) -> None:
        """``message/update_template_card``."""
        await self.call("message/update_template_card", json={"agentid": self.agent_id} | body)

    async def upload(self, name: str, data: bytes) -> str:
        """``media/upload`` of a file; the media id, good for three days."""

        def form() -> aiohttp.FormData:
            made = aiohttp.FormData(quote_fields=False)
            made.add_field("media", data, filename=name, content_type="application/octet-stream")
            return made

        media = (await self.call("media/upload", params={"type": "file"}, form=form)).get("media_id")
        if not isinstance(media, str):
            raise Rejected("the upload gave no media_id")
        return media

    async def call(
        self, path: str, *, json: Any = None, params: dict[str, str] | None = None, form: Any = None
    ) -> dict[str, Any]:
        """One call; with a new token and once more when the platform does not take ours any more."""

        async def ask(token: str) -> Answer:
            query = {"access_token": token, **(params or {})}
            data = form() if form else None
            return await self._http.json("POST", f"{self._base}/{path}", json=json, data=data, params=query)

        answer = await self._token.used(ask, lambda answer: answer.data.get("errcode") in STALE_TOKEN)
        code = answer.data.get("errcode")
        if code in STALE_TOKEN:
            raise Temporary(f"errcode {code}")
        if code in NOBODY:
            raise Rejected(f"gone: the app reaches no such member (errcode {code})")
        if code == ADDRESS_NOT_TRUSTED:
            raise Temporary(f"errcode {code}: this server's address is not on the app's list", TRUST_PAUSE)
        check(code, answer.status)
        return answer.data

    async def _ask_for_token(self) -> Issued:
        answer = await self._http.json("GET", f"{self._base}/gettoken", params=self._credentials)
        check(answer.data.get("errcode"), answer.status)
        return issued(answer.data.get("access_token"), answer.data.get("expires_in"))
