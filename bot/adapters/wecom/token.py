"""An app's ``access_token``: fetched once for all who wait, kept until it expires or is refused (WeCom 91039)."""

import asyncio
import logging

from bot.adapters.common.http import Http
from bot.adapters.wecom.codes import PAUSES
from bot.adapters.wecom.settings import WecomApp
from bot.core.errors import Temporary

log = logging.getLogger(__name__)
EARLY = 300.0  # seconds before its end that a token is not used any more
REFUSED_PAUSE = 60.0  # seconds; a corp that asks too often with a wrong secret is shut out for an hour


class Token:
    """The token of one app. Wrong credentials are ``Temporary``: what waits goes out once they are put right."""

    def __init__(self, name: str, app: WecomApp, api_base: str, http: Http) -> None:
        self._name = name
        self._url = f"{api_base.rstrip('/')}/cgi-bin/gettoken"
        self._params = {"corpid": app.corp_id, "corpsecret": app.secret.get_secret_value()}
        self._http = http
        self._lock = asyncio.Lock()
        self._value = ""
        self._until = 0.0
        self._closed_until = 0.0
        self._failures = 0

    async def get(self) -> str:
        """A token that should be good. Raises ``Temporary`` when there is none to be had."""
        if self._good():
            return self._value
        failures = self._failures
        async with self._lock:
            if failures != self._failures:  # the attempt that this one waited for
                raise Temporary("no access_token")
            if not self._good():
                await self._fetch()
            return self._value

    def refused(self, token: str) -> None:
        """The platform does not take ``token`` any more; said of an older one than ours it means nothing."""
        if token == self._value:
            self._value = ""

    def _good(self) -> bool:
        return bool(self._value) and _now() < self._until

    async def _fetch(self) -> None:
        if (pause := self._closed_until - _now()) > 0:
            raise Temporary("no access_token", retry_after=pause)
        try:
            answer = await self._http.json("GET", self._url, params=self._params)
        except Temporary:
            self._failures += 1
            raise
        code, token, life = (answer.data.get(name) for name in ("errcode", "access_token", "expires_in"))
        if code == 0 and isinstance(token, str) and token and isinstance(life, int):
            self._value, self._until = token, _now() + max(life - EARLY, life / 2)
            return
        pause = PAUSES.get(code, REFUSED_PAUSE) if isinstance(code, int) else REFUSED_PAUSE
        self._closed_until = _now() + pause
        log.error(
            "wecom: app %s got no access_token (errcode %s)", self._name, code if isinstance(code, int) else "none"
        )
        raise Temporary(f"no access_token (errcode {code})" if isinstance(code, int) else "no access_token", pause)


def _now() -> float:
    return asyncio.get_running_loop().time()
