"""``zhiban runbooks``: what may run, and exactly what a command would run; nothing is asked of any server."""

import argparse
import json
import shlex
import sys
from datetime import datetime

from bot.cli.platforms import PLATFORMS
from bot.cli.refused import refused
from bot.cli.shown_runbook import line, shown
from bot.core import commands
from bot.core.errors import ConfigError, UserError
from bot.core.lazy import imported
from bot.core.problems import Told
from bot.sections import SECTIONS
from bot.settings import Settings
from bot.settings_file import load_settings
from bot.storage.clock import SystemClock
from data.load.site import load_site
from data.site import Site
from messages.render import Renderer
from runbooks.language.definition import Catalogue
from runbooks.language.load.catalogue import load_catalogue
from runbooks.language.vocabulary import Confirm
from runbooks.planning.inventory_check import unfit
from runbooks.planning.plan import Plan, plan_json
from runbooks.planning.planner import plan_run


def main(args: argparse.Namespace) -> int:
    """0 fine; 1 no such runbook, words it does not take, or a test that does not hold; 2 settings or data that cannot be used."""
    settings: Settings | None = None
    try:
        settings = load_settings(args.config, platforms=PLATFORMS, sections=SECTIONS)
        return _done(settings, args)
    except ConfigError as error:
        return refused(error, settings)


def _done(settings: Settings, args: argparse.Namespace) -> int:
    """What was asked for. Raises ``ConfigError`` with the faults in any language."""
    catalogue = load_catalogue(settings.data_dir / "runbooks", locale=settings.locale)
    match args.action:
        case "list":
            print(*(line(definition) for definition in catalogue.definitions.values()), sep="\n")
            return 0
        case "show":
            return _show(settings, catalogue, " ".join(args.name))
        case "plan":
            return _plan(settings, catalogue, args)
        case _:
            pass
    test = imported("bot.cli.tried_runbooks", "main")
    return int(test(settings, catalogue, lambda: _site(settings, catalogue), args.files))


def _show(settings: Settings, catalogue: Catalogue, name: str) -> int:
    """One runbook, or all that a verb stands for."""
    name = name.removeprefix("/").lower()
    found = [d for d in catalogue.definitions.values() if name in {d.name, d.verb, d.alias}]
    exact = [definition for definition in found if definition.name == name]
    if not found:
        return _unknown(settings, name)
    print("\n\n".join(shown(definition) for definition in exact or found))
    return 0


def _unknown(settings: Settings, name: str) -> int:
    print(Told("runbooks/unknown", name=name).text(settings.locale), file=sys.stderr)
    return 1


def _plan(settings: Settings, catalogue: Catalogue, args: argparse.Namespace) -> int:
    site = _site(settings, catalogue)
    verb = args.name.removeprefix("/").lower()
    if catalogue.find(verb) is None:
        return _unknown(settings, verb)
    try:
        definition, words = catalogue.pick(verb, commands.words(" ".join(args.args)))
        plan = plan_run(definition, words, site, catalogue=catalogue, at=_now(site))
    except UserError as error:
        print(Renderer(site.tz).post(f"refusals/{error.code}", settings.locale, error.facts).text, file=sys.stderr)
        return 1
    if args.json:
        print(json.dumps(plan_json(plan), ensure_ascii=False))
    else:
        _print(plan)
    return 0


def _site(settings: Settings, catalogue: Catalogue) -> Site:
    """The organisation. Raises ``ConfigError`` where a runbook of its own does not fit its servers."""
    site = load_site(settings.data_dir, settings.state_dir, settings.timezone, locale=settings.locale)
    if faults := unfit(catalogue, site):
        raise ConfigError(list(faults))
    return site


def _now(site: Site) -> datetime:
    return SystemClock().real().astimezone(site.tz)


def _print(plan: Plan) -> None:
    by = f" by {', '.join(plan.confirmers)}" if plan.confirm is Confirm.SECOND else ""
    who = f"may run: {', '.join(plan.roles) or 'nobody'}; confirm: {plan.confirm}{by}"
    print(f"{plan.line}: {plan.title.en}; {who}; holds: {', '.join(plan.locks) or 'nothing'}")
    if plan.window:
        print(f"begins only in {plan.window}")
    for look in plan.looks:
        print(f"looks first, {look.target.id}: {shlex.join(look.argv)}")
    for step in plan.steps:
        target, roll = step.target, f" [{step.item}]" if step.item else ""
        when = f", as {target.become}" if target.become else ""
        when += "".join(f", when {name} = {' or '.join(values)}" for name, values in step.when)
        print(
            f"{step.index}. {target.id} {target.user}@{target.address}:{target.port}: {step.title.en} ({step.kind}){roll}{when}"
        )
        for argv in step.commands:
            print(f"   {shlex.join(argv)}")
        if step.stdin:
            print(f"   is given: {step.stdin}")
        if step.undo:
            print(f"   when a later step fails: {shlex.join(step.undo)}")
    if plan.service:
        service = plan.service
        print(
            f"looks first at {service.balancer.id}:{service.conf}; never fewer than {service.min_in_service} "
            f"in service, never more than {service.max_unavailable} out"
        )
