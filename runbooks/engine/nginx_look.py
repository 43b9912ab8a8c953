"""The balancer is asked what it loads, and which running nginx that is. Reads only."""

import posixpath
import re

from bot.core.errors import UserError
from bot.core.redact import clean
from runbooks.engine.nginx import Layout, layout, names_in
from runbooks.engine.nginx_addresses import resolved
from runbooks.engine.nginx_files import Loaded, loaded, matches
from runbooks.planning.plan import Service, backup_path, fresh_path
from runbooks.remote.command import Remote
from runbooks.remote.files import CONF_LIMIT, LOOK_SECONDS, decode, read_text, real_path

_DUMP_SECONDS = 30.0
_SAID = 300  # characters of nginx's own words in a refusal
_BUILT = re.compile(r"--(prefix|conf-path|pid-path)=('[^']*'|\S+)", re.ASCII)
_TITLE = "nginx: master process "


async def read_layout(remote: Remote, service: Service) -> Layout:
    """What nginx loads now, as it says itself (``nginx -T``).

    Raises ``UserError``: ``nginx_refuses`` (with its own words), ``nginx_other_file`` (it does not load the ``conf`` of
    ``hosts.yaml``), ``nginx_not_understood``, ``name_unknown``.
    """
    balancer, argv = service.balancer, (service.nginx, "-T")
    result = await remote.run(balancer, argv, limit=_DUMP_SECONDS, kept=CONF_LIMIT)
    if result.killed or result.truncated or result.exit in {126, 127}:
        raise UserError("cannot_read", host=balancer.id, command=" ".join(argv))
    if not result.ok:
        lines = clean(result.stderr).strip().splitlines() or [f"= {result.exit}"]
        said = next((line for line in lines if "[emerg]" in line), lines[-1])
        raise UserError("nginx_refuses", host=balancer.id, said=said[:_SAID])
    files = loaded(decode(result.stdout))
    await _is_loaded(remote, service, files)
    nodes = tuple(node.address for node in service.nodes)
    found = layout(files, {}, nodes)
    wanted, may_fail = names_in(found, nodes)
    return layout(files, await resolved(remote, balancer, wanted, may_fail), nodes) if wanted or may_fail else found


async def _is_loaded(remote: Remote, service: Service, files: Loaded) -> None:
    if service.conf in files.texts:
        return
    real = await real_path(remote, service.balancer, service.conf)
    for file in files.texts:
        if real in {file, await real_path(remote, service.balancer, file)}:
            return
    raise UserError("nginx_other_file", host=service.balancer.id, conf=service.conf, main=files.main)


async def editable(remote: Remote, service: Service, found: Layout, file: str) -> str:
    """The real path of a file that is to be changed, when it is what nginx loaded and can be changed safely.

    Raises ``UserError``: ``cannot_read``, ``file_has_names`` (hard links would part), ``copies_loaded`` (an include would
    load what we lay beside it).
    """
    path = await real_path(remote, service.balancer, file)
    if await read_text(remote, service.balancer, path) != found.loaded.texts[file]:
        raise UserError("cannot_read", host=service.balancer.id, command=f"cat {path}")
    for ours in (fresh_path(path), backup_path(path, "0" * 64)):
        beside = {ours, f"{posixpath.dirname(file)}/{posixpath.basename(ours)}"}
        if any(matches(pattern, one) for pattern in found.loaded.patterns for one in beside):
            raise UserError("copies_loaded", host=service.balancer.id, path=path)
    return path


