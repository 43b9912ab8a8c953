"""The chat platforms that there are: one name each. Only those in use are imported, because their libraries cost a second."""

from dataclasses import dataclass

from bot.adapters.common.platform import Platform, Platforms
from bot.core.lazy import imported
from bot.settings import PlatformSection

_NAMES = (
    "local",
    "wecom",
    "slack",
    "feishu",
    "dingtalk",
    "mattermost",
    "matrix",
    "recorder",  # the tests' platform
)


@dataclass(frozen=True, slots=True)
class _Folder:
    """``bot/adapters/NAME``: ``settings.py`` has ``NameSettings``, ``adapter.py`` has ``NameAdapter``."""

    name: str

    def section(self) -> type[PlatformSection]:
        """What validates the platform's section."""
        kind: type[PlatformSection] = imported(
            f"bot.adapters.{self.name}.settings", f"{self.name.capitalize()}Settings"
        )
        return kind

    def adapter(self) -> type[Platform]:
        """The platform itself, with the libraries that it needs."""
        adapter: type[Platform] = imported(f"bot.adapters.{self.name}.adapter", f"{self.name.capitalize()}Adapter")
        return adapter


PLATFORMS: Platforms = {name: _Folder(name) for name in _NAMES}
