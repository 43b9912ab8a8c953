"""What the workers of this process share."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from bot.core.menu import MenuItem, Title
from bot.core.people import Chat
from bot.core.ports import Capabilities, Clock
from bot.settings import Settings
from bot.storage.leases import new_owner
from bot.work.links import Links
from data.site import Site
from messages.render import Renderer


@dataclass
class Runtime:
    """What every Work of this process shares; ``site`` is asked for each time, because the roster may be imported anew.

    ``menu``: every command there is, in the order of the written list; ``titles``: what its areas are called.
    ``capabilities``: what a platform can do in a chat.
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
    links: Links | None = None
    owner: str = field(default_factory=new_owner)
