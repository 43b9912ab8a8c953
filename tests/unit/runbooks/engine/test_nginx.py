"""The nginx edit touches one line, and only where that is safe."""

import crossplane
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.errors import UserError
from runbooks.engine import nginx
from runbooks.engine.nginx_files import Loaded
from runbooks.planning.plan import Change
from runbooks.remote import files

UP = "ecologycluster"
FILE = "/data/nginx/conf/nginx.conf"
SOP = """http {
    #####ecology start#####
    upstream ecologycluster{
        sticky name=ecologycluster; ##
        server 10.154.0.179:6888;
        server 10.154.0.181:6888;
        server 10.154.54.57:6888;
        #server 10.154.54.58:6888;
        #server 10.154.54.78:6888;
    }
    server { listen 80; location / { proxy_pass http://ecologycluster; } }
}
"""


def _layout(text: str) -> nginx.Layout:
    return nginx.layout(Loaded(FILE, {FILE: text}), {})


def _entries(text: str) -> tuple[nginx.Entry, ...]:
    return _layout(text).named(UP).entries


def _drain(text: str, node: str) -> str:
    return nginx.edited(_layout(text), UP, Change.DRAIN, node).text


def _undrain(text: str, node: str) -> str:
    return nginx.edited(_layout(text), UP, Change.UNDRAIN, node).text


def _code(action: str, text: str, node: str) -> str:
    with pytest.raises(UserError) as caught:
        nginx.edited(_layout(text), UP, Change(action), node)
    return caught.value.code


def test_sop_file_is_read_with_its_commented_entries() -> None:
    listed = _entries(SOP)
    assert [(e.address, e.line, e.serving) for e in listed] == [
        ("10.154.0.179:6888", 5, True),
        ("10.154.0.181:6888", 6, True),
        ("10.154.54.57:6888", 7, True),
        ("10.154.54.58:6888", 8, False),
        ("10.154.54.78:6888", 9, False),
    ]


def test_drain_changes_one_line_as_the_sop_does_by_hand() -> None:
    after = _drain(SOP, "10.154.54.57:6888")
    assert after == SOP.replace("        server 10.154.54.57", "        #server 10.154.54.57")
    assert nginx.difference(SOP, after) == ("- server 10.154.54.57:6888;", "+ #server 10.154.54.57:6888;")


@pytest.mark.parametrize(
    ("line", "drained"),
    [
        ("\tserver 10.0.0.1:6888;\r", "\t#server 10.0.0.1:6888;\r"),
        (
            "  server 10.0.0.1:6888 weight=3 max_fails=2;  # 主节点",
            "  #server 10.0.0.1:6888 weight=3 max_fails=2;  # 主节点",
        ),
        ("server\t10.0.0.1:6888\t;", "#server\t10.0.0.1:6888\t;"),
    ],
)
def test_blanks_line_ends_and_comments_stay(line: str, drained: str) -> None:
    text = f"upstream {UP}\n{{\n{line}\nserver 10.0.0.2:6888;\n}}\n"
    after = _drain(text, "10.0.0.1:6888")
    assert after == text.replace(line, drained)
    assert _undrain(after, "10.0.0.1:6888") == text


@pytest.mark.parametrize(
    "line", ["# server 10.0.0.1:6888;", "##server 10.0.0.1:6888;", "  #\tserver 10.0.0.1:6888; # 停"]
)
def test_comments_written_by_hand_are_taken_away(line: str) -> None:
    text = f"upstream {UP} {{\n{line}\nserver 10.0.0.2:6888;\n}}"
    after = _undrain(text, "10.0.0.1:6888")
    assert _entries(after)[0].serving
    assert after.split("\n")[2:] == text.split("\n")[2:]


def test_bytes_of_another_encoding_survive() -> None:
    raw = SOP.replace("#####ecology start#####", "# \ue000").encode().replace("\ue000".encode(), "应用".encode("gbk"))
    after = files.encode(_drain(files.decode(raw), "10.154.0.179:6888"))
    assert after == raw.replace(b"        server 10.154.0.179", b"        #server 10.154.0.179")


