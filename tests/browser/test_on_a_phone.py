"""What stands in a message can be read to its end on a phone: commands, output, addresses."""

import pytest
from playwright.async_api import expect

from bot.core.content import Button, Card, Post
from tests.browser.conftest import House, Windows

pytestmark = pytest.mark.asyncio(loop_scope="module")
COPY = (
    "cp --preserve=mode,ownership,timestamps,xattr /data/nginx/conf/nginx.conf /data/nginx/conf/.nginx.conf.zhiban-new"
)
START = "/data/WEAVER/ApusicAS/bin/asadmin start-domain"
ROWS = """element => {
  const range = document.createRange(), rows = [];
  const walk = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  for (let node = walk.nextNode(); node; node = walk.nextNode())
    for (let at = 0; at < node.length; at++) {
      range.setStart(node, at); range.setEnd(node, at + 1);
      const top = range.getBoundingClientRect().top;
      if (!rows.length || Math.abs(rows.at(-1)[0] - top) > 3) rows.push([top, ""]);
      rows.at(-1)[1] += node.data[at];
    }
  return rows.map(row => row[1].trim());
}"""


@pytest.mark.parametrize("width", [320, 390])
async def test_8_27_a_command_breaks_between_its_words(windows: Windows, house: House, width: int) -> None:
    await house.posts("duty-room", Post(f"R17 摘除节点\n　{COPY}\n　{START}", card=Card(tone="ask")))
    page = await windows.open("wen", "duty-room", width=width)
    sent = page.locator(".message .sent")
    await expect(sent).to_have_text([COPY, START])
    rows = [await sent.nth(at).evaluate(ROWS) for at in range(2)]
    assert "".join(rows[0]).replace(" ", "") == COPY.replace(" ", "")
    assert not any(row.endswith("-") for row in [*rows[0], *rows[1]]), "an option or a word broken at its hyphen"
    assert rows[1][-1] == "start-domain"
    assert width < 390 or rows[1] == START.split()
    for one in await sent.all():
        assert await one.evaluate("e => e.scrollWidth <= e.clientWidth")


@pytest.mark.parametrize("width", [320, 390])
async def test_8_27_what_a_server_said_is_seen_without_scrolling_sideways(
    windows: Windows, house: House, width: int
) -> None:
    said = "Command start-domain failed: Address already in use on port 6888 of the domain mydomain"
    await house.posts("duty-room", Post(f"R4 未完成\n```\n{said}\n```", card=Card(tone="breach")))
    page = await windows.open("wen", "duty-room", width=width)
    output = page.locator(".message .output")
    await expect(output).to_have_text(said)
    assert await output.evaluate("e => e.scrollWidth <= e.clientWidth")


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("“看下 https://oa.example.gov.cn/wui/index.html”", "https://oa.example.gov.cn/wui/index.html"),
        ("https://oa.example.gov.cn/wui打开白屏", "https://oa.example.gov.cn/wui"),
        ("打不开 https://oa.example.gov.cn/a?b=1&c=2。", "https://oa.example.gov.cn/a?b=1&c=2"),
        ("（https://oa.example.gov.cn/x）打不开", "https://oa.example.gov.cn/x"),
        ("see https://oa.example.gov.cn/x.", "https://oa.example.gov.cn/x"),
    ],
)
async def test_8_27_an_address_ends_where_it_ends(windows: Windows, house: House, text: str, address: str) -> None:
    await house.posts("duty-room", Post(text, card=Card((Button("x", "x"),))))
    page = await windows.open("wen", "duty-room", width=390)
    await expect(page.locator(".message .text a")).to_have_attribute("href", address)


async def test_8_27_an_address_that_was_cut_short_leads_nowhere(windows: Windows, house: House) -> None:
    await house.posts("duty-room", Post("“麻烦看下 https://oa.example.gov.cn/wui/inde…”"))
    page = await windows.open("wen", "duty-room", width=390)
    await expect(page.locator(".message .text")).to_have_text("“麻烦看下 https://oa.example.gov.cn/wui/inde…”")
    await expect(page.locator(".message .text a")).to_have_count(0)
