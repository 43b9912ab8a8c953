"""A line carried out on the estate as the runner does it, without database and chat."""

from datetime import datetime, timedelta, timezone

from bot.trial.trial import Carried
from bot.trial.trial import carry as carry_out
from runbooks.language.definition import Catalogue
from runbooks.remote.command import Remote
from tests.support.estate import Estate

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=timezone(timedelta(hours=8)))


async def carry(catalogue: Catalogue, estate: Estate, remote: Remote, line: str, first: int = 1) -> Carried:
    """Plan, look, then every step from ``first`` on until one fails; that one's changes are taken back."""
    return await carry_out(catalogue, estate.site, remote, line, now=NOW, first=first)
