"""The lab itself: an office is what it claims to be, and nothing is left of it, however it ends."""
import os
import pathlib
import re
import signal
import subprocess
import sys

import pytest

from attackers import wire
from practice import PracticeOffice, Readiness
from process import PYTHON, LabError, wait_until

HERE = os.path.dirname(os.path.abspath(__file__))
LISTEN = os.path.join(HERE, "probes", "listen.py")
SAY = os.path.join(HERE, "probes", "say.py")
KINDS = ("net", "mnt", "uts", "pid", "ipc")

NOTIFY = """
import os, socket, time
mouth = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
mouth.sendto(b"STATUS=here\\nREADY=1\\n", os.environ["NOTIFY_SOCKET"])
time.sleep(1000)
"""

# A test runner that is about to be killed: makes an office with all sorts of things in it, and waits.
DOOMED = f"""
import sys, time
sys.path.insert(0, {HERE!r})
from practice import PracticeOffice
office = PracticeOffice()
server, workstation = office.server(), office.workstation()
office.start_avahi(server, workstation)
server.hang_avahi()
server.spawn(["sh", "-c", "trap '' TERM INT HUP; sleep 1000 & wait"])
print(server.outside_pid, workstation.outside_pid, flush=True)
time.sleep(1000)
"""

FAILING = """
def test_that_fails(office):
    server = office.server()
    print("anchor", server.outside_pid)
    server.check(["echo", "the log is shown"])
    assert False
"""

SLEEPING = """
import time
def test_that_never_ends(office):
    print("anchor", office.server().outside_pid, flush=True)
    time.sleep(1000)
"""

TELLING = """
import os, time
def test_that_never_ends(office):
    with open("{told}.new", "w") as file:
        file.write(str(office.server().outside_pid))
    os.rename("{told}.new", "{told}")
    time.sleep(1000)
"""


def listen(host, address, port=4000, join=False):
    ear = host.spawn([PYTHON, LISTEN, address, port, "join" if join else "-"], label="ear")
    ear.wait_line("listening")
    return ear


def say(host, text, to, port=4000):
    host.check([PYTHON, SAY, text, to, port], label="mouth")


class Footprint:
    """The namespaces that processes of an office are in, and whether any process is in them still. They are held
    open, so that their numbers do not pass to another office meanwhile; that keeps no process alive."""

    def __init__(self, *pids):
        mine = self._of("self")
        self._held = [os.open(f"/proc/{pid}/ns/{kind}", os.O_RDONLY) for pid in pids for kind in KINDS]
        self._names = set().union(*map(self._of, pids)) - mine

    def is_in_use(self):
        return any(self._names & self._of(pid) for pid in filter(str.isdigit, os.listdir("/proc")))

    @staticmethod
    def _of(pid):
        try:
            return {os.readlink(f"/proc/{pid}/ns/{kind}") for kind in KINDS}
        except OSError:
            return set()  # ended meanwhile, or somebody else's

    def forget(self):
        for descriptor in self._held:
            os.close(descriptor)


@pytest.fixture
def footprint():
    """Takes the footprint of processes: footprint(pid, …)."""
    taken = []

    def take(*pids):
        taken.append(Footprint(*pids))
        assert taken[-1].is_in_use()
        return taken[-1]

    yield take
    for each in taken:
        each.forget()


def machine_state():
    """What an office must not change: the machine's interfaces and mounts."""
    with open("/proc/self/mountinfo", encoding="utf-8") as file:
        return sorted(os.listdir("/sys/class/net")), file.read()


def run_pytest(folder, test, *options, **popen):
    """Starts a pytest of its own on one test, with the lab's fixtures."""
    (folder / "test_it.py").write_text(test)
    (folder / "conftest.py").write_text((pathlib.Path(HERE) / "conftest.py").read_text())
    argv = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *options, folder / "test_it.py"]
    environment = {**os.environ, "PYTHONPATH": HERE}
    return subprocess.Popen(argv, env=environment, stdout=subprocess.PIPE, text=True, **popen)


# An office


