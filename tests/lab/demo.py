"""Shows the main job in an office of its own: found, followed, found without mDNS, an impostor refused.

scripts/demo runs it. What it shows as typed is run exactly so in that host, and what stands below is what
came of it; each step is compared with what it has to be, and at the first that is not, the demonstration
stops.
"""
import os
import shlex
import signal
import sys
import time

from office import ENVIRONMENT
from practice import BIN, SERVICE, PracticeOffice, Readiness, Server
from process import LabError

# Programs are found by their names, as on a machine on which they are installed.
PATH = {"PATH": f"{BIN}:{ENVIRONMENT['PATH']}"}
FOUND, IMPOSTOR = 0, 3
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

COLOURED = sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
BOLD, DIM, GREEN, YELLOW = "1", "2", "32", "33"


class InstalledServer(Server):
    """The practice server with everything in its usual places, so that commands there need no options."""

    def start_agent(self, config_text=None):
        readiness = Readiness(self)
        self.agent = self.spawn(["practice-agent", "run"], env={**PATH, **readiness.environment})
        readiness.wait(self.agent)

    def ask_agent(self, *words):
        return self.check(["practice-agent", *words], env=PATH).stdout

    def move_to(self, address):
        self.change_address(address)
        if self.addresses() != [address]:
            raise LabError(f"{self.name} should be at {address} alone, but is at {self.addresses()}")


def coloured(colour, text):
    return f"\033[{colour}m{text}\033[0m" if COLOURED else text


def say(text="", colour=None):
    """Prints lines of the demonstration, indented."""
    for line in text.splitlines() or [""]:
        print(("  " + (coloured(colour, line) if colour else line)).rstrip(), flush=True)


def headline(text):
    print(f"\n{coloured(BOLD, text)}\n", flush=True)


def typed(host, line, colour=None, **environment):
    """Runs a command line in a host, as somebody types it there; shows it and what it says."""
    print(f"  {coloured(DIM, host.name + '$')} {coloured(BOLD, line)}", flush=True)
    result = host.run(["sh", "-c", line], env={**PATH, **environment})
    if said := result.stdout + result.stderr:
        say(said, colour)
    return result


def expect(holds, what, result):
    if not holds:
        said = result.stdout + result.stderr
        raise LabError(f"{what}, but what came was {said!r} and exit code {result.code}")


def finds(workstation, address, line="practice-locator", answer="{}"):
    result = typed(workstation, line, GREEN)
    expect((result.code, result.stdout) == (FOUND, answer.format(address) + "\n"),
           f"{workstation.name} should have found {address}", result)


# The steps, in their order


def furnish(office):
    """Server and workstations, each with its mDNS daemon, and the agent running on the server."""
    server = office.host("server", InstalledServer, 10)
    reception, surgery = office.workstation("reception", 50), office.workstation("surgery", 51)
    office.start_avahi(server, reception, surgery)
    server.start_agent()
    return server, reception, surgery


def join(workstation, token):
    joined = typed(workstation, 'practice-locator join "$TOKEN"', TOKEN=token)
    expect(joined.code == 0, f"{workstation.name} should have joined", joined)


def invite_and_join(server, workstation):
    invited = typed(server, f"practice-agent invite --token --name {workstation.name}")
    expect((invited.code, invited.stdout.count("\n")) == (0, 1), "invite should have made a token", invited)
    join(workstation, invited.stdout.strip())


def stop_mdns(server, workstation):
    """Ends the server's mDNS daemon and waits until a workstation has heard of it."""
    services = workstation.watch_services()
    services.wait_line(f"^[+];eth0;IPv4;{server.name};")
    services.expect(f"^-;eth0;IPv4;{server.name};", server.stop_avahi)
    services.stop()


def browse(workstation, expected):
    result = typed(workstation, f"avahi-browse -pt {SERVICE}")
    expect(result.stdout == expected, f"mDNS should have shown {expected or 'no server'}", result)


