"""The chat platforms that there are: one name each. Only those in use are imported, because their libraries cost a second."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

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
class PlatformFolder:
    """``bot/adapters/NAME``: ``settings.py`` has ``NameSettings``, ``adapter.py`` has ``NameAdapter``."""

    name: str

    def section(self) -> type[PlatformSection]:
        """What validates the platform's section."""
        kind: type[PlatformSection] = imported(
            f"bot.adapters.{self.name}.settings", f"{self.name.capitalize()}Settings"
        )
        return kind

    def adapter(self) -> Any:
        """The class of the platform, with the libraries that it needs (``bot.adapters.common.platform.Platform``).

        Its type is not named here: what it is made of brings aiohttp and SQLAlchemy to commands that need neither.
        """
        return imported(f"bot.adapters.{self.name}.adapter", f"{self.name.capitalize()}Adapter")


PLATFORMS: Mapping[str, PlatformFolder] = {name: PlatformFolder(name) for name in _NAMES}
