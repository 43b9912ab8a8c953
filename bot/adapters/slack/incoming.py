"""What Slack says, in our terms: a payload becomes a message, a tap, or nothing (Slack sheet 2, 3 and 5)."""

import hashlib
import json
import re
from datetime import UTC, datetime
from typing import Any

from bot.adapters.common import fields
from bot.adapters.common.ingress import Ingress
from bot.adapters.slack.format import ACTION, accounts_in, plain
from bot.adapters.slack.ids import MessageId
from bot.adapters.slack.tenant import Tenant
from bot.adapters.slack.words import words_of, written
from bot.core import calling
from bot.core.events import Envelope, Message, Tap
from bot.core.people import Account

_SUBTYPES = (None, "file_share", "thread_broadcast", "me_message")  # what people write; deletions, joins, bots are not
_SLACKBOT = "USLACKBOT"  # reminders and answers of Slack's own
_ACCOUNT = re.compile(r"[A-Z0-9]{1,64}", re.ASCII)
_CHANNEL = re.compile(r"[CDG][A-Z0-9]{1,63}", re.ASCII)
_TS = re.compile(r"[0-9]{1,10}\.[0-9]{1,9}", re.ASCII)
_KEY = re.compile(r"[A-Za-z0-9._:-]{1,200}", re.ASCII)
_COMMAND = re.compile(r"/[^\s/]{1,64}")
_LATEST = 2**33  # seconds; a year beyond all calendars would be no time
_WRAPS = re.escape("【[（(「『《〈*_`“‘\"'<")  # may stand against our mention and be none of the words
_BOT = "bot"  # the name by which the dispatcher knows that the bot is called


class Reader:
    """Reads payloads that were verified already. A shape that Slack does not send is ``BadRequest``, never an error."""

    def __init__(self, ingress: Ingress, tenant: Tenant, command: str, name: str) -> None:
        self._ingress = ingress
        self._tenant = tenant
        self._umbrella = command
        self._name = name

    def read(self, payload: dict[str, Any], sent_at: datetime) -> Message | Tap | None:
        """None for what is not for us: bots, edits, other kinds. ``sent_at`` is for payloads that name no time."""
        kind = payload.get("type")
        if kind == "event_callback":
            return self._event(payload, fields.part(payload, "event"))
        if kind == "block_actions":
            return self._tap(payload, sent_at)
        if kind is None and "ssl_check" not in payload:  # Slack looks at the certificate now and then
            return self._command(payload, sent_at)
        return None

    def _event(self, payload: dict[str, Any], event: dict[str, Any]) -> Message | None:
        event = _edited(event)
        kind = event.get("type")
        if kind not in ("message", "app_mention") or not _by_a_person(event):
            return None
        if event.get("bot_id") or event.get("hidden") or "user" not in event:
            return None
        user, channel = fields.matching(event, "user", _ACCOUNT), fields.matching(event, "channel", _CHANNEL)
        own = self._own(payload)
        if user == own:
            return None
        ts, edited = fields.matching(event, "ts", _TS), _edit_time(event)
        if edited and kind == "message" and event.get("was") is not None and own not in accounts_in(written(event)):
            return None
        place = MessageId(channel, ts, _ts(event.get("thread_ts")))
        direct = channel.startswith("D")
        who = self._tenant.account(payload, event, user)
        envelope = self._envelope(str(place), who, channel, _time(edited or ts), direct=direct)
        called = direct or kind == "app_mention"
        return self._message(envelope, event, place, own, called=called, edited=bool(edited))

    def _message(
        self, envelope: Envelope, event: dict[str, Any], place: MessageId, own: str, *, called: bool, edited: bool
    ) -> Message | None:
        accounts = accounts_in(written(event))
        own = own or (accounts[0] if event.get("type") == "app_mention" and accounts else "")
        said = words_of(event, lambda raw: self._plain(raw, own))
        if not said.text:
            return None if isinstance(event.get("text"), str | None) else fields.bad()
        text, named = self._called(said.text)
        text = f"{text} {said.kinds}".rstrip() if text == f"@{_BOT}" else text
        thread = f"{place.channel}:{place.thread}" if place.thread not in {"", place.ts} else ""
        return Message(
            envelope,
            text,
            thread or said.quoted or None,
            self._ingress.people(accounts),
            said.files,
            to_bot=called or named or own in accounts,
            thread=thread,
            edited=edited,
        )

    def _command(self, payload: dict[str, Any], sent_at: datetime) -> Message:
        """``/restart oa3`` is the command itself; what follows the umbrella is said to the bot (``/zhiban OA 打不开``)."""
        command, raw = fields.matching(payload, "command", _COMMAND), written(payload)
        words = self._plain(raw, self._tenant.names.user).strip()
        line = f"{command} {words}".rstrip() if command != self._umbrella else f"@{_BOT} {words or 'help'}"
        user, channel = fields.matching(payload, "user_id", _ACCOUNT), fields.matching(payload, "channel_id", _CHANNEL)
        key = f"command:{_once(payload, sent_at)}"
        envelope = self._envelope(
            key, self._tenant.account(payload, payload, user), channel, sent_at, direct=channel.startswith("D")
        )
        return Message(envelope, line, mentions=self._ingress.people(accounts_in(raw)), to_bot=True)

    def _tap(self, payload: dict[str, Any], sent_at: datetime) -> Tap | None:
        container, actions = payload.get("container") or _container(payload), payload.get("actions")
        if not (isinstance(container, dict) and isinstance(actions, list)):
            fields.bad()
        ours = next((a for a in actions if isinstance(a, dict) and str(a.get("action_id")).startswith(ACTION)), None)
        if container.get("type") != "message" or ours is None:
            return None
        channel, ts = fields.matching(container, "channel_id", _CHANNEL), fields.matching(container, "message_ts", _TS)
        thread = _ts(container.get("thread_ts"))
        presser = fields.part(payload, "user")
        action, user = ours.get("value"), fields.matching(presser, "id", _ACCOUNT)
        if not (isinstance(action, str) and 0 < len(action) <= 2000):
            fields.bad()
        key = f"tap:{_once(payload, sent_at)}"
        who = self._tenant.account(payload, presser | {"user_team": presser.get("team_id")}, user)
        envelope = self._envelope(key, who, channel, sent_at, direct=channel.startswith("D"))
        return Tap(envelope, action, str(MessageId(channel, ts, thread)))

    def _own(self, payload: dict[str, Any]) -> str:
        """Our own user id: of ``auth.test``, or as the event says for whom it was delivered."""
        if self._tenant.names.user:
            return self._tenant.names.user
        given = payload.get("authorizations")
        first = given[0] if isinstance(given, list) and given else None
        found = first.get("user_id") if isinstance(first, dict) and first.get("is_bot") is True else None
        return found if isinstance(found, str) else ""

    def _called(self, text: str) -> tuple[str, bool]:
        """What was written, and whether it calls us by a mention or by our name typed by hand; then ``@bot`` stands in front."""
        words = calling.called(text, (_BOT, self._name))
        return (text, False) if words is None else (f"@{_BOT} {words}".strip(), True)

    def _plain(self, raw: str, own: str) -> str:
        if own:  # it may stand against other words: "<@U1>ping x"
            raw = re.sub(rf"(?<=[^\s{_WRAPS}])(?=<@{own}[|>])", " ", raw)
            raw = re.sub(rf"(<@{own}(?:\|[^<>\n]*)?>)(?:\.+\s*(?=[\w/])|(?=[\w./'-]))", r"\1 ", raw)
        site = self._ingress.runtime.site()

        def name_of(account: str) -> str | None:
            if account == own:
                return _BOT
            person = site.person_of(Account("slack", account))
            return person.name if person else None

        return plain(raw, name_of)

    def _envelope(self, key: str, user: str, channel: str, sent_at: datetime, *, direct: bool) -> Envelope:
        return self._ingress.envelope(key=key, user=user, chat=channel, sent_at=sent_at, direct=direct)


