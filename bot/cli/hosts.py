"""``zhiban hosts scan``: which keys the servers show beside those that are pinned; pins what a person has compared.

Exit code 0 when every key shown is pinned (or has been just now), 1 when not, 2 for settings or words that cannot be used.
"""

import argparse
import asyncio
import getpass
import json
import os
import sys

from bot.cli.platforms import PLATFORMS
from bot.cli.refused import refused
from bot.core.errors import ConfigError, Temporary
from bot.sections import SECTIONS
from bot.settings import Settings
from bot.settings_file import load_settings
from bot.storage.audit_log import Entry, append
from bot.storage.clock import SystemClock
from bot.storage.store import DBAPIError, Store, Tx
from data.load.site import load_site
from runbooks.planning.plan import target_of
from runbooks.planning.target import Target
from runbooks.remote.command import NotStarted
from runbooks.remote.host_keys import Shown, Standing, pin, scan
from runbooks.remote.settings import SshSettings, known_hosts
from runbooks.remote.ssh_pool import Links
from runbooks.remote.ssh_trust import Keyring, Trust

_WORDS = {
    Standing.PINNED: "pinned",
    Standing.NEW: "NEW, not pinned",
    Standing.DIFFERS: "DIFFERS from what is pinned",
    Standing.REVOKED: "REVOKED",
}


def main(args: argparse.Namespace) -> int:
    settings: Settings | None = None
    try:
        settings = load_settings(args.config, platforms=PLATFORMS, sections=SECTIONS)
        site = load_site(settings.data_dir, None, settings.timezone, with_roster=False, locale=settings.locale)
        accepted = _accepted(args.accept)
        names = list(dict.fromkeys([*args.hosts, *accepted])) or list(site.hosts)
        unknown = [name for name in names if name not in site.hosts]
        if unknown:
            raise ConfigError([f"hosts.yaml: no host has the id {', '.join(unknown)}"])
        return asyncio.run(_scan(settings, [target_of(site.hosts[name]) for name in names], accepted))
    except ConfigError as error:
        return refused(error, settings)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2


def _accepted(words: list[str]) -> dict[str, set[str]]:
    """``oa3=SHA256:…`` as a map; the whole fingerprint or nothing."""
    found: dict[str, set[str]] = {}
    for word in words:
        host, _, fingerprint = word.partition("=")
        if not fingerprint.startswith("SHA256:") or len(fingerprint) != 50:
            raise ConfigError(
                [f"--accept {word}: write HOST=SHA256:… with the 43 characters that the host's console shows"]
            )
        found.setdefault(host, set()).add(fingerprint)
    return found


async def _scan(settings: Settings, targets: list[Target], accepted: dict[str, set[str]]) -> int:
    ssh, path = settings.section(SshSettings), known_hosts(settings)
    links = Links(Keyring(Trust(path, ssh.key_file, ssh.certificate_file, ssh.agent)), ssh.connect_timeout)
    fine = True
    try:
        for target in targets:
            try:
                shown = await scan(links, path, target, ssh.connect_timeout)
            except NotStarted as error:
                print(f"{target.id} {target.address}:{target.port}  not reached: {error}")
                fine = False
                continue
            fine = await _told(settings, target, shown, accepted.get(target.id, set())) and fine
    finally:
        await links.close()
    if not fine:
        print("Compare each on the host's own console: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub")
        print("Then: zhiban hosts scan --accept HOST=SHA256:…")
    return 0 if fine else 1


async def _told(settings: Settings, target: Target, shown: list[Shown], accepted: set[str]) -> bool:
    """Print the keys of one host and pin those that were accepted. One pinned key is enough, one that differs too much."""
    print(f"{target.id} {target.address}:{target.port}")
    standings = set()
    for key in shown:
        standing, text = key.standing, _WORDS[key.standing]
        if key.fingerprint in accepted and standing is not Standing.PINNED:
            await _pin(settings, target, key)
            standing, text = Standing.PINNED, "pinned now" + (", in the place of" if key.instead else "")
        print(f"  {key.kind:20} {key.fingerprint}  {text} {' '.join(key.instead)}".rstrip())
        standings.add(standing)
    missing = accepted - {key.fingerprint for key in shown}
    for fingerprint in sorted(missing):
        print(f"  {fingerprint} is not what {target.id} shows; nothing was pinned for it")
    return Standing.PINNED in standings and standings <= {Standing.PINNED, Standing.NEW} and not missing


async def _pin(settings: Settings, target: Target, key: Shown) -> None:
    """Note in the audit log who has the key pinned, then pin it. Raises ``ConfigError`` or ``ValueError``."""
    path, database = known_hosts(settings), settings.database
    if not database.exists():
        pin(path, target, key)
        print(f"  not in the audit log: Zhiban was never started, there is no {database}")
        return
    user = os.environ.get("SUDO_USER") or getpass.getuser()
    detail = {"key": key.fingerprint, "instead": list(key.instead), "kind": key.kind}
    noted = json.dumps(detail, ensure_ascii=False, sort_keys=True)
    entry = Entry(SystemClock().real(), f"cli:{user}", "host_key.pin", target.id, detail=noted)

    def write(tx: Tx) -> None:
        append(tx.connection, [entry])
        pin(path, target, key)

    store = Store(database)
    store.open()
    try:
        await store.write(write)
    except (DBAPIError, Temporary, PermissionError):
        raise ConfigError(
            [f"{database} or {path}: cannot be written; run this as root or as the account of the service"]
        ) from None
    finally:
        await store.close()
