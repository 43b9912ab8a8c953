"""Settings from ``zhiban.toml`` and the environment; every fault in one report.

``ZHIBAN_SECTION__KEY`` overrides ``[section] key``; a secret may be named by file, ``key_file = "…"``. Merging is done here
and not by pydantic-settings because there a mistyped variable passes in silence (decisions: Settings).
"""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)

from bot.core.errors import ConfigError
from bot.sections import (
    DingtalkSettings,
    FeishuSettings,
    MattermostSettings,
    Section,
    SlackSettings,
    WecomSettings,
    is_loopback,
)

_PREFIX = "ZHIBAN_"
_NOT_SETTINGS = {"ZHIBAN_CRASH_AT", "ZHIBAN_CONFIG"}
_PATHS = {
    ("ssh", "key_file"),
    ("ssh", "certificate_file"),
    ("wecom", "ca_file"),
    ("mattermost", "ca_file"),
}  # paths themselves, no secrets in files


AVAILABLE = (
    "local",
    "wecom",
    "slack",
    "feishu",
    "dingtalk",
    "mattermost",
    "recorder",
)  # the last is the tests' platform


class ServerSettings(Section):
    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535)
    public_url: str = ""


class StoreSettings(Section):
    url: str = ""


class LocalSettings(Section):
    open: bool = True


class SshSettings(Section):
    """Who we are to the hosts: a key in a file, or (``agent``: its socket) the one key of an agent that ``key_file`` names."""

    key_file: Path | None = None
    certificate_file: Path | None = None
    agent: Path | None = None
    known_hosts: Path | None = None
    connect_timeout: float = Field(default=8, gt=0, le=60)

    @model_validator(mode="after")
    def _one_key(self) -> "SshSettings":
        if self.agent and (self.key_file is None or self.key_file.suffix != ".pub"):
            raise ValueError("with agent, key_file is the public half (NAME.pub) of the one key to offer")
        if self.certificate_file and (self.key_file is None or self.agent):
            raise ValueError("certificate_file goes with a key_file; an agent brings its certificates itself")
        return self


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
        if is_loopback(self.server.host):
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

    @property
    def known_hosts(self) -> Path:
        """Where the hosts' keys are pinned."""
        return self.ssh.known_hosts or self.state_dir / "known_hosts"


def load_settings(config: Path | None = None, environ: Mapping[str, str] | None = None) -> Settings:
    """Read the file (``zhiban.toml`` in the working folder when it exists) and the environment.

    Relative paths count from the file's folder. Raises ``ConfigError`` with one line a fault.
    """
    environ = os.environ if environ is None else environ
    path = config or Path(environ.get("ZHIBAN_CONFIG", "zhiban.toml"))
    data = _read(path, required=config is not None or "ZHIBAN_CONFIG" in environ)
    faults: list[str] = []
    _overlay(data, environ, faults)
    _add_credential(data, environ)
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


def _add_credential(data: dict[str, Any], environ: Mapping[str, str]) -> None:
    """A key that systemd hands over (``LoadCredential=ssh-key:…``, and ``ssh-key-cert.pub``) unless another is named."""
    folder, ssh = environ.get("CREDENTIALS_DIRECTORY"), data.setdefault("ssh", {})
    if not folder or not isinstance(ssh, dict) or "key_file" in ssh:
        return
    key = Path(folder, "ssh-key")
    certificate = Path(folder, "ssh-key-cert.pub")
    if key.is_file():
        ssh["key_file"] = str(key)
        if certificate.is_file():
            ssh.setdefault("certificate_file", str(certificate))


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
