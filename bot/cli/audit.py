"""``zhiban audit``: verify the hash chain, or export the log as JSON lines."""

import argparse
import json
import sys
from pathlib import Path

from bot.cli.platforms import PLATFORMS
from bot.core.errors import ConfigError
from bot.sections import SECTIONS
from bot.settings_file import load_settings
from bot.storage.audit_log import head, lines, verify
from bot.storage.store import Session, reading


def main(args: argparse.Namespace) -> int:
    """0 the chain holds, 1 it does not (the first bad row is named), 2 no database or a broken anchor file."""
    try:
        database = load_settings(args.config, platforms=PLATFORMS, sections=SECTIONS).database
        with reading(database) as session:
            return _export(session) if args.action == "export" else _verify(session, args.anchor)
    except ConfigError as error:
        print(error, file=sys.stderr)
        return 2


def _verify(session: Session, anchor_file: Path | None) -> int:
    fault = verify(lines(session), _anchor(anchor_file))
    if fault:
        print(fault, file=sys.stderr)
        return 1
    sequence, digest = head(session)
    if anchor_file is not None:
        anchor_file.write_text(f"{sequence} {digest}\n", "utf-8")
    print(f"the chain holds: {sequence} rows, head {digest[:16]}")
    return 0


def _anchor(path: Path | None) -> tuple[int, str] | None:
    if path is None or not path.exists():
        return None
    try:
        sequence, digest = path.read_text("utf-8").split()
        return (int(sequence), digest) if int(sequence) > 0 else None
    except ValueError:
        raise ConfigError([f"{path}: not an anchor; it holds a row number and a hash"]) from None


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
            "detail": json.loads(entry.detail),
            "seq": line.seq,
            "hash": line.hash,
        }
        print(json.dumps(row, ensure_ascii=False))
    return 0
