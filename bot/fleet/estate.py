"""All simulated machines, wired to each other: the balancer's connections are seen on both ends."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.fleet import app, balancer
from bot.fleet.app import AppNode
from bot.fleet.balancer import Balancer
from bot.fleet.call import Tool
from bot.fleet.disks import Disks
from bot.fleet.inventory import APP_PORT, BALANCER, BALANCER_ADDRESS, NODES
from bot.fleet.network import Connection, Curl, Netstat, connections
from bot.fleet.processes import Processes
from bot.fleet.shell import Shell
from bot.fleet.tree import Tree


@dataclass(frozen=True, slots=True)
class Machine:
    """One of the fleet: its disk, its processes, and the commands it knows."""

    files: Tree
    processes: Processes
    shell: Shell


class Estate:
    """Ten application nodes and the balancer in front of them, with their disks under ``folder``."""

    def __init__(self, folder: Path) -> None:
        self.machines: dict[str, Machine] = {}
        self.nodes: dict[str, AppNode] = {}
        for number, name in enumerate(NODES, 1):
            self._add_node(folder / name, name, number)
        self.balancer = self._add_balancer(folder / BALANCER)

    def _add_node(self, root: Path, name: str, number: int) -> None:
        files, processes = Tree(root), Processes()
        stopped = app.was_stopped(files)
        files.seed(app.seed_files(name))
        node = AppNode(name, files, processes, stopped)
        net = Netstat(NODES[name], lambda: [APP_PORT, 6848] if node.serving else [], self.connections)
        self.nodes[name] = node
        self._add_machine(name, files, processes, net, Disks(used=52 + number * 7 % 31), {app.ASADMIN: node.asadmin})

    def _add_balancer(self, root: Path) -> Balancer:
        files, processes = Tree(root), Processes()
        files.seed(balancer.seed_files())
        nginx = Balancer(files, processes)
        nginx.boot()
        net = Netstat(BALANCER_ADDRESS, lambda: [80] if nginx.running else [], self.connections)
        self._add_machine(BALANCER, files, processes, net, Disks(used=31), {balancer.NGINX: nginx.nginx})
        return nginx

    def _add_machine(
        self, name: str, files: Tree, processes: Processes, net: Netstat, disks: Disks, tools: Mapping[str, Tool]
    ) -> None:
        common: dict[str, Tool] = {
            "ps": processes.ps,
            "pgrep": processes.pgrep,
            "netstat": net.netstat,
            "curl": Curl(net.address, self.answers).curl,
            "df": disks.df,
            "lsblk": disks.lsblk,
            "pvs": disks.pvs,
        }
        self.machines[name] = Machine(files, processes, Shell({**common, **tools}))

    def answers(self, address: str, port: str) -> bool:
        """Whether a page is served there: by a node on its application port."""
        return port == str(APP_PORT) and any(
            node.serving for name, node in self.nodes.items() if NODES[name] == address
        )

    def connections(self) -> list[Connection]:
        """Open connections between the balancer and the nodes that answer."""
        stopped = {f"{NODES[name]}:{APP_PORT}" for name, node in self.nodes.items() if not node.serving}
        return connections(tuple(address for address in self.balancer.serving if address not in stopped))
