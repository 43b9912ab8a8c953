"""The sections of the chat platforms: what each needs, checked before anything starts."""

import re
from ipaddress import ip_address
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

_PathName = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]  # it becomes a part of an address
_Given = Annotated[SecretStr, Field(min_length=1)]  # an empty file must not pass for a secret


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def encrypted(url: str) -> str:
    """The URL, if what is sent there cannot be read on the way."""
    where = urlsplit(url)
    if where.scheme != "https" and not (where.scheme == "http" and is_loopback(where.hostname or "")):
        raise ValueError("secrets are sent there, so it must begin with https://")
    return url


def is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


class SlackSettings(Section):
    """One app in one workspace. ``app_token`` switches to Socket Mode; ``hears`` says what is subscribed in channels."""

    bot_token: SecretStr | None = None
    signing_secret: SecretStr | None = None
    app_token: SecretStr | None = None
    team_id: str = Field(default="", pattern=r"^(T[A-Z0-9]+)?$")
    hears: Literal["all", "mentions"] = "all"
    name: str = Field(default="zhiban", pattern=r"^[a-z0-9._-]{1,35}$")  # of the bot user: Slack takes no other letters
    command: str = Field(default="/zhiban", pattern=r"^/[a-z0-9_-]{1,31}$")
    proxy: str = ""
    api_base_url: str = "https://slack.com/api/"

    @field_validator("api_base_url")
    @classmethod
    def _never_in_clear(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or "")):
            return url
        raise ValueError("the token would go there in clear; write an https address")


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
            raise ValueError("aes_key must be the 43 letters and digits of EncodingAESKey")
        return key


class WecomBot(Section):
    """An AI bot; ``display_name`` is what people write after @, ``chats`` our ids of the groups it is in (empty: all)."""

    mode: Literal["callback", "websocket"] = "callback"
    display_name: str = Field(default="值班", min_length=1)
    chats: tuple[str, ...] = ()
    token: SecretStr = SecretStr("")
    aes_key: SecretStr = SecretStr("")
    bot_id: str = ""
    secret: SecretStr = SecretStr("")
    ws_url: str = "wss://openws.work.weixin.qq.com"

    @model_validator(mode="after")
    def _has_what_its_mode_needs(self) -> "WecomBot":
        if self.mode == "callback" and not (self.token and self.aes_key):
            raise ValueError("mode callback needs token and aes_key, as the bot's page shows them")
        if self.mode == "websocket" and not (self.bot_id and self.secret):
            raise ValueError("mode websocket needs bot_id and secret, as the bot's page shows them")
        if self.aes_key and not re.fullmatch(r"[A-Za-z0-9]{43}", self.aes_key.get_secret_value()):
            raise ValueError("aes_key must be the 43 letters and digits of EncodingAESKey")
        where = urlsplit(self.ws_url)
        if where.scheme != "wss" and not (where.scheme == "ws" and is_loopback(where.hostname or "")):
            raise ValueError("ws_url carries the secret, so it must begin with wss://")
        return self


class WecomRobot(Section):
    key: _Given


class WecomSettings(Section):
    """``api_base``: another host for a private deployment, ``ca_file`` its own authority, ``proxy`` the way out to it."""

    api_base: str = "https://qyapi.weixin.qq.com"
    proxy: str = ""
    ca_file: str = ""
    apps: dict[_PathName, WecomApp] = {}
    bots: dict[_PathName, WecomBot] = {}
    robots: dict[str, WecomRobot] = {}

    @field_validator("api_base")
    @classmethod
    def _keeps_secrets(cls, base: str) -> str:
        return encrypted(base)


class DingtalkRobot(Section):
    """A custom robot of one group: it only sends."""

    token: SecretStr
    secret: SecretStr


class DingtalkSettings(Section):
    """The enterprise robot (``app_key``, ``app_secret``, ``robot_code``) hears and sends; ``robots`` by chat id only send."""

    app_key: str = ""
    app_secret: SecretStr | None = None
    robot_code: str = ""
    corp_id: str = ""
    call: str = "@值班"
    api_base: str = "https://api.dingtalk.com"
    robot_base: str = "https://oapi.dingtalk.com"
    proxy: str = ""
    robots: dict[str, DingtalkRobot] = {}

    @field_validator("api_base", "robot_base")
    @classmethod
    def _keeps_secrets(cls, base: str) -> str:
        return encrypted(base)

    @model_validator(mode="after")
    def _whole(self) -> "DingtalkSettings":
        parts = (bool(self.app_key), bool(self.app_secret), bool(self.robot_code))
        if any(parts) and not all(parts):
            raise ValueError("app_key, app_secret and robot_code belong together; give all three or none")
        return self


# Mattermost's tokens have 26 characters; an empty one would open the door to everybody.
MattermostToken = Annotated[SecretStr, Field(min_length=20)]


class MattermostHook(Section):
    """An incoming webhook of one channel: it only sends."""

    url: SecretStr

    @field_validator("url")
    @classmethod
    def _keeps_secrets(cls, url: SecretStr) -> SecretStr:
        encrypted(url.get_secret_value())
        return url


class MattermostSettings(Section):
    """A bot account (``url``, ``bot_token``); tokens of slash commands and outgoing webhooks; ``hooks`` by chat id only send."""

    url: str = ""
    bot_token: SecretStr | None = None
    command_tokens: tuple[MattermostToken, ...] = ()
    outgoing_tokens: tuple[MattermostToken, ...] = ()
    call: str = "/zhiban"
    ca_file: str = ""
    proxy: str = ""
    hooks: dict[str, MattermostHook] = {}

    @field_validator("command_tokens", "outgoing_tokens", mode="before")
    @classmethod
    def _one_line_of_several(cls, value: Any) -> Any:
        """From the environment or a file they come in one line, with commas."""
        return [token.strip() for token in value.split(",")] if isinstance(value, str) else value

    @field_validator("url")
    @classmethod
    def _keeps_secrets(cls, url: str) -> str:
        return encrypted(url) if url else url

    @model_validator(mode="after")
    def _whole(self) -> "MattermostSettings":
        if bool(self.url) != bool(self.bot_token):
            raise ValueError("url and bot_token belong together; give both or none")
        return self


class FeishuRobot(Section):
    """A group's custom robot: ``hook`` is its id or whole URL, ``secret`` is set where its signature check is on."""

    hook: SecretStr
    secret: SecretStr | None = None

    @field_validator("hook")
    @classmethod
    def _keeps_secrets(cls, hook: SecretStr) -> SecretStr:
        if "://" in hook.get_secret_value():
            encrypted(hook.get_secret_value())
        return hook


class FeishuSettings(Section):
    """The app, and under ``robots`` (by our chat id) the groups that a custom robot serves instead.

    ``hears_all`` when the app may read all messages of its groups, else only what mentions it as ``@bot_name``;
    ``bot_open_id`` is asked for when it is not set.
    """

    api_base: str = "https://open.feishu.cn"
    app_id: str = ""
    app_secret: SecretStr | None = None
    verification_token: SecretStr | None = None
    encrypt_key: SecretStr | None = None
    bot_open_id: str = ""
    bot_name: str = Field(default="值班", min_length=1)
    hears_all: bool = False
    robots: dict[str, FeishuRobot] = {}

    @field_validator("api_base")
    @classmethod
    def _keeps_secrets(cls, base: str) -> str:
        return encrypted(base)

    @model_validator(mode="after")
    def _whole(self) -> "FeishuSettings":
        if self.app_id and not (self.app_secret and self.verification_token):
            raise ValueError("feishu.app_id: an app needs app_secret and verification_token too")
        return self
