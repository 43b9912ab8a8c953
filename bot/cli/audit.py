"""``zhiban audit``: verify the hash chain, or export the log as JSON lines."""

import argparse
import json
import re
import sys
from pathlib import Path

from bot.cli.platforms import PLATFORMS
from bot.cli.refused import refused
from bot.core.errors import ConfigError
from bot.sections import SECTIONS
from bot.settings import Settings
from bot.settings_file import load_settings
from bot.storage import anchors
from bot.storage.anchors import Anchor
from bot.storage.audit_log import UnreadableError, head, lines, verify
from bot.storage.store import Session, reading

_WORDS = re.compile(r"#?([0-9]+)(?:\s*[:：]\s*|\s+(?=[0-9a-fA-F]+$))(.*)", re.ASCII)
_NOTHING = (
    "no anchor was compared, so rows cut off its end, or the whole of it written anew, would not be noticed: "
    "set [audit] anchor_to, or give --anchor"
)
_GONE = (
    "whether rows were cut off its end cannot be said without the anchors of [audit] anchor_to: bring them back, or compare "
    "with what the operators' chat has (--anchor NUMBER:HASH)"
)


def main(args: argparse.Namespace) -> int:
    """0 the chain holds, 1 it does not (the first bad row is named), 2 no database or a broken anchor file."""
    settings: Settings | None = None
    try:
        settings = load_settings(args.config, platforms=PLATFORMS, sections=SECTIONS)
        with reading(settings.database) as session:
            return _export(session) if args.action == "export" else _verify(session, settings, args.anchor)
    except ConfigError as error:
        return refused(error, settings)
    except UnreadableError as error:
        print(error, file=sys.stderr)
        return 1


def _verify(session: Session, settings: Settings, given: str | None) -> int:
    known = [*_given(given), *_configured(settings)]
    fault = verify(lines(session), *((anchor.sequence, anchor.hash) for anchor in known))
    if fault:
        print(fault, file=sys.stderr)
        return 1
    sequence, digest = head(session)
    if (
        settings.audit.anchor_to is not None and sequence and not known
    ):  # whoever cuts the log takes its anchors away first
        print(f"{sequence} rows are unchanged among themselves; {_GONE}", file=sys.stderr)
        return 1
    if given is not None:
        _note(given, sequence, digest)
    print(f"the chain holds: {sequence} rows, head {digest[:16]}; {_reach(known, sequence)}")
    return 0


def _reach(known: list[Anchor], rows: int) -> str:
    """How far the anchors vouch, in words."""
    if not known:
        return _NOTHING
    last = max(known, key=lambda anchor: anchor.sequence)
    when = f", noted {last.at.isoformat(timespec='minutes')}" if last.at else ""
    beyond = rows - last.sequence
    rest = f"; of the {beyond} after it only that they are unchanged among themselves" if beyond else ""
    return f"nothing is missing up to row {last.sequence} ({last.where}{when}){rest}"


def _given(given: str | None) -> list[Anchor]:
    if given is None:
        return []
    if words := _words(given):
        return [anchors.parsed(words, "given", given)]
    path = Path(given)
    return anchors.read(path) if path.exists() else []


def _configured(settings: Settings) -> list[Anchor]:
    place = settings.audit.anchor_to
    if place is None:
        return []
    path = anchors.file_at(place)
    try:
        return anchors.read(path)
    except OSError as error:
        print(f"{path} could not be compared: {error.strerror}", file=sys.stderr)
        return []


def _words(given: str) -> str | None:
    """``1234:3f2a…`` as the operators' chat has it, also typed with a blank or a full-width colon; None for a file's path.

    Taken for a path it would be compared with nothing, and a file be written by its name.
    """
    parts = _WORDS.fullmatch(given.strip())
    return f"{parts[1]}:{parts[2]}" if parts else None


def _note(given: str, sequence: int, digest: str) -> None:
    """The newest head into a file that holds one anchor or none; what the service itself writes is only read."""
    if _words(given):
        return
    path = Path(given)
    if path.exists() and any(anchor.at for anchor in anchors.read(path)):
        return
    path.write_text(f"{sequence} {digest}\n", "utf-8")


def _export(session: Session) -> int:
    for line in lines(session):
        entry = line.entry
        row = {
            "at": entry.at.isoformat(),
            "actor": entry.actor,
            "action": entry.action,
            "target": entry.target,
            "outcome": entry.outcome,
            "code": entry.code,
            "detail": _detail(entry.detail),
            "seq": line.seq,
            "hash": line.hash,
        }
        print(json.dumps(row, ensure_ascii=False))
    return 0


def _detail(text: str) -> object:
    """What was noted; as it stands where somebody altered it, so that what is left of the log can be looked at."""
    try:
        return json.loads(text)
    except ValueError:
        return text
