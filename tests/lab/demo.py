"""Shows the main job in an office of its own: found, followed, found without mDNS, an impostor refused.

scripts/demo runs it. What it shows as typed is run exactly so in that host, and what stands below is what came
of it; each step is compared with what it has to be, and at the first that is not, the demonstration stops.
"""
import os
import shlex
import signal
import sys
import time

from office import ENVIRONMENT
from practice import BIN, SERVICE, PracticeOffice, Readiness
from process import LabError

# Programs are found by their names, as on a machine on which they are installed.
PATH = {"PATH": f"{BIN}:{ENVIRONMENT['PATH']}"}
FOUND, IMPOSTOR = 0, 3

COLOURED = sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
BOLD, DIM, GREEN, YELLOW = "1", "2", "32", "33"


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
        raise LabError(f"{what}, but what came was {result.stdout + result.stderr!r} and exit code {result.code}")


def finds(workstation, address, line="practice-locator", answer="{}"):
    result = typed(workstation, line, GREEN)
    expect((result.code, result.stdout) == (FOUND, answer.format(address) + "\n"),
           f"{workstation.name} should have found {address}", result)


# The steps, in their order


def furnish(office):
    """Server and workstations, each with its mDNS daemon, and the agent running on the server."""
    server, workstations = office.server(), [office.workstation("reception", 50), office.workstation("surgery", 51)]
    office.start_avahi(server, *workstations)
    start_agent(server)
    for host in (server, *workstations):
        runs = "practice server, runs practice-agent" if host is server else "workstation"
        say(f"{host.name:12}{host.ipv4:14}{runs}")
    return server, *workstations


def start_agent(server):
    readiness = Readiness(server)
    server.agent = server.spawn(["practice-agent", "run"], env={**PATH, **readiness.environment})
    readiness.wait(server.agent)


def join(server, workstation):
    invited = typed(server, f"practice-agent invite --token --name {workstation.name}")
    expect(invited.code == 0, "the server should have made an invitation", invited)
    joined = typed(workstation, 'practice-locator join "$TOKEN"', TOKEN=invited.stdout.strip())
    expect(joined.code == 0, f"{workstation.name} should have joined", joined)


def stop_mdns(server, workstation):
    """Ends the server's mDNS daemon and waits until a workstation has heard of it."""
    services = workstation.watch_services()
    services.wait_line(f"^[+];eth0;IPv4;{server.name};")
    services.expect(f"^-;eth0;IPv4;{server.name};", server.stop_avahi)
    services.stop()


def browse(workstation, expected):
    result = typed(workstation, f"avahi-browse -pt {SERVICE}")
    expect(result.stdout.count("\n") == len(expected) and all(each in result.stdout for each in expected),
           f"mDNS should have shown {expected or 'no server'}", result)


def bring_impostor(office, server):
    """Another computer with the server's address, and over mDNS its name and its key's fingerprint. It answers
    each query with everything right, as only somebody who knows the server's public key can, but the signature."""
    fingerprint = server.check(["practice-agent", "key"], env=PATH).stdout.strip().replace("-", "")
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


def show(office):
    say("An office of network namespaces, apart from this machine's own network.")
    say("Each computer in it has a real mDNS daemon.\n")
    server, reception, surgery = furnish(office)

    headline("1. Workstations join once, by invitation. $TOKEN is the line that invite printed.")
    join(server, reception)
    join(server, surgery)

    headline("2. A workstation finds the server")
    finds(reception, "10.77.0.10")

    headline("3. The server's address changes to 10.77.0.77, as routers do it")
    server.change_address("10.77.0.77")
    finds(reception, "10.77.0.77")
    finds(surgery, "10.77.0.77", "practice-locator --format '%n is at %a, port %p'",
          f"{server.name} is at {{}}, port 1234")

    headline("4. The server's mDNS daemon stops, and the address changes again, to 10.77.0.78")
    stop_mdns(server, reception)
    server.change_address("10.77.0.78")
    browse(reception, [])
    say("(mDNS shows no server)", DIM)
    finds(reception, "10.77.0.78")

    headline("5. The server is switched off. An impostor takes its name and its address")
    impostor = bring_impostor(office, server)
    browse(reception, [f"+;eth0;IPv4;{server.name};{SERVICE};local"])
    refuses(reception, impostor)

    headline("6. The server is back, at 10.77.0.79, and the impostor is still there")
    server.plug(office.main, "eth0", office.addresses_for(79))
    start_agent(server)
    impostor.expect("^answered", lambda: finds(reception, "10.77.0.79"))
    finds(surgery, "10.77.0.79")


# Around the steps


def stay(office):
    headline("The office stays up. To be in one of its computers, type in another terminal:")
    for host in office.hosts.values():
        say(f"{host.name} ({host.ipv4})" if host.plugs else host.name)
        say(f"  {shlex.join(host.enter_command())} env PATH={shlex.quote(BIN)}:\"$PATH\" bash")
    say("\nEnter or Ctrl-C takes it down.")
    if not sys.stdin.readline():
        signal.pause()  # there is nobody to press Enter


def leave(number, _):
    raise SystemExit(128 + number)


def main():
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, leave)
    headline("Practice Locator")
    begin = time.monotonic()
    with PracticeOffice(families=(4,)) as office:
        show(office)
        took = time.monotonic() - begin
        if "--keep" in sys.argv[1:]:
            stay(office)
        office.finish()
    headline(f"All of this happened just now, within {took:.0f} s. The office has been taken down.")


try:
    main()
except (LabError, OSError) as trouble:
    sys.exit(f"\nThe demonstration stops here: {trouble}")
