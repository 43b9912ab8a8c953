"""The Unix tools that look at a machine's folders, make and remove them, and pack them."""

import os
import shutil
import stat
import tarfile
from collections.abc import Mapping
from pathlib import Path

from bot.demo.call import Call, Tool
from bot.demo.packages import untar


async def ls(call: Call) -> int:
    """``ls [options] PATH``: one line for each file; with ``-R`` those below, too. ``-lndZ``: the file by its numbers."""
    place = call.files.at(call.args[-1])
    if not place.exists():
        call.complain(f"ls: cannot access '{call.args[-1]}': No such file or directory")
        return 2
    if "-lndZ" in call.args:
        status = place.stat()
        call.say(f"{stat.filemode(status.st_mode)} 1 0 0 ? {status.st_size} 2026-11-01 08:02 {call.args[-1]}")
        return 0
    below = any("R" in arg for arg in call.args if arg.startswith("-") and not arg.startswith("--"))
    files = [place] if place.is_file() else sorted(place.rglob("*") if below else place.iterdir())
    for path in files:
        kind = "drwxr-xr-x" if path.is_dir() else "-rw-r--r--"
        name = call.files.name(str(path)) if place.is_file() else str(path.relative_to(place))
        call.say(f"{kind} 1 weaver weaver {path.stat().st_size:>9} 2026-11-01 08:02 {name}")
    return 0


async def find(call: Call) -> int:
    """``find PATH -type f …`` names the database backups below it; ``-type l`` the broken links, of which there are none.

    ``find PATH -name NAME -printf WORD`` says whether the file is there.
    """
    if "-printf" in call.args:
        name = call.args[call.args.index("-name") + 1]
        call.stdout(call.args[-1].encode() if (call.files.at(call.args[0]) / name).exists() else b"")
        return 0
    if "l" not in call.args:
        for path in sorted(call.files.at(call.args[0]).rglob("*")):
            if path.suffix in {".dmp", ".bak", ".sql"}:
                call.say(call.files.name(str(path)))
    return 0


async def du(call: Call) -> int:
    """``du -sk … PATH``…; with ``-skc`` their sum, too."""
    total = 0
    for path in (arg for arg in call.args if not arg.startswith("-")):
        place = call.files.at(path)
        if not place.exists():
            call.complain(f"du: cannot access '{path}': No such file or directory")
            return 1
        size = -(-sum(file.stat().st_size for file in place.rglob("*") if file.is_file()) // 1024)
        total += size
        call.say(f"{size}\t{path}")
    if "-skc" in call.args:
        call.say(f"{total}\ttotal")
    return 0


async def test(call: Call) -> int:
    """``test [!] -e | -f | -s | -d PATH``."""
    asked, path = [word for word in call.args if word != "!"]
    place = call.files.at(path)
    found = {
        "-e": place.exists(),
        "-f": place.is_file(),
        "-d": place.is_dir(),
        "-s": place.exists() and place.stat().st_size > 0,
    }[asked]
    return int(found if "!" in call.args else not found)


async def mkdir(call: Call) -> int:
    """``mkdir PATH``."""
    call.files.at(call.args[-1]).mkdir(mode=0o700)
    return 0


async def remove(call: Call) -> int:
    """``rm -rf PATH``…, ``rm -f FILE``…"""
    for place in [call.files.at(arg) for arg in call.args if not arg.startswith("-")]:
        if place.is_file():
            place.unlink()
        elif "-rf" in call.args:
            shutil.rmtree(place, ignore_errors=True)
    return 0


async def tar(call: Call) -> int:
    """``tar -C FOLDER [--exclude=…] -zcf ARCHIVE NAME``, really packed."""
    args = [arg for arg in call.args if not arg.startswith("--")]
    left_out = tuple(arg.partition("=")[2].rstrip("*") for arg in call.args if arg.startswith("--exclude="))
    match args:
        case ["-C", folder, "-zcf", archive, name]:
            with tarfile.open(call.files.at(archive), "w:gz") as packed:
                _pack(packed, call.files.at(folder), name, left_out)
        case ["-C", folder, "-zxf", archive]:
            return untar(call, folder, archive)
        case _:
            call.complain("tar: this simulated machine knows -C FOLDER -zcf and -zxf")
            return 2
    return 0


def _pack(packed: tarfile.TarFile, folder: Path, name: str, left_out: tuple[str, ...]) -> None:
    for path in [folder / name, *sorted((folder / name).rglob("*"))]:
        inside = os.fspath(path.relative_to(folder))
        if not inside.startswith(left_out or ("\0",)):
            packed.add(path, inside, recursive=False)


async def gzip(call: Call) -> int:
    """``gzip -t FILE``."""
    return 0 if call.files.read(call.args[-1])[:2] == b"\x1f\x8b" else 1


TOOLS: Mapping[str, Tool] = {
    "ls": ls,
    "find": find,
    "du": du,
    "test": test,
    "mkdir": mkdir,
    "rm": remove,
    "tar": tar,
    "gzip": gzip,
}
