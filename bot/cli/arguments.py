"""What each command takes: argparse and nothing heavier, so that ``--help`` is quick everywhere."""

import argparse
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from pathlib import Path

from bot.core.numerals import in_digits

_MONTH = re.compile(r"(20[0-9]{2})(?:[-/.]|年)(0?[1-9]|1[0-2])(?:月份?)?|(0?[1-9]|1[0-2])月份?", re.ASCII)


def _config(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--config", type=Path, help="settings file (default: zhiban.toml)")


def _check(parser: argparse.ArgumentParser) -> None:
    _config(parser)
    parser.add_argument("--hosts", action="store_true", help="look at the load balancers too, reading only")


def _speed(text: str) -> float:
    speed = float(text)
    if not 0.1 <= speed <= 3600:
        raise argparse.ArgumentTypeError("between 0.1 and 3600")
    return speed


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65535:
        raise argparse.ArgumentTypeError("between 0 and 65535")
    return port


def _month(text: str) -> str:
    """``2026-12``, ``2026年12月`` or ``12月``, also in Chinese numerals; without a year the one that is nearest to today."""
    match = _MONTH.fullmatch(in_digits("".join(text.split())))
    if match is None:
        raise argparse.ArgumentTypeError(f"{text} is no month; write 2026-12")
    month, today = int(match[2] or match[3]), date.today()  # noqa: DTZ011  # the months around it are the same in every zone
    years = [int(match[1])] if match[1] else [today.year - 1, today.year, today.year + 1]
    year = min(years, key=lambda year: abs((year - today.year) * 12 + month - today.month - 0.5))
    return f"{year}-{month:02d}"


def _roster_file(text: str) -> Path:
    if Path(text).suffix not in {".csv", ".xlsx"}:
        raise argparse.ArgumentTypeError(f"{text} is neither; write a name that ends in .csv or .xlsx")
    return Path(text)


def _demo(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=_port, default=8080, help="port of the page on 127.0.0.1 (default: 8080)")
    parser.add_argument("--speed", type=_speed, default=1.0, help="60 lets a minute of duty pass in a second")


def _triage(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", nargs="?", default="-", metavar="FILE", help="JSON lines with text, role; - for stdin")


def _simulate(parser: argparse.ArgumentParser) -> None:
    _config(parser)
    time = "such as 2026-10-01 (midnight) or 2026-10-01T08:00"
    parser.add_argument("--from", dest="start", required=True, metavar="T", help=f"where the clock starts, {time}")
    parser.add_argument("--to", dest="end", required=True, metavar="T", help="where it stops; this moment is left out")
    parser.add_argument("--events", type=Path, metavar="FILE", help='JSON lines {"at","chat","user","text"} to replay')
    shape = parser.add_mutually_exclusive_group()
    shape.add_argument("--json", action="store_true", help="JSON lines, the default where no terminal reads them")
    shape.add_argument("--table", action="store_true", help="a table, the default on a terminal")


def _roster(parser: argparse.ArgumentParser) -> None:
    _config(parser)
    commands = parser.add_subparsers(dest="roster_command", required=True, metavar="COMMAND")
    taken = commands.add_parser("import", help="take over a csv, xlsx or text file, or say what is wrong")
    taken.add_argument("file", type=Path)
    taken.add_argument("--allow-gaps", action="store_true", help="take it over with hours that nobody covers")
    taken.add_argument("--yes", action="store_true", help="write it also where shifts are changed or dropped")
    taken.add_argument("--year", type=_year, help="of dates that are written without one, such as 2027")
    given = commands.add_parser("export", help="write the roster to a csv or xlsx file")
    given.add_argument("file", type=_roster_file)
    given.add_argument("--month", type=_month, help="one month, such as 2026-12 (default: all)")
    checked = commands.add_parser("check", help="gaps, overlaps and everybody's load; exit 1 when not fine")
    checked.add_argument("--month", type=_month, help="one month (default: every month on the roster)")
    asked = commands.add_parser("at", help="who was on duty at a minute of the past, and where that was written")
    asked.add_argument("moment", type=_moment, metavar="T", help="such as 2026-10-14T12:30")
    asked.add_argument(
        "--known", type=_moment, metavar="T", help="by what was known then (default: by what is known now)"
    )
    made = commands.add_parser("generate", help="a fair rotation for a month, with the reason for each choice")
    made.add_argument("--month", type=_month, required=True)
    made.add_argument("-o", "--output", type=_roster_file, help="write it to a csv or xlsx file, to edit and import")


def _year(text: str) -> int:
    if not (text.isdecimal() and 2000 <= int(text) < 2100):
        raise argparse.ArgumentTypeError(f"{text} is no year; write 2027")
    return int(text)


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} is no time; write 2026-10-14T12:30") from None


def _runbooks(parser: argparse.ArgumentParser) -> None:
    _config(parser)
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    actions.add_parser("list", help="every runbook, one line each")
    show = actions.add_parser("show", help="one runbook: arguments, steps, who may run and confirm it")
    show.add_argument("name", nargs="+", help="verb or Chinese alias, as in restart, 重启 or backup app")
    plan = actions.add_parser("plan", help="exactly what would run, host by host")
    plan.add_argument("name", help="verb or Chinese alias")
    plan.add_argument("args", nargs="*", help="its words, as in oa3")
    plan.add_argument("--json", action="store_true", help="as one JSON object")
    test = actions.add_parser("test", help="your own runbooks on scratch hosts")
    test.add_argument(
        "files", nargs="*", type=Path, metavar="FILE", help="NAME.test.yaml (default: all of DATA/runbooks)"
    )


def _hosts(parser: argparse.ArgumentParser) -> None:
    _config(parser)
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    keys = actions.add_parser("scan", help="the keys that the servers show, beside those that are pinned")
    keys.add_argument("hosts", nargs="*", metavar="HOST", help="ids of hosts.yaml (default: all)")
    keys.add_argument(
        "--accept",
        action="append",
        default=[],
        metavar="HOST=SHA256:…",
        help="pin this key, which you have compared on the host's own console",
    )


def _audit(parser: argparse.ArgumentParser) -> None:
    _config(parser)
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    check = actions.add_parser("verify", help="find the first row that was altered, removed or cut off")
    check.add_argument(
        "--anchor",
        metavar="FILE|ROW:HASH",
        help="compare with this file too, and write the newest head to it when all is well; or with what the chat said",
    )
    actions.add_parser("export", help="the log as JSON lines")


def _backup(parser: argparse.ArgumentParser) -> None:
    _config(parser)
    parser.add_argument("file", type=Path, help="where the copy goes")


def _restore(parser: argparse.ArgumentParser) -> None:
    _config(parser)
    parser.add_argument("file", type=Path, help="a file that zhiban backup made")


def _slack_manifest(parser: argparse.ArgumentParser) -> None:
    _config(parser)
    parser.add_argument("--socket", action="store_true", help="for Socket Mode, which needs no address of ours")
    parser.add_argument("--only-umbrella", action="store_true", help="leave out the commands with names of their own")


ADD: Mapping[str, Callable[[argparse.ArgumentParser], None]] = {
    "run": _config,
    "demo": _demo,
    "check": _check,
    "triage": _triage,
    "simulate": _simulate,
    "roster": _roster,
    "runbooks": _runbooks,
    "hosts": _hosts,
    "audit": _audit,
    "backup": _backup,
    "restore": _restore,
    "slack-manifest": _slack_manifest,
}
