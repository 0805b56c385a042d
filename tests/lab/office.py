"""An office made of network namespaces: switches, hosts, cables, and what goes wrong with them.

    with Office() as office:
        server, workstation = office.host("server"), office.host("workstation")
        office.start_avahi(server, workstation)
        server.change_address("10.77.0.99")

Everything of an office lives under one holder process (holder.py) and goes away with it.
"""
import ipaddress
import itertools
import json
import os
import shlex
import tempfile

import filters
from avahi import Avahi
from process import PYTHON, LabError, Link, Process, Result, wait_until

# Programs in an office get this and nothing else of the tester's environment but the sanitizers' settings.
ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME": "/run/home",
    "TMPDIR": "/run/tmp",
    "LANG": "C.UTF-8",
    "PYTHONUNBUFFERED": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
    "UBSAN_OPTIONS": "print_stacktrace=1",
}
PASSED_ON = ("ASAN_OPTIONS", "LSAN_OPTIONS", "TSAN_OPTIONS", "UBSAN_OPTIONS", "LLVM_PROFILE_FILE")

# An interface of a VPN has a carrier as long as the VPN's program has it open.
TUNNEL_END = """
import fcntl, struct, sys
TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454ca, 1, 0x1000
end = open("/dev/net/tun", "r+b", buffering=0)
fcntl.ioctl(end, TUNSETIFF, struct.pack("16sH22x", sys.argv[1].encode(), IFF_TUN | IFF_NO_PI))
print("held")
while True:
    end.read(2048)
"""


class Namespace:
    """A place to run programs in: a host, or the office's own ground on which its switches stand."""

    def __init__(self, office, name, anchor=None):
        self.office, self.name = office, name
        self._anchor = anchor

    def spawn(self, argv, env=None, stdin="", label=None, quiet=False):
        """Starts a program; returns its Process. stdin is text; what is quiet stays out of the log."""
        argv = [str(word) for word in argv]
        label = f"{self.name} {label or os.path.basename(argv[0])}"
        passed = {key: os.environ[key] for key in PASSED_ON if key in os.environ}
        process = Process(self.office.link, label, argv, quiet)
        with tempfile.TemporaryFile() as source:
            source.write(stdin.encode())
            source.seek(0)
            self.office.link.spawn(self._anchor, process, {**ENVIRONMENT, **passed, **(env or {})}, source)
        return process

    def run(self, argv, timeout=10, **options):
        """Runs a program to its end; returns its Result. One that takes too long is killed and an error."""
        process = self.spawn(argv, **options)
        try:
            process.wait(timeout)
        except LabError:
            process.kill()
            raise
        return Result(process.code, process.output("stdout"), process.output("stderr"))

    def check(self, argv, timeout=10, **options):
        """As run, for a program that has to succeed."""
        result = self.run(argv, timeout, **options)
        if result.code != 0:
            raise LabError(f"{self.name}: {shlex.join(map(str, argv))} ended with {result.code}: "
                           + result.stderr.strip())
        return result

    def ip(self, *commands):
        """Carries out commands of ip(8), without the word ip, in one go."""
        self.check(["ip", "-batch", "-"], stdin="\n".join(commands) + "\n", quiet=True)

    def nft(self, text):
        self.check(["nft", "-f", "-"], stdin=text, quiet=True)

    def sysctl(self, **settings):
        """Sets kernel variables, dots written as double underscores: sysctl(net__ipv4__ip_forward=1)."""
        for name, value in settings.items():
            path = "/proc/sys/" + name.replace("__", "/")
            self.check(["sh", "-c", 'echo "$1" > "$2"', "sh", str(value), path], quiet=True)

    def bridge(self, name, *addresses):
        """Makes a bridge in this namespace, with addresses of its own such as a container engine gives it."""
        self.ip(f"link add name {name} type bridge mcast_snooping 0", f"link set dev {name} up",
                *(f"addr add {address} dev {name}" for address in addresses))
        return Switch(self, name)


class Switch:
    """A bridge that hosts can be plugged into."""

    def __init__(self, home, name):
        self.home, self.name = home, name
        self._ports = itertools.count(1)

    def next_port(self):
        return f"{self.name}-{next(self._ports)}"


