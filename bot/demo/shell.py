"""The command interpreter of a simulated machine: plain quoted words only, and only the commands it was given."""

import asyncio
import shlex
from collections.abc import Mapping
from dataclasses import replace

from bot.demo import filetools, foldertools, scripts
from bot.demo.call import Call, Tool

NOT_FOUND = 127
KILLED = 137
_FILE_TOOLS: Mapping[str, Tool] = {
    "cat": filetools.cat,
    "sha256sum": filetools.sha256sum,
    "readlink": filetools.readlink,
    "cp": filetools.copy,
    "mv": filetools.move,
    "tee": filetools.tee,
    "tail": filetools.tail,
    "grep": filetools.grep,
    "install": filetools.install,
    "dd": filetools.dd,
    **foldertools.TOOLS,
}


class Shell:
    """Runs one command line at a time; there are no pipes, no variables, no second command behind a semicolon."""

    def __init__(self, tools: Mapping[str, Tool]) -> None:
        self._tools: Mapping[str, Tool] = {
            **_FILE_TOOLS,
            **tools,
            "timeout": self._timeout,
            "su": self._su,
            "sh": self._sh,
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
        return await self._run(replace(call, argv=argv))

    async def _run(self, call: Call) -> int:
        name = call.argv[0]
        tool = self._tools.get(name) or self._tools.get(name.removeprefix("/usr/bin/").removeprefix("/bin/"))
        if tool is None:
            call.complain(f"sh: {name}: command not found")
            return NOT_FOUND
        try:
            return await tool(call)
        except OSError as error:
            call.complain(f"{name}: {call.files.name(str(error.filename))}: {error.strerror}")
        except (ValueError, LookupError):
            call.complain(f"{name}: not understood: {shlex.join(call.args)}")
        return 1

    async def _sh(self, call: Call) -> int:
        return await scripts.sh(call, self._run)

    async def _su(self, call: Call) -> int:
        """``su - USER -c LINE``: every user may do everything here."""
        match call.args:
            case ("-", _, "-c", line):
                return await self.run(line, call)
            case _:
                call.complain("su: this simulated machine knows su - USER -c LINE")
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
                return await self._run(replace(call, argv=argv))
        except TimeoutError:
            return KILLED
