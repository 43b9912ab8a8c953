"""Upgrade packages on the nodes, and what unpacks and carries archives between the machines."""

import fnmatch
import io
import tarfile
import zipfile
from collections.abc import Callable, Mapping
from pathlib import PurePosixPath

from bot.demo.call import Call, Tool
from bot.demo.tree import Tree

PACKAGE = "/data/WEAVER/YTSRMZFecology20230224-224.zip"  # the one that help shows as its example
_FILES = {
    "ecology/update/20230224-224.txt": "这是演示用的升级包\n",
    "ecology/sqlupgrade/DM/sql202302240101.sql": "-- 演示：没有语句\n",
}
_NOTHING_MATCHED = 11  # unzip's exit code


def seed_package(files: Tree) -> None:
    """Lay the package down as somebody put it there by FTP; the same bytes on every node."""
    place = files.at(PACKAGE)
    if place.exists():
        return
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as packed:
        for name, text in _FILES.items():
            packed.writestr(zipfile.ZipInfo(name, (2023, 2, 24, 12, 0, 0)), text)
    place.write_bytes(made.getvalue())


async def unzip(call: Call) -> int:
    """``unzip -t -q FILE``, ``-Z1 FILE [PATTERN]``, ``-p FILE PATTERN``, ``-o -q FILE -d FOLDER``."""
    words = [arg for arg in call.args if not arg.startswith("-")]
    try:
        with zipfile.ZipFile(call.files.at(call.path(words[0]))) as packed:
            return _unzip(call, packed, words)
    except zipfile.BadZipFile:
        call.complain(f"unzip: {words[0]}: End-of-central-directory signature not found")
        return 9


def _unzip(call: Call, packed: zipfile.ZipFile, words: list[str]) -> int:
    if "-t" in call.args:
        return 0 if packed.testzip() is None else 2
    if "-Z1" in call.args or "-p" in call.args:
        names = [name for name in packed.namelist() if len(words) < 2 or fnmatch.fnmatch(name, words[1])]
        for name in names:
            call.say(name if "-Z1" in call.args else packed.read(name).decode())
        return 0 if names else _NOTHING_MATCHED
    folder = call.files.at(call.args[call.args.index("-d") + 1])
    packed.extractall(folder)  # noqa: S202  # zipfile takes ".." and a leading "/" out of names itself
    return 0


def untar(call: Call, folder: str, archive: str) -> int:
    """``tar -C FOLDER -zxf ARCHIVE``."""
    try:
        with tarfile.open(call.files.at(archive)) as packed:
            packed.extractall(call.files.at(folder), filter="data")
    except tarfile.TarError:
        call.complain(f"tar: {archive}: not a gzip file\ntar: Child returned status 1")
        return 2
    return 0


def scp(machine: Callable[[str], Tree | None]) -> Tool:
    """``scp … FILE USER@ADDRESS:FOLDER/`` to the ``machine`` with that address."""

    async def copy(call: Call) -> int:
        source, target = call.args[-2:]
        address, _, path = target.rpartition("@")[2].partition(":")
        there = machine(address)
        if there is None:
            call.complain(f"ssh: connect to host {address} port 22: No route to host")
            return 1
        name = PurePosixPath(path, PurePosixPath(source).name) if path.endswith("/") else PurePosixPath(path)
        there.write(str(name), call.files.read(source))
        return 0

    return copy


TOOLS: Mapping[str, Tool] = {"unzip": unzip}
