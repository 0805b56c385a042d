"""Other servers in reach: of another practice, of the same name, of the same key."""
import json


def listed(workstation, *options):
    code, stdout, _ = workstation.locator("list", "--json", *options)
    assert code == 0
    return [json.loads(line) for line in stdout.splitlines()]


def standings(workstation):
    return sorted((row["standing"], row["address"]) for row in listed(workstation))


def neighbour(office, name="neighbour", number=30):
    server = office.server(name, number)
    server.start_agent()
    return server


def test_two_practices_on_one_network_are_kept_apart(ipv4_office):
    server, workstation = ipv4_office.enrolled()
    other = neighbour(ipv4_office)
    workstation.enrol(other)
    assert workstation.find().code == 2
    assert workstation.find("--practice", "server").address == server.ipv4
    assert workstation.find("--practice", "neighbour").address == other.ipv4


def test_a_practice_next_door_is_listed_as_unknown(ipv4_office):
    server, workstation = ipv4_office.enrolled()
    other = ipv4_office.server("neighbour", 30)
    ipv4_office.start_avahi(other, workstation)
    other.start_agent()
    workstation.wait_for_service(other.ipv4)
    assert standings(workstation) == [("unknown", other.ipv4), ("verified", server.ipv4)]


def test_a_server_of_the_same_name_and_another_key_is_listed_as_an_impostor(ipv4_office):
    server, workstation = ipv4_office.enrolled()
    attacker = ipv4_office.attacker()
    ipv4_office.start_avahi(attacker, workstation)
    attacker.advertise("server", "00" * 20)
    workstation.wait_for_service(attacker.ipv4)
    assert standings(workstation) == [("impostor", attacker.ipv4), ("verified", server.ipv4)]


def test_a_server_that_only_carries_the_fingerprint_is_listed_as_known(ipv4_office):
    server, workstation = ipv4_office.enrolled()
    attacker = ipv4_office.attacker()
    ipv4_office.start_avahi(attacker, workstation)
    attacker.advertise("server", server.ask_agent("key").strip().replace("-", ""))
    workstation.wait_for_service(attacker.ipv4)
    assert standings(workstation) == [("known", attacker.ipv4), ("verified", server.ipv4)]


def test_two_servers_of_one_name_cannot_both_be_joined(ipv4_office):
    server, workstation = ipv4_office.enrolled()
    other = neighbour(ipv4_office)
    other.stop_agent()
    other.start_agent("practice = server")
    joined = workstation.join(other.invite())
    assert joined.code == 2
    assert "practice-locator forget" in joined.stderr
    assert workstation.find().address == server.ipv4


def test_a_cloned_server_is_noticed_and_named(ipv4_office):
    server, workstation = ipv4_office.enrolled()
    clone = ipv4_office.server("clone", 31)
    clone.copy_state_of(server)
    clone.start_agent()
    rows = listed(workstation)
    assert sorted(row["address"] for row in rows) == [server.ipv4, clone.ipv4]
    assert all(row["verified"] and row["cloned"] for row in rows)


def test_nothing_pinned_lists_what_dns_sd_shows(ipv4_office):
    server, workstation = ipv4_office.server(), ipv4_office.workstation()
    ipv4_office.start_avahi(server, workstation)
    server.start_agent()
    workstation.wait_for_service(server.ipv4)
    assert standings(workstation) == [("unknown", server.ipv4)]
