"""How long the sweep takes to find a server where nothing else gets through, in a /24 and in a /22."""
import json
import os
import statistics
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lab"))

from practice import PracticeOffice  # noqa: E402

RUNS = 5
OFFICES = {24: "10.77.0.228", 22: "10.77.2.100"}  # as far from the workstation as it gets


def furnished(office, prefix, place):
    """The workstation has joined; then the server moved, and the network carries neither multicast nor broadcasts."""
    server, workstation = office.server(), office.workstation(number=100)
    server.start_agent()
    workstation.enrol(server)
    for host, address in ((server, place), (workstation, workstation.ipv4)):
        host.ip("addr flush dev eth0", f"addr add {address}/{prefix} dev eth0")
    workstation.drop_multicast()
    workstation.drop_broadcast()
    return workstation


def measure(workstation, place):
    workstation.run(["sh", "-c", "rm -f /var/lib/practice-locator/*.last"])
    begin = time.monotonic()
    found = workstation.find("--sweep", "--json", timeout=6)
    took = time.monotonic() - begin
    row = json.loads(found.stdout) if found.code == 0 else {}
    if (row.get("address"), row.get("source")) != (place, "sweep"):
        raise SystemExit(f"the sweep did not find {place}: {found}")
    return took


def main():
    print(f"{'find --sweep, nothing else gets through':42}{'runs':>5}{'median':>10}{'slowest':>10}   (starts after 0.7 s)")
    for prefix, place in OFFICES.items():
        with PracticeOffice(families=(4,)) as office:
            workstation = furnished(office, prefix, place)
            took = [measure(workstation, place) for _ in range(RUNS)]
            print(f"a /{prefix}, {2 ** (32 - prefix)} addresses{'':22}{RUNS:5}{statistics.median(took):9.2f}s{max(took):9.2f}s")


main()
