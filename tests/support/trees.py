"""What lies on the disks of the machines: the SOP's file tree in small, with stand-ins where a vendor's program would be."""

import dataclasses
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from data.model import Balancer, Host, HostGroup
from data.site import Site
from tests.support.machines import PORT, STANDINS, Machine, Machines, copy_standin
from tests.support.nginx import CONF, NGINX
from tests.support.once import example_site
from tests.support.ports import address, free_port
from tests.support.sshd import needs

DMDBA = 4861
LICENCE = "305581B9F987A2EE301A8777B23A3ACB.license"
PACKED = {
    "ecology/version": "before",
    "ecology/WEB-INF/web.xml": "<web-app/>",
    "ecology/WEB-INF/prop/weaver.properties": "host=production",
    "ecology/WEB-INF/prop/weaver_new_session.properties": "session=production",
    "ecology/logistics/kept.txt": "begins like log",
    f"ecology/license/{LICENCE}": "old licence",
}
_LEFT_OUT = {
    "ecology/log/ecology": "one line of the log\n",
    "ecology/doctempfile/x": "x",
    "ecology/WEB-INF/sqllog/x": "x",
    "ecology/cloudstore_BK/x": "x",
    "ecology/spa_BK/x": "x",
}
_SHARED = {"a/file.txt": "shared", "filesystem/huge": "x", "spa_bak1/x": "x", "wui_bak20220603/x": "x"}