def test_hosts_reach_each_other_over_ipv4_and_ipv6(office):
    server, workstation = office.server(), office.workstation()
    for address in (server.ipv4, server.ipv6):
        ear = listen(server, address)
        say(workstation, "hello", address)
        ear.wait_line("heard hello")
        ear.kill()


def test_hosts_reach_each_other_by_multicast(office):
    server, workstation = office.server(), office.workstation()
    for group in (wire.GROUP_IPV4, wire.GROUP_IPV6):
        ear = listen(server, group, join=True)
        say(workstation, "hello", group)
        ear.wait_line("heard hello")
        ear.kill()


def test_hosts_have_names_and_files_of_their_own(office):
    server, workstation = office.server(), office.workstation()
    server.write("/etc/practice-agent.conf", "here\n")
    server.write("/var/lib/note", "mine\n")
    assert server.check(["uname", "-n"]).stdout == "server\n"
    assert server.check(["cat", "/etc/practice-agent.conf", "/var/lib/note"]).stdout == "here\nmine\n"
    assert workstation.run(["cat", "/etc/practice-agent.conf"]).code != 0
    assert not os.path.exists("/var/lib/note")


def test_the_machines_own_files_cannot_be_written_by_way_of_a_host(office):
    server = office.server()
    for path in ("/usr/note", "/etc/default/note", "/home/note"):
        with pytest.raises(LabError):
            server.write(path, "")
    assert server.run(["touch", "/etc/default/note"]).code != 0, "behind a host's own /etc all is read-only"


def test_a_hosts_card_passes_as_a_network_card_and_not_as_a_containers(office):
    assert "macvlan" in office.server().check(["ip", "-details", "link", "show", "eth0"]).stdout


def test_an_office_without_ipv6_has_none(ipv4_office):
    assert ipv4_office.server().addresses() == ["10.77.0.10"]


def test_an_office_without_ipv4_has_none(ipv6_office):
    addresses = ipv6_office.server().addresses()
    assert addresses and all(":" in address for address in addresses)


def test_a_host_changes_its_address(office):
    server, workstation = office.server(), office.workstation()
    server.change_address("10.77.0.20")
    assert server.ipv4 == "10.77.0.20"
    assert server.owns("10.77.0.20") and not server.owns("10.77.0.10")
    ear = listen(server, "10.77.0.20")
    say(workstation, "hello", "10.77.0.20")
    ear.wait_line("heard hello")


def test_a_host_can_get_another_card(office):
    server = office.server()
    before = server.addresses()
    server.change_card(30)
    assert server.owns("10.77.0.30")
    assert not set(before) & set(server.addresses())


def test_a_pulled_cable_takes_the_carrier(office):
    server = office.server()
    server.pull_cable()
    show = ["ip", "link", "show", "eth0"]
    wait_until(lambda: "NO-CARRIER" in server.check(show).stdout, "the carrier is gone")


def test_networks_are_joined_by_a_router_that_masquerades(ipv4_office):
    outside, router = ipv4_office.switch("outside"), ipv4_office.host("router", number=1)
    router.plug(outside, "eth1", ["192.0.2.1/24"])
    router.forward(masquerade="eth1")
    workstation, far = ipv4_office.workstation(), ipv4_office.bare_host("far")
    far.plug(outside, "eth0", ["192.0.2.9/24"])
    workstation.route_via("10.77.0.1")
    ear = listen(far, "192.0.2.9")
    say(workstation, "hello", "192.0.2.9")
    ear.wait_line("heard hello from 192.0.2.1$")


def test_a_container_has_its_cable_in_a_bridge_of_its_host(ipv4_office):
    server = ipv4_office.server()
    container = ipv4_office.container_on(server)
    assert server.owns("172.17.0.1")
    ear = listen(server, "172.17.0.1")
    say(container, "hello", "172.17.0.1")
    ear.wait_line("heard hello from 172.17.0.2$")


