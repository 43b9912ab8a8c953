"""What carries runs out, as a capability of its own: it reaches servers, and no handler may."""

import os

from bot.core.problems import Told, line_of
from bot.settings import Settings
from bot.work.capability import Capability, Check, Findings, Services
from bot.work.work import Transactions
from data.site import Site
from runbooks.language.load.for_site import site_catalogue
from runbooks.planning.plan import target_of
from runbooks.remote.known_hosts import odd_lines
from runbooks.remote.settings import SshSettings, known_hosts
from runbooks.remote.ssh import Ssh
from runbooks.remote.ssh_trust import Keyring, Trust
from runbooks.runs import tables
from runbooks.runs.settings import RunsSettings
from runbooks.runs.worker import Runner

NAMED = 5  # hosts in a note


def build(services: Services) -> Capability:
    """The runner, its rows, and a look at the pinned host keys."""
    settings, catalogue = services.settings, services.shared(site_catalogue)

    def runner(transactions: Transactions) -> Runner:
        return Runner(transactions, _ssh(settings), catalogue)

    return Capability(
        "runner",
        tables=(tables.RunRow, tables.RunStepRow, tables.RunLockRow, tables.RunWatchRow),
        workers=(runner,),
        checks=(
            Check(lambda site: _unpinned(settings, site), needs=frozenset({"hosts"})),
            Check(lambda site: _keyless(settings, site), needs=frozenset({"hosts"})),
        ),
        settings=(RunsSettings, SshSettings),
    )


def _ssh(settings: Settings) -> Ssh:
    given = settings.section(SshSettings)
    return Ssh(
        known_hosts(settings),
        given.key_file,
        given.connect_timeout,
        certificate_file=given.certificate_file,
        agent=given.agent,
    )


def _keyless(settings: Settings, site: Site | None) -> Findings:
    """Without a key that can be read no command reaches a server."""
    given = settings.section(SshSettings)
    if given.key_file is None:
        note = line_of("check/note", text=Told("check/no_key"))
        return Findings(notes=(note,) if site and site.hosts else ())
    named = {"key_file": given.key_file, "certificate_file": given.certificate_file, "agent": given.agent}
    lost = [(name, path) for name, path in named.items() if path and not os.access(path, os.R_OK)]
    return Findings(tuple(line_of("check/key_unread", setting=f"ssh.{name}", path=str(path)) for name, path in lost))


def _unpinned(settings: Settings, site: Site | None) -> Findings:
    """A note when the keys of hosts are not pinned: whatever is run on those is refused (fault F64)."""
    hosts, file = site.hosts if site else {}, known_hosts(settings)
    pinned = Keyring(Trust(file)).pinned(target_of(host) for host in hosts.values())
    odd = ", ".join(map(str, odd_lines(file)))
    left_out = (line_of("check/note", text=Told("check/odd_keys", file=str(file), lines=odd)),) if odd else ()
    unknown = [host for host in hosts if not pinned.get(host)]
    if not unknown:
        return Findings(notes=left_out)
    told = Told("check/unpinned", file=str(file), hosts=unknown[:NAMED], more=len(unknown[NAMED:]))
    return Findings(notes=(*left_out, line_of("check/note", text=told)))
