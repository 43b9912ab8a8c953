"""The command interpreter of a simulated machine: plain quoted words only, and only the commands it was given."""

import asyncio
import shlex
from collections.abc import Mapping
from dataclasses import replace

from bot.demo import filetools, foldertools, scripts
from bot.demo.call import Call, Tool

NOT_FOUND = 127
KILLED = 137


async def not_found(call: Call) -> int:
    """What a machine does with a command that it does not have."""
    call.complain(f"sh: {call.argv[0]}: command not found")
    return NOT_FOUND


class Shell:
    """Runs one command line at a time; there are no pipes, no variables, no second command behind a semicolon.

    It knows what wraps a command (a time limit, another user) and ``tools``; everything else is ``otherwise``'s.
    """

    def __init__(self, tools: Mapping[str, Tool], otherwise: Tool = not_found) -> None:
        self._otherwise = otherwise
        self._tools: Mapping[str, Tool] = {
            "timeout": self._timeout,
            "su": self._su,
            "sudo": self._sudo,
            **tools,
        }

    async def run(self, line: str, call: Call) -> int:
        """The exit code of ``line``; 127 for what this machine does not know, with a line that says so."""
        try:
            argv = tuple(shlex.split(line))
        except ValueError:
            argv = ()
        if not argv or shlex.join(argv) != line:
            call.complain("sh: this simulated machine takes plain quoted words only")
            return NOT_FOUND
        return await self.run_words(replace(call, argv=argv))

    async def run_words(self, call: Call) -> int:
        """The same for a command whose words are known."""
        name = call.argv[0]
        bare = name.removeprefix("/usr/bin/").removeprefix("/bin/")
        tool = self._tools.get(name) or self._tools.get(bare) or self._otherwise
        try:
            return await tool(call)
        except OSError as error:
            call.complain(f"{name}: {call.files.name(str(error.filename))}: {error.strerror}")
        except (ValueError, LookupError):
            call.complain(f"{name}: not understood: {shlex.join(call.args)}")
        return 1

    async def _su(self, call: Call) -> int:
        """``su - USER -c LINE``: every user may do everything here."""
        match call.args:
            case ("-", _, "-c", line):
                return await self.run(line, call)
            case _:
                call.complain("su: this simulated machine knows su - USER -c LINE")
                return 1

    async def _sudo(self, call: Call) -> int:
        """``sudo -n -u USER COMMAND``…: the same, without a password."""
        match call.args:
            case ("-n", "-u", _, *argv) if argv:
                return await self.run_words(replace(call, argv=tuple(argv)))
            case _:
                call.complain("sudo: this simulated machine knows sudo -n -u USER COMMAND")
                return 1

    async def _timeout(self, call: Call) -> int:
        """``timeout [-s KILL] SECONDS COMMAND``…: 137 when it took longer."""
        args = call.args[2:] if call.args[:1] == ("-s",) else call.args
        seconds, argv = float(args[0]), args[1:]
        if not argv:
            call.complain("timeout: missing operand")
            return 125
        try:
            async with asyncio.timeout(seconds):
                return await self.run_words(replace(call, argv=argv))
        except TimeoutError:
            return KILLED


def machine_shell(tools: Mapping[str, Tool]) -> Shell:
    """The interpreter of a whole machine: its own ``tools``, those for files and folders, and the bot's scripts."""

    async def sh(call: Call) -> int:
        return await scripts.sh(call, shell.run_words)

    shell = Shell({**filetools.TOOLS, **foldertools.TOOLS, "sh": sh, **tools})
    return shell
