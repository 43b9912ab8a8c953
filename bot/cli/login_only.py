"""Which variables of a host stand in its login profile alone, so that a start script that needs one would miss it."""

import asyncio
import dataclasses

from bot.core.problems import Told
from data.site import Site
from runbooks.planning.plan import target_of
from runbooks.planning.target import Target
from runbooks.remote.command import Lost, NotStarted, Remote

NAMES = ("JAVA_HOME", "ORACLE_HOME", "DM_HOME", "CATALINA_HOME", "LANG")
_SET = f'for n in {" ".join(NAMES)}; do eval "v=\\${{$n}}"; [ -z "$v" ] || echo "$n"; done; echo "PATH=$PATH"'
_USUAL = ("/usr/", "/bin", "/sbin", "/snap/", "/home/", "/root/")
"""Folders that a login adds to ``PATH`` on any machine, and no start script lives from; ``/usr/java`` and the like do count."""
_COUNT = ("/usr/java", "/usr/lib/jvm", "/usr/local/java", "/usr/local/jdk")
_LIMIT = 10.0  # seconds


async def login_only(remote: Remote, site: Site, group: str) -> list[Told]:
    """One note for all hosts of a group with the same variables; names only, no value. A host that cannot be asked has none."""
    targets = [target_of(host) for host in site.group_hosts(group)]
    found = await asyncio.gather(*(_missing(remote, target) for target in targets))
    hosts: dict[tuple[str, ...], list[str]] = {}
    for target, names in zip(targets, found, strict=True):
        if names:
            hosts.setdefault(names, []).append(target.id)
    return [
        Told("check/login_only", group=group, hosts=", ".join(where), names=", ".join(names))
        for names, where in hosts.items()
    ]


async def _missing(remote: Remote, target: Target) -> tuple[str, ...]:
    if "profile" in target.account.login:
        return ()
    login = dataclasses.replace(target.account, login=(*target.account.login, "profile"))
    here, there = await _set(remote, target), await _set(remote, dataclasses.replace(target, account=login))
    if not here:
        return ()
    names = tuple(name for name in NAMES if name in there - here)
    return (*names, "PATH") if any(_is_own(folder) for folder in there - here if folder.startswith("/")) else names


async def _set(remote: Remote, target: Target) -> frozenset[str]:
    """The names that are set, and the folders of ``PATH``; nothing of a host that cannot be asked or does not let it in."""
    try:
        result = await remote.run(target, ("sh", "-c", _SET), limit=_LIMIT)
    except (NotStarted, Lost):
        return frozenset()
    lines = result.text(result.stdout).splitlines() if result.ok else []
    folders = next((line.removeprefix("PATH=").split(":") for line in lines if line.startswith("PATH=")), [])
    return frozenset((*(line for line in lines if line in NAMES), *folders))


def _is_own(folder: str) -> bool:
    return folder.startswith(_COUNT) or not folder.startswith(_USUAL)
