"""Settings: what ``zhiban.toml`` and the environment say, checked.

The sections of platforms and of capabilities stand in their folders (``settings.py``).
"""

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
)
from pydantic_core import PydanticCustomError

from bot.core.problems import Told, nearest_of

HIDDEN = frozenset({"recorder"})  # the tests' platform: never offered to anybody


def wrong(name: str, /, **facts: object) -> PydanticCustomError:
    """What a validator raises: a sentence ``settings/NAME`` of ``messages``, to be said in the language of the settings."""
    told = Told(f"settings/{name}", **facts)
    return PydanticCustomError("told", "{said}", {"said": told.text("en"), "told": told})


class Section(BaseModel):
    """A table of ``zhiban.toml``. A key that it does not know is a fault."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ServerSettings(Section):
    """``connections`` and ``per_address`` are how many may be open at once, in all and of one client address.

    Seconds: for a request's head, for its body, and how long an idle connection is kept.
    """

    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535)
    public_url: str = ""
    connections: int = Field(default=512, ge=8, le=10_000)
    per_address: int = Field(default=128, ge=4, le=10_000)
    header_seconds: float = Field(default=10, gt=0, le=300)
    body_seconds: float = Field(default=30, gt=0, le=600)
    idle_seconds: float = Field(default=75, gt=0, le=3600)


class StoreSettings(Section):
    url: str = ""


class FolderSection(Section):
    """A section that stands in the folder of what it configures; :meth:`Settings.section` reads it."""

    @classmethod
    def table_of(cls, settings: "Settings") -> Any:
        """The table as it is written, an empty one where there is none."""
        raise NotImplementedError


class CapabilitySection(FolderSection):
    """A section of one capability, named by ``table`` and listed in ``bot/sections.py``."""

    table: ClassVar[str]

    @classmethod
    def table_of(cls, settings: "Settings") -> Any:
        return settings.capabilities.get(cls.table, {})

    @classmethod
    def completed(cls, written: Mapping[str, Any], environ: Mapping[str, str]) -> Mapping[str, Any]:
        """The table with what the environment hands over in another way than by ``ZHIBAN_`` variables."""
        return written


class PlatformSection(FolderSection):
    """The section of one chat platform; each platform's folder has its own (``bot/adapters/NAME/settings.py``)."""

    platform: ClassVar[str]

    @classmethod
    def table_of(cls, settings: "Settings") -> Any:
        return settings.platforms.get(cls.platform, {})

    def named_chats(self) -> Mapping[str, Iterable[str]]:
        """Our ids of the chats that the section names, by the key that names them (``robots``)."""
        return {}

    def faults_in_use(self, server: ServerSettings) -> list[Told]:
        """What keeps a platform that ``adapters`` names from working; nothing where it is not used."""
        return []


class PlatformKind(Protocol):
    """What is known of a platform before it is used."""

    def section(self) -> type[PlatformSection]: ...


class AlertsSettings(Section):
    token: SecretStr | None = None


class AuditSettings(Section):
    """Where the audit log's head is noted each hour, outside of what holds the database; and when the operators get it daily."""

    anchor_to: Path | None = None
    tell_at: str = Field(default="09:00", pattern=r"^([01]\d|2[0-3]):[0-5]\d$")

    @field_validator("anchor_to")
    @classmethod
    def _an_absolute_path(cls, path: Path | None) -> Path | None:
        if path is not None and not path.is_absolute():
            raise wrong("anchor_relative")
        return path


class HeartbeatSettings(Section):
    url: str = ""
    every: float = Field(default=30, gt=0)


S = TypeVar("S", bound=FolderSection)


class Settings(Section):
    """The whole of ``zhiban.toml``; paths are absolute after loading.

    ``platforms`` and ``capabilities`` have the tables of the chat platforms and of the capabilities as they are written, by
    name: :meth:`section` reads one.
    """

    timezone: str = "Asia/Shanghai"
    locale: str = Field(default="zh", pattern="^(zh|en)$", examples=["zh", "en"])
    data_dir: Path = Path("data/example")
    state_dir: Path = Path("var")
    adapters: tuple[str, ...] = ("local",)
    server: ServerSettings = ServerSettings()
    store: StoreSettings = StoreSettings()
    alerts: AlertsSettings = AlertsSettings()
    heartbeat: HeartbeatSettings = HeartbeatSettings()
    audit: AuditSettings = AuditSettings()
    platforms: Mapping[str, Any] = Field(default={}, repr=False)
    capabilities: Mapping[str, Any] = Field(default={}, repr=False)

    @field_validator("timezone")
    @classmethod
    def _a_known_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ValueError, OSError, ZoneInfoNotFoundError):
            raise wrong("bad_zone", given=name) from None
        return name

    @field_validator("adapters")
    @classmethod
    def _only_what_there_is(cls, adapters: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        """The names of the platforms come as the validation's context, where there is one."""
        known = () if info.context is None else info.context
        missing = [name for name in adapters if info.context is not None and name not in known]
        if missing:
            near = nearest_of(missing[0], set(known) - HIDDEN)
            raise wrong("unknown_platform", given=", ".join(missing), near=near)
        if not adapters:
            raise wrong("no_platform", near=nearest_of("", set(known) - HIDDEN))
        return adapters

    def section(self, kind: type[S]) -> S:
        """The section of a platform or capability. Raises ``ValidationError``, which a loaded ``Settings`` never does."""
        return kind.model_validate(kind.table_of(self))

    def with_section(self, section: CapabilitySection) -> "Settings":
        """The same settings with another section of a capability."""
        return self.model_copy(update={"capabilities": {**self.capabilities, section.table: section}})

    @property
    def database(self) -> Path:
        """The SQLite file; its place derives from ``state_dir`` unless ``store.url`` names another."""
        return Path(self.store.url.removeprefix("sqlite:///")) if self.store.url else self.state_dir / "zhiban.db"


def encrypted(url: str) -> str:
    """The URL, if what is sent there cannot be read on the way."""
    where = urlsplit(url)
    if where.scheme != "https" and not (where.scheme == "http" and is_loopback(where.hostname or "")):
        raise wrong("in_clear")
    return url


def is_loopback(host: str) -> bool:
    """Whether a host is this machine itself."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
