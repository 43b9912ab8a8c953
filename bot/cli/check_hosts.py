"""``zhiban check --hosts``: whether nodes behind each load balancer can be taken out and put back, before anybody needs it.

And whether the page is there on which people read the date of a node's licence, and which variables its commands would miss.
"""

import sys

from bot.cli.login_only import login_only
from bot.core.errors import UserError
from bot.core.problems import Told
from bot.settings import Settings
from data.model import HostGroup
from data.site import Site
from messages.render import Renderer
from runbooks.engine import nginx
from runbooks.engine.floors import look
from runbooks.engine.nginx_look import editable, pid_file, read_layout
from runbooks.engine.prechecks import precheck
from runbooks.language.load.catalogue import load_catalogue
from runbooks.planning.plan import Change, Service
from runbooks.planning.planner import plan_run, service_of
from runbooks.remote.command import Lost, NotStarted, Remote
from runbooks.remote.files import one_name
from runbooks.remote.settings import SshSettings, known_hosts
from runbooks.remote.ssh import Ssh

_LICENCE = "licence show app"
# how a node stands just now, and no fault of the layout
_STANDING = {"node_already_in", "node_already_out", "node_marked_down", "upstream_empty"}


async def check_hosts(settings: Settings, site: Site) -> int:
    """0 when every load balancer is understood and reached, 1 when not; one line for each finding. Reads only."""
    given, locale = settings.section(SshSettings), settings.locale
    remote = Ssh(
        known_hosts(settings),
        given.key_file,
        given.connect_timeout,
        certificate_file=given.certificate_file,
        agent=given.agent,
    )
    try:
        groups = [group for group in site.host_groups.values() if group.balancer]
        if not groups:
            print(note_of(Told("check/no_balancers"), locale))
        faults = [fault for group in groups for fault in await _faults(remote, site, group, locale)]
        for note in [note for group in groups for note in await _licence_pages(remote, site, group, locale)]:
            print(note_of(note, locale))
        for group in groups:
            for alone in await login_only(remote, site, group.id):
                print(note_of(alone, locale))
    finally:
        await remote.close()
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


async def _faults(remote: Remote, site: Site, group: HostGroup, locale: str) -> list[str]:
    """What is wrong with one balancer; says how many nodes are known to serve, and who is not seen to."""
    service = service_of(group, site)
    found: dict[str, None] = {}
    try:
        layout = await read_layout(remote, service)
        await pid_file(remote, service, layout)
        for node in service.nodes:
            for error in await _of_node(remote, service, layout, node.address):
                found[_line(site, group, error, locale)] = None
        now = await look(remote, service, layout, frozenset())
    except UserError as error:
        return [_line(site, group, error, locale)]
    except (NotStarted, Lost) as error:
        return [f"hosts {group.id}: {error}"]
    counts = {"count": now.count(), "nodes": len(service.nodes)}
    print(Told("check/understood", group=group.id, balancer=service.balancer.id, **counts).text(locale))
    for host, why in now.unseen:
        print(note_of(Told("check/unseen", group=group.id, host=host, why=why), locale))
    return list(found)


async def _of_node(remote: Remote, service: Service, layout: nginx.Layout, address: str) -> list[UserError]:
    """What would keep the node from being taken out, or put back where it is out."""
    change = Change.DRAIN if layout.receives(address) or not layout.of(address) else Change.UNDRAIN
    try:
        file = nginx.edited(layout, service.upstream, change, address).file
        await one_name(remote, service.balancer, await editable(remote, service, layout, file))
    except UserError as error:
        return [] if error.code in _STANDING else [error]
    return []


async def _licence_pages(remote: Remote, site: Site, group: HostGroup, locale: str) -> list[str]:
    """The nodes without the page that people read a licence's date on; who does without that page loses nothing."""
    show = load_catalogue().definitions[_LICENCE]
    notes = []
    for host in site.group_hosts(group.id) if show.group == group.id else ():
        try:
            await precheck(remote, plan_run(show, (host.id,), site))
        except UserError as error:
            notes.append(_line(site, group, error, locale))
        except (NotStarted, Lost) as error:
            notes.append(f"hosts {group.id}: {error}")
    return notes


def note_of(text: str | Told, locale: str) -> str:
    return Told("check/note", text=text).text(locale)


def _line(site: Site, group: HostGroup, error: UserError, locale: str) -> str:
    return f"hosts {group.id}: {Renderer(site.tz).post(f'refusals/{error.code}', locale, error.facts).text}"