class Plug:
    """One end of a cable in a host's interface, the other in a port of a switch."""

    def __init__(self, switch, port, interface, addresses):
        self.switch, self.port, self.interface = switch, port, interface
        self.addresses = [ipaddress.ip_interface(address) for address in addresses]

    def address(self, version):
        return next((str(each.ip) for each in self.addresses if each.version == version), None)


class Host(Namespace):
    """A computer: network, name, mounts, D-Bus and avahi-daemon of its own."""

    def __init__(self, office, name):
        pid, pidfd = office.link.make_host(name)
        super().__init__(office, name, pid)
        self.pidfd = pidfd
        self.outside_pid = _pid_of(pidfd)
        self.plugs = []
        self.avahi = Avahi(self)
        self.ip("link set dev lo up")
        if 6 not in office.families:
            self.sysctl(net__ipv6__conf__all__disable_ipv6=1, net__ipv6__conf__default__disable_ipv6=1)

    # Cables and addresses

    def plug(self, switch, interface="eth0", addresses=(), card="macvlan"):
        """Lays a cable to the switch; returns when the interface can be used.

        The far end is a macvlan on the cable, for that passes as a network card, while a bare veth is what
        containers have, and programs judge by that: card="veth" gives one."""
        plug = Plug(switch, switch.next_port(), interface, addresses)
        cable = f"{plug.port}c"
        far = f"netns {self._anchor}"
        if card == "veth":
            laying = [f"link add name {plug.port} type veth peer name {interface} {far}"]
        else:
            laying = [f"link add name {plug.port} type veth peer name {cable}", f"link set dev {cable} up",
                      f"link add name {interface} link {cable} {far} type {card} mode bridge"]
        switch.home.ip(*laying, f"link set dev {plug.port} up master {switch.name}")
        self.ip(f"link set dev {interface} up",
                *(f"addr add {each} dev {interface}" for each in plug.addresses))
        self.plugs.append(plug)
        self._wait_until_usable(interface)
        return plug

    def unplug(self, interface="eth0"):
        """Takes the cable away and the network card with it."""
        plug = self.plug_of(interface)
        self.plugs.remove(plug)
        plug.switch.home.ip(f"link delete {plug.port}")

    def pull_cable(self, interface="eth0"):
        """The card stays, without a carrier."""
        plug = self.plug_of(interface)
        plug.switch.home.ip(f"link set dev {plug.port} down")

    def put_cable_back(self, interface="eth0"):
        """Undoes pull_cable; returns when the interface can be used."""
        plug = self.plug_of(interface)
        plug.switch.home.ip(f"link set dev {plug.port} up")
        self._wait_until_usable(interface)

    def switch_off(self, interface="eth0"):
        """Takes the interface down, as an administrator does; the cable stays in."""
        self.ip(f"link set dev {interface} down")

    def switch_on(self, interface="eth0"):
        self.ip(f"link set dev {interface} up")
        self._wait_until_usable(interface)

    def rename(self, new, interface="eth0"):
        """Gives the interface another name while it is in use."""
        self.ip(f"link set dev {interface} name {new}")
        self.plug_of(interface).interface = new

    def plug_of(self, interface):
        return next(plug for plug in self.plugs if plug.interface == interface)

    def change_address(self, new, interface="eth0"):
        """The old address of the same family goes and the new one comes, as DHCP does it."""
        plug = self.plug_of(interface)
        old = next(each for each in plug.addresses if each.version == ipaddress.ip_address(new).version)
        new = ipaddress.ip_interface(f"{new}/{old.network.prefixlen}")
        self.ip(f"addr del {old} dev {interface}", f"addr add {new} dev {interface}")
        plug.addresses[plug.addresses.index(old)] = new

    def add_address(self, new, interface="eth0"):
        """One more, such as 10.79.0.10/24, beside those that are there."""
        self.ip(f"addr add {new} dev {interface}")
        self.plug_of(interface).addresses.append(ipaddress.ip_interface(new))

    def remove_address(self, old, interface="eth0"):
        self.ip(f"addr del {old} dev {interface}")
        self.plug_of(interface).addresses.remove(ipaddress.ip_interface(old))

    def tunnel(self, name, *addresses):
        """Makes a point-to-point interface such as a VPN's, with a program at its other end that says nothing."""
        self.ip(f"tuntap add dev {name} mode tun", f"link set dev {name} up",
                *(f"addr add {address} dev {name}" for address in addresses))
        self.spawn([PYTHON, "-c", TUNNEL_END, name], label="tunnel").wait_line("held")

    def forward(self, masquerade=None):
        """Makes the host a router; what leaves by the interface masquerade gets the router's address."""
        self.sysctl(net__ipv4__ip_forward=1, net__ipv6__conf__all__forwarding=1)
        if masquerade:
            self.nft(f"""
                table ip nat {{
                    chain postrouting {{
                        type nat hook postrouting priority 100
                        oifname "{masquerade}" masquerade
                    }}
                }}""")

    def route_via(self, gateway):
        self.ip(f"route add default via {gateway}")

    @property
    def ipv4(self):
        return self.plugs[0].address(4)

    @property
    def ipv6(self):
        return self.plugs[0].address(6)

    def addresses(self):
        """Every address that the kernel has here, loopback's left out, as text without zones."""
        return [address["local"] for link in self._links() for address in link["addr_info"]
                if link["ifname"] != "lo"]

    def address_on(self, interface, network):
        """The interface's address in that network, such as fe80::/10, without a zone."""
        own = next(link["addr_info"] for link in self._links() if link["ifname"] == interface)
        network = ipaddress.ip_network(network)
        return next(each["local"] for each in own if ipaddress.ip_address(each["local"]) in network)

    def owns(self, address):
        """Whether the address, with or without a zone, is one of this host's; None is nobody's."""
        if address is None:
            return False
        return str(ipaddress.ip_address(address.partition("%")[0])) in self.addresses()

    def mac(self, interface="eth0"):
        return next(link["address"] for link in self._links() if link["ifname"] == interface)

    def _links(self):
        return json.loads(self.check(["ip", "-json", "addr"], quiet=True).stdout)

    def _wait_until_usable(self, interface):
        wait_until(lambda: self._usable(interface), f"{interface} of {self.name} is up and has its addresses")

    def _usable(self, interface):
        link = next(link for link in self._links() if link["ifname"] == interface)
        complete = 6 not in self.office.families or any(each["scope"] == "link" for each in link["addr_info"])
        tentative = any("tentative" in each for each in link["addr_info"])
        return link["operstate"] == "UP" and complete and not tentative

    def enter_command(self):
        """What to type on this machine to be in the host."""
        user = [] if os.geteuid() == 0 else ["--user", "--preserve-credentials"]
        return ["nsenter", f"--target={self.outside_pid}", *user, "--net", "--mount", "--uts", "--pid",
                "--root", "--wd"]

    # Files

    def path(self, path):
        """Where the test finds a file of this host. Links are not followed: their targets are the host's."""
        return f"/proc/{self.outside_pid}/root{path}"

    def read(self, path):
        with open(self.path(path), encoding="utf-8") as file:
            return file.read()

    def write(self, path, text, mode=0o644):
        """Writes a file in the host's private places (/etc, /run, /var/lib), whose folder must exist."""
        folder, outside = os.path.dirname(path), self.path(path)
        is_real = self.run(["readlink", "-f", folder], quiet=True).stdout.strip() == folder
        if not is_real or not folder.startswith(PRIVATE):
            raise LabError(f"{path} is no private place of {self.name}: the machine's files stay as they are")
        if os.path.lexists(outside):
            os.unlink(outside)
        descriptor = os.open(outside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with open(descriptor, "w", encoding="utf-8") as file:
            file.write(text)

    # mDNS

    def start_avahi(self):
        self.office.start_avahi(self)

    def stop_avahi(self):
        self.avahi.stop()

    def hang_avahi(self):
        self.avahi.hang()

    def resume_avahi(self):
        self.avahi.resume()

    def kill_avahi(self):
        """Its services are withdrawn by nobody."""
        self.avahi.daemon.kill()

    def kill_bus(self):
        """D-Bus goes, and avahi-daemon with it; start_avahi starts both."""
        self.avahi.bus.kill()
        self.avahi.daemon.wait()
        self.avahi.bus = None

    def hang_bus(self):
        self.avahi.bus.hang()

    def resume_bus(self):
        self.avahi.bus.resume()

    # What the network does to packets; each returns something that can be lifted

    def drop(self, rules, outward=True, inward=True):
        return filters.Drop(self, rules, outward, inward)

    def drop_multicast(self):
        return self.drop(filters.MULTICAST)

    def drop_our_multicast(self):
        return self.drop(filters.OUR_MULTICAST)

    def drop_broadcast(self):
        """IPv4 broadcasts but ARP, without which not even unicast works."""
        return self.drop(filters.BROADCAST)

    def drop_mdns(self):
        return self.drop(filters.MDNS)

    def drop_everything_from(self, other):
        """Other's packets get lost on the way here, so that no exchange with it succeeds."""
        macs = ", ".join(other.mac(plug.interface) for plug in other.plugs)
        return self.drop(f"ether saddr {{ {macs} }} drop", outward=False)

    def forbid_sending(self, port):
        """A local firewall: unlike with drop, the program that sends is told so."""
        self.nft(f"""
            table inet forbid {{
                chain output {{
                    type filter hook output priority 0
                    udp dport {port} drop
                }}
            }}""")

    def admit_only(self, rules):
        """A local firewall: what comes in and is not named gets lost; IPv6's neighbour discovery is not lost."""
        self.nft(f"""
            table inet firewall {{
                chain input {{
                    type filter hook input priority 0
                    policy drop
                    iif lo accept
                    {filters.NEIGHBOUR_DISCOVERY} accept
                    {rules}
                }}
            }}""")

    def admit_only_answers(self):
        """The usual firewall of a workstation: only what belongs to something that it began itself comes in."""
        self.admit_only("ct state established,related accept")

    def count_out(self, match):
        return filters.Count(self, match)

    def count_udp_out(self, port):
        return self.count_out(f"udp dport {port}")

    def processes(self):
        """The command lines of all programs that run in this host now."""
        mine = os.stat(f"/proc/{self.outside_pid}/ns/net").st_ino
        pids = [int(name) for name in os.listdir("/proc") if name.isdigit()]
        return [line for pid in pids if pid != self.outside_pid and (line := _command_line(pid, mine))]


PRIVATE = ("/etc", "/run", "/var/lib")


class Office:
    """A switch "office" with the networks 10.77.0.0/24 and fd77:0:0:1::/64, and room for more."""

    def __init__(self, families=(4, 6)):
        self.families = families
        self.link = Link()
        self.hosts = {}
        self._numbers = itertools.count(100)
        try:
            self.link.wait_ready()
            self.ground = Namespace(self, "ground")
            # The ground only carries switches: an address of its own would make it one more host.
            self.ground.sysctl(net__ipv6__conf__default__disable_ipv6=1)
            self.main = self.switch("office")
        except BaseException:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.link.close()
        for host in self.hosts.values():
            os.close(host.pidfd)
        self.hosts = {}

    def log(self):
        return self.link.log()

    def switch(self, name):
        return self.ground.bridge(name)

    def host(self, name, kind=Host, number=None):
        """A host in the office's own network, at 10.77.0.NUMBER and fd77:0:0:1::NUMBER."""
        host = self.bare_host(name, kind)
        host.plug(self.main, "eth0", self.addresses_for(number or next(self._numbers)))
        return host

    def addresses_for(self, number):
        addresses = {4: f"10.77.0.{number}/24", 6: f"fd77:0:0:1::{number}/64"}
        return [addresses[family] for family in self.families]

    def bare_host(self, name, kind=Host):
        """A host without a cable."""
        if name in self.hosts:
            raise LabError(f"there is a host {name} already")
        self.hosts[name] = kind(self, name)
        return self.hosts[name]

    def start_avahi(self, *hosts):
        """Starts D-Bus and avahi-daemon in all the hosts at once; returns when the last one is ready."""
        for host in hosts:
            host.avahi.launch()
        for host in hosts:
            host.avahi.wait_ready()


def _pid_of(pidfd):
    """The pid by which this process knows the other, which was started in an inner PID namespace."""
    with open(f"/proc/self/fdinfo/{pidfd}", encoding="ascii") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("Pid:"))


def _command_line(pid, namespace):
    try:
        if os.stat(f"/proc/{pid}/ns/net").st_ino != namespace:
            return None
        with open(f"/proc/{pid}/cmdline", encoding="utf-8", errors="replace") as file:
            return file.read().replace("\0", " ").strip()
    except OSError:
        return None  # it ended meanwhile, or is none of ours
