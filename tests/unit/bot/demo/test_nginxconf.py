"""The checker says what nginx 1.22 says. The same table is put to a real one."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from bot.demo.nginxconf import ConfFault, live_servers

HEAD = "events {}\nhttp {\n"
PASSES = [
    ("upstream a {\n server 10.0.0.1:80;\n #server 10.0.0.2:80;\n}\n}\n", ("10.0.0.1:80",)),
    ("upstream a{server 10.0.0.1:80 weight=2 max_fails=3; server 10.0.0.2:80 down;}}", ("10.0.0.1:80",)),
    ("upstream a{ ip_hash; server 10.0.0.1:80 down; }}", ()),  # passes, though nothing is live
    ("server { location / { return 200 '{;}'; } }}", ()),
    ("upstream a{server 10.0.0.1:80;\r\n}\r\nupstream b{server 10.0.0.2:80;}}", ("10.0.0.1:80", "10.0.0.2:80")),
]
FAILS = [
    ("upstream a {\n #server 10.0.0.1:80;\n}\n}\n", 5, "no servers are inside upstream"),
    ("upstream a { # server 10.0.0.1:80; }\n}\n", 4, "no servers are inside upstream"),
    ("upstream a { server 10.0.0.1:80; }}\n}\n", 4, 'unexpected "}"'),
    ("upstream a {{\n server 10.0.0.1:80;\n}\n}\n", 3, 'unexpected "{"'),
    ("upstream a {\n server 10.0.0.1:80\n}\n}\n", 5, 'unexpected "}"'),
    ("upstream a {\n sever 10.0.0.1:80;\n}\n}\n", 4, 'unknown directive "sever"'),
    ("upstream a {\n sticky name=a;\n server 10.0.0.1:80;\n}\n}\n", 4, 'unknown directive "sticky"'),
    ("upstream a {\n server 10.0.0.1:80 dwn;\n}\n}\n", 4, 'invalid parameter "dwn"'),
    ("upstream a {\n server;\n}\n}\n", 4, 'invalid number of arguments in "server" directive'),
    ("upstream a {\n server 10.154.54。58:6888;\n}\n}\n", 4, 'host not found in upstream "10.154.54。58:6888"'),
    ("upstream a {\n server 10.0.0.1:80;\n", 5, 'unexpected end of file, expecting "}"'),
    ("upstream a {\n server 10.0.0.1:80;\n}\n}\n foo", 7, 'unexpected end of file, expecting ";" or "}"'),
    (";\n}\n", 3, 'unexpected ";"'),
]


@pytest.mark.parametrize(("body", "live"), PASSES)
def test_what_passes(body: str, live: tuple[str, ...]) -> None:
    assert live_servers(HEAD + body) == live


@pytest.mark.parametrize(("body", "line", "message"), FAILS)
def test_what_fails(body: str, line: int, message: str) -> None:
    with pytest.raises(ConfFault) as fault:
        live_servers(HEAD + body)
    assert (fault.value.line, fault.value.message) == (line, message)


@pytest.mark.servers
def test_a_real_nginx_says_the_same(tmp_path: Path) -> None:
    nginx = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    if nginx is None:
        assert "CI" not in os.environ, "nginx is missing"
        pytest.skip("no nginx here: apt-get install nginx-light")
    (tmp_path / "logs").mkdir()
    conf = tmp_path / "nginx.conf"
    said = []
    for body in [body for body, _ in PASSES] + [body for body, _, _ in FAILS]:
        conf.write_text(HEAD + body, newline="")
        done = subprocess.run([nginx, "-t", "-p", tmp_path, "-c", conf], capture_output=True, text=True, check=False)
        fault = re.search(rf"#\d+: (.*) in {conf}:(\d+)$", done.stderr, re.MULTILINE)
        said.append((int(fault[2]), fault[1]) if fault else done.returncode)
    assert said == [0] * len(PASSES) + [(line, message) for _, line, message in FAILS]