async def pid_file(remote: Remote, service: Service, found: Layout) -> str:
    """Where the process id of the master stands that runs this very configuration.

    Raises ``UserError`` ``nginx_not_running``, ``nginx_other_conf``, or ``nginx_pid_unknown``: it runs, its pid file is elsewhere.
    """
    built = await _built(remote, service)
    running: dict[str, str] = {}
    strangers: list[str] = []
    for path in _pid_files(found.loaded, built):
        pid = await _pid(remote, service, path)
        title = await _title(remote, service, pid) if pid else ""
        if title and _conf(title, built) == posixpath.normpath(found.loaded.main):
            running.setdefault(pid, path)
        elif title:
            strangers.append(_conf(title, built))
    if len(running) == 1:
        return next(iter(running.values()))
    if strangers and not running:
        raise UserError("nginx_other_conf", host=service.balancer.id, main=found.loaded.main, other=strangers[0])
    paths = ", ".join(_pid_files(found.loaded, built))
    host, main = service.balancer.id, found.loaded.main
    if await _runs(remote, service, main, built):
        raise UserError("nginx_pid_unknown", host=host, paths=paths, main=main)
    raise UserError("nginx_not_running", host=host, paths=paths)


async def _built(remote: Remote, service: Service) -> dict[str, str]:
    """The paths that nginx was built with (``nginx -V``)."""
    result = await remote.run(service.balancer, (service.nginx, "-V"), limit=LOOK_SECONDS)
    text = clean(result.stderr + result.stdout)
    if not result.ok or "configure arguments" not in text:
        raise UserError("cannot_read", host=service.balancer.id, command=f"{service.nginx} -V")
    found = {name: value.strip("'") for name, value in _BUILT.findall(text)}
    prefix = found.get("prefix", "/usr/local/nginx")
    conf = posixpath.join(prefix, found.get("conf-path", "conf/nginx.conf"))
    return {"prefix": prefix, "conf": conf, "pid": found.get("pid-path", "logs/nginx.pid")}


def _pid_files(files: Loaded, built: dict[str, str]) -> list[str]:
    """Where it may stand: the ``pid`` directive, wherever that is, else as built; relative paths under each likely prefix."""
    written = [one.words[1] for one in files.tree() if one.name == "pid" and len(one.words) == 2]
    folder = posixpath.dirname(files.main)
    prefixes = (built["prefix"], posixpath.dirname(folder), folder)
    named = written or [built["pid"], "logs/nginx.pid"]
    return list(dict.fromkeys(posixpath.normpath(posixpath.join(p, name)) for name in named for p in prefixes))


async def _pid(remote: Remote, service: Service, path: str) -> str:
    result = await remote.run(service.balancer, ("cat", path), limit=LOOK_SECONDS)
    pid = result.stdout.decode("ascii", "replace").strip() if result.ok else ""
    return pid if pid.isdigit() else ""


async def _title(remote: Remote, service: Service, pid: str) -> str:
    """The command that the master was started with; empty without such a master. ``-ww``: an account may export ``COLUMNS``."""
    result = await remote.run(service.balancer, ("ps", "-ww", "-o", "args=", "-p", pid), limit=LOOK_SECONDS)
    title = result.stdout.decode("utf-8", "replace").strip() if result.ok else ""
    return title.removeprefix(_TITLE) if title.startswith(_TITLE) else ""


async def _runs(remote: Remote, service: Service, main: str, built: dict[str, str]) -> bool:
    """Whether a master with this very configuration is among the processes, as where only ``-g`` says where its pid stands."""
    result = await remote.run(service.balancer, ("ps", "-ww", "-e", "-o", "args="), limit=LOOK_SECONDS)
    listed = result.stdout.decode("utf-8", "replace").splitlines() if result.ok else []
    titles = (line.strip() for line in listed)
    masters = (title.removeprefix(_TITLE) for title in titles if title.startswith(_TITLE))
    return any(_conf(title, built) == posixpath.normpath(main) for title in masters)


def _conf(title: str, built: dict[str, str]) -> str:
    """The file that a master was started with."""
    words = title.split()[1:]
    given: dict[str, str] = {}
    for place, word in enumerate(words):
        if word[:2] in {"-c", "-p"}:
            given.setdefault(word[:2], word[2:] or next(iter(words[place + 1 :]), ""))
    conf = given.get("-c", built["conf"] if "-p" not in given else "")
    if not conf:  # as built, under another prefix
        conf = (
            posixpath.relpath(built["conf"], built["prefix"])
            if built["conf"].startswith(built["prefix"])
            else built["conf"]
        )
    return posixpath.normpath(posixpath.join(given.get("-p", built["prefix"]), conf))
