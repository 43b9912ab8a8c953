"""The command line: ``zhiban COMMAND``; a command's module is imported only when it is called."""

import argparse
import errno
import os
import sys
from collections.abc import Sequence
from io import TextIOWrapper

from bot.cli.arguments import ADD
from bot.core.lazy import imported
from bot.storage.trouble import Trouble

COMMANDS = {
    "run": "the service",
    "demo": "the service on the example organisation, with simulated servers",
    "check": "every fault in settings and data, before anything starts",
    "triage": "judge messages: JSON lines in, JSON lines out",
    "simulate": "a dry run of any span: what would be said, to whom, when",
    "roster": "import, export, check or generate the duty roster",
    "runbooks": "list, show, plan or test what may run",
    "hosts": "compare and pin the servers' SSH keys",
    "audit": "verify or export the audit log",
    "backup": "an online copy of the database",
    "restore": "put a backup in the database's place",
    "slack-manifest": "the Slack app as Slack wants it described, to paste",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; its exit code: 0 fine, 1 the thing asked about is not fine, 2 usage or configuration."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal without Chinese shows escapes instead of failing
    words = list(sys.argv[1:] if argv is None else argv)
    parser = argparse.ArgumentParser(
        prog="zhiban", description="Zhiban (值班): the duty desk that lives in group chats."
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    name = words[0] if words and words[0] in COMMANDS else None
    for command, about in COMMANDS.items():
        added = commands.add_parser(command, help=about, description=about)
        if command == name:
            ADD[command](added)
    try:
        try:
            args = parser.parse_args(words)
        except SystemExit:
            sys.stdout.flush()  # here, where a broken pipe is still quiet, and not when the interpreter ends
            raise
        code: int = imported(f"bot.cli.{args.command.replace('-', '_')}", "main")(args)
        sys.stdout.flush()
    except BrokenPipeError:  # ``| head`` has seen enough
        _silence()
        return 0
    except OSError as error:
        if error.filename is None:
            raise
        way = f"{Trouble.FULL}; make room there" if error.errno in {errno.ENOSPC, errno.EDQUOT} else error.strerror
        sys.stderr.write(f"{error.filename}: {way}\n")
        return 2
    return code


def _silence() -> None:
    """Nobody reads any more: what is still held back goes nowhere, whichever of the two streams it is."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


if __name__ == "__main__":
    sys.exit(main())
