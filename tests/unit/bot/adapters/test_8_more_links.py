"""An address in a page leads where the reporter's did: no bracket and no stop of the sentence is a part of it."""

import html
import re

import pytest

from bot.adapters.mattermost.format import escape
from bot.adapters.slack.format import content

URL = "https://oa.example.gov.cn/err?id=77"
AROUND = [
    ("这里 (", ")"),
    ("见 (这里 (", "))。"),
    ("见", "。"),
    ("见 ", "，还是不行"),
    ("（", "）"),
    ("【", "】"),
    ("「", "」"),
    ("《", "》；"),
    ("打开 ", "!"),
    ("打开 ", "."),
    ("打开 ", "..., 就报错"),
    ("是 ", "?"),
    ("'", "'"),
    ("", "打不开"),
]
OWN = [
    "https://zh.wikipedia.example/wiki/OA_(办公)".replace("办公", "x"),
    "https://x.example/a?b=1&c=(2)&d",
    "https://x.example/",
    "https://x.example/a,b;c.html#top",
    "https://x.example/%E4%BD%A0",
    "http://10.154.54.58:6888/login",
]


def slack_links(text: str) -> list[str]:
    shown = content(text, (), ())["blocks"][0]["text"]
    assert shown["type"] == "mrkdwn"
    return [html.unescape(found) for found in re.findall(r"<(http[^<>]+)>", shown["text"])]


def mattermost_links(text: str) -> list[str]:
    """As the server finds them: in brackets, else up to a blank, without the signs that end a sentence and a bracket too many."""
    found = []
    for bracketed, bare in re.findall(r"<(https?://[^<>\s]+)>|(https?://[^\s<]+)", escape(text)):
        link = bare.rstrip("?!.,:*_~\"';") if bare else bracketed
        while link.endswith(")") and link.count(")") > link.count("("):
            link = link[:-1].rstrip("?!.,:*_~\"';")
        found.append(link)
    return found


@pytest.mark.parametrize("links", [slack_links, mattermost_links])
@pytest.mark.parametrize(("before", "behind"), AROUND)
def test_8_13_what_stands_behind_an_address_is_no_part_of_it(links: object, before: str, behind: str) -> None:
    assert callable(links)
    assert links(f"{before}{URL}{behind}") == [URL]


@pytest.mark.parametrize("links", [slack_links, mattermost_links])
@pytest.mark.parametrize("address", OWN)
def test_8_13_what_is_a_part_of_an_address_stays_one(links: object, address: str) -> None:
    assert callable(links)
    assert links(f"见 {address} 和（{address}）") == [address, address]


def test_8_13_a_long_line_of_brackets_costs_nothing() -> None:
    """A search that tries every way to part it would hold everybody up, and this test for ever."""
    assert escape("https://x.example/" + "(a" * 20_000)
    assert escape("https://x.example/" + "." * 20_000)
