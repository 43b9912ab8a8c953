"""What one typed word means as a host, a group, a choice, a number, a date, a size, a port, a path or a file.

Every value is built from what was matched in full, as ASCII; nothing is passed on that was not recognised.
"""

import ipaddress
import re
from collections.abc import Mapping
from datetime import date

from rapidfuzz import process

from bot.core import arguments
from bot.core.errors import UserError
from data.model import Host
from data.site import Site
from runbooks.language.definition import Argument, Definition
from runbooks.language.load.arguments import day_of
from runbooks.language.sizes import shown, size
from runbooks.language.vocabulary import ArgumentType

MOST = 16  # values of one argument that takes several
LONGEST_PATH = 200
_PADDED = re.compile(r"(?<=[a-z])0+(?=[0-9])", re.ASCII)
_PATH = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]*(?:/[A-Za-z0-9_][A-Za-z0-9_.+-]*)*", re.ASCII)
_FILE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]*", re.ASCII)
_NUMERIC = re.compile(
    r"[0-9]+[.:]|[^a-z]+\Z", re.ASCII | re.IGNORECASE
)  # an address, or a part of one, however it is separated
_DIGITS = re.compile(r"([0-9]+)", re.ASCII)


def host(definition: Definition, argument: Argument, word: str, site: Site) -> Host:
    """A host by its id, or by an address that is its alone."""
    hosts = _hosts(definition, argument, site)
    found = _by_name(hosts, word) or _by_address(definition, hosts, word)
    if found is None:
        raise _unknown(definition, word, tuple(hosts), site)
    return found


def node(definition: Definition, argument: Argument, word: str, site: Site) -> Host:
    """A host that stands in the load balancer: by its id, its entry there, or its SSH address."""
    behind = site.host_groups.get(argument.group or definition.group)
    if behind is not None and behind.balancer is None:
        raise UserError("no_balancer", verb=definition.verb, group=behind.id)
    nodes = {known.id: known for known in _hosts(definition, argument, site).values() if known.upstream}
    found = _by_name(nodes, word) or _by_address(definition, nodes, word)
    if found is not None:
        return found
    if not word[:1].isalpha() and not _is_address(word):
        raise UserError("bad_ip", value=word, verb=definition.verb, known=tuple(nodes))
    raise _unknown(definition, word, tuple(nodes), site, node=True)


def echo_of_node(definition: Definition, argument: Argument, found: Host, site: Site) -> str:
    """The address of its entry; its id where that is another node's, too."""
    same = [known for known in _hosts(definition, argument, site).values() if ip(found) in _addresses(known)]
    return ip(found) if same == [found] else found.id


def _is_address(word: str) -> bool:
    try:
        ipaddress.IPv4Address(word)
    except ValueError:
        return False
    return True


def _name(word: str) -> str:
    return _PADDED.sub("", word.lower())


def _by_name(hosts: Mapping[str, Host], word: str) -> Host | None:
    return hosts.get(_name(word))


def _by_address(definition: Definition, hosts: Mapping[str, Host], word: str) -> Host | None:
    """The one host with that address; of several none is guessed. Raises ``UserError`` ``address_of_several``."""
    found = [known for known in hosts.values() if word.lower() in _addresses(known)]
    if len(found) > 1:
        raise UserError("address_of_several", verb=definition.verb, value=word, hosts=[known.id for known in found])
    return found[0] if found else None


def _addresses(known: Host) -> frozenset[str]:
    """Where SSH reaches it, and its entry in the load balancer, with its port and without, as answers and lists show it."""
    return frozenset(address.lower() for address in (known.address, known.upstream, ip(known)) if address)


def group(definition: Definition, argument: Argument, word: str, site: Site) -> str:
    """A host group by its id."""
    known = _groups(argument, site)
    if word.lower() in known:
        return word.lower()
    raise _unknown(definition, word, known, site)


def choice(argument: Argument, word: str) -> str:
    """One of the choices, as it is listed."""
    return arguments.choice(word, argument.choices)


def split(argument: Argument, word: str) -> tuple[str, ...]:
    """The values in one word: several after commas where the argument takes many, paths in their natural order."""
    if not argument.many:
        return (word,)
    parts = tuple(dict.fromkeys(word.split(",")))
    if len(parts) > MOST or not all(parts):
        raise UserError("bad_number", value=word, least=1, most=MOST)
    return tuple(sorted(parts, key=_natural)) if argument.type is ArgumentType.PATH else parts


def single(argument: Argument, word: str, today: date | None) -> tuple[str, str]:
    """How one value is echoed, and what the command gets."""
    match argument.type:
        case ArgumentType.DATE:
            return _day(argument, word, today)
        case ArgumentType.SIZE:
            return _size(argument, word)
        case ArgumentType.PATH:
            return _path(argument, word)
        case ArgumentType.FILE:
            if not _FILE.fullmatch(word) or len(word) > LONGEST_PATH or not _matches(argument, word):
                raise UserError("bad_file", value=word)
            return word, word
        case ArgumentType.PORT:
            return _number(argument, word, 1, 65535)
        case _:
            return _number(argument, word, argument.least, argument.most)


def ip(host: Host) -> str:
    """The address of its upstream entry."""
    return (host.upstream or "").rpartition(":")[0]


