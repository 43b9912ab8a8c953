"""A report in a kind of message, a card or a file of which nobody told us the form: its words are heard on every platform."""

import json
from typing import Any

import pytest

from bot.adapters.common import anywhere
from bot.adapters.dingtalk import words as dingtalk
from bot.adapters.feishu import words as feishu
from bot.adapters.matrix import incoming as matrix
from bot.adapters.mattermost import words as mattermost
from bot.adapters.slack import words as slack
from bot.adapters.wecom import words as wecom

BROKEN = "OA 登录不上"


def matrix_text(kind: str, content: dict[str, Any]) -> str:
    event = {"type": kind, "event_id": "$a", "sender": "@a:b", "origin_server_ts": 1790000000000, "content": content}
    said = matrix.read(event)
    assert isinstance(said, matrix.Said)
    return said.text


CASES: dict[str, Any] = {
    "wecom card, list": lambda: wecom.said(
        {"template_card": {"main_title": {"title": "告警"}, "horizontal_content_list": [{"value": BROKEN}]}},
        "template_card",
    ),
    "wecom card, sub title": lambda: wecom.said({"template_card": {"sub_title_text": BROKEN}}, "template_card"),
    "wecom news": lambda: wecom.said({"news": {"articles": [{"title": BROKEN, "url": "https://x"}]}}, "news"),
    "wecom address": lambda: wecom.said({"location": {"name": "三号楼", "address": BROKEN}}, "location"),
    "wecom vote": lambda: wecom.said({"vote": {"votetitle": BROKEN}}, "vote"),
    "feishu table": lambda: feishu.words_of("interactive", {"elements": [{"tag": "table", "rows": [{"a": BROKEN}]}]}),
    "feishu language": lambda: feishu.words_of("interactive", {"i18n_header": {"zh_cn": {"title": BROKEN}}}),
    "feishu card in a string": lambda: feishu.words_of(
        "interactive", {"json_card": json.dumps({"body": {"elements": [{"content": BROKEN}]}}, ensure_ascii=False)}
    ),
    "feishu template": lambda: feishu.words_of("interactive", {"data": {"template_variable": {"why": BROKEN}}}),
    "feishu quote": lambda: feishu.words_of(
        "post", {"content": [[{"tag": "blockquote", "content": [[{"tag": "text", "text": BROKEN}]]}]]}
    ),
    "feishu recognised": lambda: feishu.words_of("audio", {"file_key": "x", "speech_to_text": BROKEN}),
    "dingtalk card": lambda: dingtalk.words_of("actionCard", {"actionCard": {"title": "x", "text": BROKEN}}),
    "dingtalk new": lambda: dingtalk.words_of("dingDoc", {"content": {"docTitle": BROKEN}}),
    "dingtalk address": lambda: dingtalk.words_of("location", {"content": {"title": "x", "address": BROKEN}}),
    "mattermost fields": lambda: mattermost.words_of({"props": {"attachments": [{"fields": [{"value": BROKEN}]}]}}),
    "mattermost passed on twice": lambda: mattermost.words_of(passed_on(passed_on({"message": BROKEN}))),
    "mattermost recording": lambda: mattermost.words_of({"file_ids": ["x"], "props": {"transcript": BROKEN}}),
    "matrix rich text alone": lambda: matrix_text(
        "m.room.message", {"msgtype": "m.text", "formatted_body": f"<b>{BROKEN}</b>"}
    ),
    "matrix newer form": lambda: matrix_text("m.message", {"m.text": [{"body": BROKEN}]}),
    "matrix voice": lambda: matrix_text(
        "m.room.message", {"msgtype": "m.audio", "body": "v.ogg", "org.matrix.msc1767.text": BROKEN}
    ),
    "matrix poll": lambda: matrix_text("m.poll.start", {"m.poll": {"question": {"m.text": BROKEN}}}),
}


def passed_on(post: dict[str, Any]) -> dict[str, Any]:
    return {"message": "", "metadata": {"embeds": [{"type": "permalink", "data": {"post": post}}]}}


@pytest.mark.parametrize("case", CASES)
def test_8_13_words_are_heard_in_forms_that_nobody_told_us(case: str) -> None:
    assert BROKEN in CASES[case]()


@pytest.mark.parametrize(
    "event",
    [
        {"blocks": [{"type": "markdown", "text": BROKEN}]},
        {"blocks": [{"type": "table", "rows": [[{"type": "raw_text", "text": BROKEN}]]}]},
        {"blocks": [{"type": "image", "alt_text": BROKEN, "image_url": "https://x/1.png"}]},
        {"attachments": [{"blocks": [{"type": "section", "text": {"text": BROKEN}}]}]},
        {"attachments": [{"fields": [{"title": "现象", "value": BROKEN}]}]},
        {"text": "告警", "attachments": [{"text": BROKEN, "color": "red"}]},
        {"attachments": [{"is_share": True, "attachments": [{"is_share": True, "text": BROKEN}]}]},
        {"files": [{"name": "-.txt", "mode": "snippet", "mimetype": "text/plain", "preview": BROKEN}]},
        {"files": [{"name": "a.m4a", "mimetype": "audio/mp4", "transcription": {"preview": {"content": BROKEN}}}]},
        {"files": [{"name": "m", "mode": "email", "subject": BROKEN}]},
        {"files": [{"name": "x.png", "title": BROKEN, "mimetype": "image/png"}]},
    ],
    ids=str,
)
def test_8_13_slack_s_further_forms_are_heard_too(event: dict[str, Any]) -> None:
    assert BROKEN in slack.words_of(event, str).text


def test_8_13_what_is_for_programs_is_left_out() -> None:
    value = {
        "title": "告警",
        "url": "https://x.example/a",
        "content": "https://x.example/b",
        "file_key": "file_v2_0a1b2c3d4e5f6a7b8c9d",
        "text": "AAAABBBBCCCCDDDDEEEEFFFF",
        "type": "template_card",
        "deep": [[[{"label": "系统"}]]],
    }
    assert anywhere.shown(value) == ["告警", "系统"]


def test_8_13_a_message_of_any_depth_or_length_costs_little() -> None:
    deep: Any = "很深"
    for _ in range(5000):
        deep = [deep]
    assert anywhere.shown(deep) == []
    assert len(anywhere.shown([f"第 {n} 行" for n in range(10_000)])) == anywhere.MOST
