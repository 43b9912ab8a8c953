"""A ``key=value`` file with one value changed; every other byte stays."""

from bot.core.errors import UserError


def set_key(text: str, path: str, key: str, value: str) -> str:
    """``text`` with the one line ``key=…`` given another value; what stands before the value stays.

    Raises ``UserError`` ``key_missing`` or ``key_twice``: a guess which line counts would be one too many.
    """
    lines = text.split("\n")
    found = [place for place, line in enumerate(lines) if _key(line) == key]
    if not found:
        raise UserError("key_missing", key=key, path=path)
    if len(found) > 1:
        raise UserError("key_twice", key=key, path=path)
    line = lines[found[0]]
    ending = "\r" if line.endswith("\r") else ""
    name, _, old = line.partition("=")
    blanks = old[: len(old) - len(old.lstrip(" \t"))]
    lines[found[0]] = f"{name}={blanks}{value}{ending}"
    return "\n".join(lines)


def _key(line: str) -> str | None:
    """The key of a line; None for comments and for what has none."""
    stripped = line.strip()
    if stripped[:1] in {"#", ";", "!"} or "=" not in stripped:
        return None
    return stripped.partition("=")[0].strip()
