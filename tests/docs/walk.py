"""Which files a thing passes through, in the order in which they are first entered: seen by the interpreter, not told by us."""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from tests.support.paths import ROOT

PRODUCT = tuple(f"{ROOT / room}/" for room in ("bot", "handlers", "runbooks", "messages", "data"))


class Walk:
    """``stops`` are the files entered, one after the other, each change of file a stop."""

    def __init__(self) -> None:
        self.stops: list[str] = []
        self._on = False

    @property
    def files(self) -> list[str]:
        """Each file once, in the order of its first stop."""
        return list(dict.fromkeys(self.stops))

    @property
    def rooms(self) -> list[str]:
        """Each folder once, in that order."""
        return list(dict.fromkeys(str(Path(file).parent) for file in self.stops))

    @property
    def returns(self) -> int:
        """How often a room is entered that had been left before."""
        entered = [str(Path(file).parent) for file in self.stops]
        changes = [room for at, room in enumerate(entered) if at == 0 or room != entered[at - 1]]
        return len(changes) - len(set(changes))

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Note what is entered meanwhile, from nothing on."""
        self.stops.clear()
        self._on = True
        try:
            yield
        finally:
            self._on = False

    @contextmanager
    def everywhere(self) -> Iterator[None]:
        """Look in this thread and in every thread that begins meanwhile; the store's must begin here."""
        before = sys.getprofile()
        threading.setprofile(self._see)
        sys.setprofile(self._see)
        try:
            yield
        finally:
            sys.setprofile(before)
            threading.setprofile(None)

    def _see(self, frame: FrameType, event: str, _argument: Any) -> None:
        if self._on and event == "call" and frame.f_code.co_filename.startswith(PRODUCT):
            file = frame.f_code.co_filename.removeprefix(f"{ROOT}/")
            if not self.stops or self.stops[-1] != file:
                self.stops.append(file)
