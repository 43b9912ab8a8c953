"""What the workers of this process share."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from bot.core.events import FileRef
from bot.core.menu import MenuItem, Title
from bot.core.people import Chat
from bot.core.ports import Capabilities, Clock
from bot.settings import Settings
from bot.storage.leases import new_owner
from bot.work.links import Links
from data.site import Site
from messages.render import Renderer


async def no_file(_platform: str, _file: FileRef, _limit: int) -> bytes | None:
    """What a process without platforms fetches."""
    return None


@dataclass
class Runtime:
    """What every Work of this process shares; ``site`` is asked for each time, because the roster may be imported anew.

    ``menu``: every command there is, in the order of the written list; ``titles``: what its areas are called.
    ``capabilities``: what a platform can do in a chat.
    ``fetch``: a file that somebody sent on a platform, of at most so many bytes; None where that platform hands over none.
    ``delivers``: the platforms that hand files over.
    ``links``: signs links for direct chats; None where no ``public_url`` is set.
    ``owner``: the name under which this process takes rows up.
    """

    settings: Settings
    clock: Clock
    renderer: Renderer
    site: Callable[[], Site]
    menu: tuple[MenuItem, ...] = ()
    titles: Mapping[str, Title] = field(default_factory=dict)
    capabilities: Callable[[str, Chat], Capabilities] = lambda _platform, _chat: Capabilities()
    fetch: Callable[[str, FileRef, int], Awaitable[bytes | None]] = no_file
    delivers: frozenset[str] = frozenset()
    links: Links | None = None
    owner: str = field(default_factory=new_owner)
