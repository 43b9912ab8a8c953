"""The keys that a host shows, those that are pinned, and pinning one: never without a fingerprint that a person gave.

A host shows one key of each kind that it has. What a scan sees is only what the network shows: whoever accepts it has
compared it with what the host's own console says.
"""

import asyncio
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import asyncssh

from runbooks.planning.target import Target
from runbooks.remote import known_hosts as pinned
from runbooks.remote.command import NotStarted
from runbooks.remote.ssh_pool import Links

KINDS = ("ssh-ed25519", "ecdsa-sha2-nistp256", "rsa-sha2-512")


class Standing(StrEnum):
    """How a shown key compares with what is pinned for the host."""

    PINNED = "pinned"
    NEW = "new"
    DIFFERS = "differs"  # another key of its kind is pinned
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class Shown:
    """A key that a host shows; ``line`` is what known_hosts takes, ``instead`` the fingerprints that are pinned."""

    kind: str
    fingerprint: str
    line: str
    standing: Standing
    instead: tuple[str, ...] = ()


async def scan(links: Links, known_hosts: Path, target: Target, seconds: float) -> list[Shown]:
    """Every key that ``target`` shows, through its jump host where it has one. Raises ``NotStarted``."""
    tunnel = await links.tunnel(target)
    found = []
    for kind in KINDS:
        key = await _key(target, kind, tunnel, seconds)
        if key is not None:
            found.append(_judged(known_hosts, target, key))
    if not found:
        raise NotStarted("unreachable", target.id, "it shows no key")
    return found


async def _key(
    target: Target, kind: str, tunnel: asyncssh.SSHClientConnection | None, seconds: float
) -> asyncssh.SSHKey | None:
    """The key of one kind, None when the host has none. Nobody signs in."""
    try:
        async with asyncio.timeout(seconds):
            return await asyncssh.get_server_host_key(
                target.address, target.port, tunnel=tunnel or (), config=None, server_host_key_algs=[kind]
            )
    except (asyncssh.Error, ConnectionResetError):  # sshd ends a connection that asks for a key it has not got
        return None
    except (TimeoutError, OSError) as error:
        raise NotStarted("unreachable", target.id, str(error)) from None


def _judged(known_hosts: Path, target: Target, key: asyncssh.SSHKey) -> Shown:
    text = pinned.read(known_hosts).text if known_hosts.exists() else ""
    line = " ".join(key.export_public_key("openssh").decode("ascii").split()[:2])
    kind, trusted = key.get_algorithm(), _match(text, target)[0]
    others = tuple(sorted(k.get_fingerprint() for k in trusted if k.get_algorithm() == kind and k != key))
    if key in _match(f"{text}\n{_name(target)} {line}\n", target)[2]:
        standing = Standing.REVOKED
    elif key in trusted and not others:
        standing = Standing.PINNED
    else:
        standing = Standing.DIFFERS if others else Standing.NEW
    return Shown(kind, key.get_fingerprint(), line, standing, others)


def _name(target: Target) -> str:
    return target.address if target.port == 22 else f"[{target.address}]:{target.port}"


def _match(text: str, target: Target) -> tuple[Sequence[asyncssh.SSHKey], ...]:
    """Trusted keys, authorities, revoked keys. asyncssh sees revoked ones of a port only beside a trusted one of it."""
    known = asyncssh.import_known_hosts(text)
    return asyncssh.match_known_hosts(known, target.address, target.address, target.port)[:3]


def pin(path: Path, target: Target, shown: Shown) -> None:
    """Pin ``shown`` in the place of other keys of its kind.

    Raises ``ValueError`` when it is revoked, or when a line with a pattern or a hash still pins another: a person must look.
    The file is replaced whole or not at all.
    """
    if shown.standing is Standing.REVOKED:
        raise ValueError(f"{shown.fingerprint} is revoked in {path}")
    name = _name(target)
    lines = path.read_bytes().decode("utf-8-sig", "replace").splitlines() if path.exists() else []
    kept = [line for line in lines if line.split()[:2] != [name, shown.kind]]
    fresh = "\n".join([*kept, f"{name} {shown.line}"]) + "\n"
    trusted = _match(pinned.read_text(fresh).text, target)[0]
    left = {key.get_fingerprint() for key in trusted if key.get_algorithm() == shown.kind} - {shown.fingerprint}
    if left:
        raise ValueError(
            f"{path}: a line with a pattern or a hash pins {', '.join(sorted(left))} too; take it out by hand"
        )
    _replace(path, fresh)


def _replace(path: Path, text: str) -> None:
    real = path.resolve()
    real.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=real.parent, prefix=".known_hosts-")
    with os.fdopen(handle, "w", encoding="utf-8") as fresh:
        fresh.write(text)
        fresh.flush()
        os.fchmod(fresh.fileno(), real.stat().st_mode & 0o777 if real.exists() else 0o644)
        os.fsync(fresh.fileno())
    Path(name).replace(real)
