"""mDNS as it really behaves: daemons that are absent, come late, are restarted, die and hang; names that are taken.

Every search here has nothing but DNS-SD to go by, unless it says otherwise. What the agent registered anew shows only
to a daemon that has cached nothing, so the workstation's starts last.
"""
import pytest

from attackers import wire
from practice import SERVICE, Server, Workstation
from process import PYTHON, wait_until

FOUND, NOTHING = 0, 1
IN_VAIN = 1

# In the place of D-Bus: says so when somebody comes, and hangs up.
SULKING_BUS = """
import socket
door = socket.socket(socket.AF_UNIX)
door.bind("/run/dbus/system_bus_socket")
door.listen()
print("open")
while True:
    door.accept()[0].close()
    print("knock")
"""


# Daemons


def test_the_service_appears_when_avahi_starts_after_the_agent(ipv4_office):
    server, workstation = moved(ipv4_office)
    server.start_agent()
    server.start_avahi()
    assert_is_found_by_dns_sd(workstation, server)


def test_the_service_appears_when_avahi_starts_after_the_agent_beside_a_d_bus_that_was_there(ipv4_office):
    server, workstation = moved(ipv4_office)
    server.start_avahi()
    server.stop_avahi()
    server.start_agent()
    server.start_avahi()
    assert_is_found_by_dns_sd(workstation, server)


def test_the_service_comes_back_when_avahi_was_restarted(ipv4_office):
    server, workstation = registered(ipv4_office)
    server.stop_avahi()
    server.start_avahi()
    assert_is_found_by_dns_sd(workstation, server)


def test_the_service_comes_back_when_avahi_was_restarted_twice(ipv4_office):
    server, workstation = registered(ipv4_office)
    server.stop_avahi()
    server.start_avahi()
    server.wait_until_registered()
    server.stop_avahi()
    server.start_avahi()
    assert_is_found_by_dns_sd(workstation, server)


def test_the_service_comes_back_when_avahi_was_killed(ipv4_office):
    server, workstation = registered(ipv4_office)
    server.kill_avahi()
    server.start_avahi()
    assert_is_found_by_dns_sd(workstation, server)


def test_the_service_is_there_again_when_avahi_hung_and_goes_on(ipv4_office):
    server, workstation = registered(ipv4_office)
    server.hang_avahi()
    workstation.start_avahi()
    assert workstation.find(timeout=IN_VAIN).code == NOTHING
    server.resume_avahi()
    assert_is_found_by_dns_sd(workstation, server)


def test_the_service_appears_when_the_agent_was_started_while_avahi_hung(ipv4_office):
    server, workstation = moved(ipv4_office)
    server.start_avahi()
    server.hang_avahi()
    server.start_agent()
    wait_until(lambda: "dnssd-register" in str(server.processes()), "the agent asks avahi")
    server.resume_avahi()
    assert_is_found_by_dns_sd(workstation, server)


def test_the_service_appears_when_a_hung_avahi_was_killed_and_another_took_its_place(ipv4_office):
    server, workstation = moved(ipv4_office)
    server.start_avahi()
    server.hang_avahi()
    server.start_agent()
    wait_until(lambda: "dnssd-register" in str(server.processes()), "the agent asks avahi")
    server.kill_avahi()
    server.start_avahi()
    assert_is_found_by_dns_sd(workstation, server)


def test_the_service_comes_back_when_d_bus_was_gone(ipv4_office):
    server, workstation = registered(ipv4_office)
    server.kill_bus()
    server.start_avahi()
    assert_is_found_by_dns_sd(workstation, server)


def test_the_service_appears_when_d_bus_hung_at_the_agents_start_and_goes_on(ipv4_office):
    server, workstation = moved(ipv4_office)
    server.start_avahi()
    server.hang_bus()
    server.start_agent()
    wait_until(lambda: "dnssd-register" in str(server.processes()), "the agent asks avahi")
    server.resume_bus()
    assert_is_found_by_dns_sd(workstation, server)


def test_an_agent_that_cannot_reach_avahi_tries_again_with_growing_delays(ipv4_office):
    server = ipv4_office.server()
    bus = server.spawn([PYTHON, "-c", SULKING_BUS], label="sulking bus")
    bus.wait_line("open")
    server.start_agent()
    for _ in range(4):
        bus.wait_line("knock", timeout=20)
    knocks = [line.at for line in ipv4_office.link.lines if line.text == "knock"]
    pauses = [later - earlier for earlier, later in zip(knocks, knocks[1:])]
    assert pauses == sorted(pauses) and pauses[-1] > 2 * pauses[0], pauses
    assert server.agent.output("stderr").count("no mDNS daemon") == 1, "it is said once"


