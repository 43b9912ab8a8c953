"""``zhiban runbooks``: what may run, and exactly what a command would run; nothing is asked of any server."""

import argparse
import json
import shlex
import sys

from bot.core import commands
from bot.core.errors import ConfigError, UserError
from bot.settings import Settings, load_settings
from data.load import load_site
from messages.render import Renderer
from runbooks.definition import Catalogue, Definition
from runbooks.load import load_catalogue
from runbooks.plan import Plan, plan_json, plan_run


def main(args: argparse.Namespace) -> int:
    """0 fine; 1 no such runbook, or words it does not take; 2 settings or data that cannot be used."""
    try:
        settings = load_settings(args.config)
        catalogue = load_catalogue(settings.data_dir / "runbooks")
        if args.action == "list":
            print(*(_line(definition) for definition in catalogue.definitions.values()), sep="\n")
            return 0
        definition = _find(catalogue, args.name)
        if definition is None:
            print(f"no runbook {args.name}; see: zhiban runbooks list", file=sys.stderr)
            return 1
        if args.action == "show":
            _show(definition)
            return 0
        return _plan(settings, definition, args)
    except ConfigError as error:
        print(error, file=sys.stderr)
        return 2


def _find(catalogue: Catalogue, name: str) -> Definition | None:
    return catalogue.find(name.removeprefix("/").lower())


def _line(definition: Definition) -> str:
    words = f"/{definition.verb} {definition.usage}".rstrip()
    return (
        f"{words:<32} /{definition.alias}  {definition.title.en} ({definition.source}); confirm: {definition.confirm}"
    )


def _show(definition: Definition) -> None:
    print(_line(definition))
    print(f"may run: {', '.join(definition.roles)}; may confirm: {', '.join(definition.confirmers)}")
    for argument in definition.arguments:
        choices = f" one of {', '.join(argument.choices)}" if argument.choices else ""
        numbers = f" {argument.least} to {argument.most}" if argument.most else ""
        default = f" (default {argument.default})" if argument.default is not None else ""
        print(f"argument {argument.name}: {argument.type}{choices}{numbers}{default}")
    for place, step in enumerate(definition.steps, 1):
        print(f"{place}. {step.title.en} [{step.kind}, {step.limit:g} s] {' '.join(step.argv)}".rstrip())


def _plan(settings: Settings, definition: Definition, args: argparse.Namespace) -> int:
    site = load_site(settings.data_dir, settings.state_dir, settings.timezone)
    try:
        plan = plan_run(definition, commands.words(" ".join(args.args)), site)
    except UserError as error:
        print(Renderer(site.tz).post(f"refusals/{error.code}", "en", error.facts).text, file=sys.stderr)
        return 1
    if args.json:
        print(json.dumps(plan_json(plan), ensure_ascii=False))
    else:
        _print(plan)
    return 0


def _print(plan: Plan) -> None:
    print(f"{plan.line}: {plan.title.en}; confirm: {plan.confirm}; holds: {', '.join(plan.locks) or 'nothing'}")
    for place, step in enumerate(plan.steps, 1):
        print(f"{place}. {step.target.id} {step.target.user}@{step.target.address}:{step.target.port}: {step.title.en}")
        for argv in step.commands:
            print(f"   {shlex.join(argv)}")
    if plan.service:
        service = plan.service
        print(
            f"looks first at {service.balancer.id}:{service.conf}; never fewer than {service.min_in_service} "
            f"in service, never more than {service.max_unavailable} out"
        )
