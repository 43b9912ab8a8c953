"""Which running nginx is the one whose files are changed: tables worked out by hand, and a balancer that only plays its answers."""

from typing import Any

import pytest

from bot.core.errors import UserError
from runbooks.engine import nginx
from runbooks.engine.nginx_files import Loaded, loaded, matches
from runbooks.engine.nginx_look import pid_file
from runbooks.planning.plan import Service
from runbooks.planning.target import Target
from runbooks.remote.command import Result

BALANCER = Target("lb1", "10.0.0.9")
SERVICE = Service("oa", BALANCER, "/etc/nginx/nginx.conf", "nginx", "oa", (), min_in_service=1, max_unavailable=1)
DEBIAN = "--prefix=/usr/share/nginx --conf-path=/etc/nginx/nginx.conf --pid-path=/run/nginx.pid"
BUILT_HERE = "--prefix=/data/nginx --with-cc-opt='-g -O2'"


class Balancer:
    """``pids``: what stands in which file; ``titles``: what runs under a pid."""

    def __init__(self, built: str, pids: dict[str, str], titles: dict[str, str]) -> None:
        self.built, self.pids, self.titles = built, pids, titles

    async def run(self, target: Target, argv: tuple[str, ...], **_more: Any) -> Result:
        match argv:
            case ("nginx", "-V"):
                return Result(
                    0, None, b"", f"nginx version: x\nconfigure arguments: {self.built}\n".encode(), False, 0.0
                )
            case ("cat", path):
                found = self.pids.get(path)
            case ("ps", "-ww", "-o", "args=", "-p", pid):
                found = self.titles.get(pid)
            case ("ps", "-ww", "-e", "-o", "args="):
                found = "\n".join(["/sbin/init", *self.titles.values()])
            case _:
                raise AssertionError(argv)
        return Result(0 if found else 1, None, (found or "").encode(), b"", False, 0.0)


def layout(main: str, **files: str) -> nginx.Layout:
    texts = {main: files.pop("text", ""), **{f"/etc/nginx/{name}.conf": text for name, text in files.items()}}
    return nginx.layout(Loaded(main, texts), {})


@pytest.mark.parametrize(
    ("built", "main", "text", "pids", "title", "path"),
    [
        (
            DEBIAN,
            "/etc/nginx/nginx.conf",
            "",
            {"/run/nginx.pid": "7\n"},
            "/usr/sbin/nginx -g daemon on;",
            "/run/nginx.pid",
        ),
        (
            BUILT_HERE,
            "/data/nginx/conf/nginx.conf",
            "",
            {"/data/nginx/logs/nginx.pid": "7"},
            "sbin/nginx",
            "/data/nginx/logs/nginx.pid",
        ),
        (
            DEBIAN,
            "/x/conf/nginx.conf",
            "pid logs/n.pid;",
            {"/x/logs/n.pid": "7"},
            "nginx -p /x -c conf/nginx.conf",
            "/x/logs/n.pid",
        ),
        (
            DEBIAN,
            "/x/conf/n.conf",
            "pid '/y/n.pid';",
            {"/y/n.pid": "7", "/run/nginx.pid": "8"},
            "nginx -c/x/conf/n.conf",
            "/y/n.pid",
        ),
        (BUILT_HERE, "/x/conf/nginx.conf", "", {"/x/logs/nginx.pid": "7"}, "nginx -p /x/", "/x/logs/nginx.pid"),
    ],
)
async def test_8_19_the_pid_is_found_wherever_it_is_written(
    built: str, main: str, text: str, pids: dict[str, str], title: str, path: str
) -> None:
    remote = Balancer(built, pids, {"7": f"nginx: master process {title}"})
    assert await pid_file(remote, SERVICE, layout(main, text=text)) == path


@pytest.mark.parametrize(
    ("pids", "titles", "code"),
    [
        ({}, {}, "nginx_not_running"),
        ({"/run/nginx.pid": ""}, {}, "nginx_not_running"),
        ({"/run/nginx.pid": "7"}, {}, "nginx_not_running"),  # left over from before
        ({"/run/nginx.pid": "7"}, {"7": "sleep 60"}, "nginx_not_running"),
        ({}, {"8": "nginx: worker process"}, "nginx_not_running"),
        ({}, {"8": "nginx: master process nginx -c /etc/nginx/other.conf"}, "nginx_not_running"),
        ({}, {"8": "nginx: master process nginx -g pid /run/own.pid;"}, "nginx_pid_unknown"),
        ({"/run/nginx.pid": "7"}, {"8": "nginx: master process nginx -g daemon on; pid /x.pid;"}, "nginx_pid_unknown"),
        ({"/run/nginx.pid": "7"}, {"7": "nginx: master process nginx -c /etc/nginx/other.conf"}, "nginx_other_conf"),
        ({"/run/nginx.pid": "7"}, {"7": "nginx: master process nginx -p /x -c nginx.conf"}, "nginx_other_conf"),
    ],
)
async def test_8_19_another_nginx_or_none_is_told(pids: dict[str, str], titles: dict[str, str], code: str) -> None:
    with pytest.raises(UserError) as caught:
        await pid_file(Balancer(DEBIAN, pids, titles), SERVICE, layout("/etc/nginx/nginx.conf"))
    assert caught.value.code == code


async def test_8_19_a_pid_of_an_included_file_counts() -> None:
    found = layout("/etc/nginx/nginx.conf", text="include p*.conf;", pid="pid /z/n.pid;")
    remote = Balancer(DEBIAN, {"/z/n.pid": "7"}, {"7": "nginx: master process nginx"})
    assert await pid_file(remote, SERVICE, found) == "/z/n.pid"


@pytest.mark.parametrize(
    ("pattern", "path", "fits"),
    [
        ("/e/conf.d/*.conf", "/e/conf.d/oa.conf", True),
        ("/e/conf.d/*", "/e/conf.d/.oa.conf.zhiban-new", False),
        ("/e/*/*", "/e/conf.d/.oa", False),
        ("/e/conf.d/.*", "/e/conf.d/.oa", True),
        ("/e/conf.d/[.]oa", "/e/conf.d/.oa", False),
        ("/e/*.conf", "/e/conf.d/oa.conf", False),
        ("/e/o?", "/e/oa", True),
    ],
)
def test_8_19_an_include_takes_what_the_c_library_takes(pattern: str, path: str, fits: bool) -> None:
    assert matches(pattern, path) is fits


@pytest.mark.parametrize(
    "dump",
    [
        "",
        "# configuration file /a:\nevents {}\n\n# configuration file /a:\n\n",
        "# configuration file /a:\nevents {}\n\n# configuration file /b:\n\n",  # /b is included nowhere: it is a comment of /a
        "# configuration file /a:\nhttp {\n# configuration file /b:\n}\n\n",
    ],
)
def test_8_19_what_only_looks_like_files_of_nginx_is_not_believed(dump: str) -> None:
    with pytest.raises(UserError) as caught:
        nginx.layout(loaded(dump), {})
    assert caught.value.code == "nginx_not_understood"
