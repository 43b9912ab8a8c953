"""What a machine says about itself and its neighbours when DEP's pre-checks ask: system, ports, disks, bandwidth."""

import asyncio
from collections.abc import Mapping

from bot.demo.call import Call, Tool

_OPEN = {"22", "80", "5236", "6848", "6888"}  # all machines share one address in the demo, so a port tells the service


async def uname(call: Call) -> int:
    call.say("Linux 4.19.90-24.4.v2101.ky10.x86_64 x86_64")
    return 0


async def lscpu(call: Call) -> int:
    call.say(
        "Architecture:        x86_64\nCPU(s):              16\nModel name:          Hygon C86 7285 32-core Processor"
    )
    return 0


async def free(call: Call) -> int:
    call.say("              total        used        free      shared  buff/cache   available")
    call.say("Mem:          64112       21877       18202         331       24033       41230")
    return 0


async def nc(call: Call) -> int:
    """``nc -zv -w SECONDS ADDRESS PORT``."""
    address, port = call.args[-2:]
    if port in _OPEN:
        call.complain(f"Connection to {address} {port} port [tcp/*] succeeded!")
        return 0
    call.complain(f"nc: connect to {address} port {port} (tcp) failed: Connection refused")
    return 1


async def iperf3(call: Call) -> int:
    """``iperf3 -s …`` listens and returns; ``iperf3 -c ADDRESS … -t SECONDS`` measures a gigabit."""
    if "-s" in call.args:
        return 0
    seconds = call.args[call.args.index("-t") + 1]
    await asyncio.sleep(float(seconds) * call.pace)
    call.say("[ ID] Interval           Transfer     Bitrate         Retr")
    call.say(f"[  5]   0.00-{float(seconds):.2f}  sec   560 MBytes   941 Mbits/sec    0   sender")
    call.say(f"[  5]   0.00-{float(seconds):.2f}  sec   558 MBytes   938 Mbits/sec        receiver")
    return 0


async def sysbench(call: Call) -> int:
    """``sysbench fileio … prepare | run``."""
    if call.args[-1] == "run":
        await asyncio.sleep(3 * call.pace)
        call.say(
            "File operations:\n    reads/s:                      3121.42\n    writes/s:                     2080.95"
        )
        call.say("Throughput:\n    read, MiB/s:                  48.77\n    written, MiB/s:               32.51")
    return 0


async def nothing(call: Call) -> int:
    """A command whose effect nobody sees here."""
    return 0


TOOLS: Mapping[str, Tool] = {
    "uname": uname,
    "lscpu": lscpu,
    "free": free,
    "nc": nc,
    "iperf3": iperf3,
    "pkill": nothing,
    "sysbench": sysbench,
    "chown": nothing,
}
