"""A scratch host: does nothing real with a command; it notes it, keeps a small file tree, and answers as it was told.

Started by the scratch sshd for every command, as ``python host.py FOLDER``, with the command in ``SSH_ORIGINAL_COMMAND``. It
uses the standard library alone, so that it starts quickly.
"""

import fcntl
import hashlib
import json
import os
import shlex
import sys
from pathlib import Path
from typing import Any

RECORD = "record.jsonl"
ANSWERS = "answers.json"


def main(folder: Path, host: str, line: str) -> int:
    """Note the command, then answer it. One command at a time, so that the record is in order."""
    argv, become = unwrapped(shlex.split(line))
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with (folder / RECORD).open("a") as record:
            record.write(json.dumps({"host": host, "become": become, "argv": argv}) + "\n")
        told = _told(folder, host, argv)
        if told is not None:
            sys.stdout.write(str(told.get("out", "")))
            sys.stderr.write(str(told.get("err", "")))
            return int(told.get("exit", 0))
        return tool(folder / "files" / host, argv)


def unwrapped(argv: list[str]) -> tuple[list[str], str]:
    """The command without the time limit around it, and the user it was to become."""
    become = ""
    if argv[:2] == ["su", "-"] and argv[3:4] == ["-c"]:
        become, argv = argv[2], shlex.split(argv[4])
    elif argv[:3] == ["sudo", "-n", "-u"]:
        become, argv = argv[3], argv[4:]
    return (argv[4:] if argv[:3] == ["timeout", "-s", "KILL"] else argv), become


def _told(folder: Path, host: str, argv: list[str]) -> dict[str, Any] | None:
    """The next answer of the longest beginning that fits; the last one stands."""
    path = folder / ANSWERS
    answers: list[dict[str, Any]] = json.loads(path.read_text("utf-8"))
    fitting = [a for a in answers if argv[: len(a["argv"])] == a["argv"] and a["host"] in {"", host}]
    if not fitting:
        return None
    best = max(fitting, key=lambda answer: (len(answer["argv"]), answer["host"]))
    said: dict[str, Any] = best["says"][0]
    if len(best["says"]) > 1:
        best["says"].pop(0)
        path.write_text(json.dumps(answers), "utf-8")
    return said


def tool(root: Path, argv: list[str]) -> int:
    """The file tools that edits use, on the tree under ``root``; everything else succeeds and says nothing."""
    out = sys.stdout.buffer
    match argv:
        case ["cat", path] if path.endswith("nginx.pid"):
            out.write(b"1\n")
        case ["ps", "-o", "pid=", "--ppid", _]:
            out.write(b"%d\n" % (100 + int(_generation(root).read_text() if _generation(root).exists() else "0")))
        case [nginx, "-s", "reload"] if nginx.endswith("nginx"):
            generation = _generation(root)
            generation.write_text(str(int(generation.read_text() if generation.exists() else "0") + 1))
        case ["readlink", "-f", path]:
            out.write(f"{path}\n".encode())
        case ["cat" | "sha256sum" as name, path]:
            if not _at(root, path).is_file():
                sys.stderr.write(f"{name}: {path}: No such file or directory\n")
                return 1
            content = _at(root, path).read_bytes()
            out.write(content if name == "cat" else f"{hashlib.sha256(content).hexdigest()}  {path}\n".encode())
        case ["test", "!", "-e", path]:
            return int(_at(root, path).exists())
        case ["test", "-e" | "-f" | "-s", path]:
            return int(not _at(root, path).exists())
        case ["cp", "-p", source, path]:
            return _put(root, path, _at(root, source).read_bytes()) if _at(root, source).is_file() else 1
        case ["mv", "-f", source, path]:
            return _move(root, source, path)
        case ["tee", path]:
            return _put(root, path, sys.stdin.buffer.read())
        case ["dd", path, *_] if path.startswith("of="):
            return _put(root, path.removeprefix("of="), sys.stdin.buffer.read())
        case ["install", "-m", _, "/dev/null", path]:
            return _put(root, path, b"")
        case ["rm", "-f", path]:
            _at(root, path).unlink(missing_ok=True)
    return 0


def _at(root: Path, path: str) -> Path:
    return root / path.lstrip("/")


def _generation(root: Path) -> Path:
    root.mkdir(parents=True, exist_ok=True)
    return root / ".nginx-generation"


def _put(root: Path, path: str, content: bytes) -> int:
    _at(root, path).parent.mkdir(parents=True, exist_ok=True)
    _at(root, path).write_bytes(content)
    return 0


def _move(root: Path, source: str, path: str) -> int:
    if not _at(root, source).is_file():
        return 1
    _at(root, path).parent.mkdir(parents=True, exist_ok=True)
    _at(root, source).replace(_at(root, path))
    return 0


if __name__ == "__main__":
    server = os.environ.get("SSH_CONNECTION", "").split()
    names: dict[str, str] = json.loads((Path(sys.argv[1]) / "hosts.json").read_text("utf-8"))
    sys.exit(main(Path(sys.argv[1]), names[server[2]], os.environ.get("SSH_ORIGINAL_COMMAND", "")))
