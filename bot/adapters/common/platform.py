"""What every chat platform gives to the service: one adapter, its section, its routes and its workers."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol

from aiohttp import web

from bot.adapters.common.ingress import Ingress
from bot.core.ports import ChatAdapter
from bot.settings import PlatformKind, Settings


class Platform(ChatAdapter, Protocol):
    """A platform at work: besides what the sender needs, routes of its own and coroutines that run as long as the service.

    It is made of the settings and its own door; ``ConfigError`` says that its section cannot work.
    """

    def __init__(self, settings: Settings, ingress: Ingress) -> None: ...

    def mount(self, app: web.Application) -> None: ...

    def workers(self) -> Mapping[str, Callable[[], Awaitable[None]]]: ...


class PlatformParts(PlatformKind, Protocol):
    """What a platform's folder holds: ``settings.py`` with its section, ``adapter.py`` with the platform itself."""

    def adapter(self) -> type[Platform]: ...


Platforms = Mapping[str, PlatformParts]
