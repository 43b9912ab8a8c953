"""The small Unix tools that read and change a machine's files."""

import hashlib
import re
import shutil
from collections.abc import Mapping

from bot.demo.call import Call, Tool


async def cat(call: Call) -> int:
    """``cat FILE``…"""
    for path in _operands(call):
        call.stdout(call.files.read(path))
    return 0


async def sha256sum(call: Call) -> int:
    """``sha256sum FILE``…, or ``--check LIST``: the files of the list that are gone or not as it says."""
    if "--check" in call.args:
        return _checked(call)
    for path in _operands(call):
        call.say(f"{hashlib.sha256(call.files.read(path)).hexdigest()}  {path}")
    return 0


def _checked(call: Call) -> int:
    failed = 0
    for line in call.files.read(call.path(call.args[-1])).decode().splitlines():
        wanted, name = line.split(maxsplit=1)
        place = call.files.at(call.path(name))
        if not place.exists():
            call.complain(f"sha256sum: {name}: No such file or directory")
        elif hashlib.sha256(place.read_bytes()).hexdigest() != wanted:
            call.say(f"{name}: FAILED")
        else:
            continue
        failed += 1
    return 1 if failed else 0


async def readlink(call: Call) -> int:
    """``readlink -f PATH``: there are no links here; exit 1 when its folder is not there."""
    for path in _operands(call):
        place = call.files.at(path)
        call.say(call.files.name(str(place.parent.resolve(strict=True) / place.name)))
    return 0


async def copy(call: Call) -> int:
    """``cp -p FROM TO``: content, mode and times."""
    source, target = _operands(call)
    shutil.copy2(call.files.at(source), call.files.target(target))
    return 0


async def install(call: Call) -> int:
    """``install -m MODE /dev/null FILE``: an empty file of that mode."""
    call.files.write(call.args[-1], b"")
    call.files.at(call.args[-1]).chmod(int(call.args[1], 8))
    return 0


async def dd(call: Call) -> int:
    """``dd of=FILE …``: standard input into the file."""
    given = dict(word.split("=", 1) for word in call.args)
    call.files.write(given["of"], await call.stdin())
    return 0


async def move(call: Call) -> int:
    """``mv [-f | -T] FROM TO``: atomic, as within one file system."""
    source, target = _operands(call)
    call.files.at(source).replace(call.files.target(target))
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


async def grep(call: Call) -> int:
    """``grep -a -r -h -E PATTERN -- FILE``, or a folder with all its files."""
    pattern, _, path = call.args[-3:]
    place = call.files.at(path)
    files = sorted(file for file in place.rglob("*") if file.is_file()) if place.is_dir() else [place]
    found = [line for file in files for line in file.read_bytes().decode().splitlines() if re.search(pattern, line)]
    for line in found:
        call.say(line)
    return 0 if found else 1


def _operands(call: Call) -> list[str]:
    return [arg for arg in call.args if not arg.startswith("-")]


TOOLS: Mapping[str, Tool] = {
    "cat": cat,
    "sha256sum": sha256sum,
    "readlink": readlink,
    "cp": copy,
    "mv": move,
    "tee": tee,
    "tail": tail,
    "grep": grep,
    "install": install,
    "dd": dd,
}