def test_a_host_can_have_a_tunnel(ipv4_office):
    server = ipv4_office.server()
    if not os.access("/dev/net/tun", os.R_OK | os.W_OK):
        with pytest.raises(LabError, match="Permission denied"):
            server.tunnel("tun0", "10.8.0.1/24")
        return  # an ordinary user needs udev, which opens the device to all
    server.tunnel("tun0", "10.8.0.1/24")
    assert server.owns("10.8.0.1")


# Programs


def test_a_program_that_cannot_be_started_is_an_error(office):
    with pytest.raises(LabError, match="No such file"):
        office.server().run(["no-such-program"])


def test_a_program_that_takes_too_long_is_killed(office):
    server = office.server()
    with pytest.raises(LabError, match="in vain"):
        server.run(["sleep", "1000"], timeout=0.1)
    assert server.processes() == []


def test_waiting_for_a_line_ends_when_the_program_does(office):
    program = office.server().spawn(["echo", "something else"])
    with pytest.raises(LabError, match="ended with code 0"):
        program.wait_line("never said", timeout=1000)


def test_lines_are_events_in_their_order(office):
    program = office.server().spawn(["printf", "one\ntwo\none\nend"])
    program.wait_line("one")
    program.wait_line("two")
    program.wait_line("one")
    program.wait_line("end")
    assert program.wait() == 0


def test_a_program_is_hung_and_resumed_and_stopped(office):
    program = office.server().spawn(["sleep", "1000"])
    program.hang()
    assert program.stopped
    program.resume()
    program.hang()
    assert program.stop() == -signal.SIGTERM, "a hung program can be ended as well"


def test_signals_that_python_ignores_are_not_ignored_by_programs(office):
    assert office.server().run(["sh", "-c", "kill -PIPE $$"]).code == -signal.SIGPIPE


def test_a_service_says_when_it_is_ready(office):
    server = office.server()
    readiness = Readiness(server)
    service = server.spawn([PYTHON, "-c", NOTIFY], env=readiness.environment)
    readiness.wait(service)
    assert service.running


def test_a_service_that_ends_before_it_is_ready_is_an_error(office):
    server = office.server()
    with pytest.raises(LabError, match="before it was ready"):
        Readiness(server).wait(server.spawn(["true"]), timeout=1000)


def test_what_sanitizers_say_is_a_complaint():
    with PracticeOffice() as office:
        server = office.server()
        for words in ("==7==ERROR: AddressSanitizer: use-after-free", "a.c: runtime error: overflow", "fine"):
            server.check(["sh", "-c", 'echo "$1" >&2', "sh", words], label="practice-agent")
        assert [complaint[-8:] for complaint in office.complaints()] == ["ter-free", "overflow"]


# Packets that get lost


def test_lost_multicast_is_lost_in_silence_and_unicast_is_not(office):
    server, workstation = office.server(), office.workstation()
    for address, group in ((server.ipv4, wire.GROUP_IPV4), (server.ipv6, wire.GROUP_IPV6)):
        ear = listen(server, group, join=True)
        lost = workstation.drop_multicast()
        say(workstation, "lost", group)
        say(workstation, "unicast", address)
        ear.wait_line("heard unicast")
        lost.lift()
        say(workstation, "again", group)
        ear.wait_line("heard again")
        assert "lost" not in ear.output("stdout")
        ear.kill()


def test_losing_multicast_works_towards_the_host_too(office):
    server, workstation = office.server(), office.workstation()
    ear = listen(workstation, wire.GROUP_IPV4, join=True)
    workstation.drop_multicast()
    say(server, "lost", wire.GROUP_IPV4)
    say(server, "unicast", workstation.ipv4)
    ear.wait_line("heard unicast")
    assert "lost" not in ear.output("stdout")


def test_losing_our_multicast_leaves_the_others(office):
    server, workstation = office.server(), office.workstation()
    for group in (wire.GROUP_IPV4, wire.GROUP_IPV6):
        ours, others = listen(server, group, wire.PORT, join=True), listen(server, group, join=True)
        lost = workstation.drop_our_multicast()
        say(workstation, "lost", group, wire.PORT)
        say(workstation, "kept", group)
        others.wait_line("heard kept")
        lost.lift()
        say(workstation, "again", group, wire.PORT)
        ours.wait_line("heard again")
        assert "lost" not in ours.output("stdout")
        ours.kill()
        others.kill()