def _once(payload: dict[str, Any], sent_at: datetime) -> str:
    """What makes a command or tap one event: its trigger id; of one without, all that it says and when it was signed."""
    if payload.get("trigger_id") is not None:
        return fields.matching(payload, "trigger_id", _KEY)
    said = json.dumps([payload, sent_at.isoformat()], sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()


def _container(payload: dict[str, Any]) -> dict[str, Any]:
    """Where a button stands, said the older way: by its channel and message."""
    channel, message = fields.part(payload, "channel"), fields.part(payload, "message")
    place = {"channel_id": channel.get("id"), "message_ts": message.get("ts"), "thread_ts": message.get("thread_ts")}
    return {"type": "message", **place}


def _edited(event: dict[str, Any]) -> dict[str, Any]:
    """The message itself of a ``message_changed`` by its author; ``was`` is what it said before. Any other event as it is."""
    inner, before = event.get("message"), event.get("previous_message")
    if event.get("subtype") != "message_changed" or not (isinstance(inner, dict) and isinstance(before, dict)):
        return event
    if not _edit_time(inner) or inner.get("text") == before.get("text"):
        return event
    return inner | {"type": "message", "channel": event.get("channel"), "was": before.get("text") or ""}


def _by_a_person(event: dict[str, Any]) -> bool:
    """Whether somebody wrote it: by its subtype, or where that is one that nobody knows, by the mark of Slack's own clients."""
    known = event.get("subtype") or None
    return event.get("user") != _SLACKBOT and (known in _SUBTYPES or fields.maybe(event, "client_msg_id") is not None)


def _edit_time(event: dict[str, Any]) -> str:
    """When a message was edited; empty for one that was not."""
    edited = event.get("edited")
    return _ts(edited.get("ts")) if isinstance(edited, dict) else ""


def _ts(value: Any) -> str:
    """A time stamp of the second rank: what is none is left out."""
    return value if isinstance(value, str) and _TS.fullmatch(value) and float(value) < _LATEST else ""


def _time(ts: str) -> datetime:
    return datetime.fromtimestamp(float(ts), UTC)
