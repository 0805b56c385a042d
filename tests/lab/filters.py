"""What an office's network does to packets on purpose: tables that drop, and counters that prove silence.

A drop stands at both ends of a host's cable, at the ingress of the switch's port and of the host's card, as
if the network had lost the packet: the sender learns nothing. (A drop in the output makes sendto fail.)
"""
import itertools
import json

OUR_GROUPS = ("239.255.112.108", "ff12::706c")
OUR_PORT = 21234
MDNS_PORT = 5353

# IPv6 has no ARP: without its neighbour discovery, which is multicast, not even unicast works.
NEIGHBOUR_DISCOVERY = ("icmpv6 type "
                       "{ nd-router-solicit, nd-router-advert, nd-neighbor-solicit, nd-neighbor-advert }")
MULTICAST = f"""
{NEIGHBOUR_DISCOVERY} accept
ip daddr 224.0.0.0/4 drop
ip6 daddr ff00::/8 drop
"""
OUR_MULTICAST = f"""
ip daddr {OUR_GROUPS[0]} udp dport {OUR_PORT} drop
ip6 daddr {OUR_GROUPS[1]} udp dport {OUR_PORT} drop
"""
BROADCAST = "meta pkttype broadcast ip protocol udp drop"
MDNS = f"udp dport {MDNS_PORT} drop\nudp sport {MDNS_PORT} drop"

_numbers = itertools.count(1)


class Table:
    """One nftables table in one namespace: rules at the ingress of one device."""

    def __init__(self, namespace, device, rules, counter=False):
        self.namespace, self.name = namespace, f"lab{next(_numbers)}"
        declared = "counter hits { }" if counter else ""
        namespace.nft(f"""
            table netdev {self.name} {{
                {declared}
                chain ingress {{
                    type filter hook ingress device "{device}" priority 0
                    {rules}
                }}
            }}""")

    def lift(self):
        self.namespace.nft(f"delete table netdev {self.name}")

    def hits(self):
        listing = ["nft", "-j", "list", "counter", "netdev", self.name, "hits"]
        said = json.loads(self.namespace.check(listing, quiet=True).stdout)
        return next(item["counter"]["packets"] for item in said["nftables"] if "counter" in item)


class Drop:
    """Packets that get lost on the cables of a host, until lifted."""

    def __init__(self, host, rules, outward=True, inward=True):
        self._tables = []
        for plug in host.plugs:
            if outward:
                self._tables.append(Table(plug.switch.home, plug.port, rules))
            if inward:
                self._tables.append(Table(host, plug.interface, rules))

    def lift(self):
        for table in self._tables:
            table.lift()


class Count:
    """Counts the packets of one kind that leave a host, as its switches see them."""

    def __init__(self, host, match):
        self._tables = [Table(plug.switch.home, plug.port, f"{match} counter name hits", counter=True)
                        for plug in host.plugs]

    def packets(self):
        return sum(table.hits() for table in self._tables)
