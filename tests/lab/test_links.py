"""Links: computers with several network cards, bridges and tunnels, and cards that come, go and change."""
import os
import re

import pytest

from attackers import wire
from practice import Server, Workstation
from process import wait_until

FOUND, NOTHING, OWN_NETWORK = 0, 1, 7

# How long a search that must fail is let try.
IN_VAIN = 0.6

needs_tunnels = pytest.mark.skipif(not os.access("/dev/net/tun", os.R_OK | os.W_OK),
                                   reason="an ordinary user needs udev, which opens /dev/net/tun to all")


# A server with several


def test_each_workstation_gets_the_servers_address_on_its_own_side(ipv4_office):
    server, below, above = two_sides(ipv4_office)
    below.enrol(server)
    above.enrol(server)
    assert below.find().address == "10.77.0.10"
    assert above.find().address == "10.78.0.10"


def test_each_workstation_gets_the_address_on_its_own_side_by_multicast(ipv4_office):
    server, below, above = two_sides(ipv4_office)
    below.enrol(server)
    above.enrol(server)
    server.change_address("10.77.0.20", "eth0")
    server.change_address("10.78.0.20", "eth1")
    for workstation, address in ((below, "10.77.0.20"), (above, "10.78.0.20")):
        found = workstation.find_json()
        assert (found["address"], found["source"]) == (address, "multicast")


def test_each_workstation_gets_the_address_on_its_own_side_though_a_router_leads_to_the_other(ipv4_office):
    server, below, above = two_sides(ipv4_office)
    router = ipv4_office.host("router", number=1)
    router.plug(above.plugs[0].switch, "eth1", ["10.78.0.1/24"])
    router.forward()
    below.route_via("10.77.0.1")
    above.route_via("10.78.0.1")
    below.enrol(server)
    above.enrol(server)
    assert below.find().address == "10.77.0.10"
    assert above.find().address == "10.78.0.10"


def test_a_link_local_address_is_found_on_its_own_link(ipv6_office):
    server = cable_alone(ipv6_office, "server", Server)
    upstairs = ipv6_office.switch("upstairs")
    server.plug(upstairs, "eth1")
    above = ipv6_office.bare_host("above", Workstation)
    above.plug(upstairs)
    server.start_agent()
    above.enrol(server)
    assert above.find().address == link_local(server, "eth1") + "%eth0"


def test_a_link_local_address_is_listed_on_its_own_link_only(ipv6_office):
    server, workstation = ipv6_office.server(), ipv6_office.workstation()
    server.plug(ipv6_office.switch("upstairs"), "eth1")
    server.start_agent()
    workstation.enrol(server)
    server.change_address("fd77:0:0:1::20", "eth0")
    attacker = ipv6_office.attacker()
    relay = attacker.relay_to(server, "--record", attacker.RECORD)
    relay.expect("^passed", workstation.find)
    addresses = wire.listed_addresses(bytes.fromhex(attacker.read(attacker.RECORD)))
    assert link_local(server, "eth0") in addresses
    assert link_local(server, "eth1") not in addresses


def test_a_bridge_as_docker_makes_one_is_listed_to_nobody_in_the_office(ipv4_office):
    server, workstation = ipv4_office.server(), ipv4_office.workstation()
    ipv4_office.container_on(server)
    server.start_agent()
    workstation.enrol(server)
    assert listed(ipv4_office, server, workstation) == [server.ipv4]
    assert server.status()["addresses"] == [server.ipv4]


@needs_tunnels
def test_a_tunnel_is_listed_to_nobody_in_the_office(ipv4_office):
    server, workstation = ipv4_office.server(), ipv4_office.workstation()
    server.tunnel("tun0", "10.8.0.1/24")
    server.start_agent()
    workstation.enrol(server)
    assert listed(ipv4_office, server, workstation) == [server.ipv4]
    assert server.status()["addresses"] == [server.ipv4]


@needs_tunnels
def test_a_tunnel_that_comes_up_under_the_running_agent_is_not_listed_either(ipv4_office):
    server, workstation = ipv4_office.enrolled()
    server.tunnel("tun0", "10.8.0.1/24")
    assert workstation.find().address == "10.77.0.10"
    assert server.status()["addresses"] == [server.ipv4]


@needs_tunnels
def test_tunnels_and_bridges_are_listed_when_the_settings_name_them(ipv4_office):
    server = ipv4_office.server()
    ipv4_office.container_on(server)
    server.tunnel("tun0", "10.8.0.1/24")
    server.start_agent("links = docker0 tun*\n")
    assert sorted(server.status()["addresses"]) == ["10.77.0.10", "10.8.0.1", "172.17.0.1"]


# Networks with one kind of address


def test_an_office_without_ipv4_finds_its_server_everywhere(ipv6_office):
    server, workstation = ipv6_office.enrolled()
    found = workstation.find_json()
    assert (found["address"], found["family"]) == ("fd77:0:0:1::10", "ipv6")
    assert workstation.find_json()["source"] == "cache"


