"""All simulated machines, wired to each other: the balancer's connections are seen on both ends."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.demo import app, balancer, database, measure, packages
from bot.demo.app import AppNode
from bot.demo.balancer import Balancer
from bot.demo.call import Call, Tool
from bot.demo.database import Database
from bot.demo.disks import Disks
from bot.demo.foldertools import test
from bot.demo.inventory import APP_PORT, BALANCER, BALANCER_ADDRESS, DATABASES, NODES, TEST, TEST_ADDRESS
from bot.demo.network import Connect, Connection, Curl, Netstat, connections
from bot.demo.packages import scp
from bot.demo.processes import Processes
from bot.demo.shell import Shell, machine_shell
from bot.demo.tree import Tree
from bot.demo.volumes import Volumes

_APP_PORTS = {str(APP_PORT), "6848"}


@dataclass(frozen=True, slots=True)
class Machine:
    """One of the fleet: its disk, its processes, and the commands it knows."""

    files: Tree
    processes: Processes
    shell: Shell


class Estate:
    """Ten application nodes, the balancer in front of them, two databases and a test machine; disks under ``folder``."""

    def __init__(self, folder: Path) -> None:
        self.machines: dict[str, Machine] = {}
        self.nodes: dict[str, AppNode] = {}
        for number, name in enumerate(NODES, 1):
            self._add_node(folder / name, name, number)
        self.balancer = self._add_balancer(folder / BALANCER)
        for name in DATABASES:
            self._add_database(folder / name, name)
        self._add_test(folder / TEST)

    def _add_node(self, root: Path, name: str, number: int) -> None:
        files, processes = Tree(root), Processes()
        stopped = app.was_stopped(files)
        files.seed(app.seed_files(name))
        packages.seed_package(files)
        node = AppNode(name, files, processes, stopped)
        net = Netstat(NODES[name], lambda: [APP_PORT, 6848] if node.serving else [], self.connections)
        self.nodes[name] = node
        self._add_machine(
            name, files, processes, net, 52 + number * 7 % 31, {app.ASADMIN: node.asadmin, "scp": scp(self._trusted)}
        )

    def _add_balancer(self, root: Path) -> Balancer:
        files, processes = Tree(root), Processes()
        files.seed(balancer.seed_files())
        nginx = Balancer(files, processes)
        nginx.boot()
        net = Netstat(BALANCER_ADDRESS, lambda: [80] if nginx.running else [], self.connections)
        self._add_machine(BALANCER, files, processes, net, 31, {balancer.NGINX: nginx.nginx})
        return nginx

    def _add_database(self, root: Path, name: str) -> None:
        files, processes = Tree(root), Processes()
        files.seed(database.seed_files())
        node = Database(processes)
        net = Netstat(DATABASES[name], lambda: [database.PORT] if node.serving else [], self.connections)
        self._add_machine(name, files, processes, net, 47, node.tools())

    def _add_test(self, root: Path) -> None:
        files, processes = Tree(root), Processes()
        stopped = app.was_stopped(files)
        files.seed(app.seed_files(TEST))
        node = self._test = AppNode(TEST, files, processes, stopped)
        net = Netstat(TEST_ADDRESS, lambda: [APP_PORT, 6848] if node.serving else [], self.connections)
        self._add_machine(TEST, files, processes, net, 22, {app.ASADMIN: node.asadmin})

    def _add_machine(
        self, name: str, files: Tree, processes: Processes, net: Netstat, used: int, tools: Mapping[str, Tool]
    ) -> None:
        """``used``: the percentage of the data disk that is full."""
        volumes = Volumes(files)
        common: dict[str, Tool] = {
            "ps": processes.ps,
            "pgrep": processes.pgrep,
            "netstat": net.netstat,
            "curl": Curl(net.address, self.answers).curl,
            "bash": Connect(self.answers).bash,
            "df": Disks(used, volumes).df,
            "test": _test(volumes),
            **volumes.tools(),
            **measure.TOOLS,
            **packages.TOOLS,
        }
        self.machines[name] = Machine(files, processes, machine_shell({**common, **tools}))

    def _trusted(self, address: str) -> Tree | None:
        """The machine that lets the nodes in by key. All of them listen on one address here, whatever the site calls it."""
        return self.machines[TEST].files if address in {TEST_ADDRESS, "127.0.0.1"} else None

    def answers(self, address: str, port: str) -> bool:
        """Whether a page is served there: by a node on its application and console ports, by the balancer on 80."""
        if address == BALANCER_ADDRESS:
            return port == "80" and self.balancer.running
        if address == TEST_ADDRESS:
            return port in _APP_PORTS and self._test.serving
        return port in _APP_PORTS and any(node.serving for name, node in self.nodes.items() if NODES[name] == address)

    def connections(self) -> list[Connection]:
        """Open connections between the balancer and the nodes that answer."""
        stopped = {f"{NODES[name]}:{APP_PORT}" for name, node in self.nodes.items() if not node.serving}
        return connections(tuple(address for address in self.balancer.serving if address not in stopped))


def _test(volumes: Volumes) -> Tool:
    """``test -b DEVICE`` asks the disks, everything else the files."""

    async def tool(call: Call) -> int:
        match call.args:
            case ("-b", device):
                return int(not volumes.has(device))
            case _:
                return await test(call)

    return tool
