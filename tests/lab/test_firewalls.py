"""Firewalls: what a workstation or a server has to let in for the server to be found, and no more than that."""
import pytest

from attackers import wire
from practice import Server

FOUND, NOTHING = 0, 1

# How long a search that must fail is let try: enough for every way that could succeed but the sweep.
IN_VAIN = 0.6


def test_a_workstation_that_admits_only_answers_finds_the_server_where_it_remembers_it(ipv4_office):
    _, workstation = ipv4_office.enrolled()
    assert workstation.find().address == "10.77.0.10"
    workstation.admit_only_answers()
    found = workstation.find_json()
    assert (found["address"], found["source"]) == ("10.77.0.10", "cache")


def test_a_workstation_that_admits_only_answers_finds_the_server_where_it_remembers_it_over_ipv6(ipv6_office):
    server, workstation = ipv6_office.enrolled()
    assert workstation.find().address == server.ipv6
    workstation.admit_only_answers()
    found = workstation.find_json()
    assert (found["address"], found["source"]) == (server.ipv6, "cache")


def test_a_workstation_that_admits_only_answers_joins_by_an_address_in_the_token(ipv4_office):
    server = behind_a_router(ipv4_office)
    workstation = ipv4_office.workstation()
    workstation.route_via("10.77.0.1")
    workstation.admit_only_answers()
    assert workstation.join(server.invite()).code == 0
    found = workstation.find_json()
    assert (found["address"], found["source"]) == ("10.80.0.10", "configured")


def test_a_workstation_that_admits_only_answers_finds_the_server_where_the_settings_say_it_is(ipv4_office):
    server, workstation = ipv4_office.enrolled()
    server.restart_with_another_address(20)
    workstation.admit_only_answers()
    assert workstation.find(timeout=IN_VAIN).code == NOTHING
    workstation.configure("servers = 10.77.0.20")
    found = workstation.find_json()
    assert (found["address"], found["source"]) == ("10.77.0.20", "configured")


def test_a_workstation_that_admits_only_answers_finds_a_server_that_moved_by_the_sweep(ipv4_office):
    server, workstation = ipv4_office.enrolled()
    assert workstation.find().address == "10.77.0.10"
    server.restart_with_another_address(20)
    workstation.admit_only_answers()
    found = workstation.find_json()
    assert (found["address"], found["source"]) == ("10.77.0.20", "sweep")


@pytest.mark.parametrize("families", [(4,), (6,)], ids=["ipv4", "ipv6"])
def test_one_open_port_on_the_server_is_enough(new_office, families):
    office = new_office(families=families)
    server, workstation = office.server(), office.workstation()
    server.admit_only(f"udp dport {wire.PORT} accept")
    server.start_agent()
    workstation.enrol(server)
    assert server.owns(workstation.find().address), "joined and found where the token said"
    server.restart_with_another_address(20)
    found = workstation.find_json()
    assert server.owns(found["address"])
    assert found["source"] == "multicast"


def test_without_its_one_open_port_the_server_is_not_found(ipv4_office):
    server, workstation = ipv4_office.enrolled()
    server.admit_only_answers()
    assert workstation.find(timeout=IN_VAIN).code == NOTHING


def test_one_open_port_on_the_server_is_enough_for_a_workstation_that_admits_only_answers(ipv4_office):
    server, workstation = ipv4_office.server(), ipv4_office.workstation()
    server.admit_only(f"udp dport {wire.PORT} accept")
    workstation.admit_only_answers()
    server.start_agent()
    workstation.enrol(server)
    assert workstation.find().address == "10.77.0.10"


def test_the_one_open_port_may_be_another(ipv4_office):
    server, workstation = ipv4_office.server(), ipv4_office.workstation()
    server.admit_only("udp dport 4321 accept")
    server.start_agent("query_port = 4321\n")
    workstation.enrol(server)
    assert workstation.find().address == "10.77.0.10"


def behind_a_router(office):
    """A server in another network, to which a router at 10.77.0.1 leads and no multicast does."""
    beyond, router = office.switch("beyond"), office.host("router", number=1)
    router.plug(beyond, "eth1", ["10.80.0.1/24"])
    router.forward()
    server = office.bare_host("server", Server)
    server.plug(beyond, "eth0", ["10.80.0.10/24"])
    server.route_via("10.80.0.1")
    server.start_agent()
    return server