def test_the_agent_and_a_search_keep_avahis_warnings_to_themselves(ipv4_office):
    server, workstation = registered(ipv4_office)
    workstation.start_avahi()
    found = workstation.find()
    assert (found.code, found.stderr) == (FOUND, "")
    assert "avahi" not in server.agent.output("stderr").lower()


def test_a_search_goes_on_without_d_bus_on_the_workstation(ipv4_office):
    server, workstation = ipv4_office.enrolled()
    workstation.start_avahi()
    workstation.kill_bus()
    server.restart_with_another_address(20)
    assert workstation.find_json()["source"] == "multicast"


def test_a_search_goes_on_while_d_bus_hangs_on_the_workstation(ipv4_office):
    server, workstation = ipv4_office.enrolled()
    workstation.start_avahi()
    workstation.hang_bus()
    server.restart_with_another_address(20)
    workstation.drop_our_multicast()
    assert workstation.find_json()["source"] == "broadcast"
    assert not [line for line in workstation.processes() if "practice" in line], "no helper is left"


def test_a_search_outlives_the_workstations_avahi(ipv4_office):
    _, workstation = moved(ipv4_office)
    workstation.start_avahi()
    search = workstation.start_finding(timeout=2)
    wait_until(lambda: "dnssd-browse" in str(workstation.processes()), "the search asks avahi")
    workstation.kill_avahi()
    assert search.wait() == NOTHING
    assert not [line for line in workstation.processes() if "practice" in line], "no helper is left"


# Names


@pytest.mark.parametrize("taken_by", ["another host", "another program on the server"])
def test_a_name_that_is_taken_makes_the_agent_take_another_and_changes_nothing_else(ipv4_office, taken_by):
    server, workstation = moved(ipv4_office)
    other = ipv4_office.attacker("other")
    ipv4_office.start_avahi(server, other)
    advertise(other if taken_by == "another host" else server, "server")
    server.start_agent()
    server.wait_until_registered()
    status = server.status()
    assert status["dns_sd"] == {"state": "registered", "name": "server #2"}
    found = assert_is_found_by_dns_sd(workstation, server)
    assert (found["practice"], found["key"]) == ("server", status["key"])


def test_two_servers_that_took_the_same_name_apart_are_both_found_when_their_networks_are_joined(ipv4_office):
    server, other = ipv4_office.server(), ipv4_office.server("other", 11)
    workstation, guest = ipv4_office.workstation(), ipv4_office.workstation("guest")
    server.start_agent()
    workstation.enrol(server)
    other.start_agent("practice = server\n")
    guest.enrol(other)
    move(server, workstation, 20)
    move(other, guest, 21)
    server.pull_cable()
    ipv4_office.start_avahi(server, other)
    for each in (server, other):
        each.wait_until_registered()
        assert each.status()["dns_sd"]["name"] == "server"
    server.put_cable_back()
    assert_is_found_by_dns_sd(workstation, server)
    assert_is_found_by_dns_sd(guest, other)
    wait_until(lambda: {each.status()["dns_sd"]["name"] for each in (server, other)} == {"server", "server #2"},
               "one of them has given way and says so")


def test_the_agent_keeps_the_name_that_it_has_when_another_host_comes_and_wants_it(ipv4_office):
    server, workstation = registered(ipv4_office)
    other = ipv4_office.attacker("other")
    other.start_avahi()
    advertise(other, "server", established="server #2")
    assert_is_found_by_dns_sd(workstation, server)
    assert server.status()["dns_sd"]["name"] == "server"


def test_a_host_name_that_is_taken_changes_nothing(ipv4_office):
    server, workstation = moved(ipv4_office)
    other = ipv4_office.attacker("other")
    other.start_avahi()
    other.check(["avahi-set-host-name", "server"])
    server.start_avahi()
    server.start_agent()
    assert_is_found_by_dns_sd(workstation, server)


def test_a_host_name_that_changes_while_the_service_is_registered_changes_nothing(ipv4_office):
    server, workstation = registered(ipv4_office)
    server.check(["avahi-set-host-name", "practice-server"])
    assert_is_found_by_dns_sd(workstation, server)


# Addresses


def test_a_server_whose_address_changes_while_its_service_is_being_registered_is_found(ipv4_office):
    server, workstation = ipv4_office.server(), ipv4_office.workstation()
    server.start_avahi()
    server.start_agent()
    workstation.enrol(server)
    move(server, workstation)
    assert_is_found_by_dns_sd(workstation, server)