@pytest.mark.parametrize(
    ("action", "body", "code"),
    [
        ("drain", "server 10.0.0.2:6888;", "node_not_listed"),
        ("drain", "server 10.0.0.1:6888;\n#server 10.0.0.1:6888;", "node_listed_twice"),
        ("drain", "#server 10.0.0.1:6888;", "node_already_out"),
        ("drain", "server 10.0.0.1:6888 down;", "node_already_out"),
        ("undrain", "server 10.0.0.1:6888;", "node_already_in"),
        ("undrain", "#server 10.0.0.1:6888 down;", "node_marked_down"),
        ("drain", "server 10.0.0.1:6888; server 10.0.0.2:6888;", "node_line_shared"),
        ("drain", "server\n10.0.0.1:6888;", "node_line_shared"),
        ("undrain", "server 10.0.0.2:6888; # server 10.0.0.1:6888;", "node_line_shared"),
        ("drain", "server 10.0.0.1:6888;", "upstream_empty"),
        ("drain", "server 10.0.0.1:6888;\nserver 10.0.0.2:6888 down;\nserver 10.0.0.3:6888 backup;", "upstream_empty"),
        ("drain", "server 10.0.0.1:6888;\nserver 10.0.0.2:6888;\nstate /var/lib/x;", "nginx_not_understood"),
        ("drain", "server 10.0.0.1:6888;\nserver 10.0.0.2:6888;\nbalancer_by_lua_block { x }", "nginx_not_understood"),
    ],
)
def test_what_cannot_be_told_or_done_is_refused(action: str, body: str, code: str) -> None:
    assert _code(action, f"upstream {UP} {{\n{body}\n}}", "10.0.0.1:6888") == code


def test_one_line_upstream_is_refused() -> None:
    assert _code("drain", f"upstream {UP} {{ server 10.0.0.1:6888; }}", "10.0.0.1:6888") == "node_line_shared"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("http { include upstreams/*.conf; }", "upstream_not_found"),
        ("http { include upstreams.conf; }", "nginx_not_understood"),
        ("http { ", "nginx_not_understood"),
        (f'upstream {UP} {{\nserver "10.0.0.1:6888;\n}}', "nginx_not_understood"),
        (f"# upstream {UP} {{ server 10.0.0.1:6888; }}", "upstream_not_found"),
        (f"upstream {UP}2 {{\nserver 10.0.0.1:6888;\n}}", "upstream_not_found"),
        (f"upstream {UP} {{\n}}\nupstream {UP} {{\n}}", "upstream_twice"),
    ],
)
def test_upstream_must_be_there_once(text: str, code: str) -> None:
    assert _code("drain", text, "10.0.0.1:6888") == code


def test_text_in_quotes_and_other_blocks_is_not_an_entry() -> None:
    text = f"""log_format x '}} upstream {UP} {{ server 10.0.0.9:6888; "';
upstream other {{
    server 10.0.0.1:6888;
}}
upstream {UP} {{
    # server here was 10.0.0.8:6888; see the log
    server 10.0.0.1:6888;
}}
"""
    assert [(e.address, e.line) for e in _entries(text)] == [("10.0.0.1:6888", 7)]


_blanks = st.text(" \t", max_size=4)
_lines = st.lists(
    st.tuples(
        st.integers(1, 40),
        st.booleans(),
        _blanks,
        st.sampled_from(["", " weight=2", " max_fails=1"]),
        st.sampled_from(["", " # 注", "\r"]),
    ),
    min_size=1,
    max_size=12,
    unique_by=lambda row: row[0],
)


@given(_lines, st.data())
def test_any_file_changes_in_one_line_and_back(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[int, bool, str, str, str]], data: st.DataObject
) -> None:
    body = [f"{blank}{'#' if out else ''}server 10.0.0.{n}:6888{rest};{end}" for n, out, blank, rest, end in rows]
    text = "\n".join(["http {", f"upstream {UP} {{", *body, "server 10.0.0.99:6888;", "}", "}"])
    place = data.draw(st.integers(0, len(rows) - 1))
    node, out = f"10.0.0.{rows[place][0]}:6888", rows[place][1]
    after = (_undrain if out else _drain)(text, node)
    changed = [n for n, (a, b) in enumerate(zip(text.split("\n"), after.split("\n"), strict=True)) if a != b]
    assert changed == [place + 2]
    assert (_drain if out else _undrain)(after, node) == text
    assert _live(after, tmp_path_factory) == [
        *(f"10.0.0.{n}:6888" for at, (n, was_out, *_) in enumerate(rows) if was_out == (at == place)),
        "10.0.0.99:6888",
    ]


