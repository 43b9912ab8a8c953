"""Load balancers as administrators write them: a configuration in files, made from a number, always the same from the same."""

import os
import random
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.support.nginx import NGINX, gone
from tests.support.sshd import needs

_TAIL = ("", "", "", " weight=2", " weight=3", " max_fails=1 fail_timeout=1s", " max_fails=0")
_NOTE = ("", "", " # 主节点", "\r")
_BLANK = ("    ", "\t", "        ", "")
_OUT = ("#", "# ", "##", "#\t")
_PID = ("absolute", "absolute", "relative", "relative", "included", "last", "last", "classic", "classic", "option")


@dataclass(frozen=True, slots=True)
class Made:
    """``files`` and ``links`` below the prefix; ``conf`` and ``upstream`` as ``hosts.yaml`` says; ``paths`` the locations.

    ``mixed``: the node that is taken out stands commented in one upstream and not in another.
    """

    files: dict[str, str]
    links: dict[str, str]
    main: str
    conf: str
    upstream: str
    paths: tuple[str, ...]
    options: str
    traits: tuple[str, ...]


def made(rng: random.Random, nodes: list[str], port: int, nodes_port: int) -> Made:
    """A configuration for ``nodes`` (addresses) behind ``127.0.0.1:port``, written in one of very many ways."""
    return _Draft(rng, nodes, port, nodes_port).whole()


class _Draft:
    def __init__(self, rng: random.Random, nodes: list[str], port: int, nodes_port: int) -> None:
        self.rng, self.nodes, self.port, self.nodes_port = rng, nodes, port, nodes_port
        self.files: dict[str, str] = {}
        self.links: dict[str, str] = {}
        self.traits: list[str] = []
        self.options = ""

    def whole(self) -> Made:
        rng = self.rng
        name = rng.choice(["ecologycluster", "oa", '"oa-cluster"', "oa.app"])
        upstreams = [self._upstream(name, self.nodes, main=True)]
        paths = [f"proxy_pass http://{name.strip(chr(34))};"]
        if rng.random() < 0.35:
            some = self.nodes if rng.random() < 0.6 else rng.sample(self.nodes, max(1, len(self.nodes) - 1))
            upstreams.append(self._upstream("mobilecluster", some))
            paths.append("proxy_pass http://mobilecluster;")
            self._trait("second upstream")
        extra = ""
        if rng.random() < 0.08:
            paths.append(f"proxy_pass http://{rng.choice(self.nodes)}:{self.nodes_port};")
            self._trait("passed to")
        if rng.random() < 0.06:
            extra = f"    map $arg_x $backend {{ default {rng.choice(self.nodes)}:{self.nodes_port}; }}\n"
            paths.append("proxy_pass http://$backend;")
            self._trait("by a variable")
        servers = self._server(paths)
        main, conf = self._placed(upstreams, extra + servers)
        return Made(
            self.files,
            self.links,
            main,
            conf,
            name.strip('"'),
            tuple(f"/p{n}" for n in range(len(paths))),
            self.options,
            tuple(self.traits),
        )

    def _trait(self, name: str) -> None:
        self.traits.append(name)

    def _address(self, node: str) -> str:
        written = f"{node}:{self.nodes_port}"
        how = self.rng.choices(["plain", '"', "'", "zeros", "mapped"], [10, 3, 2, 1, 1])[0]
        if how in {'"', "'"}:
            self._trait("quoted")
            return f"{how}{written}{how}"
        if how == "zeros":
            return f"{'.'.join(part.zfill(3) for part in node.split('.'))}:0{self.nodes_port}"
        return f"[::ffff:{node}]:{self.nodes_port}" if how == "mapped" else written

    def _entry(self, node: str) -> str:
        rng = self.rng
        out = rng.choice(_OUT) if rng.random() < 0.15 else ""
        mark = rng.choices(["", " down", " backup"], [20, 1, 1])[0]
        space = rng.choice([" ", " ", "\t", "  "])
        line = f"server{space}{self._address(node)}{rng.choice(_TAIL) if mark != ' backup' else ''}{mark}"
        return f"{rng.choice(_BLANK)}{out}{line};{rng.choice(_NOTE)}"

    def _upstream(self, name: str, nodes: list[str], *, main: bool = False) -> str:
        rng = self.rng
        lines = [self._entry(node) for node in nodes]
        if all("#" in line.partition("server")[0] or " down" in line or " backup" in line for line in lines):
            lines[0] = f"    server {nodes[0]}:{self.nodes_port};"
        if rng.random() < 0.2:
            lines.insert(0, rng.choice(["    least_conn;", "    keepalive 8;", f"    zone z_{len(name)} 64k;"]))
        if rng.random() < 0.15:
            lines.append(
                rng.choice(
                    ["    # server 10.1.2.3:80; was the old one", "    #####", "    server unix:/nowhere.sock down;"]
                )
            )
        shape = rng.choices(["lines", "pairs", "one line", "file", "twice"], [20, 1, 1, 2, 1])[0]
        if shape == "one line":
            self._trait("one line")
            return f"upstream {name} {{ {' '.join(f'server {n}:{self.nodes_port};' for n in nodes)} }}\n"
        if shape == "pairs" and len(lines) > 1 and not any(sign in lines[0] + lines[1] for sign in "#\r"):
            self._trait("two on a line")
            lines[:2] = [f"{lines[0]} {lines[1].strip()}"]
        if shape == "twice" and main:
            self._trait("listed twice")
            lines.append(f"    server {nodes[0]}:{self.nodes_port};")
        body = "\n".join(lines) + "\n"
        if shape == "file":
            self._trait("entries included")
            self.files[f"conf/{len(self.files)}.servers"] = body
            body = f"    include {list(self.files)[-1].removeprefix('conf/')};\n"
        brace = rng.choice(["{", " {", "\n{"])
        return f"upstream {name}{brace}\n{body}}}\n"

    def _server(self, paths: list[str]) -> str:
        timeouts = "proxy_connect_timeout 2s; proxy_read_timeout 1s;"
        locations = "".join(f"    location /p{n} {{ {what} {timeouts} }}\n" for n, what in enumerate(paths))
        return f"server {{\n    listen 127.0.0.1:{self.port};\n{locations}}}\n"

    def _placed(self, upstreams: list[str], rest: str) -> tuple[str, str]:
        """Put it all into files: the main file, and the file that the site names."""
        rng = self.rng
        how = rng.choices(["one", "conf.d", "sites", "apart", "each apart"], [6, 4, 3, 2, 1])[0]
        self._trait(how)
        conf, includes = "conf/nginx.conf", ""
        first = "".join(upstreams)
        if how == "conf.d":
            conf = "conf/conf.d/oa.conf"
            self.files[conf] = first + rest
            includes, first, rest = "    include conf.d/*.conf;\n", "", ""
        elif how == "sites":
            conf = "conf/sites-enabled/oa"
            self.files["conf/sites-available/oa"] = first + rest
            self.links[conf] = rng.choice(["../sites-available/oa", "/conf/sites-available/oa"])
            includes, first, rest = f"    include {rng.choice(['sites-enabled/*', 'sites-enabled/o?'])};\n", "", ""
        elif how == "apart":
            self.files["conf/upstreams.conf"] = first
            includes, first = "    include upstreams.conf;\n", ""
        elif how == "each apart":
            for number, text in enumerate(upstreams):
                self.files[f"conf/conf.d/{number}.conf"] = text
            includes, first = "    include conf.d/[0-9].conf;\n", ""
        main = "conf/nginx.conf"
        head, foot = self._pid()
        self.files[main] = (
            f"user root;\nworker_processes 1;\nerror_log logs/error.log;\n{head}events {{ worker_connections 256; }}\n"
            f"http {{\n    access_log off;\n{includes}{first}{rest}}}\n{foot}"
        )
        if rng.random() < 0.15:
            self._trait("main linked")
            self.files["repo/balancer/nginx.conf"] = self.files.pop(main)
            self.links[main] = "../repo/balancer/nginx.conf"
        return main, conf

    def _pid(self) -> tuple[str, str]:
        how = self.rng.choice(_PID)
        self._trait(f"pid {how}")
        if how == "absolute":
            return "pid @PREFIX@/run.pid;\n", ""
        if how == "relative":
            return "pid logs/here.pid;\n", ""
        if how == "last":
            return "", 'pid "logs/last.pid";\n'
        if how == "included":
            self.files["conf/modules/pid.conf"] = "pid logs/included.pid;\n"
            return "include modules/*.conf;\n", ""
        self.options = "pid @PREFIX@/logs/nginx.pid;" if how == "classic" else "pid @PREFIX@/elsewhere.pid;"
        return "", ""


