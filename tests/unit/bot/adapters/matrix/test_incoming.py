"""What an event of a room says, by hand-written events of the specification's own shapes."""

from datetime import UTC, datetime
from typing import Any

import pytest

from bot.adapters.matrix.called import called
from bot.adapters.matrix.ids import MessageId, parse
from bot.adapters.matrix.incoming import Reacted, Said, read, shown_content
from bot.core.events import FileRef

AT = datetime(2026, 10, 14, 2, 0, tzinfo=UTC)


def event(content: dict[str, Any], kind: str = "m.room.message", **more: Any) -> dict[str, Any]:
    fields = {"type": kind, "event_id": "$e", "sender": "@li:example.org", "origin_server_ts": 1791943200000}
    return fields | {"content": content} | more


def text(body: str, **more: Any) -> dict[str, Any]:
    return event({"msgtype": "m.text", "body": body} | more)


def test_plain_words() -> None:
    assert read(text("盖章点了没反应")) == Said(MessageId("$e"), "@li:example.org", "盖章点了没反应", AT)


def test_a_reply_leaves_out_what_old_clients_quote() -> None:
    answered = {"m.in_reply_to": {"event_id": "$q"}}
    said = read(text("> <@bot:example.org> 已收到\n> 第二行\n\n好了", **{"m.relates_to": answered}))
    assert isinstance(said, Said)
    assert (said.text, said.reply_to) == ("好了", MessageId("$q"))


def test_a_line_that_begins_with_a_sign_of_quoting_is_kept_where_nothing_is_answered() -> None:
    said = read(text("> 这一行\n\n是我写的"))
    assert isinstance(said, Said)
    assert said.text == "> 这一行\n\n是我写的"


def test_in_a_thread_the_first_message_is_what_is_answered() -> None:
    thread = {
        "rel_type": "m.thread",
        "event_id": "$root",
        "is_falling_back": True,
        "m.in_reply_to": {"event_id": "$last"},
    }
    said = read(text("收到", **{"m.relates_to": thread}))
    assert isinstance(said, Said)
    assert (said.id, said.reply_to) == (MessageId("$e", "$root"), MessageId("$root"))
    assert parse(str(said.id)) == said.id


def test_a_reply_within_a_thread_answers_that_message() -> None:
    thread = {"rel_type": "m.thread", "event_id": "$root", "m.in_reply_to": {"event_id": "$q"}}
    said = read(text("收到", **{"m.relates_to": thread}))
    assert isinstance(said, Said)
    assert said.reply_to == MessageId("$q", "$root")


@pytest.mark.parametrize(
    ("content", "words", "name"),
    [
        ({"msgtype": "m.image", "body": "a.png", "url": "mxc://h/1"}, "[图片]", "a.png"),
        (
            {"msgtype": "m.file", "body": "打不开", "filename": "a.pdf", "url": "mxc://h/1"},
            "打不开",
            "a.pdf",
        ),
        ({"msgtype": "m.audio", "body": "voice.ogg", "url": "https://elsewhere/1"}, "[语音]", "voice.ogg"),
    ],
)
def test_files(content: dict[str, Any], words: str, name: str) -> None:
    said = read(event(content))
    assert isinstance(said, Said)
    assert said.text == words
    where = "mxc://h/1" if content["url"].startswith("mxc") else ""
    assert said.files == (FileRef(name, where, where),)


def test_a_reaction() -> None:
    relation = {"rel_type": "m.annotation", "event_id": "$p", "key": "1️⃣"}
    assert read(event({"m.relates_to": relation}, "m.reaction")) == Reacted("$e", "@li:example.org", "$p", "1️⃣", AT)


@pytest.mark.parametrize(
    "nothing",
    [
        text("新的", **{"m.relates_to": {"rel_type": "m.replace", "event_id": "$old"}, "m.new_content": {}}),
        event({"msgtype": "m.notice", "body": "a bot's words"}),
        event({"msgtype": "m.key.verification.request", "body": "verify"}),
        event({}),
        event({"msgtype": "m.text", "body": 7}),
        event({"msgtype": "m.text", "body": "   "}),
        event({"algorithm": "m.megolm.v1.aes-sha2"}, "m.room.encrypted"),
        event({"m.relates_to": {"rel_type": "m.annotation", "event_id": "$p"}}, "m.reaction"),
        event({"m.relates_to": {"rel_type": "m.annotation", "event_id": "..", "key": "1️⃣"}}, "m.reaction"),
        event({"m.relates_to": {"rel_type": "m.annotation", "event_id": "$" * 300, "key": "1️⃣"}}, "m.reaction"),
        text("x") | {"origin_server_ts": "yesterday"},
        text("x") | {"origin_server_ts": True},
        text("x") | {"sender": None},
        text("x") | {"event_id": "e" * 300},
        text("x") | {"content": ["m.text"]},
    ],
)
def test_what_says_nothing_to_us(nothing: dict[str, Any]) -> None:
    assert read(nothing) is None