def fill(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def app(root: Path, version: str = "before") -> None:
    """An application node: ``/data/WEAVER`` and ``/data/sharedata``."""
    weaver = root / "data" / "WEAVER"
    fill(weaver, PACKED | _LEFT_OUT | {"ecology/version": version})
    fill(weaver, {"ApusicAS/domains/mydomain/logs/server.log": "".join(f"line {n}\n" for n in range(1, 101))})
    fill(root / "data" / "sharedata", _SHARED)
    (weaver / "ecology" / "filesystem").symlink_to("/data/sharedata/filesystem")
    for name in ("asadmin", "serve.py"):
        copy_standin(name, weaver / "ApusicAS" / "bin" / name)


def database(root: Path) -> None:
    """A database node, down: everything below ``/data/dmdba`` belongs to ``dmdba``."""
    home = root / "data" / "dmdba" / "dmdbms"
    for name in ("DmServiceDMSERVER", "dexp", "disql"):
        copy_standin(name, home / "bin" / name)
    copy_standin("DmServiceDMSERVER", home / "bin" / "DmWatcherServiceDMSERVER")
    for name in ("dmserver", "dmwatcher"):
        (home / "bin" / name).write_bytes(Path("/bin/sleep").read_bytes())
        (home / "bin" / name).chmod(0o755)
    fill(home, {"bin/dm.key": "2026-12-31", "bin/loaded": "2026-12-31"})
    fill(home, {"log/dm_DMSERVER_202610.log": "2026-10-31 09:00:00 older\n"})
    fill(home, {"log/dm_DMSERVER_202611.log": "2026-11-22 09:00:00 newer\n"})
    (root / "data" / "dmdba_backup" / "oa").mkdir(parents=True)
    subprocess.run(
        ["chown", "-R", f"{DMDBA}:{DMDBA}", root / "data" / "dmdba", root / "data" / "dmdba_backup"], check=True
    )


def balancer(root: Path, nodes: list[str], port: int) -> None:
    """A real nginx at the SOP's place; its binary is a wrapper that knows the prefix."""
    needs(NGINX, "nginx-light")
    home = root / "data" / "nginx"
    for name in ("conf", "logs", "sbin"):
        (home / name).mkdir(parents=True)
    servers = "\n".join(f"        server {node};" for node in nodes)
    (home / "conf" / "nginx.conf").write_text(CONF.format(prefix="/data/nginx", servers=servers, port=port))
    binary = home / "sbin" / "nginx"
    binary.write_text(
        f'#!/bin/sh\nexec {NGINX} -p /data/nginx -c /data/nginx/conf/nginx.conf -g "pid logs/nginx.pid;" "$@"\n'
    )
    binary.chmod(0o755)


def trust(machines: Machines, machine: Machine) -> None:
    """Let ``machine`` copy to the others as root, by key, over their own sshd."""
    script = machine.root / "bin" / "scp"
    script.parent.mkdir(exist_ok=True)
    script.write_text(
        f"#!/bin/sh\nexec /usr/bin/scp -O -P {PORT} -i {machines.key_file} "
        f'-o UserKnownHostsFile={machines.known_hosts} "$@"\n'
    )
    script.chmod(0o755)


@dataclasses.dataclass(frozen=True, slots=True)
class Volume:
    """The data volume of a machine and its new disk, on loop devices of this kernel; ``file`` backs the new one."""

    data: str
    new: str
    file: Path

    def content(self) -> tuple[int, bytes, bytes]:
        """What the new disk holds: how many blocks were ever written, its first and its last bytes."""
        with self.file.open("rb") as disk:
            first = disk.read(2**20)
            disk.seek(-(2**20), os.SEEK_END)
            return self.file.stat().st_blocks, first, disk.read()


def _loop(file: Path) -> str:
    """A loop device over ``file``; a machine without any cannot grow a disk, so the test is skipped and says so."""
    line = ["losetup", "--find", "--show", "--partscan", str(file)]
    made = subprocess.run(line, capture_output=True, text=True, check=False)
    if made.returncode:
        pytest.skip(f"no loop devices here, so no disk to grow: {made.stderr.strip()}")
    return made.stdout.strip()


@contextmanager
def volume(root: Path, file_system: str) -> Iterator[Volume]:
    """A machine whose ``/data`` is a real file system of ``file_system`` on 400 MiB, with a blank disk of 1200 MiB beside it."""
    needs("/usr/sbin/sgdisk", "gdisk")
    needs(f"/usr/sbin/mkfs.{file_system}", "xfsprogs" if file_system == "xfs" else "e2fsprogs")
    devices = root / "devices"
    devices.mkdir(parents=True)
    for path in (STANDINS / "lvm").iterdir():
        copy_standin(
            f"lvm/{path.name}", (root / "bin" if path.name in {"sgdisk", "lsblk", "resize2fs"} else devices) / path.name
        )
    for name in ("pvcreate", "pvremove", "vgs", "vgextend", "vgreduce", "lvs", "lvresize"):
        copy_standin("lvm/lvm", root / "bin" / name)
    loops: list[str] = []
    try:
        for name, size in (("data.img", "400M"), ("new.img", "1200M")):
            subprocess.run(["truncate", "-s", size, devices / name], check=True)
            loops.append(_loop(devices / name))
        subprocess.run([f"mkfs.{file_system}", "-q", loops[0]], check=True)
        numbers = [loop.removeprefix("/dev/loop") for loop in loops]
        fill(
            devices,
            {
                "loops": f"DATA={numbers[0]} NEW={numbers[1]} FS={file_system} BACKING={devices}/data.img\n",
                "type": "lvm\n",
                "vg": "/dev/vda1\n/dev/vdb1\n",
                "pvs": "/dev/vda1\n/dev/vdb1\n",
            },
        )
        yield Volume(loops[0], loops[1], devices / "new.img")
    finally:
        for loop in loops:
            subprocess.run(["losetup", "-d", loop], check=False)


def site(machines: tuple[str, ...], nginx_port: int = 0) -> Site:
    """The example organisation, with its hosts on these machines (in the order of their addresses) and none besides."""
    example = example_site()
    hosts: dict[str, Host] = {}
    for number, name in enumerate(machines, 1):
        at = address(number)
        own = example.hosts[name]
        hosts[name] = dataclasses.replace(
            own, address=at, port=PORT, user="root", upstream=f"{at}:6888" if own.upstream else None
        )
    groups: dict[str, HostGroup] = {**example.host_groups}
    groups["oa"] = dataclasses.replace(
        groups["oa"],
        min_in_service=1,
        max_unavailable=1,
        balancer=Balancer("lb1", "/data/nginx/conf/nginx.conf", "/data/nginx/sbin/nginx", "ecologycluster")
        if "lb1" in hosts
        else None,
        values={"nginx_port": str(nginx_port)},
    )
    return dataclasses.replace(example, hosts=hosts, host_groups=groups)


def free() -> int:
    """A port for the load balancer."""
    return free_port()
