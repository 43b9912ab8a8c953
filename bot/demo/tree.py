"""The file tree of one machine, kept in a real folder and addressed by the machine's absolute paths."""

import errno
import os
import posixpath
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Tree:
    """Files under ``root``; no path leads out of it. Raises ``OSError`` as a file system does.

    ``makes_folders``: a file is written wherever it shall be, its folder is made.
    """

    root: Path
    makes_folders: bool = False

    def at(self, path: str) -> Path:
        """The real place of ``path``; ``..`` stops at the root, as in a chroot."""
        if not path.startswith("/"):
            raise OSError(errno.ENOENT, os.strerror(errno.ENOENT), path)
        return self.root / posixpath.normpath(path).lstrip("/")

    def target(self, path: str) -> Path:
        """The real place of a file that is about to be written."""
        place = self.at(path)
        if self.makes_folders:
            place.parent.mkdir(parents=True, exist_ok=True)
        return place

    def name(self, place: str) -> str:
        """The machine's own name of a real place, for what it says about it."""
        return place.removeprefix(str(self.root))

    def read(self, path: str) -> bytes:
        return self.at(path).read_bytes()

    def write(self, path: str, content: bytes) -> None:
        self.target(path).write_bytes(content)

    def append(self, path: str, line: str) -> None:
        """One more line at the end of a log."""
        with self.at(path).open("ab") as file:
            file.write(line.encode() + b"\n")

    def seed(self, files: dict[str, str]) -> None:
        """Lay down the files that are not there yet; what people changed stays."""
        for path, text in files.items():
            place = self.at(path)
            place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            if not place.exists():
                place.write_text(text, encoding="utf-8", newline="")
