"""What is wrong in the data folder is told to each operator in his own language: the first lines, and how many more there are."""

import re
import shutil
from pathlib import Path

from data.load.desk import load_desk
from tests.support.desk import open_desk
from tests.support.paths import EXAMPLE

WRONG = {
    "chats.yaml": ("importance: 12", "importance: 0"),
    "holidays.yaml": ("kind: makeup", "kind: makup"),
    "hosts.yaml": ("address: 10.154.0.181", "address: 10.154.0.181/24"),
    "people.yaml": ("phone: 13800000014", "phone: 1xx-xxxx"),
    "posts.yaml": ("lead: fang", "lead: fangg"),
    "routes.yaml": ("copy: [lead]", "copy: [leed]"),
    "sla.yaml": ("respond: 10m", "respond: 10x"),
    "roster/2026-10.csv": ("2026-10-02", "2026-10-40"),
}
CHINESE = [
    "chats.yaml:20: importance：0 不是 1 到 10000 的整数",
    "holidays.yaml:5: kind：不认得 makup，是不是 makeup？",
    "hosts.yaml:35: address：10.154.0.181/24 不是 IP 地址，也不是主机名，请写成 10.154.0.179",
    "people.yaml:17: phone：1xx-xxxx 是占位的字，或不是号码，请写数字",
    "posts.yaml:25: lead：没有编号为 fangg 的人，是不是 fang？",
]
TWO_WORDS = re.compile(r"[A-Za-z]{3,} [A-Za-z]{3,}")


async def test_8_24_operators_read_the_faults_in_their_language_and_how_many_more_there_are(
    tmp_path: Path, empty_db: Path
) -> None:
    """Eight faults, five lines; 秦朗 reads Chinese, 温若川 has set English."""
    folder = tmp_path / "data"
    shutil.copytree(EXAMPLE, folder)
    people = (folder / "people.yaml").read_text("utf-8")
    english = "name: 温若川, locale: en, roles: [engineer, operator]"
    (folder / "people.yaml").write_text(people.replace("name: 温若川, roles: [engineer]", english, 1), "utf-8")
    load_desk(folder, tmp_path / "state", "Asia/Shanghai")  # well once, so that there is a last good file of each
    for name, (old, new) in WRONG.items():
        text = (folder / name).read_text("utf-8")
        assert old in text, name
        (folder / name).write_text(text.replace(old, new, 1), "utf-8")
    site = load_desk(folder, tmp_path / "state", "Asia/Shanghai")
    assert len(site.faults) == 8
    async with open_desk(tmp_path / "state", empty_db, site=site) as desk:
        await desk.app.operators.tell("ops/servers_off", "ops/servers_off", faults=site.faults)
        await desk.settle()
        (chinese,), (in_english,) = await desk.bot("dm-qin"), await desk.bot("dm-wen")
    assert "有 8 处错误" in chinese.text
    lines = [line.strip() for line in chinese.text.splitlines() if line.startswith("　")]
    assert [line.removeprefix(f"{folder}/") for line in lines[:5]] == CHINESE
    assert lines[5:] == ["还有 3 处，用 zhiban check 看全部"]
    assert not TWO_WORDS.search(chinese.text.replace("zhiban check", ""))
    assert "8 faults" in in_english.text
    assert "no person has the id fangg; did you mean fang?" in in_english.text
    assert "and 3 more; zhiban check lists them all" in in_english.text
    assert not re.search("[一-鿿]", in_english.text)


async def test_8_24_five_faults_have_no_more(tmp_path: Path, empty_db: Path) -> None:
    async with open_desk(tmp_path / "state", empty_db) as desk:
        await desk.app.operators.tell("ops/servers_off", "ops/servers_off", faults=[f"x:{n}: y" for n in range(5)])
        await desk.app.operators.tell(
            "ops/runbooks_unfit", "ops/runbooks_unfit", faults=[f"x:{n}: y" for n in range(9)]
        )
        await desk.settle()
        off, unfit = await desk.bot("dm-qin")
    assert "还有" not in off.text
    assert "还有 4 处，用 zhiban check 看全部" in unfit.text
