"""Settings from ``zhiban.toml`` and the environment; every fault in one report.

``ZHIBAN_SECTION__KEY`` overrides ``[section] key``; a secret may be named by file, ``key_file = "…"``. Merging is done here
and not by pydantic-settings because there a mistyped variable passes in silence (reference: libraries, settings).
"""

import os
import re
import tomllib
from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)

from bot.core.errors import ConfigError

_PREFIX = "ZHIBAN_"
_NOT_SETTINGS = {"ZHIBAN_CRASH_AT", "ZHIBAN_CONFIG"}
_PATHS = {("ssh", "key_file"), ("wecom", "ca_file"), ("mattermost", "ca_file")}  # paths themselves, no secrets in files


AVAILABLE = (
    "local",
    "wecom",
    "slack",
    "feishu",
    "dingtalk",
    "mattermost",
    "recorder",
)  # the last is the tests' platform


_PathName = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]  # it becomes a part of an address


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ServerSettings(Section):
    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535)
    public_url: str = ""


class StoreSettings(Section):
    url: str = ""


class LocalSettings(Section):
    open: bool = True


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
        if parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(parts.hostname or "")):
            return url
        raise ValueError("the token would go there in clear; write an https address")


class WecomApp(Section):
    """A self-built app; ``token`` and ``aes_key`` stand on its page under "receive messages"."""

    corp_id: str = Field(min_length=1)
    agent_id: int
    secret: SecretStr
    token: SecretStr
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
        if where.scheme != "wss" and not (where.scheme == "ws" and _is_loopback(where.hostname or "")):
            raise ValueError("ws_url carries the secret, so it must begin with wss://")
        return self


class WecomRobot(Section):
    key: SecretStr


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
        return _encrypted(base)


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
        return _encrypted(base)

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
        _encrypted(url.get_secret_value())
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
        return _encrypted(url) if url else url

    @model_validator(mode="after")
    def _whole(self) -> "MattermostSettings":
        if bool(self.url) != bool(self.bot_token):
            raise ValueError("url and bot_token belong together; give both or none")
        return self


class FeishuRobot(Section):
    """A group's custom robot: ``hook`` is its id or whole URL, ``secret`` is set where its signature check is on."""

    hook: SecretStr
    secret: SecretStr | None = None


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

    @model_validator(mode="after")
    def _whole(self) -> "FeishuSettings":
        if self.app_id and not (self.app_secret and self.verification_token):
            raise ValueError("feishu.app_id: an app needs app_secret and verification_token too")
        return self


class SshSettings(Section):
    key_file: Path | None = None
    known_hosts: Path | None = None
    connect_timeout: float = Field(default=8, gt=0, le=60)


class RunsSettings(Section):
    confirm_minutes: float = Field(default=5, gt=0, le=60)


class DutySettings(Section):
    announce_at: str = Field(default="08:25", pattern=r"^([01]\d|2[0-3]):[0-5]\d$")
    catch_up_until: str = Field(default="10:00", pattern=r"^([01]\d|2[0-3]):[0-5]\d$")

    @model_validator(mode="after")
    def _in_order(self) -> "DutySettings":
        if self.announce_at >= self.catch_up_until:
            raise ValueError("catch_up_until must be later than announce_at, or every announcement would be missed")
        return self


class AlertsSettings(Section):
    token: SecretStr | None = None


class HeartbeatSettings(Section):
    url: str = ""
    every: float = Field(default=30, gt=0)


class RecorderSettings(Section):
    """The crash tests' platform: a separate HTTP server that posts to us and records what we post."""

    url: str = ""
    client_keys: bool = True


