"""``[wecom]``: self-built apps, AI bots and group robots."""

import re
from collections.abc import Iterable, Mapping
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator

from bot.core.problems import Told
from bot.settings import PlatformSection, Section, ServerSettings, encrypted, is_loopback, wrong

_PathName = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]  # it becomes a part of an address
_Given = Annotated[SecretStr, Field(min_length=1)]  # an empty file must not pass for a secret


class WecomApp(Section):
    """A self-built app; ``token`` and ``aes_key`` stand on its page under "receive messages"."""

    corp_id: str = Field(min_length=1)
    agent_id: int
    secret: _Given
    token: _Given
    aes_key: SecretStr

    @field_validator("aes_key")
    @classmethod
    def _of_43_signs(cls, key: SecretStr) -> SecretStr:
        if not re.fullmatch(r"[A-Za-z0-9]{43}", key.get_secret_value()):
            raise wrong("wecom_aes_key")
        return key


class WecomBot(Section):
    """An AI bot; ``display_name`` is what people write after @, ``chats`` our ids of the groups it is in (empty: all).

    ``corp_id``: the corporation whose user ids ``people.yaml`` has. A bot that WeCom counts as one of the corporation's own is told
    no corporation; where it is told one, only this one's people are ours.
    """

    mode: Literal["callback", "websocket"] = "callback"
    display_name: str = Field(default="值班", min_length=1)
    chats: tuple[str, ...] = ()
    token: SecretStr = SecretStr("")
    aes_key: SecretStr = SecretStr("")
    bot_id: str = ""
    corp_id: str = ""
    secret: SecretStr = SecretStr("")
    ws_url: str = "wss://openws.work.weixin.qq.com"

    @model_validator(mode="after")
    def _has_what_its_mode_needs(self) -> "WecomBot":
        if self.mode == "callback" and not (self.token and self.aes_key):
            raise wrong("wecom_callback")
        if self.mode == "websocket" and not (self.bot_id and self.secret):
            raise wrong("wecom_websocket")
        if self.aes_key and not re.fullmatch(r"[A-Za-z0-9]{43}", self.aes_key.get_secret_value()):
            raise wrong("wecom_aes_key")
        where = urlsplit(self.ws_url)
        if where.scheme != "wss" and not (where.scheme == "ws" and is_loopback(where.hostname or "")):
            raise wrong("wecom_in_clear")
        return self


class WecomRobot(Section):
    key: _Given


class WecomSettings(PlatformSection):
    """``api_base``: another host for a private deployment, ``ca_file`` its own authority, ``proxy`` the way out to it."""

    platform = "wecom"

    api_base: str = "https://qyapi.weixin.qq.com"
    proxy: str = ""
    ca_file: str = ""
    apps: dict[_PathName, WecomApp] = Field(default={})
    bots: dict[_PathName, WecomBot] = Field(default={})
    robots: dict[str, WecomRobot] = Field(default={})

    @field_validator("api_base")
    @classmethod
    def _keeps_secrets(cls, base: str) -> str:
        return encrypted(base)

    def named_chats(self) -> Mapping[str, Iterable[str]]:
        """The groups of robots and of AI bots."""
        return {"robots": self.robots, **{f"bots.{name}.chats": bot.chats for name, bot in self.bots.items()}}

    def faults_in_use(self, server: ServerSettings) -> list[Told]:
        """Something must send."""
        if self.apps or self.bots or self.robots:
            return []
        return [Told("settings/wecom_unused")]
