"""Is each typed word what the runbook takes, and which host, node, choice or number is it?"""

import ipaddress
import re
from dataclasses import dataclass

from rapidfuzz import process

from bot.core import commands
from bot.core.errors import UserError
from data.model import Host
from data.site import Site
from runbooks.definition import Argument, ArgumentType, Definition

DRY_RUN = "--dry-run"
_NUMBER = re.compile(r"[0-9]{1,6}", re.ASCII)
_PADDED = re.compile(r"(?<=[a-z])0+(?=[0-9])", re.ASCII)


@dataclass(frozen=True, slots=True)
class Given:
    """The checked arguments: ``typed`` as echoed, ``values`` as the commands get them, the one target if any."""

    typed: tuple[str, ...]
    values: dict[str, str]
    target: Host | None
    dry_run: bool


def read_arguments(definition: Definition, words: tuple[str, ...], site: Site) -> Given:
    """The words of a command, checked; ``--dry-run`` is the one option there is.

    Raises ``UserError`` ``bad_argument``, ``non_ascii_argument``, ``too_many_arguments``, ``missing_argument``,
    ``unknown_target``, ``bad_ip``, ``bad_choice`` or ``bad_number``.
    """
    plain = tuple(word for word in words if word != DRY_RUN)
    commands.strict(plain)
    example = _example(definition, site)
    if len(plain) > len(definition.arguments):
        raise UserError("too_many_arguments", verb=definition.verb, count=len(definition.arguments), example=example)
    typed: list[str] = []
    values: dict[str, str] = {}
    target: Host | None = None
    for place, argument in enumerate(definition.arguments):
        word = plain[place] if place < len(plain) else argument.default
        if word is None:
            raise UserError("missing_argument", verb=definition.verb, argument=argument.name, example=example)
        match argument.type:
            case ArgumentType.HOST:
                target = _host(definition, word, site)
                values[argument.name] = target.id
            case ArgumentType.NODE:
                target = _node(definition, word, site)
                values[argument.name] = _ip(target)
            case ArgumentType.CHOICE:
                values[argument.name] = _choice(argument, word)
            case ArgumentType.INT:
                values[argument.name] = _number(argument, word)
        echoed = word.lower() if argument.type is ArgumentType.CHOICE else values[argument.name]
        typed.append(echoed)
    return Given(tuple(typed), values, target, DRY_RUN in words)


def _hosts(definition: Definition, site: Site) -> dict[str, Host]:
    return {h.id: h for h in site.hosts.values() if not definition.group or h.group == definition.group}


def _host(definition: Definition, word: str, site: Site) -> Host:
    hosts = _hosts(definition, site)
    name = _PADDED.sub("", word.lower())
    if name in hosts:
        return hosts[name]
    raise _unknown(definition, word, tuple(hosts))


def _node(definition: Definition, word: str, site: Site) -> Host:
    """By its upstream address, or by its host's name."""
    nodes = {_ip(host): host for host in _hosts(definition, site).values() if host.upstream}
    by_name = {host.id: host for host in nodes.values()}
    name = _PADDED.sub("", word.lower())
    if name in by_name:
        return by_name[name]
    try:
        address = str(ipaddress.IPv4Address(word))
    except ValueError:
        raise UserError("bad_ip", value=word, verb=definition.verb, example=next(iter(nodes), "")) from None
    if address in nodes:
        return nodes[address]
    raise _unknown(definition, word, tuple(nodes))


def _ip(host: Host) -> str:
    return (host.upstream or "").partition(":")[0]


def _unknown(definition: Definition, word: str, known: tuple[str, ...]) -> UserError:
    near = process.extractOne(word.lower(), known, score_cutoff=60)
    return UserError("unknown_target", verb=definition.verb, value=word, nearest=near[0] if near else None)


def _choice(argument: Argument, word: str) -> str:
    if word.lower() not in argument.choices:
        raise UserError("bad_choice", argument=argument.name, value=word, choices=tuple(argument.choices))
    return argument.choices[word.lower()]


def _number(argument: Argument, word: str) -> str:
    if not _NUMBER.fullmatch(word) or not argument.least <= int(word) <= argument.most:
        raise UserError("bad_number", argument=argument.name, value=word, least=argument.least, most=argument.most)
    return str(int(word))


def _example(definition: Definition, site: Site) -> str:
    """A line that would be right, for the refusal."""
    host = next(iter(_hosts(definition, site).values()), None)
    samples = {
        ArgumentType.HOST: host.id if host else "",
        ArgumentType.NODE: _ip(host) if host else "",
    }
    words = [samples.get(a.type) or a.default or next(iter(a.choices), str(a.least)) for a in definition.arguments]
    return " ".join((f"/{definition.verb}", *words))
