"""Bad networks: datagrams that get lost, come twice or overtake each other."""
import pytest

from filters import NEIGHBOUR_DISCOVERY
from practice import BIN, LOCATOR_STATE
from process import PYTHON, SCALE, WRAPPER

SEARCHES = 100

# Of what goes through a host's cable, in each direction. Looking for neighbours is spared: the kernel asks for one
# three times, a second apart, so that without it the test would be about that.
LOSS = f"""
ether type arp accept
{NEIGHBOUR_DISCOVERY} accept
numgen random mod 100 < 30 drop
"""

# Searches one after the other, each with three seconds; what went wrong is told, and how many went well.
SEARCH_AGAIN_AND_AGAIN = """
number=$1 remember=$2 timeout=$3 state=$4
shift 4
found=0
for turn in $(seq "$number"); do
    [ "$remember" = yes ] || rm -f "$state"/*.last
    if "$@" --state "$state" find --timeout "$timeout"; then
        found=$((found + 1))
    else
        echo "turn $turn: exit code $?"
    fi
done
echo "found $found"
"""

# A piece of cable between two network cards, whose frames come twice, or overtake each other: each is held up for
# a time of its own, drawn by chance. The virtio header in front of a frame says what its checksums still lack.
BAD_CABLE = """
import heapq, random, selectors, socket, sys, time

SOL_PACKET, PACKET_VNET_HDR, PACKET_IGNORE_OUTGOING, ETH_P_ALL, HELD_UP_S = 263, 15, 23, 3, 0.04
twice, chance = sys.argv[1] == "twice", random.Random(1)


def end(interface):
    card = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    card.setsockopt(SOL_PACKET, PACKET_VNET_HDR, 1)
    card.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
    card.bind((interface, ETH_P_ALL))
    return card


ends = [end(interface) for interface in sys.argv[2:]]
selector = selectors.DefaultSelector()
for number, card in enumerate(ends):
    selector.register(card, selectors.EVENT_READ, ends[1 - number])
under_way, taken, last = [], 0, {}
print("ready", flush=True)
while True:
    rest = max(0, under_way[0][0] - time.monotonic()) if under_way else None
    for key, _ in selector.select(rest):
        frame, taken = key.fileobj.recv(65536), taken + 1
        due = time.monotonic() + (0 if twice else chance.uniform(0, HELD_UP_S))
        for _ in range(2 if twice else 1):
            heapq.heappush(under_way, (due, taken, frame, key.data))
    while under_way and under_way[0][0] <= time.monotonic():
        _, number, frame, towards = heapq.heappop(under_way)
        towards.send(frame)
        if last.get(towards, 0) >= number:
            print("twice" if last[towards] == number else "overtaken", flush=True)
        last[towards] = max(number, last.get(towards, 0))
"""


# Lost


def test_a_hundred_searches_of_a_hundred_succeed_where_three_datagrams_of_ten_are_lost(ipv4_office):
    server, workstation = ipv4_office.enrolled()
    assert workstation.find().address == server.ipv4
    workstation.drop(LOSS)
    assert search_again_and_again(workstation) == ["10.77.0.10"] * SEARCHES + [f"found {SEARCHES}"]


def test_a_hundred_searches_of_a_hundred_succeed_where_three_of_ten_are_lost_and_no_address_is_known(ipv4_office):
    server, workstation = ipv4_office.enrolled()
    server.change_address("10.77.0.20")
    workstation.drop(LOSS)
    assert search_again_and_again(workstation, remember=False) == ["10.77.0.20"] * SEARCHES + [f"found {SEARCHES}"]


def test_a_hundred_searches_of_a_hundred_succeed_over_ipv6_where_three_datagrams_of_ten_are_lost(ipv6_office):
    server, workstation = ipv6_office.enrolled()
    assert workstation.find().address == server.ipv6
    workstation.drop(LOSS)
    *addresses, count = search_again_and_again(workstation)
    assert count == f"found {SEARCHES}"
    assert all(map(server.owns, set(addresses)))


def test_workstations_join_where_three_datagrams_of_ten_are_lost(ipv4_office):
    server = ipv4_office.server()
    server.start_agent()
    server.drop(LOSS)
    names = [f"station{number}" for number in range(10)]
    for name in names:
        ipv4_office.workstation(name).enrol(server)
    assert sorted(each["name"] for each in server.workstations()) == names


# Twice, and out of order


@pytest.mark.parametrize("fault", ["twice", "overtaken"])
def test_joining_and_searching_are_none_the_worse_for_datagrams_that_come(ipv4_office, fault):
    server, workstation = ipv4_office.server(), ipv4_office.workstation()
    server.start_agent()
    cable = worsen_cable(workstation, fault)
    workstation.enrol(server)
    assert [each["name"] for each in server.workstations()] == ["workstation"]
    server.change_address("10.77.0.20")
    cable.expect(fault, lambda: assert_all_found(workstation, "10.77.0.20", remember=False))
    cable.expect(fault, lambda: assert_all_found(workstation, "10.77.0.20", remember=True))
    assert server.status()["counters"]["rejected"] == {}


def assert_all_found(workstation, address, remember):
    assert search_again_and_again(workstation, remember, 20) == [address] * 20 + ["found 20"]


def search_again_and_again(workstation, remember=True, searches=SEARCHES):
    """Returns the lines that the searches printed on standard output, and how many of them went well."""
    words = [searches, "yes" if remember else "no", f"{int(3000 * SCALE)}ms", LOCATOR_STATE,
             *WRAPPER, f"{BIN}/practice-locator"]
    script = ["sh", "-c", SEARCH_AGAIN_AND_AGAIN, "sh", *words]
    return workstation.run(script, timeout=searches * 3, label="searches").stdout.splitlines()


def worsen_cable(host, fault):
    """Puts a bad piece into the host's cable; the piece says a word for each frame that it mistreats."""
    plug = host.plug_of("eth0")
    ground, inner, outer = plug.switch.home, f"{plug.port}i", f"{plug.port}o"
    ground.ip(f"link set dev {plug.port} nomaster", f"link add name {inner} type veth peer name {outer}",
              f"link set dev {inner} up", f"link set dev {outer} up master {plug.switch.name}")
    cable = ground.spawn([PYTHON, "-c", BAD_CABLE, fault, plug.port, inner], label="bad cable", quiet=True)
    cable.wait_line("ready")
    return cable
