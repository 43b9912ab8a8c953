"""What a post becomes on Matrix."""

from bot.adapters.matrix import buttons
from bot.adapters.matrix.format import Place, content, placed, replacing
from bot.core.content import Button

CLAIM, ROUTE = Button("claim:GD-1", "我来处理", typed="/claim GD-1"), Button("route:GD-1", "转派")
LI = "@li:example.org"


def test_what_people_typed_is_text_in_both_forms() -> None:
    shown = content("<b>@room</b> & [x](y)\n第二行", (), {})
    assert shown["body"] == "<b>@room</b> & [x](y)\n第二行"
    assert shown["formatted_body"] == "&lt;b&gt;@room&lt;/b&gt; &amp; [x](y)<br>第二行"
    assert shown["m.mentions"] == {}


def test_a_mention_is_a_link_once_and_named_in_the_list() -> None:
    shown = content("@李晓 和 @李晓明：@李晓", (), {"李晓": LI, "李晓明": "@ming:example.org"})
    assert shown["m.mentions"] == {"user_ids": [LI, "@ming:example.org"]}
    assert shown["formatted_body"].count("<a href=") == 2
    assert shown["formatted_body"].startswith('<a href="https://matrix.to/#/%40li%3Aexample.org">李晓</a> 和 <a')
    assert shown["formatted_body"].endswith("：@李晓")


def test_buttons_stand_in_the_text_with_what_may_be_typed() -> None:
    shown = content("GD-1", (CLAIM, ROUTE), {})
    assert shown["body"] == "GD-1\n1️⃣ 我来处理（/claim GD-1）\n2️⃣ 转派"
    assert buttons.pressed(shown, "1️⃣") == "claim:GD-1"
    assert buttons.pressed(shown, "2⃣") == "route:GD-1", "without the variation sign, as some clients send it"
    assert buttons.pressed(shown, "3️⃣") is None
    assert buttons.pressed(shown, "👍") is None


def test_nobody_else_s_content_offers_a_button() -> None:
    assert buttons.pressed({"body": "1️⃣ 我来处理"}, "1️⃣") is None
    assert buttons.pressed({buttons.KEY: ["claim:GD-1"]}, "1️⃣") is None
    assert buttons.pressed({buttons.KEY: {"1️⃣": 7}}, "1️⃣") is None


def test_where_it_is_hung() -> None:
    assert "m.relates_to" not in placed({}, Place())
    assert placed({}, Place(reply_to="$q"))["m.relates_to"] == {"m.in_reply_to": {"event_id": "$q"}}
    thread = placed({}, Place("$root", "$q"))["m.relates_to"]
    assert thread == {
        "rel_type": "m.thread",
        "event_id": "$root",
        "is_falling_back": False,
        "m.in_reply_to": {"event_id": "$q"},
    }


def test_an_edit_mentions_nobody_anew_and_keeps_its_buttons_inside() -> None:
    edit = replacing(content("@李晓 好了", (CLAIM,), {"李晓": LI}), "$old")
    assert edit["m.relates_to"] == {"rel_type": "m.replace", "event_id": "$old"}
    assert edit["m.mentions"] == {}
    assert buttons.KEY not in edit
    assert buttons.pressed(edit["m.new_content"], "1️⃣") == "claim:GD-1"
    assert edit["body"].startswith("* @李晓 好了")
