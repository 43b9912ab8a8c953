"""When the platform's duplicate check may be asked for (WeCom 90236).

It compares contents, not keys: with it a repeat does not arrive twice, but neither does the same answer to the same question
asked again. So it is left out for what another message said in the same words a while ago, and while nobody knows what the
process before this one said; a repeat of such a message is marked instead.
"""

import hashlib
import time
from collections import OrderedDict

INTERVAL = 1800  # seconds that the platform is asked to compare
MOST = 5000  # contents remembered


class Once:
    """What was sent to whom lately. In memory: for its first half hour a process does not know what was said before."""

    def __init__(self) -> None:
        self._knows_from = time.monotonic() + INTERVAL
        self._lately: OrderedDict[bytes, tuple[str, bool, float]] = OrderedDict()

    def checked(self, account: str, content: str, key: str, *, repeated: bool) -> bool:
        """Whether the check is asked for when ``key`` says ``content`` to ``account``; the same for each try of one process.

        A repeat of what another process tried is checked: that one most probably asked for it as well.
        """
        now = time.monotonic()
        digest = hashlib.sha256(f"{account}\0{content}".encode()).digest()
        owner, asked, until = self._lately.get(digest, ("", False, 0.0))
        if now < until:
            return asked and owner == key
        asked = repeated or now >= self._knows_from
        self._lately[digest] = key, asked, now + INTERVAL
        self._lately.move_to_end(digest)
        while len(self._lately) > MOST:
            self._lately.popitem(last=False)
        return asked
