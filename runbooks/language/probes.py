"""The commands that ask whether something answers: constant programs; what varies is one word each, never part of a script."""

from dataclasses import replace

from runbooks.language.steps import StepDefinition
from runbooks.language.vocabulary import Kind

_CONNECT = 'exec 3<>"/dev/tcp/$0/$1"'  # bash's own; no script text comes from outside
IN_FOLDER = 'cd -- "$0" && exec "$@"'
PROBE_SECONDS = 5.0


def http_status(url: str) -> tuple[str, ...]:
    """The command that prints the HTTP status of ``url``, ``000`` when nothing answers.

    It goes there itself: neither a ``.curlrc`` (``-q``) nor a proxy of the account's environment comes between.
    """
    return ("curl", "-q", "-g", "-s", "-o", "/dev/null", "--noproxy", "*", "--max-time", "5", "-w", "%{http_code}", url)


def connection(address: str) -> tuple[str, ...]:
    """The command that opens a TCP connection to ``host:port`` without ``curl``; exit 1: nothing takes it."""
    host, _, number = address.rpartition(":")
    return ("bash", "-c", _CONNECT, host.strip("[]"), number)


def in_folder(folder: str, argv: tuple[str, ...]) -> tuple[str, ...]:
    """``cd folder && argv``, as the SOP writes it."""
    return ("sh", "-c", IN_FOLDER, folder, *argv) if folder else argv


def http(step: StepDefinition, url: str, want: str, wait: float) -> StepDefinition:
    """A step that asks ``url`` until it is ``up`` (2xx to 4xx), ``down`` (nothing listens) or gives that status."""
    argv = (*(word.replace("{", "{{").replace("}", "}}") for word in http_status("")[:-1]), url)
    if want in {"up", "down"}:
        return replace(step, kind=Kind(want), argv=argv, limit=wait or PROBE_SECONDS)
    return replace(step, kind=Kind.WAIT, argv=argv, limit=wait or PROBE_SECONDS, expect=f"^{want}$")


def port(step: StepDefinition, address: str, wanted_open: bool, wait: float) -> StepDefinition:
    """A step that opens a TCP connection from its host; a filtered port is known after five seconds."""
    kind = Kind.WAIT if wait else Kind.RUN
    ok = (0,) if wanted_open else (1, 137)
    return replace(step, kind=kind, argv=connection(address), limit=wait or PROBE_SECONDS, ok=ok)
