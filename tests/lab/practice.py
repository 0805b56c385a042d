"""The office in the product's words: a server with its agent, workstations that find it, an attacker."""
import base64
import collections
import json
import os
import re
import socket
import time

from office import Host, Office
from process import PYTHON, SCALE, WRAPPER, LabError, wait_until

HERE = os.path.dirname(os.path.abspath(__file__))
REPOSITORY = os.path.dirname(os.path.dirname(HERE))
BIN = os.environ.get("PRACTICE_BIN") or os.path.join(REPOSITORY, "build", "debug", "bin")
ATTACKERS = os.path.join(HERE, "attackers")

SERVICE = "_practice._tcp"
AGENT_STATE = "/var/lib/practice-agent"
LOCATOR_STATE = "/var/lib/practice-locator"

# What sanitizers and valgrind write when they find something.
COMPLAINT = re.compile(r"(ERROR|WARNING): \w+Sanitizer|runtime error:|^==\d+==")

Found = collections.namedtuple("Found", "code address stdout stderr")


def milliseconds(seconds):
    """A duration for the programs' options, stretched where the programs are slowed down."""
    return f"{int(seconds * SCALE * 1000)}ms"


def command(program, *words):
    path = os.path.join(BIN, program)
    if not os.access(path, os.X_OK):
        raise LabError(f"{path} is not built; build it, or say where it is with PRACTICE_BIN")
    return [*WRAPPER, path, *words]


class Readiness:
    """The socket on which a service says that it is ready, as systemd gives it one (sd_notify(3))."""

    PATH = "/run/notify"

    def __init__(self, host):
        if os.path.lexists(host.path(self.PATH)):
            os.unlink(host.path(self.PATH))
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(host.path(self.PATH))
        self._socket.settimeout(0.1)  # how soon the end of a service that never gets ready is noticed
        self.environment = {"NOTIFY_SOCKET": self.PATH}

    def wait(self, process, timeout=10):
        end = time.monotonic() + timeout * SCALE
        with self._socket:
            while "READY=1" not in self._next_lines():
                if not process.running:
                    raise LabError(f"{process.label} ended with {process.code} before it was ready")
                if time.monotonic() > end:
                    raise LabError(f"{process.label} was not ready within {timeout * SCALE:g} s")

    def _next_lines(self):
        try:
            return self._socket.recv(4096).decode().splitlines()
        except TimeoutError:
            return []


class Server(Host):
    """The practice server."""

    agent = None

    def start_agent(self, config_text=None):
        """Starts the agent; returns when it says that it is ready."""
        words = ["--state", AGENT_STATE]
        if config_text is not None:
            self.write("/etc/practice-agent.conf", config_text)
            words += ["--config", "/etc/practice-agent.conf"]
        readiness = Readiness(self)
        self.agent = self.spawn(command("practice-agent", *words, "run"), env=readiness.environment,
                                label="practice-agent")
        readiness.wait(self.agent)

    def stop_agent(self):
        code = self.agent.stop(timeout=10)
        if code != 0:
            raise LabError(f"the agent ended with {code} on SIGTERM")

    def kill_agent(self):
        """As a power cut does it."""
        self.agent.kill()

    def change_card(self, number):
        """Another network card, and with it other addresses, the link-local one too."""
        self.unplug()
        self.plug(self.office.main, "eth0", self.office.addresses_for(number))

    def restart_with_another_address(self, number):
        """Switched off in the evening, back the next day as a different one to the network."""
        self.stop_agent()
        self.change_card(number)
        self.start_agent()

    def copy_state_of(self, other):
        """As an image of the whole disk does it."""
        self.check(["mkdir", "-p", "-m", "700", AGENT_STATE])
        for name in ("identity.key", "roster", "invitations", "serial"):
            if os.path.exists(other.path(f"{AGENT_STATE}/{name}")):
                self.write(f"{AGENT_STATE}/{name}", other.read(f"{AGENT_STATE}/{name}"), mode=0o600)

    def ask_agent(self, *words):
        """A command beside the running agent that has to succeed; returns what it prints."""
        argv = command("practice-agent", "--state", AGENT_STATE, *words)
        return self.check(argv, label=f"practice-agent {words[0]}").stdout

    def status(self):
        return json.loads(self.ask_agent("status", "--json"))

    def wait_until_registered(self, timeout=40):
        """Until the agent says (again) that its service is known to DNS-SD; it tries after 1, 2, 4 … s."""
        self.agent.wait_line("DNS-SD: registered as", timeout)

    def workstations(self):
        return [json.loads(line) for line in self.ask_agent("workstations", "--json").splitlines()]

    def invite(self, name=None, expires=None):
        """Returns a token, which has to be the only line printed. expires is a duration such as 1s."""
        words = [*(("--name", name) if name else ()), *(("--expires", expires) if expires else ()), "--token"]
        lines = self.ask_agent("invite", *words).splitlines()
        if len(lines) != 1:
            raise LabError(f"invite --token printed {len(lines)} lines")
        return lines[0]

    def public_key(self):
        """The full public key in hexadecimal, as whoever reads a token learns it (docs/protocol.md)."""
        text = self.invite().removeprefix("practice-")
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))[1:33].hex()