class Settings(Section):
    """The whole of ``zhiban.toml``; paths are absolute after loading."""

    timezone: str = "Asia/Shanghai"
    locale: str = Field(default="zh", pattern="^(zh|en)$")
    data_dir: Path = Path("data/example")
    state_dir: Path = Path("var")
    adapters: tuple[str, ...] = ("local",)
    server: ServerSettings = ServerSettings()
    store: StoreSettings = StoreSettings()
    local: LocalSettings = LocalSettings()
    slack: SlackSettings = SlackSettings()
    wecom: WecomSettings = WecomSettings()
    feishu: FeishuSettings = FeishuSettings()
    dingtalk: DingtalkSettings = DingtalkSettings()
    mattermost: MattermostSettings = MattermostSettings()
    ssh: SshSettings = SshSettings()
    runs: RunsSettings = RunsSettings()
    duty: DutySettings = DutySettings()
    alerts: AlertsSettings = AlertsSettings()
    heartbeat: HeartbeatSettings = HeartbeatSettings()
    recorder: RecorderSettings = RecorderSettings()

    @field_validator("timezone")
    @classmethod
    def _a_known_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ValueError, OSError, ZoneInfoNotFoundError):
            raise ValueError(f"{name} is no time zone; write a name such as Asia/Shanghai") from None
        return name

    @field_validator("adapters")
    @classmethod
    def _only_what_there_is(cls, adapters: tuple[str, ...]) -> tuple[str, ...]:
        missing = [name for name in adapters if name not in AVAILABLE]
        if missing or not adapters:
            raise ValueError(f"{', '.join(missing) or 'an empty list'} is not available in this version; write local")
        return adapters

    @model_validator(mode="after")
    def _open_doors_only_on_loopback(self) -> "Settings":
        if _is_loopback(self.server.host):
            return self
        if "local" in self.adapters and self.local.open:
            raise ValueError(
                "local.open: the local chat has no sign-in, so server.host must be a loopback address; write 127.0.0.1"
            )
        if "recorder" in self.adapters:
            raise ValueError("adapters: the recorder believes who speaks, so server.host must be a loopback address")
        return self

    @model_validator(mode="after")
    def _what_is_used_is_set_up(self) -> "Settings":
        if "dingtalk" in self.adapters and not (self.dingtalk.app_key or self.dingtalk.robots):
            raise ValueError("dingtalk: give app_key, app_secret and robot_code, or a robot, [dingtalk.robots.CHAT]")
        if "mattermost" in self.adapters and not (self.mattermost.bot_token or self.mattermost.hooks):
            raise ValueError("mattermost: give url and bot_token, or an incoming webhook, [mattermost.hooks.CHAT]")
        return self

    @property
    def database(self) -> Path:
        """The SQLite file; its place derives from ``state_dir`` unless ``store.url`` names another."""
        return Path(self.store.url.removeprefix("sqlite:///")) if self.store.url else self.state_dir / "zhiban.db"


def _encrypted(url: str) -> str:
    """The URL, if what is sent there cannot be read on the way."""
    where = urlsplit(url)
    if where.scheme != "https" and not (where.scheme == "http" and _is_loopback(where.hostname or "")):
        raise ValueError("secrets are sent there, so it must begin with https://")
    return url


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def load_settings(config: Path | None = None, environ: Mapping[str, str] | None = None) -> Settings:
    """Read the file (``zhiban.toml`` in the working folder when it exists) and the environment.

    Relative paths count from the file's folder. Raises ``ConfigError`` with one line a fault.
    """
    environ = os.environ if environ is None else environ
    path = config or Path(environ.get("ZHIBAN_CONFIG", "zhiban.toml"))
    data = _read(path, required=config is not None or "ZHIBAN_CONFIG" in environ)
    faults: list[str] = []
    _overlay(data, environ, faults)
    _read_secret_files(data, str(path), faults)
    base = path.parent.resolve() if path.exists() else Path.cwd()
    try:
        settings = Settings.model_validate(data)
    except ValidationError as error:
        faults += [
            f"{path}: {'.'.join(map(str, e['loc'])) or 'settings'}: {e['msg'].removeprefix('Value error, ')}"
            for e in error.errors()
        ]
        raise ConfigError(faults) from None
    if settings.store.url and not settings.store.url.startswith("sqlite:///"):
        faults.append(f"{path}: store.url: only sqlite:/// is supported in this version; leave it out to use state_dir")
    if faults:
        raise ConfigError(faults)
    return settings.model_copy(update={"data_dir": base / settings.data_dir, "state_dir": base / settings.state_dir})


def _read(path: Path, *, required: bool) -> dict[str, Any]:
    if not path.exists():
        if required:
            raise ConfigError([f"{path}: no such file; give an existing zhiban.toml"])
        return {}
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError([f"{path}: not valid TOML: {error}"]) from None


def _overlay(data: dict[str, Any], environ: Mapping[str, str], faults: list[str]) -> None:
    for name in sorted(environ):
        if not name.startswith(_PREFIX) or name in _NOT_SETTINGS:
            continue
        *sections, key = name[len(_PREFIX) :].lower().split("__")
        node: Any = data
        for section in sections:
            node = node.setdefault(section, {}) if isinstance(node, dict) else None
        if not isinstance(node, dict):
            faults.append(f"{name}: {'.'.join(sections)} is not a section")
            continue
        node[key] = (
            [v.strip() for v in environ[name].split(",")] if (sections, key) == ([], "adapters") else environ[name]
        )


def _read_secret_files(node: dict[str, Any], where: str, faults: list[str], section: str = "") -> None:
    for key in list(node):
        value = node[key]
        if isinstance(value, dict):
            _read_secret_files(value, where, faults, key)
        elif key.endswith("_file") and (section, key) not in _PATHS and isinstance(value, str):
            try:
                node[key.removesuffix("_file")] = Path(value).read_text("utf-8").strip()
            except OSError as error:
                faults.append(f"{where}: {key}: cannot read {value}: {error.strerror}")
            del node[key]
