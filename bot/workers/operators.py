"""A word to those who run Zhiban about the service itself, from outside any event."""

import logging
from typing import Any

from bot.core.bugs import where
from bot.core.people import Role
from bot.work.work import Transactions, Work

log = logging.getLogger(__name__)


class Operators:
    """Tells every operator in his direct chat."""

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions

    def people(self) -> list[str]:
        """The ids of those who run Zhiban."""
        return [person.id for person in self._transactions.runtime.site().with_role(Role.OPERATOR)]

    async def tell(self, cause: str, template: str, **facts: Any) -> None:
        """Say ``template``; ``cause`` and the time make it one message. A failure is logged: nobody else could be told."""

        def tell(work: Work) -> None:
            for operator in work.operators():
                work.say(template, f"dm-{operator.id}", **facts)

        try:
            await self._transactions.do(f"{cause}:{self._transactions.runtime.clock.real().isoformat()}", tell)
        except Exception as error:
            log.error("app: the operators could not be told: %s", where(error))
