"""``sla.yaml``, ``routes.yaml`` and ``holidays.yaml``: the clocks, who gets what, and the site's own days."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from difflib import get_close_matches

from bot.core.people import Role
from bot.core.problems import Told, nearest_of
from data.holidays import Calendar, Day
from data.load.files import HolidaysFile, PolicyEntry, RouteEntry, RoutesFile, RungEntry, SlaFile, VendorEntry
from data.load.people import People
from data.load.references import known, several
from data.load.yaml_file import Spot
from data.model import Policy, Route, Rung, Vendor

SEVERITIES = (1, 2, 3)
ROUTES = ("third_party", "internal", "urgent", "business", "faq")  # triage labels: Route


def load_sla(file: SlaFile, at: Spot, regions: Mapping[str, str]) -> tuple[Policy, ...]:
    """The policies in the order they are tried; every region and severity must find one."""
    policies = tuple(_policy(key, entry, at.child("policies", key), regions) for key, entry in file.policies.items())
    for region in [*regions, None]:
        for severity in SEVERITIES:
            if not any(policy.fits(region, severity) for policy in policies):
                at.report(Told("data/no_policy", region=region, severity=severity), "policies")
    return policies


def _policy(key: str, entry: PolicyEntry, at: Spot, regions: Collection[str]) -> Policy:
    policy = Policy(
        id=key,
        respond=entry.respond,
        arrive=entry.arrive,
        rungs=tuple(_rung(rung, at.child("rungs", place)) for place, rung in enumerate(entry.rungs)),
        repeat_every=entry.repeat_every,
        repeat_max=entry.repeat_max,
        forgotten_after=entry.forgotten_after,
        regions=frozenset(several(at, "regions", entry.regions, regions, "region")),
        severities=_severities(entry, at),
    )
    _ladder_is_sound(at, policy)
    return policy


def _severities(entry: PolicyEntry, at: Spot) -> frozenset[int]:
    named = several(at, "severities", entry.severities, [str(severity) for severity in SEVERITIES], "severity")
    return frozenset(int(severity) for severity in named)


def _rung(entry: RungEntry, at: Spot) -> Rung:
    if not entry.to:
        at.lacks("to", Told("data/rung_to_nobody"))
    return Rung(entry.after, entry.to, entry.breach)


def _ladder_is_sound(at: Spot, policy: Policy) -> None:
    times = [rung.after for rung in policy.rungs]
    breaches = [rung.after for rung in policy.rungs if rung.breach]
    if times != sorted(set(times)) and not at.told("rungs"):
        at.report(Told("data/rungs_out_of_order"), "rungs")
    if breaches != [policy.respond] and not at.told("rungs", "respond"):
        at.report(Told("data/rungs_without_breach"), "rungs")
    if policy.repeat_every <= timedelta():
        at.lacks("repeat_every", Told("data/no_pause"))


@dataclass(frozen=True, slots=True)
class Routing:
    """``routes.yaml``: the routes, the systems people report about, and the third parties behind some of them."""

    routes: dict[str, Route]
    systems: dict[str, str]
    vendors: dict[str, Vendor]


def load_routes(file: RoutesFile, at: Spot, people: People) -> Routing:
    """Who gets what (SOP 4.1–4.4)."""
    routes = {key: _route(key, entry, at.child("routes", key)) for key, entry in file.routes.items()}
    misspelt = {meant for key in routes if key not in ROUTES for meant in get_close_matches(key, ROUTES, 1)}
    for missing in [name for name in ROUTES if name not in {*routes, *misspelt}]:
        at.report(Told("data/route_missing", route=missing), "routes")
    vendors = {
        key: _vendor(key, entry, at.child("vendors", key), people, file.systems) for key, entry in file.vendors.items()
    }
    _one_vendor_a_system(at, vendors)
    for person in people.all.values():
        if person.vendor and person.vendor not in vendors:
            near = nearest_of(person.vendor, vendors)
            at.report(Told("data/vendor_missing", person=person.id, vendor=person.vendor, near=near))
    return Routing(routes, file.systems, {key: vendor for key, vendor in vendors.items() if vendor.contact})


def _route(key: str, entry: RouteEntry, at: Spot) -> Route:
    if key not in ROUTES:
        at.report(Told("data/unknown_route", given=key, near=nearest_of(key, ROUTES)))
    route = Route(
        id=key,
        name=entry.name,
        to=entry.to,
        copy=entry.copy_to,
        then=entry.then,
        then_after=entry.then_after or None,
        chase_after=entry.chase_after or None,
    )
    if not route.to:
        at.lacks("to", Told("data/route_to_nobody"))
    if bool(route.then) != bool(route.then_after) and not at.told("then", "then_after"):
        at.report(Told("data/then_alone"), "then")
    return route


def _vendor(key: str, entry: VendorEntry, at: Spot, people: People, systems: Collection[str]) -> Vendor:
    named = several(at, "systems", entry.systems, systems, "system")
    found = known(at, "contact", entry.contact, people.all, "person")
    if found and found not in people.unsure and Role.VENDOR not in people.all[found].roles:
        at.report(Told("data/without_role", key="contact", person=found, role="vendor"), "contact")
    return Vendor(key, entry.name, found or "", named)


def _one_vendor_a_system(at: Spot, vendors: Mapping[str, Vendor]) -> None:
    owners: dict[str, str] = {}
    for vendor in vendors.values():
        for system in vendor.systems:
            if system in owners:
                told = Told("data/system_twice", system=system, first=owners[system], second=vendor.id)
                at.report(told, "vendors")
            owners[system] = vendor.id


def load_calendar(file: HolidaysFile, at: Spot) -> Calendar:
    """The working days, with the site's overrides by ISO date."""
    overrides: dict[date, Day] = {}
    for key, entry in file.days.items():
        try:
            overrides[date.fromisoformat(key)] = Day(entry.kind, entry.name)
        except ValueError:
            at.child("days", key).report(Told("data/bad_date", given=key))
    return Calendar(overrides)
