"""When the platform's duplicate check may be asked for (page 90236).

It compares contents, not keys: with it a repeat does not arrive twice, but neither does the same answer to the same question
asked again. So it is left out for what another message said in the same words a while ago.
"""

import asyncio
import hashlib
from collections import OrderedDict

INTERVAL = 1800  # seconds that the platform is asked to compare
MOST = 5000  # contents remembered


class Once:
    """What was sent to whom lately. In memory: a restart forgets, and then the check is asked for."""

    def __init__(self) -> None:
        self._lately: OrderedDict[bytes, tuple[str, float]] = OrderedDict()

    def checked(self, account: str, content: str, key: str) -> bool:
        """Whether the check may be asked for when ``key`` says ``content`` to ``account``."""
        now = asyncio.get_running_loop().time()
        digest = hashlib.sha256(f"{account}\0{content}".encode()).digest()
        owner, until = self._lately.get(digest, (key, 0.0))
        if owner != key and now < until:
            return False
        self._lately[digest] = key, now + INTERVAL
        self._lately.move_to_end(digest)
        while len(self._lately) > MOST:
            self._lately.popitem(last=False)
        return True