def bring_impostor(office, server):
    """Another computer with the server's address, and over mDNS its name and its key's fingerprint. It
    answers each query with everything right but the signature, as who knows the public key can."""
    fingerprint = server.ask_agent("key").strip().replace("-", "")
    public_key, number = server.public_key(), int(server.ipv4.rpartition(".")[2])
    server.stop_agent()
    server.unplug()
    impostor = office.attacker("impostor", number)
    office.start_avahi(impostor)
    impostor.advertise(server.name, fingerprint)
    return impostor.impersonate("copy", "--public-key", public_key)


def refuses(workstation, impostor):
    result = impostor.expect("^answered", lambda: typed(workstation, "practice-locator", YELLOW))
    say(f"(exit code {result.code})", DIM)
    expect((result.code, result.stdout) == (IMPOSTOR, ""), f"{workstation.name} should have refused", result)
    say(f"The impostor's own log: {impostor.output('stdout').splitlines()[-1]}")


def bring_back(office, server, number):
    server.plug(office.main, "eth0", office.addresses_for(number))
    server.start_agent()


def show(office):
    """A headline is printed when what it says has been done."""
    server, reception, surgery = furnish(office)
    say("An office of network namespaces, apart from this machine's own network.")
    say("Each of its computers runs a real mDNS daemon.")
    say()
    say(f"{server.name:12}{server.ipv4:14}practice server, runs practice-agent")
    for host in (reception, surgery):
        say(f"{host.name:12}{host.ipv4:14}workstation")

    headline("1. Workstations join once, by invitation ($TOKEN is the line that invite printed)")
    invite_and_join(server, reception)
    join(surgery, server.invite(surgery.name))
    say("(with an invitation of its own)", DIM)

    headline("2. A workstation finds the server")
    finds(reception, "10.77.0.10")

    server.move_to("10.77.0.77")
    headline("3. The server has been given another address: 10.77.0.77")
    finds(reception, "10.77.0.77")
    finds(surgery, "10.77.0.77", "practice-locator --format '%n is at %a, port %p'",
          f"{server.name} is at {{}}, port 1234")

    stop_mdns(server, reception)
    server.move_to("10.77.0.78")
    headline("4. The server's mDNS daemon is stopped, and the address is another one again: 10.77.0.78")
    browse(reception, "")
    say("(mDNS shows no server)", DIM)
    finds(reception, "10.77.0.78")

    impostor = bring_impostor(office, server)
    headline("5. The server is off, and an impostor has taken its name and its address")
    browse(reception, f"+;eth0;IPv4;{server.name};{SERVICE};local\n")
    refuses(reception, impostor)

    bring_back(office, server, 79)
    headline("6. The server is back at 10.77.0.79, and the impostor is still answering")
    impostor.expect("^answered", lambda: finds(reception, "10.77.0.79"))
    impostor.expect("^answered", lambda: finds(surgery, "10.77.0.79"))


# Around the steps


def stay(office):
    """Leaves the office up until Enter, or until a signal comes."""
    say("The office stays up. To be in one of its computers, type in another terminal:")
    for host in office.hosts.values():
        say(f"{host.name} ({host.ipv4})")
        say(f"    {shlex.join(host.enter_command())} env PATH={shlex.quote(BIN)}:\"$PATH\" bash")
    say("Enter or Ctrl-C takes it down.")
    try:
        if not sys.stdin.readline():
            signal.pause()  # there is nobody to press Enter
    except SystemExit:
        print(flush=True)  # this is how one leaves


def leave(number, _):
    for other in SIGNALS:
        signal.signal(other, signal.SIG_IGN)  # the office is taken down whole
    raise SystemExit(128 + number)


def perform(keep):
    begin = time.monotonic()
    with PracticeOffice(families=(4,)) as office:
        show(office)
        headline(f"All of this happened just now, within {time.monotonic() - begin:.0f} s")
        if keep:
            stay(office)
        office.finish()


def main():
    for number in SIGNALS:
        signal.signal(number, leave)
    headline("Practice Locator")
    try:
        perform(keep="--keep" in sys.argv[1:])
    except (LabError, OSError) as trouble:
        sys.exit(f"\nThe demonstration stops here: {trouble}")
    except SystemExit:
        print("\nInterrupted. The office has been taken down.", file=sys.stderr)
        raise
    say("The office has been taken down.")


main()
