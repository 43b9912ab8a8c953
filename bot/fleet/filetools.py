"""The small Unix tools that read and change a machine's files."""

import hashlib
import shutil

from bot.fleet.call import Call


async def cat(call: Call) -> int:
    """``cat FILE``…"""
    for path in _operands(call):
        call.stdout(call.files.read(path))
    return 0


async def sha256sum(call: Call) -> int:
    """``sha256sum FILE``…"""
    for path in _operands(call):
        call.say(f"{hashlib.sha256(call.files.read(path)).hexdigest()}  {path}")
    return 0


async def readlink(call: Call) -> int:
    """``readlink -f PATH``: there are no links here; exit 1 when the path is not there."""
    for path in _operands(call):
        call.say(call.files.name(str(call.files.at(path).resolve(strict=True))))
    return 0


async def copy(call: Call) -> int:
    """``cp -p FROM TO``: content, mode and times."""
    source, target = _operands(call)
    shutil.copy2(call.files.at(source), call.files.at(target))
    return 0


async def move(call: Call) -> int:
    """``mv [-f] FROM TO``: atomic, as within one file system."""
    source, target = _operands(call)
    call.files.at(source).replace(call.files.at(target))
    return 0


async def tee(call: Call) -> int:
    """``tee FILE``: standard input into the file, and on to standard output."""
    content = await call.stdin()
    for path in _operands(call):
        call.files.write(path, content)
    call.stdout(content)
    return 0


async def tail(call: Call) -> int:
    """``tail -n N [--] FILE``."""
    match call.args:
        case ("-n", number, path) | ("-n", number, "--", path):
            lines = call.files.read(path).splitlines(keepends=True)
            call.stdout(b"".join(lines[-int(number) :] if int(number) else []))
            return 0
        case _:
            call.complain("tail: this simulated machine knows tail -n N FILE")
            return 1


def _operands(call: Call) -> list[str]:
    return [arg for arg in call.args if not arg.startswith("-")]
