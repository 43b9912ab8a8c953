"""Interactive buttons: what a post carries, and whether a pressed one is ours.

Mattermost signs nothing (Mattermost sheet), so each button's context, which only the server sees, carries a signature over
what it does and where it stands.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.core.content import Post

PATH = "/mattermost/actions"
_TONES = {"open": "#1f6feb", "breach": "#d1242f", "quiet": "#8c959f", "ask": "#bf8700", "done": "#1a7f37"}
_STYLES = {"primary", "danger"}


@dataclass(frozen=True, slots=True)
class Buttons:
    """Signs and checks. ``url`` is where this service is reached from Mattermost; ``secret`` never leaves the process."""

    url: str
    secret: bytes

    def attachments(self, post: Post, client_key: str, channel: str, *, direct: bool) -> list[dict[str, Any]]:
        """The attachment under the text: its colour tells the tone; none for a post without a card."""
        if post.card is None:
            return []
        actions = [
            {
                "id": f"b{number}",
                "type": "button",
                "name": button.label,
                "style": button.style if button.style in _STYLES else "default",
                "integration": {
                    "url": f"{self.url.rstrip('/')}{PATH}",
                    "context": self._context(button.action, client_key, channel, direct=direct),
                },
            }
            for number, button in enumerate(post.buttons)
        ]
        return [{"fallback": "", "color": _TONES.get(post.card.tone, ""), "actions": actions}] if actions else []

    def pressed(self, context: Mapping[str, Any], channel: str) -> tuple[str, bool] | None:
        """(action, whether in a direct chat) of a pressed button; None when we did not make it for this channel."""
        action, key, mac, direct = (context.get(name) for name in ("action", "key", "mac", "direct"))
        if not (isinstance(action, str) and isinstance(key, str) and isinstance(mac, str) and isinstance(direct, bool)):
            return None
        right = self._mac(action, key, channel, direct=direct)
        return (action, direct) if hmac.compare_digest(mac.encode(), right.encode()) else None

    def _context(self, action: str, key: str, channel: str, *, direct: bool) -> dict[str, Any]:
        mac = self._mac(action, key, channel, direct=direct)
        return {"action": action, "key": key, "direct": direct, "mac": mac}

    def _mac(self, action: str, key: str, channel: str, *, direct: bool) -> str:
        text = json.dumps([action, key, channel, direct])
        return hmac.new(self.secret, text.encode(), hashlib.sha256).hexdigest()


def secret_from(material: str) -> bytes:
    """A key of its own, from a secret that only this service and Mattermost know."""
    return hashlib.sha256(f"zhiban mattermost buttons\n{material}".encode()).digest()