def test_what_one_host_says_can_be_lost_to_another(office):
    server, workstation, other = office.server(), office.workstation(), office.workstation("other")
    ear = listen(workstation, workstation.ipv4)
    workstation.drop_everything_from(server)
    say(server, "lost", workstation.ipv4)
    say(other, "kept", workstation.ipv4)
    ear.wait_line("heard kept")
    assert "lost" not in ear.output("stdout")


def test_a_local_firewall_is_noticed_by_the_sender(office):
    workstation = office.workstation()
    workstation.forbid_sending(4000)
    assert "PermissionError" in workstation.run([PYTHON, SAY, "x", wire.GROUP_IPV4, 4000]).stderr


def test_packets_are_counted(office):
    server, workstation = office.server(), office.workstation()
    count = workstation.count_udp_out(4000)
    say(workstation, "counted", server.ipv4)
    say(workstation, "counted", wire.GROUP_IPV6)
    say(workstation, "of another port", server.ipv4, 4001)
    assert count.packets() == 2


# Avahi


def test_a_service_comes_and_goes_as_seen_from_another_host(office):
    workstation, attacker = office.workstation(), office.attacker()
    office.start_avahi(workstation, attacker)
    services = workstation.watch_services()
    attacker.advertise("Praxis Dr. Weiß", fingerprint="none")
    services.wait_line(r"^\+;eth0;IPv4;")
    attacker.stop_avahi()
    services.wait_line(r"^-;eth0;IPv4;")


def test_mdns_can_be_lost_alone(ipv4_office):
    workstation, attacker = ipv4_office.workstation(), ipv4_office.attacker()
    ipv4_office.start_avahi(workstation, attacker)
    lost = workstation.drop_mdns()
    attacker.advertise("Praxis", fingerprint="none")
    browse = ["avahi-browse", "--parsable", "--terminate", "_practice._tcp"]
    assert workstation.check(browse).stdout == ""
    lost.lift()
    wait_until(lambda: "Praxis" in workstation.check(browse).stdout, "the service is seen", 10)


def test_a_hung_avahi_answers_nobody_until_it_is_resumed(office):
    workstation = office.workstation()
    workstation.start_avahi()
    resolve = ["avahi-resolve", "--name", "workstation.local"]
    assert workstation.run(resolve).code == 0
    workstation.hang_avahi()
    asking = workstation.spawn(resolve)
    with pytest.raises(LabError):
        asking.wait(0.5)
    workstation.avahi.resume()
    assert asking.wait() == 0


# Attackers


def test_strangers_hear_what_impostors_answer(office):
    impostor, stranger = office.attacker("impostor", 67), office.attacker("stranger", 68)
    for mode in ("garbage", "echo", "copy"):
        running = impostor.impersonate(mode)
        targets = [impostor.ipv4, impostor.ipv6, wire.GROUP_IPV4, wire.GROUP_IPV6]
        asking = stranger.stranger(targets, "--seed", "1")
        running.wait_line("^answered")
        asking.stop()
        assert int(asking.wait_line(r"^heard (\d+)").group(1)) > 0
        running.stop()


def test_a_relay_passes_answers_on_and_records_one_for_replay(ipv4_office):
    impostor, relay, stranger = (ipv4_office.attacker(name, number)
                                 for name, number in (("impostor", 67), ("relay", 68), ("stranger", 69)))
    impostor.impersonate("copy", "--public-key", "11" * 32)
    relaying = relay.relay_to(impostor, "--record", relay.RECORD)
    asking = stranger.stranger([relay.ipv4], "--public-key", "11" * 32)
    relaying.wait_line("^passed")
    answer = bytes.fromhex(relay.read(relay.RECORD))
    assert wire.listed_addresses(answer) == [impostor.ipv4]
    assert wire.close_gate(answer, b"\x11" * 32) == answer
    asking.stop()
    relaying.stop()
    replaying = relay.impersonate("replay", relay.RECORD)
    stranger.stranger([relay.ipv4])
    replaying.wait_line(f"answered .* with {len(answer)} bytes")


