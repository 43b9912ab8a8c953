"""Reply addresses (``response_url``): each callback brings one, it takes one message within an hour (WeCom 101138).

An address comes from outside and we post to it, so it must be the platform's own to the letter (fault F55).
"""

from collections import OrderedDict, deque
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import SplitResult, urlsplit

LIFE = timedelta(minutes=58)  # an hour, less what a message may be on its way
A_CHAT = 30  # addresses kept for one chat
CHATS = 2000
MESSAGES = 20_000  # messages whose address was kept: a callback that comes twice brings the same one
OFFICIAL = "https://qyapi.weixin.qq.com"


@dataclass(frozen=True, slots=True)
class Reply:
    """An address, and the message that brought it."""

    url: str
    message: str
    until: datetime


class Replies:
    """The unused addresses of every chat. In memory: after a restart a chat has none until somebody speaks."""

    def __init__(self, api_base: str) -> None:
        self._origins = {_origin(urlsplit(base)) for base in (api_base, OFFICIAL)}
        self._chats: OrderedDict[str, deque[Reply]] = OrderedDict()
        self._messages: OrderedDict[str, None] = OrderedDict()

    def allowed(self, url: str) -> bool:
        """Whether the address is on the platform's own host, over the same way as its interface."""
        try:
            parts = urlsplit(url)
            return url.isascii() and parts.username is None and _origin(parts) in self._origins and "\\" not in url
        except ValueError:
            return False

    def offer(self, chat: str, message: str, url: str, now: datetime) -> None:
        """Keep an address that is allowed, once for each message."""
        if message in self._messages:
            return
        self._messages[message] = None
        while len(self._messages) > MESSAGES:
            self._messages.popitem(last=False)
        held = self._chats.setdefault(chat, deque(maxlen=A_CHAT))
        held.append(Reply(url, message, now + LIFE))
        self._chats.move_to_end(chat)
        while len(self._chats) > CHATS:
            self._chats.popitem(last=False)

    def take(self, chat: str, message: str | None, now: datetime) -> Reply | None:
        """The address that ``message`` brought, else the one that expires first; it is used up with this."""
        held = self._chats.get(chat, deque())
        while held and held[0].until <= now:
            held.popleft()
        if not held:
            return None
        reply = next((reply for reply in held if reply.message == message), held[0])
        held.remove(reply)
        return reply

    def give_back(self, chat: str, reply: Reply) -> None:
        """It was not used after all."""
        self._chats.setdefault(chat, deque(maxlen=A_CHAT)).appendleft(reply)


def _origin(parts: SplitResult) -> tuple[str, str | None, int | None]:
    return parts.scheme, parts.hostname, parts.port or {"https": 443, "http": 80}.get(parts.scheme)