def test_where_there_are_only_ipv6_link_local_addresses_the_zone_is_printed(ipv6_office):
    server, workstation = link_local_office(ipv6_office)
    found = workstation.find()
    assert (found.code, found.stdout) == (FOUND, link_local(server) + "%eth0\n")
    assert re.match("fe80::", found.address)
    again = workstation.find_json()
    assert (again["address"], again["interface"], again["source"]) == (found.address, "eth0", "cache")


def test_a_remembered_link_local_address_is_found_through_an_interface_of_another_name(ipv6_office):
    server, workstation = link_local_office(ipv6_office)
    assert workstation.find().address == link_local(server) + "%eth0"
    workstation.rename("lan0")
    assert workstation.find().address == link_local(server) + "%lan0"


def test_a_link_local_address_is_found_through_the_interface_behind_which_it_is(ipv6_office):
    server = cable_alone(ipv6_office, "server", Server)
    workstation = ipv6_office.bare_host("workstation", Workstation)
    workstation.plug(ipv6_office.switch("elsewhere"), "eth0")
    workstation.plug(ipv6_office.main, "eth1")
    server.start_agent()
    workstation.enrol(server)
    assert workstation.find().address == link_local(server) + "%eth1"
    assert workstation.find_json()["source"] == "cache"


def test_a_workstation_with_nothing_but_a_link_local_address_finds_a_server_that_has_more(office):
    server = office.server()
    workstation = cable_alone(office, "workstation", Workstation)
    server.start_agent()
    workstation.enrol(server)
    assert workstation.find().address == link_local(server) + "%eth0"


def test_a_link_local_address_is_used_as_long_as_the_others_are_silent_and_no_longer(office):
    server, workstation = office.enrolled()
    assert workstation.find().address == server.ipv4
    silence = workstation.drop(f"ip saddr {server.ipv4} drop\nip6 saddr {server.ipv6} drop")
    assert workstation.find().address == link_local(server) + "%eth0"
    silence.lift()
    assert workstation.find().address in (server.ipv4, server.ipv6)


def test_an_office_with_nothing_but_ipv4_link_local_addresses_finds_its_server(ipv4_office):
    server = ipv4_office.bare_host("server", Server)
    server.plug(ipv4_office.main, "eth0", ["169.254.7.10/16"])
    workstation = ipv4_office.bare_host("workstation", Workstation)
    workstation.plug(ipv4_office.main, "eth0", ["169.254.201.3/16"])
    server.start_agent()
    workstation.enrol(server)
    assert workstation.find().stdout == "169.254.7.10\n"
    assert workstation.find_json()["source"] == "cache"


# A server's links change under the running agent


def test_an_address_that_is_added_makes_the_server_known_to_its_network(ipv4_office):
    server, workstation = ipv4_office.enrolled()
    workstation.add_address("10.79.0.100/24")
    workstation.remove_address(f"{workstation.ipv4}/24")
    assert workstation.find(timeout=IN_VAIN).code == NOTHING
    server.agent.expect("addresses of this machine read", lambda: server.add_address("10.79.0.10/24"))
    assert workstation.find().address == "10.79.0.10"


def test_an_address_to_which_no_way_leads_from_the_workstation_is_not_printed(ipv4_office):
    server, workstation = ipv4_office.enrolled()
    workstation.add_address("10.79.0.100/24")
    workstation.remove_address(f"{workstation.ipv4}/24")
    server.ip("route add 10.79.0.0/24 dev eth0")
    assert workstation.find(timeout=IN_VAIN).address is None


def test_an_address_that_is_removed_is_told_to_nobody(ipv4_office):
    server, workstation = ipv4_office.enrolled()
    server.add_address("10.79.0.10/24")
    workstation.add_address("10.79.0.100/24")
    assert workstation.find().address == "10.77.0.10"
    server.remove_address("10.77.0.10/24")
    assert workstation.find().address == "10.79.0.10"
    assert server.status()["addresses"] == ["10.79.0.10"]


def test_a_renamed_interface_serves_on(ipv4_office):
    server, workstation = ipv4_office.enrolled()
    server.rename("lan0")
    assert workstation.find().address == "10.77.0.10"
    server.change_address("10.77.0.20", "lan0")
    workstation.forget_address()
    found = workstation.find_json()
    assert (found["address"], found["source"]) == ("10.77.0.20", "multicast")


def test_an_interface_that_was_down_and_came_back_under_another_name_serves_on(ipv4_office):
    server, workstation = ipv4_office.enrolled()
    server.switch_off()
    assert workstation.find(timeout=IN_VAIN).code == NOTHING
    server.rename("lan0")
    server.switch_on("lan0")
    server.change_address("10.77.0.20", "lan0")
    found = workstation.find_json()
    assert (found["address"], found["source"]) == ("10.77.0.20", "multicast")


def test_the_server_is_found_again_when_its_cable_was_out(office):
    server, workstation = office.enrolled()
    server.pull_cable()
    assert workstation.find(timeout=IN_VAIN).code == NOTHING
    server.put_cable_back()
    assert server.owns(workstation.find().address)


