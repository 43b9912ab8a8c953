"""The backups due this month (SOP 6.1: by hand, every month): told on its first workday, and late in it what is missing."""

from datetime import date

from bot.core.events import Tick
from bot.work.work import Work
from runbooks.language.definition import Definition
from runbooks.planning.offers import Offers
from runbooks.runs import store

VERB = "backup"
AT, UNTIL = "09:00", "18:00"
LATE = 25  # what is missing is told on this day of the month, or on the last workday before it


def remind(offers: Offers, event: Tick, work: Work) -> None:
    """The duty rooms get the list with the words to type here; nothing is started, and nothing missing is nothing said."""
    calendar, today = work.site.calendar, event.local_date
    late = today == calendar.last_workday(today.replace(day=LATE))
    if event.missed or not (late or today == calendar.first_of_month(today)):
        return
    here = offers.at(work.site)
    able = [known for known in offers.catalogue.definitions.values() if known.verb == VERB and known.name in here]
    rows = [(known, _last_day(work, known), " ".join((f"/{VERB}", *here[known.name]))) for known in able]
    month = today.replace(day=1)
    missing = [row for row in rows if row[1] is None or row[1] < month]
    if not missing:
        return
    for room in work.site.chats.values():
        if room.post is None and not room.direct:
            work.say("runs/backups", room.id, rows=missing, late=late)


def _last_day(work: Work, definition: Definition) -> date | None:
    """The local day of the last such run that went well."""
    ended = store.last_of(work.session, definition.name)
    return work.site.local(ended).date() if ended else None
