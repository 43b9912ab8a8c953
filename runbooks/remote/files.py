"""Reads something on a host, whole or not at all."""

import hashlib
from dataclasses import dataclass

from bot.core.errors import UserError
from runbooks.planning.target import Target
from runbooks.remote.command import Remote

CONF_LIMIT = 4 * 1024 * 1024  # bytes of a configuration file; a longer one is refused, not cut
LOOK_SECONDS = 10.0


async def read_bytes(remote: Remote, target: Target, argv: tuple[str, ...]) -> bytes:
    """What a reading command printed, whole. A refusal of the machine itself is ``UserError`` ``cannot_read``."""
    result = await remote.run(target, argv, limit=LOOK_SECONDS, kept=CONF_LIMIT)
    if not result.ok or result.truncated or not result.stdout:
        raise UserError("cannot_read", host=target.id, command=" ".join(argv))
    return result.stdout


async def real_path(remote: Remote, target: Target, path: str) -> str:
    """Where a path leads: an edit through a link must not replace the link."""
    return (await read_bytes(remote, target, ("readlink", "-f", path))).decode().strip()


async def read_text(remote: Remote, target: Target, path: str) -> str:
    """A file as text that can be written back byte for byte."""
    return decode(await read_bytes(remote, target, ("cat", path)))


@dataclass(frozen=True, slots=True)
class Facing:
    """How a file stands on its host: how many ``names`` (hard links) it has, and mode, owner, group and security context."""

    names: int
    shown: tuple[str, ...]


async def facing(remote: Remote, target: Target, path: str) -> Facing:
    """As ``ls`` shows it; a ``+`` behind the mode stands for an access list. Raises ``UserError`` ``cannot_read``."""
    argv = ("ls", "-lndZ", path)
    words = (await read_bytes(remote, target, argv)).decode("utf-8", "replace").split()
    if len(words) < 6 or not words[1].isdigit():
        raise UserError("cannot_read", host=target.id, command=" ".join(argv))
    return Facing(int(words[1]), (words[0], *words[2:5]))


async def faces_alike(remote: Remote, target: Target, path: str, other: str) -> bool:
    """Whether mode, owner, group and security context of both files are the same. Raises ``UserError`` ``cannot_read``."""
    both = [await facing(remote, target, one) for one in (path, other)]
    return both[0].shown == both[1].shown


async def one_name(remote: Remote, target: Target, path: str) -> None:
    """Raises ``UserError`` ``file_has_names``: a move would part it from its other hard links."""
    if (await facing(remote, target, path)).names != 1:
        raise UserError("file_has_names", host=target.id, path=path)


async def sha256_there(remote: Remote, target: Target, path: str) -> str:
    """The hash of a file as the host computes it; empty when there is no file."""
    result = await remote.run(target, ("sha256sum", path), limit=60.0)
    if result.ok:
        return result.stdout.split()[0].decode("ascii", "replace").lstrip("\\")
    gone = await remote.run(target, ("test", "!", "-e", path), limit=LOOK_SECONDS)
    if gone.ok:
        return ""
    raise UserError("cannot_read", host=target.id, command=f"sha256sum {path}")


def digest(text: str) -> str:
    return hashlib.sha256(encode(text)).hexdigest()


def decode(raw: bytes) -> str:
    """A configuration as text that :func:`encode` gives back byte for byte, whatever its encoding."""
    return raw.decode("utf-8", "surrogateescape")


def encode(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