def _live(text: str, factory: pytest.TempPathFactory) -> list[str]:
    """Crossplane's reading, which shares nothing with ours."""
    path = factory.getbasetemp() / "one.conf"
    path.write_text(text, encoding="utf-8", newline="")
    blocks = crossplane.parse(str(path), check_ctx=False, check_args=False)["config"][0]["parsed"]
    upstream = blocks[0]["block"][0]["block"]
    return [line["args"][0] for line in upstream if line["directive"] == "server"]


NAMES = {"oa1.gov": frozenset({"10.0.0.1", "[fd00::1]"}), "both.gov": frozenset({"10.0.0.1", "10.0.0.2"})}


def _of_names(body: str) -> nginx.Layout:
    text = f"upstream {UP} {{\n{body}\nserver 10.0.0.9:6888;\n}}"
    return nginx.layout(Loaded(FILE, {FILE: text}), NAMES, ("10.0.0.1:6888", "10.0.0.2:6888"))


@pytest.mark.parametrize(
    "entry",
    [
        "server 10.0.0.1:6888;",
        'server "10.0.0.1:6888";',
        "server '10.0.0.1:6888' weight=2;",
        "server 010.000.0.01:06888;",
        "server [::ffff:10.0.0.1]:6888;",
        "server OA1.gov:6888;",
        "server oa1.gov.:6888;",
        "server [fd00:0::1]:6888;",
    ],
)
def test_8_18_a_node_is_known_in_every_spelling(entry: str) -> None:
    node = "oa1.gov:6888" if "fd00" in entry else "10.0.0.1:6888"
    layout = _of_names(entry)
    assert layout.serves(layout.named(UP), node)
    out = nginx.edited(layout, UP, Change.DRAIN, node)
    drained = layout.changed(out.file, out.text)
    assert not drained.receives(node)
    assert nginx.edited(drained, UP, Change.UNDRAIN, node).text == layout.loaded.texts[FILE]


@pytest.mark.parametrize("entry", ["server 10.0.0.1:6889;", "server 10.0.0.11:6888;", "server unix:/10.0.0.1:6888;"])
def test_8_18_another_port_or_socket_is_another_server(entry: str) -> None:
    assert _of_names(entry).of("10.0.0.1:6888") == ()


def test_8_18_a_name_of_several_nodes_is_not_taken_for_one() -> None:
    with pytest.raises(UserError) as caught:
        nginx.edited(_of_names("server both.gov:6888;"), UP, Change.DRAIN, "10.0.0.1:6888")
    assert caught.value.code == "node_shares_entry"
    layout = _of_names("server both.gov:6888;")
    assert all(layout.serves(layout.named(UP), node) for node in ("10.0.0.1:6888", "10.0.0.2:6888"))


@pytest.mark.parametrize("hashes", ["", "#"])
def test_8_19_entries_in_several_files_are_refused_even_when_one_is_out_already(hashes: str) -> None:
    """Else the one that is taken out now could not be put back in one go."""
    main = f"include m.conf;\nupstream {UP} {{\nserver 10.0.0.1:6888;\nserver 10.0.0.2:6888;\n}}"
    other = f"upstream m {{\n{hashes}server 10.0.0.1:6888;\nserver 10.0.0.2:6888;\n}}"
    layout = nginx.layout(Loaded(FILE, {FILE: main, "/data/nginx/conf/m.conf": other}), {})
    with pytest.raises(UserError) as caught:
        nginx.edited(layout, UP, Change.DRAIN, "10.0.0.1:6888")
    assert caught.value.code == "node_in_several_files"
    assert caught.value.facts["places"] == ("/data/nginx/conf/m.conf:2", f"{FILE}:3")