def test_the_server_is_found_at_its_new_address_when_that_changed_while_its_cable_was_out(ipv4_office):
    server, workstation = ipv4_office.enrolled()
    assert workstation.find().address == "10.77.0.10"
    server.pull_cable()
    server.change_address("10.77.0.20")
    server.put_cable_back()
    found = workstation.find_json()
    assert (found["address"], found["source"]) == ("10.77.0.20", "multicast")


def test_an_agent_that_was_started_without_a_network_serves_the_one_that_comes(office):
    server, workstation = office.bare_host("server", Server), office.workstation()
    server.start_agent()
    server.plug(office.main, "eth0", office.addresses_for(10))
    workstation.enrol(server)
    assert server.owns(workstation.find().address)


def test_an_interface_that_appears_after_the_agents_start_is_served_by_multicast(ipv4_office):
    server, upstairs = ipv4_office.server(), ipv4_office.switch("upstairs")
    above = ipv4_office.bare_host("above", Workstation)
    above.plug(upstairs, "eth0", ["10.78.0.100/24"])
    server.start_agent()
    server.plug(upstairs, "eth1", ["10.78.0.10/24"])
    above.enrol(server)
    server.change_address("10.78.0.20", "eth1")
    found = above.find_json()
    assert (found["address"], found["source"]) == ("10.78.0.20", "multicast")


# A workstation's links


@pytest.mark.parametrize("way, closed", [("multicast", ()), ("broadcast", ("multicast",)),
                                         ("sweep", ("multicast", "broadcast"))])
def test_the_server_is_found_behind_the_second_interface_though_the_default_route_leads_into_the_first(
        ipv4_office, way, closed):
    workstation = ipv4_office.bare_host("workstation", Workstation)
    workstation.plug(ipv4_office.switch("guests"), "eth0", ["10.90.0.100/24"])
    workstation.plug(ipv4_office.main, "eth1", ["10.77.0.100/24"])
    workstation.route_via("10.90.0.1")
    server = ipv4_office.server()
    server.start_agent()
    workstation.enrol(server)
    server.restart_with_another_address(20)
    for each in closed:
        getattr(workstation, f"drop_{each}")()
    found = workstation.find_json("--sweep")
    assert (found["address"], found["interface"], found["source"]) == ("10.77.0.20", "eth1", way)


@pytest.mark.parametrize("trouble", ["unplug", "pull_cable", "switch_off"])
def test_a_workstation_with_two_interfaces_and_none_up_says_that_its_own_network_is_the_trouble(
        ipv4_office, trouble):
    server, workstation = ipv4_office.enrolled()
    workstation.plug(ipv4_office.switch("guests"), "eth1", ["10.90.0.100/24"])
    assert workstation.find().address == "10.77.0.10"
    for interface in ("eth0", "eth1"):
        getattr(workstation, trouble)(interface)
    found = workstation.find(timeout=IN_VAIN)
    assert (found.code, found.stdout) == (OWN_NETWORK, "")
    assert "network" in found.stderr


def test_a_workstation_that_was_given_no_address_says_that_its_own_network_is_the_trouble(ipv4_office):
    _, workstation = ipv4_office.enrolled()
    workstation.remove_address(f"{workstation.ipv4}/24")
    assert workstation.find(timeout=IN_VAIN).code == OWN_NETWORK


def test_a_search_that_began_without_a_network_finds_the_server_when_the_cable_is_put_back(ipv4_office):
    server, workstation = ipv4_office.enrolled()
    server.change_address("10.77.0.20")
    workstation.start_avahi()
    workstation.drop_broadcast()
    workstation.pull_cable()
    search = workstation.start_finding(timeout=10)
    wait_until(lambda: "dnssd-browse" in str(workstation.processes()), "the search is under way")
    workstation.put_cable_back()
    assert search.wait(15) == FOUND
    assert search.output("stdout") == "10.77.0.20\n"


def two_sides(office):
    """A server whose agent runs, with a card in each of two networks, and a workstation in each."""
    server, below, above = office.server(), office.workstation("below"), office.bare_host("above", Workstation)
    upstairs = office.switch("upstairs")
    server.plug(upstairs, "eth1", ["10.78.0.10/24"])
    above.plug(upstairs, "eth0", ["10.78.0.100/24"])
    server.start_agent()
    return server, below, above


def cable_alone(office, name, kind):
    """A host with a cable, and what addresses the system makes up by itself."""
    host = office.bare_host(name, kind)
    host.plug(office.main)
    return host


def link_local_office(office):
    """As enrolled, where nobody has given anybody an address."""
    server, workstation = cable_alone(office, "server", Server), cable_alone(office, "workstation", Workstation)
    server.start_agent()
    workstation.enrol(server)
    return server, workstation


def link_local(host, interface="eth0"):
    return host.address_on(interface, "fe80::/10")


def listed(office, server, workstation):
    """The addresses that a genuine answer to the workstation tells."""
    return wire.listed_addresses(office.attacker().record_answer(server, workstation))
