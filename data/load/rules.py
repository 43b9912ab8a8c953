"""``sla.yaml``, ``routes.yaml`` and ``holidays.yaml``: the clocks, who gets what, and the site's own days."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from bot.core.people import Person, Role
from bot.core.problems import nearest
from data.holidays import Calendar, Day, DayKind
from data.load.yaml_fields import Fields
from data.model import Audience, Policy, Route, Rung, Vendor

SEVERITIES = (1, 2, 3)
ROUTES = ("third_party", "internal", "urgent", "business", "faq")  # triage labels: Route


def load_sla(file: Fields, regions: Mapping[str, str]) -> tuple[Policy, ...]:
    """The policies in the order they are tried; every region and severity must find one."""
    policies = tuple(_policy(key, fields, regions) for key, fields in file.child("policies").items())
    for region in [*regions, None]:
        for severity in SEVERITIES:
            if not any(policy.fits(region, severity) for policy in policies):
                where = f"region {region}" if region else "chats without a region"
                file.fault(f"no policy fits {where}, severity {severity}; let the last policy name neither", "policies")
    file.done()
    return policies


def _policy(key: str, fields: Fields, regions: Mapping[str, str]) -> Policy:
    named = [fields.check("regions", region, regions, "region") for region in fields.texts("regions")]
    policy = Policy(
        id=key,
        respond=fields.span("respond"),
        arrive=fields.span("arrive"),
        rungs=tuple(_rung(rung) for rung in fields.children("rungs")),
        repeat_every=fields.span("repeat_every"),
        repeat_max=fields.number("repeat_max"),
        forgotten_after=fields.span("forgotten_after"),
        regions=frozenset(region for region in named if region),
        severities=_severities(fields),
    )
    _ladder_is_sound(fields, policy)
    fields.done()
    return policy


def _severities(fields: Fields) -> frozenset[int]:
    found = fields.texts("severities")
    for text in found:
        fields.check("severities", text, [str(severity) for severity in SEVERITIES], "severity")
    return frozenset(severity for severity in SEVERITIES if str(severity) in found)


def _rung(fields: Fields) -> Rung:
    rung = Rung(fields.span("after"), fields.choices("to", Audience), fields.flag("breach"))
    if not rung.to:
        fields.fault("to is empty; write who is told, such as to: [engineer]", "to")
    fields.done()
    return rung


def _ladder_is_sound(fields: Fields, policy: Policy) -> None:
    times = [rung.after for rung in policy.rungs]
    breaches = [rung.after for rung in policy.rungs if rung.breach]
    if times != sorted(set(times)):
        fields.fault("rungs: each step must come after the one before; order them by after", "rungs")
    if breaches != [policy.respond]:
        fields.fault("rungs: exactly one step has breach: true, at the time of respond; mark that one", "rungs")
    if policy.repeat_every <= timedelta():
        fields.fault("repeat_every must be longer than nothing; write 5m", "repeat_every")


@dataclass(frozen=True, slots=True)
class Routing:
    """``routes.yaml``: the routes, the systems people report about, and the third parties behind some of them."""

    routes: dict[str, Route]
    systems: dict[str, str]
    vendors: dict[str, Vendor]


def load_routes(file: Fields, people: Mapping[str, Person]) -> Routing:
    """Who gets what (SOP 4.1–4.4)."""
    systems = file.child("systems").scalars()
    entries = dict(file.child("routes").items())
    routes = {key: _route(key, fields) for key, fields in entries.items()}
    for missing in [name for name in ROUTES if name not in routes]:
        file.fault(f"the route {missing} is missing; write who gets it", "routes")
    vendors = {key: _vendor(key, fields, people, systems) for key, fields in file.child("vendors").items()}
    _one_vendor_a_system(file, vendors)
    for person in people.values():
        if person.vendor and person.vendor not in vendors:
            file.fault(
                f"{person.id} is of the vendor {person.vendor}, which is not here; {nearest(person.vendor, vendors)}"
            )
    file.done()
    return Routing(routes, systems, vendors)


def _route(key: str, fields: Fields) -> Route:
    if key not in ROUTES:
        fields.fault(f"unknown route {key}; {nearest(key, ROUTES)}")
    route = Route(
        id=key,
        name=fields.text("name"),
        to=fields.choices("to", Audience),
        copy=fields.choices("copy", Audience),
        then=fields.choices("then", Audience),
        then_after=fields.span("then_after", timedelta()) or None,
        chase_after=fields.span("chase_after", timedelta()) or None,
    )
    if not route.to:
        fields.fault("to is empty; write who gets it, such as to: [lead]", "to")
    if bool(route.then) != bool(route.then_after):
        fields.fault("then and then_after belong together; write both or neither", "then")
    fields.done()
    return route


def _vendor(key: str, fields: Fields, people: Mapping[str, Person], systems: Mapping[str, str]) -> Vendor:
    contact = fields.text("contact")
    named = [fields.check("systems", system, systems, "system") for system in fields.texts("systems")]
    found = fields.check("contact", contact, people, "person") if contact else None
    if found and Role.VENDOR not in people[found].roles:
        fields.fault(f"contact: {found} does not have the role vendor; add it in people.yaml", "contact")
    vendor = Vendor(key, fields.text("name"), found or "", tuple(system for system in named if system))
    fields.done()
    return vendor


def _one_vendor_a_system(file: Fields, vendors: Mapping[str, Vendor]) -> None:
    owners: dict[str, str] = {}
    for vendor in vendors.values():
        for system in vendor.systems:
            if system in owners:
                file.fault(f"vendors: {system} belongs to {owners[system]} and {vendor.id}; give it to one", "vendors")
            owners[system] = vendor.id


def load_calendar(file: Fields) -> Calendar:
    """The working days, with the site's overrides by ISO date."""
    overrides: dict[date, Day] = {}
    for key, fields in file.child("days").items():
        kind, name = fields.choice("kind", DayKind), fields.text("name", "")
        fields.done()
        try:
            overrides[date.fromisoformat(key)] = Day(kind, name)
        except ValueError:
            fields.fault(f"{key} is no date; write 2026-10-01")
    file.done()
    return Calendar(overrides)
