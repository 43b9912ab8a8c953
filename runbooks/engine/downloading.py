"""A file of a host is fetched: text cleaned of secrets and control signs in its own encoding, anything else byte for byte."""

from dataclasses import replace

from bot.core.redact import clean
from runbooks.engine.judging import ended_wrongly, told_status
from runbooks.engine.sending import Sending
from runbooks.planning.outcome import StepFault, StepResult
from runbooks.planning.plan import Step
from runbooks.remote.command import Remote

DOWNLOAD_LIMIT = 16 * 1024 * 1024  # bytes of a downloaded file


async def download(remote: Remote, send: Sending, step: Step) -> StepResult:
    """``send`` knows the secrets that are masked. Raises ``NotStarted`` or ``Lost``."""
    (argv,) = step.commands
    result = await remote.run(step.target, argv, limit=step.limit, kept=DOWNLOAD_LIMIT)
    if result.truncated:
        return StepResult(StepFault.TOO_BIG, result.exit)
    if not result.ok:
        fault = ended_wrongly(result)
        return StepResult(fault, told_status(fault, result), clean(result.stderr))
    try:
        encoding = "utf-8" if not result.encoding or _is_utf8(result.stdout) else result.encoding
        result.stdout.decode(encoding)
        content = send.said(replace(result, stderr=b"")).encode(encoding) if result.stdout else b""
    except UnicodeError:
        content = result.stdout  # no text, so nothing to clean in it
    return StepResult(None, 0, "", ((step.download, content),))


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True
