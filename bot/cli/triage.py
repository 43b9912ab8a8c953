"""zhiban triage: what would be read into these lines, without a chat."""

import argparse
import json
import sys
from collections.abc import Iterable
from pathlib import Path

from handlers.triage.languages import read

ROLES = ("user", "engineer", "vendor", "lead", "bot")
KEYS = ("kind", "route", "system", "severity", "confidence", "reason")


def main(args: argparse.Namespace) -> int:
    """Judge every line; a bad one is named on standard error and costs nothing but itself. Returns 0, or 2."""
    if args.file == "-":
        return _judge(sys.stdin.buffer)
    try:
        lines = Path(args.file).open("rb")  # noqa: SIM115  # only its opening is told of here, not what becomes of the output
    except OSError as error:
        print(f"{args.file}: {error.strerror}", file=sys.stderr)
        return 2
    with lines:
        return _judge(lines)


def _judge(lines: Iterable[bytes]) -> int:
    status = 0
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            text, role = _parse(line)
        except ValueError as error:
            print(f"line {number}: {error}", file=sys.stderr)
            status = 2
            continue
        reading = read(text, role)
        print(json.dumps({key: getattr(reading, key) for key in KEYS}, ensure_ascii=False))
    return status


def _parse(line: bytes) -> tuple[str, str]:
    """Text and role of one line; ValueError says in one line what is wrong with it."""
    try:
        row = json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise ValueError("not UTF-8") from None
    except (json.JSONDecodeError, RecursionError):
        raise ValueError("not JSON") from None
    if not isinstance(row, dict) or not isinstance(row.get("text"), str):
        raise ValueError('expected an object with "text": a string')
    role = row.get("role") or "user"
    if role not in ROLES:
        raise ValueError(f'"role" must be one of {", ".join(ROLES)}')
    return row["text"], role
