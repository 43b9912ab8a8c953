"""Steady traffic through a real nginx, and its own record of what went wrong."""

import http.client
import threading
from dataclasses import dataclass, field


@dataclass(slots=True)
class Traffic:
    """``answered`` requests, and every one that was not answered with 200."""

    port: int
    answered: int = 0
    failures: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def ask(self, stop: threading.Event) -> None:
        """Ask until told to stop, a hundred times a second at most."""
        while not stop.wait(0.01):
            failure = self._one()
            with self._lock:
                self.answered += failure is None
                self.failures += [failure] if failure else []

    def _one(self) -> str | None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", "/page")
            answer = connection.getresponse()
            answer.read()
            return None if answer.status == 200 else f"status {answer.status}"
        except (OSError, http.client.HTTPException) as error:
            return repr(error)
        finally:
            connection.close()