def named(definition: Definition, argument: Argument, site: Site) -> frozenset[str]:
    """Every word that a host, a node or a group may be echoed as, and the id of a node's host."""
    hosts = _hosts(definition, argument, site)
    match argument.type:
        case ArgumentType.HOST:
            return frozenset(hosts)
        case ArgumentType.NODE:
            return frozenset(word for host in hosts.values() if host.upstream for word in (ip(host), host.id))
        case ArgumentType.GROUP:
            return frozenset(_groups(argument, site))
        case _:
            return frozenset()


def another(definition: Definition, argument: Argument, found: Host, before: Mapping[str, Host], site: Site) -> Host:
    """``found``, where no argument before it names the same host. Raises ``UserError`` ``same_host``."""
    if found in before.values():
        words = tuple(host.id for host in before.values())
        near = sample(definition, argument, site, words)
        raise UserError("same_host", value=found.id, example=near)
    return found


def sample(definition: Definition, argument: Argument, site: Site, before: tuple[str, ...] = ()) -> str:
    """A word that would be right; where the words ``before`` it name a server already, another one.

    Of servers and groups those of the site, what kind it is where there are none (``HOST``); never one of another site.
    """
    if argument.type.places:
        return _place(definition, argument, site, before) or argument.name.upper()
    word = argument.example or argument.default
    return word or next(iter(argument.choices), str(argument.least or argument.name.upper()))


def _place(definition: Definition, argument: Argument, site: Site, before: tuple[str, ...]) -> str:
    if argument.type is ArgumentType.GROUP:
        groups = _groups(argument, site)
        return definition.group if definition.group in groups else next(iter(groups), "")
    nodes = argument.type is ArgumentType.NODE
    hosts = [known for known in _hosts(definition, argument, site).values() if known.upstream or not nodes]
    others = [known for known in hosts if known.id not in before]
    elsewhere = [known for known in others if known.group not in before]  # behind a group that was named
    return next((known.id for known in (*elsewhere, *others, *hosts)), "")


def extra(argument: Argument) -> str:
    """What may be typed for an argument that has a default, as its page of help shows it."""
    twins = {word: twin for twin, word in argument.twins.items()}
    match argument.type:
        case ArgumentType.CHOICE:
            return "|".join(f"{word}({twins[word]})" if word in twins else word for word in argument.choices)
        case ArgumentType.INT:
            return f"{argument.least}-{argument.most}"
        case _:
            return argument.default or argument.example


def _hosts(definition: Definition, argument: Argument, site: Site) -> dict[str, Host]:
    group = argument.group or definition.group
    return {h.id: h for h in site.hosts.values() if not group or h.group == group}


def _groups(argument: Argument, site: Site) -> tuple[str, ...]:
    return tuple(
        g.id for g in site.host_groups.values() if (g.balancer or not argument.balanced) and site.group_hosts(g.id)
    )


def _unknown(
    definition: Definition, word: str, known: tuple[str, ...], site: Site | None = None, *, node: bool = False
) -> UserError:
    """A name that is near is offered, an address never: one digit wrong is another server, and perhaps a right one.

    ``entry``: the address of a node that ``hosts.yaml`` lacks; the load balancer may have it, and ``/nodes`` shows it then.
    """
    elsewhere = _elsewhere(word, site) if site else ""
    near = None if elsewhere or _NUMERIC.match(word) else process.extractOne(word.lower(), known, score_cutoff=60)
    nearest = near[0] if near else None
    facts = {"verb": definition.verb, "value": word, "nearest": nearest, "elsewhere": elsewhere, "known": known}
    return UserError("unknown_target", **facts, entry=node and not elsewhere and _is_address(word))


def _elsewhere(word: str, site: Site) -> str:
    """The id of a host that there is, but not for this command."""
    found = (known.id for known in site.hosts.values() if known.id == _name(word) or word.lower() in _addresses(known))
    return next(found, "")


def _number(argument: Argument, word: str, least: int, most: int) -> tuple[str, str]:
    found = str(arguments.number(word, least, most))
    return found, found


def _day(argument: Argument, word: str, today: date | None) -> tuple[str, str]:
    day = day_of(word.lower(), today)
    if day is None:
        raise UserError("bad_day", value=word)
    return day.isoformat(), day.strftime(argument.format)


def _size(argument: Argument, word: str) -> tuple[str, str]:
    found = size(word)
    if found is None or not argument.least <= found <= argument.most:
        raise UserError("bad_size", value=word, least=shown(argument.least), most=shown(argument.most))
    return word.upper(), word.upper()


def _path(argument: Argument, word: str) -> tuple[str, str]:
    """A file below the root: plain names only, so that there is no way up, no option and no hidden file."""
    below = word.removeprefix(f"{argument.root}/").removesuffix(argument.suffix) + argument.suffix
    if not _PATH.fullmatch(below) or len(below) > LONGEST_PATH or not _matches(argument, below):
        raise UserError("bad_path", value=word, root=argument.root)
    return below, f"{argument.root}/{below}"


def _matches(argument: Argument, word: str) -> bool:
    return not argument.match or re.fullmatch(argument.match, word, re.ASCII) is not None


def _natural(word: str) -> list[tuple[int, str]]:
    """``p2`` before ``p10``."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in _DIGITS.split(word)]
