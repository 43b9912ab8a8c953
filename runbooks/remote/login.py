"""Around a command where the account is peculiar: one that prints at login, whose shell is csh, or that needs its login profile.

The first two are seen by one look at the account before its first command, the third is a setting of the host.
What is printed before the command begins is told apart by a line of our own, on both streams: what stands before it is the
account's. A line for csh may hold neither a newline nor an exclamation mark, whatever the quotes, so all but plain characters go as
octal numbers, which the host's own ``printf`` turns back.
"""

import secrets
import shlex

NOISE = 256 * 1024  # bytes that an account may print at login
PLAIN = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 _./=:,@+-")
_DECODE = """eval "$(printf '%b' "$0")\""""
_LOGIN_SHELLS = (
    "*/bash|*/zsh|*/ksh|*/ksh93|*/mksh|*/dash|*/ash|*/sh"  # those that take -l beside -c; csh reads its .cshrc anyway
)


LOOK = "echo zhiban:$shell"  # csh has a variable of that name, no other shell has
NOT_LET_IN = frozenset({126, 127, 255})  # cannot be carried out, not found, not let in by sshd itself


def peculiar(exit: int | None, stdout: bytes, stderr: bytes) -> bool:
    """Whether the account prints something by itself or has another shell; a host that refuses the look is taken as it is."""
    return exit == 0 and b"zhiban:" in stdout and (stdout, stderr) != (b"zhiban:\n", b"")


def runs_nothing(exit: int | None, stdout: bytes, stderr: bytes) -> bool:
    """Whether the account took the look without carrying it out: its startup file ends in ``exec`` or ``exit``, or one of its
    commands fails under ``set -e``. Whatever is sent there would be taken for done, or its status for the command's own.

    A list of what may run refuses the look by a word or with a status of its own (``NOT_LET_IN``), and is no such account.
    """
    if b"zhiban:" in stdout or exit is None or exit in NOT_LET_IN:
        return False
    return exit == 0 or not (stdout or stderr)


def token() -> str:
    """A word that no account prints by itself."""
    return f"zhiban-begin-{secrets.token_hex(8)}"


def announced(line: str, begin: str) -> str:
    """``line`` for ``sh``, the beginning marked before it."""
    return f"printf '\\n%s\\n' {begin}; printf '\\n%s\\n' {begin} >&2; exec {line}"


def anywhere(line: str) -> str:
    """``line`` for ``sh``, sent to whatever shell the account has, in its place: no alias, function or trap of it has a part."""
    plain = "".join(chr(byte) if byte in PLAIN else f"\\0{byte:03o}" for byte in line.encode())
    return f"exec /bin/sh -c {_for_csh(_DECODE)} '{plain}'"


def _for_csh(text: str) -> str:
    """In single quotes, with those of the text itself doubled out of them, as every shell reads it."""
    return "'" + text.replace("'", "'\"'\"'") + "'"


def with_profile(line: str) -> str:
    """``line`` for ``sh`` with the environment of a login."""
    quoted = shlex.quote(line)
    return f'case "$SHELL" in {_LOGIN_SHELLS}) exec "$SHELL" -lc {quoted};; *) exec sh -c {quoted};; esac'