class Workstation(Host):
    """A computer that looks for the server."""

    settings = ()

    def configure(self, text):
        """Settings for every command from now on."""
        self.write("/etc/practice-locator.conf", text + "\n")
        self.settings = ("--config", "/etc/practice-locator.conf")

    def resolve_at(self, name_server):
        self.write("/etc/resolv.conf", f"nameserver {name_server.ipv4}\n")

    def locator(self, *words):
        argv = command("practice-locator", "--state", LOCATOR_STATE, *self.settings, *words)
        return self.run(argv, timeout=20, label=f"practice-locator {words[0]}")

    def join(self, token):
        return self.locator("join", token)

    def enrol(self, server):
        """Invited by the server and joined; has to succeed."""
        joined = self.join(server.invite(name=self.name))
        if joined.code != 0:
            raise LabError(f"{self.name} could not join: {joined.stderr.strip()}")

    def find(self, *options, timeout=3):
        """Looks for the server, for timeout seconds at most; the address is None when nothing was printed."""
        code, stdout, stderr = self.locator("find", "--timeout", milliseconds(timeout), *options)
        return Found(code, stdout.strip() or None, stdout, stderr)

    def start_finding(self, *options, timeout=3):
        """As find, but returns the search while it goes on."""
        words = ["--state", LOCATOR_STATE, *self.settings, "find", "--timeout", milliseconds(timeout), *options]
        return self.spawn(command("practice-locator", *words), label="practice-locator find")

    def find_json(self, *options, timeout=3):
        """As find, for a search that has to succeed; returns the JSON object."""
        found = self.find("--json", *options, timeout=timeout)
        if found.code != 0 or found.stdout.count("\n") != 1:
            raise LabError(f"find --json did not succeed with one line: {found}")
        return json.loads(found.stdout)

    def practice_name(self):
        return self.find("--format", "%n").stdout.strip()

    def forget_address(self):
        """As if it had never found the server yet: what it joined stays, where the server was is gone."""
        self.check(["sh", "-c", "rm " + LOCATOR_STATE + "/*.last"], quiet=True)

    def forget(self, name):
        return self.locator("forget", name)

    def status(self):
        return self.locator("status")

    def watch_services(self):
        """An avahi-browse that prints a line at every coming (+) and going (-) of the practice's service."""
        return self.spawn(["avahi-browse", "--parsable", SERVICE])

    def wait_for_key(self, key, timeout):
        """Until DNS-SD shows a service with that key."""
        browsing = self.spawn(["avahi-browse", "--parsable", "--resolve", SERVICE])
        browsing.wait_line("key=" + key.replace("-", ""), timeout)
        browsing.kill()

    def wait_for_service(self, address):
        """Until DNS-SD gives that address; asked anew each time, as avahi-browse resolves only once."""
        browse = ["avahi-browse", "--parsable", "--resolve", "--terminate", SERVICE]
        wait_until(lambda: f";{address};" in self.run(browse).stdout, f"DNS-SD gives {address}", 10)


class Attacker(Host):
    """A computer in the office that is up to no good; its tricks are in the folder attackers/."""

    def attack(self, script, *words, until="^ready"):
        """Starts a script and returns when it says that it is in position."""
        process = self.spawn([PYTHON, os.path.join(ATTACKERS, script), *words], label=script)
        process.wait_line(until)
        return process

    def impersonate(self, mode, *words):
        return self.attack("impostor.py", mode, *words)

    def relay_to(self, server, *words):
        return self.attack("relay.py", server.ipv4 or server.ipv6, *words)

    RECORD = "/run/answer"

    def record_answer(self, server, workstation):
        """Overhears an exchange, as somebody in its way can; returns the genuine answer, kept in RECORD."""
        server.restart_with_another_address(21)  # so that the search goes by multicast, which the relay hears
        relay = self.relay_to(server, "--record", self.RECORD)
        relay.expect("^passed", workstation.find)
        relay.stop()
        return bytes.fromhex(self.read(self.RECORD))

    def stranger(self, targets, *words):
        """Sends junk to the targets; returns when all of it is sent."""
        return self.attack("stranger.py", *targets, *words, until="^sent")

    def advertise(self, practice, fingerprint):
        """Announces a service of that name over DNS-SD, by way of this host's avahi-daemon."""
        process = self.spawn(["avahi-publish-service", practice, SERVICE, "1234",
                              "txtvers=1", f"key={fingerprint}", "q=21234"])
        process.wait_line("Established under name")
        return process


class PracticeOffice(Office):
    """An office with the practice's computers; what they have running is ended in good order by finish()."""

    def server(self, name="server", number=10):
        return self.host(name, Server, number)

    def workstation(self, name="workstation", number=None):
        return self.host(name, Workstation, number)

    def attacker(self, name="attacker", number=66):
        return self.host(name, Attacker, number)

    def name_server(self, names):
        """A computer that serves DNS: {name: address}."""
        host = self.host("names")
        records = [f"--host-record={name},{address}" for name, address in names.items()]
        host.spawn(["dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--no-resolv", "--no-hosts", "--user=root",
                    "--pid-file=", "--log-facility=-", *records]).wait_line("started, version")
        return host

    def container_on(self, server):
        """A container as Docker makes one: its cable ends in a bridge of the server's own."""
        container = self.bare_host("container", Workstation)
        container.plug(server.bridge("docker0", "172.17.0.1/16"), "eth0", ["172.17.0.2/16"], card="veth")
        return container

    def enrolled(self):
        """A server whose agent runs, and a workstation that has joined."""
        server, workstation = self.server(), self.workstation()
        server.start_agent()
        workstation.enrol(server)
        return server, workstation

    def finish(self):
        """Ends the agents by SIGTERM, for only then do sanitizers look for leaks."""
        for host in self.hosts.values():
            if isinstance(host, Server) and host.agent and host.agent.running:
                host.stop_agent()

    def complaints(self):
        """What sanitizers and valgrind said of our programs."""
        return [f"{line.label}: {line.text}" for line in self.link.lines
                if " practice-" in line.label and line.stream == "stderr" and COMPLAINT.search(line.text)]