def laid(made_: Made, prefix: Path) -> None:
    """The files and links on disk, with owners and modes that are not the usual ones."""
    for folder in ("conf", "logs", "sbin"):
        (prefix / folder).mkdir(parents=True)
    for place, (name, text) in enumerate(made_.files.items()):
        path = prefix / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.replace("@PREFIX@", str(prefix)), "utf-8", newline="")
        path.chmod((0o644, 0o640, 0o664)[place % 3])
        os.chown(path, place % 2, place % 3)
    for name, target in made_.links.items():
        path = prefix / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.symlink_to(f"{prefix}{target}" if target.startswith("/") else target)
    binary = prefix / "sbin" / "nginx"
    more = f' -g "{made_.options.replace("@PREFIX@", str(prefix))}"' if made_.options else ""
    binary.write_text(f'#!/bin/sh\nexec {NGINX} -p {prefix} -c {prefix}/{made_.main}{more} "$@"\n')
    binary.chmod(0o755)


@contextmanager
def started(prefix: Path) -> Iterator[None]:
    """nginx on what was laid down, ended afterwards whatever its files say by then."""
    needs(NGINX, "nginx-light")
    subprocess.run([str(prefix / "sbin" / "nginx")], check=True, capture_output=True)
    (pid_file,) = prefix.rglob("*.pid")
    try:
        yield
    finally:
        with suppress(ProcessLookupError, FileNotFoundError):
            os.kill(int(pid_file.read_text()), 15)
        gone(pid_file)


def tree(prefix: Path) -> dict[str, tuple[str, int, int, int]]:
    """Everything below the configuration's folders: content or where a link leads, mode, owner, group."""
    found = {}
    for top in ("conf", "repo"):
        for path in sorted((prefix / top).rglob("*")):
            status = path.lstat()
            content = (
                os.readlink(path) if path.is_symlink() else "" if path.is_dir() else path.read_bytes().decode("latin-1")
            )
            found[str(path.relative_to(prefix))] = (content, status.st_mode, status.st_uid, status.st_gid)
    return found