# The end of an office


def test_nothing_is_left_of_an_office(footprint):
    before = machine_state()
    with PracticeOffice() as office:
        server, workstation = office.server(), office.workstation()
        office.container_on(server)
        office.start_avahi(server, workstation)
        left = footprint(server.outside_pid, workstation.outside_pid)
    assert not left.is_in_use()
    assert machine_state() == before


def test_offices_side_by_side_do_not_meet(new_office):
    here, there = new_office(), new_office()
    ears = [listen(office.server(), wire.GROUP_IPV4, join=True) for office in (here, there)]
    for office, word in ((here, "here"), (there, "there")):
        say(office.workstation(), word, wire.GROUP_IPV4)
    ears[0].wait_line("heard here ")
    ears[1].wait_line("heard there ")
    here.close()
    say(there.hosts["workstation"], "still", "10.77.0.10")
    ears[1].wait_line("heard still ")
    assert [ear.output("stdout").count("heard") for ear in ears] == [1, 2]


def test_killing_whoever_made_an_office_ends_it(footprint):
    runner = subprocess.Popen([PYTHON, "-B", "-c", DOOMED], stdout=subprocess.PIPE, text=True)
    left = footprint(*runner.stdout.readline().split())
    runner.kill()
    runner.communicate()
    wait_until(lambda: not left.is_in_use(), "the killed runner's office is gone")


def test_a_failing_test_shows_the_log_and_leaves_nothing(tmp_path):
    runner = run_pytest(tmp_path, FAILING)
    output = runner.communicate(timeout=60)[0]
    assert runner.returncode == 1
    assert "log of office 1" in output
    assert "server echo stdout: the log is shown" in output
    assert not os.path.exists(f"/proc/{re.search('anchor ([0-9]+)', output).group(1)}/ns")


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_an_interrupted_pytest_leaves_nothing(tmp_path, footprint, end):
    runner = run_pytest(tmp_path, SLEEPING, "-s", start_new_session=True)
    anchor = next(match for line in runner.stdout if (match := re.search("anchor ([0-9]+)", line))).group(1)
    left = footprint(anchor)
    os.killpg(runner.pid, end)
    runner.communicate(timeout=60)
    wait_until(lambda: not left.is_in_use(), "the interrupted pytest's office is gone")


def test_killing_pytest_ends_the_offices_of_its_workers(tmp_path, footprint):
    told = tmp_path / "told"
    runner = run_pytest(tmp_path, TELLING.format(told=str(told)), "-n", "1")
    anchor = wait_until(lambda: told.exists() and told.read_text(), "the worker's office stands", 30)
    left = footprint(anchor)
    runner.kill()
    runner.communicate(timeout=60)
    wait_until(lambda: not left.is_in_use(), "the killed pytest's offices are gone")


def test_the_office_command_makes_an_office_and_takes_it_down():
    look = "$SERVER uname -n; $RECEPTION avahi-resolve -4 -n server.local; echo $ATTACKER; exit 9"
    result = subprocess.run([os.path.join(HERE, "office"), "--exec", look],
                            capture_output=True, text=True, timeout=60, check=False)
    assert result.returncode == 9, result.stderr
    assert result.stdout.startswith("server\nserver.local\t10.77.0.10\n")
    assert not os.path.exists("/proc/" + re.search("--target=([0-9]+)", result.stdout).group(1))


def test_the_office_command_stays_until_ctrl_c(footprint):
    command = subprocess.Popen([os.path.join(HERE, "office")], stdout=subprocess.PIPE, text=True)
    entering = next(line for line in command.stdout if "--target=" in line)
    assert subprocess.check_output([*entering.split()[:-1], "uname", "-n"], text=True) == "server\n"
    left = footprint(re.search("--target=([0-9]+)", entering).group(1))
    command.send_signal(signal.SIGINT)
    command.communicate(timeout=60)
    assert command.returncode == 0
    assert not left.is_in_use()