@pytest.mark.parametrize("root", ["root", "$" * 300, "a>b", ""])
def test_a_thread_of_no_event_is_none(root: str) -> None:
    said = read(text("收到", **{"m.relates_to": {"rel_type": "m.thread", "event_id": root}}))
    assert isinstance(said, Said)
    assert (said.id, said.reply_to) == (MessageId("$e"), None)


@pytest.mark.parametrize("strange", [None, 7, "words", [], {"event_id": {}}])
def test_a_relation_of_no_known_form_costs_no_message(strange: Any) -> None:
    said = read(text("盖章点了没反应", **{"m.relates_to": strange, "m.mentions": strange}))
    assert isinstance(said, Said)
    assert said.text == "盖章点了没反应"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("值班: restart oa3", (True, "restart oa3")),
        ("@值班 收到", (True, "收到")),
        ("zhiban：oncall", (True, "oncall")),
        ("@zhiban:example.org help", (True, "help")),
        ("值班", (True, "")),
        ("值班员在吗", (False, "值班员在吗")),
        ("收到", (False, "收到")),
    ],
)
def test_who_is_called(line: str, expected: tuple[bool, str]) -> None:
    assert called(line, ("@zhiban:example.org", "@zhiban", "值班")) == expected


def test_the_newest_edit_is_what_a_message_says() -> None:
    edit = {"content": {"m.new_content": {"body": "new"}, "body": "* new"}}
    assert shown_content(event({"body": "old"}, unsigned={"m.relations": {"m.replace": edit}})) == {"body": "new"}
    assert shown_content(event({"body": "old"})) == {"body": "old"}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({"msgtype": "m.emote", "body": "盖章点了没反应"}, "盖章点了没反应"),
        ({"msgtype": "m.location", "body": "市府大院", "geo_uri": "geo:1,2"}, "[位置] 市府大院"),
        ({"msgtype": "org.example.poll", "body": "盖章点了没反应"}, "盖章点了没反应"),
        ({"body": "盖章点了没反应"}, "盖章点了没反应"),
        ({"msgtype": 7, "body": "盖章点了没反应"}, "盖章点了没反应"),
        ({"msgtype": "m.image", "url": "mxc://h/1"}, "[图片]"),
        ({"msgtype": "m.audio", "body": 5, "filename": {}}, "[语音]"),
        (
            {
                "msgtype": "m.text",
                "body": "打不开，页面见 这里 @值班",
                "formatted_body": '打不开，页面见 <a href="https://oa.example.gov.cn/err?id=77&amp;x=1">这里</a> '
                '<a href="https://matrix.to/#/@zhiban:example.org">值班</a>',
            },
            "打不开，页面见 这里 @值班 (https://oa.example.gov.cn/err?id=77&x=1)",
        ),
        (
            {
                "msgtype": "m.text",
                "body": "见 https://x.example/1",
                "formatted_body": '<mx-reply><a href="https://y.example">x</a></mx-reply>见 <a href="https://x.example/1">1</a>',
            },
            "见 https://x.example/1",
        ),
        ({"msgtype": "m.text", "body": "盖章点了没反应", "formatted_body": 9}, "盖章点了没反应"),
    ],
)
def test_8_13_words_are_heard_wherever_they_stand(content: dict[str, Any], words: str) -> None:
    said = read(event(content))
    assert isinstance(said, Said)
    assert said.text == words


def test_8_13_a_sticker_is_somebodys_word() -> None:
    said = read(event({"body": "👍", "url": "mxc://h/1"}, "m.sticker"))
    assert isinstance(said, Said)
    assert said.text == "[表情]"


def test_8_in_a_thread_its_first_message_is_known_by_one_name() -> None:
    thread = {"rel_type": "m.thread", "event_id": "$root", "m.in_reply_to": {"event_id": "$root"}}
    said = read(text("收到", **{"m.relates_to": thread}))
    assert isinstance(said, Said)
    assert (said.reply_to, said.id.thread) == (MessageId("$root"), "$root")
