"""How a command of a plan is sent, and what may be shown of its answer; secrets go in last and are masked in what comes back."""

import copy
from collections.abc import Mapping

from bot.core.errors import UserError
from bot.core.secret_shapes import MASK
from runbooks.language.placeholders import marks, unmark
from runbooks.language.vocabulary import Confirm, Report
from runbooks.planning.plan import Plan, Step
from runbooks.remote.command import KEPT, Remote, Result
from runbooks.remote.files import CONF_LIMIT

_CUT = "\n…（已截断）"
_HELD = "\n（命令已结束，但它启动的程序还占着输出；启动脚本应把输出重定向到文件，否则断开后那个程序一写就可能退出）"


class Sending:
    """For the commands of one plan."""

    def __init__(self, remote: Remote, plan: Plan, secrets: Mapping[str, str]) -> None:
        self._remote = remote
        self._report = plan.report
        self._secrets = {f"secret.{name}": value for name, value in secrets.items()}
        self.reading = plan.confirm is Confirm.NONE

    def over(self, remote: Remote) -> "Sending":
        """The same by another way."""
        other = copy.copy(self)
        other._remote = remote
        return other

    async def __call__(
        self, step: Step, argv: tuple[str, ...], *, stdin: str = "", content: bytes = b"", kept: int | None = None
    ) -> Result:
        """Send one command. A fact that was never found, or a secret that is not there, is a bug or a refusal, never a word."""
        sent = tuple(unmark(word, self._secrets) for word in argv)
        given = unmark(stdin, self._secrets)
        missing = marks([*sent, given])
        if missing:
            raise UserError("cannot_read", host=step.target.id, command=", ".join(sorted(missing)))
        if kept is None:
            kept = KEPT if self._report is Report.TEXT else CONF_LIMIT  # what is counted must be whole
        stdin_bytes = content or given.encode()
        return await self._remote.run(
            step.target, sent, limit=step.limit, stdin=stdin_bytes, kept=kept, stop_flood=self.reading
        )

    def said(self, result: Result) -> str:
        """The clean output; a secret that was sent is masked wherever it comes back."""
        return self.hidden(result.text(result.stdout + result.stderr) + (_CUT if result.truncated else ""))

    def shown(self, result: Result) -> str:
        """The same with what people have to know of it."""
        return self.said(result) + (_HELD if result.held else "")

    def hidden(self, text: str) -> str:
        """``text`` without the secrets that may have been sent."""
        for secret in self._secrets.values():
            text = text.replace(secret, MASK) if secret else text
        return text
