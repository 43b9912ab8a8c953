"""Settings: what ``zhiban.toml`` and the environment say, checked. The platforms' own sections stand in their folders."""

from collections.abc import Iterable, Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import Any, ClassVar, Protocol, TypeVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationInfo,
    field_validator,
    model_validator,
)


class Section(BaseModel):
    """A table of ``zhiban.toml``. A key that it does not know is a fault."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ServerSettings(Section):
    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535)
    public_url: str = ""


class StoreSettings(Section):
    url: str = ""


class PlatformSection(Section):
    """The section of one chat platform; each platform's folder has its own (``bot/adapters/NAME/settings.py``)."""

    platform: ClassVar[str]

    def named_chats(self) -> Mapping[str, Iterable[str]]:
        """Our ids of the chats that the section names, by the key that names them (``robots``)."""
        return {}

    def faults_in_use(self, server: ServerSettings) -> list[str]:
        """What keeps a platform that ``adapters`` names from working; nothing where it is not used."""
        return []


class PlatformKind(Protocol):
    """What is known of a platform before it is used."""

    def section(self) -> type[PlatformSection]: ...


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


P = TypeVar("P", bound=PlatformSection)


class Settings(Section):
    """The whole of ``zhiban.toml``; paths are absolute after loading.

    ``platforms`` has the tables of the chat platforms as they are written, by name: :meth:`section` reads one.
    """

    timezone: str = "Asia/Shanghai"
    locale: str = Field(default="zh", pattern="^(zh|en)$")
    data_dir: Path = Path("data/example")
    state_dir: Path = Path("var")
    adapters: tuple[str, ...] = ("local",)
    server: ServerSettings = ServerSettings()
    store: StoreSettings = StoreSettings()
    ssh: SshSettings = SshSettings()
    runs: RunsSettings = RunsSettings()
    duty: DutySettings = DutySettings()
    alerts: AlertsSettings = AlertsSettings()
    heartbeat: HeartbeatSettings = HeartbeatSettings()
    platforms: Mapping[str, Any] = Field(default={}, repr=False)

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
    def _only_what_there_is(cls, adapters: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        """The names of the platforms come as the validation's context, where there is one."""
        missing = [name for name in adapters if info.context is not None and name not in info.context]
        if missing or not adapters:
            raise ValueError(f"{', '.join(missing) or 'an empty list'} is not available in this version; write local")
        return adapters

    def section(self, kind: type[P]) -> P:
        """A platform's own section. Raises ``ValidationError``, which a loaded ``Settings`` never does."""
        return kind.model_validate(self.platforms.get(kind.platform, {}))

    @property
    def database(self) -> Path:
        """The SQLite file; its place derives from ``state_dir`` unless ``store.url`` names another."""
        return Path(self.store.url.removeprefix("sqlite:///")) if self.store.url else self.state_dir / "zhiban.db"

    @property
    def known_hosts(self) -> Path:
        """Where the hosts' keys are pinned."""
        return self.ssh.known_hosts or self.state_dir / "known_hosts"


def encrypted(url: str) -> str:
    """The URL, if what is sent there cannot be read on the way."""
    where = urlsplit(url)
    if where.scheme != "https" and not (where.scheme == "http" and is_loopback(where.hostname or "")):
        raise ValueError("secrets are sent there, so it must begin with https://")
    return url


def is_loopback(host: str) -> bool:
    """Whether a host is this machine itself."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
