"""The fleet's keys and known_hosts: made on the first start, kept afterwards, readable by the owner alone."""

import os
import re
from collections.abc import Mapping
from pathlib import Path

import asyncssh

_KEPT = re.compile(r"\[127\.0\.0\.1\]:(\d{1,5}) \S+ \S+ (\S+)", re.ASCII)


def private_folder(path: Path) -> Path:
    """The folder by its true name, made with mode 0700 when missing."""
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path.resolve()


def kept_key(path: Path) -> asyncssh.SSHKey:
    """The ed25519 key in ``path``; made there when missing."""
    if not path.exists():
        key = asyncssh.generate_private_key("ssh-ed25519", comment=path.stem)
        _write_private(path, key.export_private_key())
    return asyncssh.read_private_key(str(path))


def kept_ports(known_hosts: Path) -> dict[str, int]:
    """The ports of the last start, machine by machine, so that a plan made before a restart still fits after it."""
    if not known_hosts.exists():
        return {}
    lines = known_hosts.read_text(encoding="ascii").splitlines()
    return {match[2]: int(match[1]) for match in map(_KEPT.fullmatch, lines) if match}


def write_known_hosts(path: Path, hosts: Mapping[str, tuple[str, int, asyncssh.SSHKey]]) -> None:
    """One line a machine: address and port, its host key, its name as the comment."""
    lines = [f"[{address}]:{port} {_public(key)} {name}\n" for name, (address, port, key) in hosts.items()]
    _write_private(path, "".join(lines).encode("ascii"))


def _public(key: asyncssh.SSHKey) -> str:
    return " ".join(key.export_public_key().decode("ascii").split()[:2])


def _write_private(path: Path, content: bytes) -> None:
    """Whole or not at all, and never readable by others, not even for a moment."""
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
