"""Whom we trust, and who we are to the hosts: pinned host keys, and our own key from a file, an agent, or certified.

Both are read again when their files change, so that an accepted host key or a new certificate counts at once.
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncssh

from runbooks.planning.target import Target
from runbooks.remote import known_hosts
from runbooks.remote.command import NotStarted

log = logging.getLogger(__name__)
_Stamp = tuple[tuple[int, int] | None, ...]


@dataclass(frozen=True, slots=True)
class Trust:
    """``agent``: the socket of an agent that holds the private half of ``key_file``, which is then the public one."""

    known_hosts: Path
    key_file: Path | None = None
    certificate_file: Path | None = None
    agent: Path | None = None


class Keyring:
    """What of :class:`Trust` a connection needs. The agent's other keys are never tried (fault F65: few attempts)."""

    def __init__(self, trust: Trust) -> None:
        self._trust = trust
        self._stamp: _Stamp | None = None
        self._options: dict[str, Any] = {}

    def options(self, host: str) -> dict[str, Any]:
        """The options of ``asyncssh.connect`` that say whom to trust and who we are. Raises ``NotStarted``."""
        trust = self._trust
        stamp = tuple(_stamp(path) for path in (trust.known_hosts, trust.key_file, trust.certificate_file))
        if stamp != self._stamp:
            self._options = {"known_hosts": _known(trust.known_hosts, host), **_ourselves(trust, host)}
            self._stamp = stamp
        return self._options

    def pinned(self, targets: Iterable[Target]) -> dict[str, list[str]]:
        """The fingerprints that each target, and each host on the way to it, is known by: its own, or its authority's."""
        try:
            known = known_hosts.read(self._trust.known_hosts).known
        except (OSError, ValueError):
            return {}
        found = {}
        for target in targets:
            for hop in target.way:
                own, authorities = asyncssh.match_known_hosts(known, hop.address, hop.address, hop.port)[:2]
                found[hop.id] = sorted({key.get_fingerprint() for key in (*own, *authorities)})
        return found


def _stamp(path: Path | None) -> tuple[int, int] | None:
    try:
        stat = path.stat() if path else None
    except OSError:
        return None
    return (stat.st_mtime_ns, stat.st_ino) if stat else None


def _known(path: Path, host: str) -> asyncssh.SSHKnownHosts:
    """The pinned keys; read anew only when a file changed, so that a line which is left out is told of once."""
    try:
        pinned = known_hosts.read(path)
    except FileNotFoundError:
        log.warning("ssh: no key of %s is pinned: there is no file %s", host, path)
        raise NotStarted("known_hosts", host) from None
    except (OSError, ValueError) as error:
        log.warning("ssh: no key of %s is pinned: %s: %s", host, path, error)
        raise NotStarted("known_hosts", host) from None
    if pinned.odd:
        log.warning("ssh: %s: left out, being no pinned key: %s", path, ", ".join(f"line {odd}" for odd in pinned.odd))
    return pinned.known


def _ourselves(trust: Trust, host: str) -> dict[str, Any]:
    """Private keys are read once; a connection makes its own pair of them."""
    try:
        if trust.agent is not None:
            return {
                "agent_path": str(trust.agent),
                "agent_identities": [str(trust.key_file)] if trust.key_file else None,
                "client_keys": (),
            }
        keys: list[Any] = []
        if trust.key_file is not None:
            key = asyncssh.read_private_key(str(trust.key_file))
            certificate = trust.certificate_file and asyncssh.read_certificate(str(trust.certificate_file))
            keys.append((key, certificate) if certificate else key)
        return {"agent_path": None, "client_keys": keys}
    except (OSError, ValueError) as error:
        log.warning("ssh: our own key for %s cannot be read: %s", host, error)
        raise NotStarted("key", host) from None
