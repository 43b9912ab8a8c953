"""A command is explained before it is refused: in Chinese words, by help, by an example that does no harm.

The oracle is what stands in the local chat, the audit log, and the run's own row.
"""

from functools import partial

import pytest

from runbooks.runs import store
from tests.support.desk import Desk


async def lines(desk: Desk) -> list[str]:
    """The lines of all runs, as they are planned."""
    found = [await desk.app.store.read(partial(store.find, number=number)) for number in range(1, 4)]
    return [run.line for run in found if run is not None]


@pytest.mark.parametrize(
    ("typed", "line"),
    [
        ("/数据库 状态", "/db status"),
        ("/数据库 停止", "/db stop"),
        ("/db 状态", "/db status"),
        ("/负载 停止", "/nginx stop"),
        ("/授权 查看 应用 oa3", "/licence show app oa3"),
        ("/授权 查看 数据库", "/licence show db"),
        ("/备份 应用 oa3", "/backup app oa3"),
        ("/日志 oa3 应用 20", "/logs oa3 app 20"),
        ("/日志 dm1 数据库", "/logs dm1 db 50"),
        ("/时段日志 oa3 应用 今天 全部", "/logs-at oa3 app 2026-10-14 all"),
        ("@值班 数据库 状态", "/db status"),
        ("/重启 oa3 只看方案", "/restart oa3"),
    ],
)
async def test_8_16_argument_words_have_chinese_twins(desk: Desk, typed: str, line: str) -> None:
    await desk.says("zhou", typed, chat="duty-room")
    assert await lines(desk) == [line]


@pytest.mark.parametrize(
    ("way", "told"),
    [
        ("商务", "jiang"),
        ("电子印章", "duan"),
        ("第三方 WPS", "pan"),
        ("vendor wps", "pan"),
        ("紧急", "shen"),
    ],
)
async def test_8_16_the_ways_of_a_ticket_have_chinese_names(desk: Desk, way: str, told: str) -> None:
    await desk.says("lixiao", "OA打不开了", chat="shifuban")
    said = await desk.says("wen", f"/转派 GD-20261014-001 {way}", chat="duty-room")
    assert any(message.chat == f"dm-{told}" or told in message.mentions for message in said)


@pytest.mark.parametrize(
    ("typed", "right"),
    [
        ("/db", "/db status"),
        ("/数据库", "/db status"),
        ("/nginx", "/nginx start --dry-run"),
        ("/backup", "--dry-run"),
        ("/licence", "/licence show app oa1"),
        ("/licence show", "/licence show app oa1"),
        ("/授权 更换", "/licence replace middleware oa1 --dry-run"),
        ("/restart", "/restart oa1 --dry-run"),
        ("/drain", "/drain oa1 --dry-run"),
        ("/logs", "/logs oa1"),
    ],
)
async def test_8_16_what_is_missing_is_explained_by_an_example_that_does_no_harm(
    desk: Desk, typed: str, right: str
) -> None:
    """The example is sent as it stands: it only looks, or shows a plan."""
    (answer,) = await desk.says("zhou", typed, chat="duty-room")
    assert right in answer.text
    assert "例如" in answer.text
    assert (await desk.audit())[-1].entry.code == "missing_argument"
    example = answer.text.split("例如 ")[1].split("。")[0].split("，")[0].strip()
    await desk.says("zhou", example, chat="duty-room")
    runs = [await desk.app.store.read(lambda s: store.find(s, 1))]
    assert all(run is None or run.plan.dry_run or run.plan.confirm.value == "none" for run in runs)


@pytest.mark.parametrize(
    "typed", ["/help restart", "/help /restart", "/帮助 重启", "/restart --help", "/重启 帮助", "/restart -h"]
)
async def test_8_16_help_explains_one_command(desk: Desk, typed: str) -> None:
    (answer,) = await desk.says("zhou", typed, chat="duty-room")
    assert "重启应用" in answer.text
    assert "/restart oa1" in answer.text
    assert "另一人确认" in answer.text
    assert await lines(desk) == []


async def test_8_16_help_on_a_verb_of_several_runbooks_names_them_all(desk: Desk) -> None:
    (answer,) = await desk.says("zhou", "/help 数据库", chat="duty-room")
    assert [word in answer.text for word in ("/db status", "/db start", "/db stop", "/db restart")] == [True] * 4
    assert answer.text.index("/db status") < answer.text.index("/db stop")
    (answer,) = await desk.says("zhou", "/logs --help", chat="duty-room")
    assert "app(应用)" in answer.text


async def test_8_16_every_command_that_the_menu_shows_has_a_page(desk: Desk) -> None:
    for verb, route in desk.app.routes.commands.items():
        (answer,) = await desk.says("hemu", f"/help {verb}", chat="dm-hemu")
        if not route.open_to(desk.site.people["hemu"]):
            assert "没有" in answer.text
        elif not route.forms and verb not in {"runs", "duty", "help", "faults"}:
            about = answer.text.split("\n")[0].partition("：")[2]
            assert about, verb


async def test_8_16_help_tells_nobody_what_he_may_not_use(desk: Desk) -> None:
    (answer,) = await desk.says("lixiao", "/help restart", chat="shifuban")
    assert "oa3" not in answer.text
    assert "/help" in answer.text
    await desk.says("lixiao", "/restart --help", chat="shifuban")
    assert (await desk.audit())[-1].entry.code == "not_authorised"


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("/extend-disk oa1", "/extend-disk 还没写完，例如 /extend-disk oa1 sdb 10G --dry-run"),
        ("/bandwidth oa1", "/bandwidth oa1 oa2 5 --dry-run"),
        ("/数据库 查看", "没有“查看”这一项，可选：重启、启动、状态、停止。"),
        ("/日志 oa3 中间件", "没有“中间件”这一项，可选：应用、"),
        ("/probe-port 10.154.54.58 8080", "/probe-port 不能用在 oa10 上。"),
        ("/restart ？", "先给方案，由另一人确认后执行"),
        ("/db help", "/db status 或 /数据库 状态"),
    ],
)
async def test_8_16_what_is_wrong_is_told_with_what_there_is(desk: Desk, typed: str, told: str) -> None:
    (answer,) = await desk.says("zhou", typed, chat="duty-room")
    assert told in answer.text


@pytest.mark.parametrize(
    "typed", ["10,154,54,58", "10-154-54-58", "10.154.54", "54.58", "10:154:54:58", "10_154_54_58"]
)
async def test_8_16_an_address_with_other_signs_has_no_nearest_either(desk: Desk, typed: str) -> None:
    (answer,) = await desk.says("zhou", f"/restart {typed}", chat="duty-room")
    assert "您是不是要" not in answer.text
    assert "oa10" not in answer.text