def test_a_server_whose_address_changes_is_found_with_what_the_workstation_has_cached(ipv4_office):
    server, workstation = registered(ipv4_office)
    assert_is_found_by_dns_sd(workstation, server)
    workstation.forget_address()
    server.change_address("10.77.0.30")
    workstation.wait_for_service("10.77.0.30")
    found = workstation.find_json()
    assert (found["address"], found["source"]) == ("10.77.0.30", "dnssd")


def test_a_server_that_lost_power_and_came_back_elsewhere_is_found_with_what_the_workstation_has_cached(
        ipv4_office):
    server, workstation = registered(ipv4_office)
    assert_is_found_by_dns_sd(workstation, server)
    workstation.forget_address()
    server.kill_agent()
    server.kill_avahi()
    server.change_card(30)
    server.start_avahi()
    server.start_agent()
    workstation.wait_for_service("10.77.0.30")
    found = workstation.find_json()
    assert (found["address"], found["source"]) == ("10.77.0.30", "dnssd")


def test_a_server_that_gets_another_card_is_found(ipv4_office):
    server, workstation = registered(ipv4_office)
    server.change_card(30)
    assert_is_found_by_dns_sd(workstation, server)


def test_a_server_whose_cable_was_out_is_found(ipv4_office):
    server, workstation = registered(ipv4_office)
    server.pull_cable()
    workstation.start_avahi()
    assert workstation.find(timeout=IN_VAIN).code == NOTHING
    server.put_cable_back()
    assert_is_found_by_dns_sd(workstation, server)


def test_a_server_with_several_addresses_is_found_at_one_that_can_be_reached(office):
    server, workstation = moved(office)
    server.change_address("fd77:0:0:1::20")
    server.add_address("10.79.0.10/24")
    server.start_avahi()
    server.start_agent()
    found = assert_is_found_by_dns_sd(workstation, server)
    assert found["address"] in ("10.77.0.20", "fd77:0:0:1::20")


def test_a_link_local_address_keeps_its_zone(ipv6_office):
    server = ipv6_office.bare_host("server", Server)
    server.plug(ipv6_office.main)
    workstation = ipv6_office.bare_host("workstation", Workstation)
    workstation.plug(ipv6_office.switch("elsewhere"), "eth0")
    workstation.plug(ipv6_office.main, "eth1")
    server.start_agent()
    workstation.enrol(server)
    only_mdns(workstation)
    server.start_avahi()
    found = assert_is_found_by_dns_sd(workstation, server)
    assert found["address"] == server.address_on("eth0", "fe80::/10") + "%eth1"


# The end


@pytest.mark.parametrize("end", ["stop_agent", "kill_agent"])
def test_the_service_is_withdrawn_when_the_agent_ends(ipv4_office, end):
    server, workstation = registered(ipv4_office)
    workstation.start_avahi()
    services = workstation.watch_services()
    services.wait_line(r"^\+;eth0;IPv4;server;")
    getattr(server, end)()
    services.wait_line(r"^-;eth0;IPv4;server;")
    assert workstation.find(timeout=IN_VAIN).code == NOTHING


def only_mdns(workstation):
    workstation.drop_our_multicast()
    workstation.drop_broadcast()


def move(server, workstation, number=20):
    """The server moves after the workstation joined, and nothing but mDNS leads to it any more."""
    server.change_address(f"10.77.0.{number}")
    only_mdns(workstation)


def moved(office):
    """As move(), and neither its agent nor any avahi is running yet."""
    server, workstation = office.enrolled()
    server.stop_agent()
    move(server, workstation)
    return server, workstation


def registered(office):
    """As moved(), and the service is registered; the workstation's avahi is not running yet."""
    server, workstation = moved(office)
    server.start_avahi()
    server.start_agent()
    server.wait_until_registered()
    return server, workstation


def advertise(host, name, established=None):
    """A service that is not the practice's, under that name if it can be had."""
    words = [name, SERVICE, "1234", "txtvers=1", "key=none", f"q={wire.PORT}"]
    host.spawn(["avahi-publish-service", *words]).wait_line(f"Established under name '{established or name}'")


def assert_is_found_by_dns_sd(workstation, server):
    """Once the workstation's avahi, started now if it is not running, sees a service with this server's key."""
    if workstation.avahi.daemon is None:
        workstation.start_avahi()
    workstation.wait_for_key(server.status()["key"], timeout=20)
    found = workstation.find_json()
    assert found["source"] == "dnssd"
    assert server.owns(found["address"])
    return found
