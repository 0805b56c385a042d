"""One office: the server is found, the right one and no other, whatever the network and its neighbours do."""
import time

import pytest

from attackers import wire
from practice import AGENT_STATE, LOCATOR_STATE, command
from process import wait_until

FOUND, NOTHING, USAGE, IMPOSTOR, NOT_ENROLLED, STALE, OWN_NETWORK = 0, 1, 2, 3, 4, 6, 7

# Enough for an office on one machine to answer many times over; how long a search that must fail is let try.
IN_VAIN = 1


def assert_finds(workstation, server, *options):
    found = workstation.find(*options)
    assert found.code == FOUND, found
    assert server.owns(found.address), found
    return found


def assert_finds_nothing(found, code):
    assert (found.code, found.stdout) == (code, ""), found
    assert found.stderr, "the reason has to be told"


# Ways to the server. A server that was given another address while the workstation was not looking leaves the
# remembered address useless, so that only the way in question is left.


def test_is_found_by_multicast_when_avahi_is_stopped(ipv4_office):
    server, workstation = ipv4_office.enrolled()
    server.restart_with_another_address(20)
    found = workstation.find_json()
    assert (found["address"], found["source"]) == ("10.77.0.20", "multicast")


def test_is_found_by_multicast_in_an_office_without_ipv4(ipv6_office):
    server, workstation = ipv6_office.enrolled()
    server.restart_with_another_address(20)
    found = workstation.find_json()
    assert found["source"] == "multicast"
    assert server.owns(found["address"])


def test_is_found_by_multicast_beside_a_running_avahi(ipv4_office):
    server, workstation = ipv4_office.server(), ipv4_office.workstation()
    ipv4_office.start_avahi(server, workstation)
    server.start_agent()
    workstation.enrol(server)
    server.restart_with_another_address(20)
    assert workstation.find_json()["source"] == "multicast"


def test_is_found_by_dns_sd_when_our_own_multicast_is_filtered(ipv4_office):
    server, workstation = ipv4_office.enrolled()
    server.stop_agent()
    server.change_card(20)
    ipv4_office.start_avahi(server, workstation)
    server.start_agent()
    workstation.drop_our_multicast()
    workstation.drop_broadcast()
    workstation.wait_for_service("10.77.0.20")
    found = workstation.find_json()
    assert (found["address"], found["source"]) == ("10.77.0.20", "dnssd")


def test_is_found_by_dns_sd_at_an_address_that_changed_under_the_running_agent(ipv4_office):
    server, workstation = ipv4_office.server(), ipv4_office.workstation()
    ipv4_office.start_avahi(server, workstation)
    server.start_agent()
    workstation.enrol(server)
    workstation.drop_our_multicast()
    workstation.drop_broadcast()
    workstation.wait_for_service("10.77.0.10")
    server.change_address("10.77.0.20")
    workstation.wait_for_service("10.77.0.20")
    assert workstation.find().address == "10.77.0.20"


def test_is_found_by_the_remembered_address_when_all_multicast_is_filtered(office):
    server, workstation = office.enrolled()
    assert_finds(workstation, server)
    workstation.drop_multicast()
    found = workstation.find_json()
    assert found["source"] == "cache"
    assert server.owns(found["address"])


def test_is_found_by_every_workstation_that_joined(office):
    server, first = office.enrolled()
    second = office.workstation("reception")
    second.enrol(server)
    assert_finds(first, server)
    assert_finds(second, server)
    assert sorted(each["name"] for each in server.workstations()) == ["reception", "workstation"]


def test_is_found_at_its_new_address_when_that_changes_under_the_running_agent(ipv4_office):
    server, workstation = ipv4_office.enrolled()
    assert workstation.find().address == "10.77.0.10"
    server.change_address("10.77.0.20")
    assert workstation.find().address == "10.77.0.20"
    assert workstation.find_json()["source"] == "cache", "the new address is remembered"


def test_is_found_again_after_a_power_cut(office):
    server, workstation = office.enrolled()
    server.kill_agent()
    server.start_agent()
    assert_finds(workstation, server)


def test_is_found_from_a_container_on_the_server_but_its_bridge_is_listed_to_nobody_else(ipv4_office):
    server, workstation = ipv4_office.server(), ipv4_office.workstation()
    container = ipv4_office.container_on(server)
    server.start_agent()
    workstation.enrol(server)
    container.enrol(server)
    assert container.find().address == "172.17.0.1"
    answer = ipv4_office.attacker().record_answer(server, workstation)
    assert wire.listed_addresses(answer) == [server.ipv4]


# What find prints


def test_prints_the_bare_address(ipv4_office):
    _, workstation = ipv4_office.enrolled()
    assert workstation.find().stdout == "10.77.0.10\n"


def test_prints_what_the_format_asks_for(ipv4_office):
    server, workstation = ipv4_office.enrolled()
    practice = workstation.find_json()["practice"]
    assert workstation.find("--format", "%a %p %n %h %%").stdout == f"10.77.0.10 1234 {practice} server %\n"


def test_prints_one_json_object_with_the_promised_keys(ipv4_office):
    _, workstation = ipv4_office.enrolled()
    found = workstation.find_json()
    assert found.keys() >= {"practice", "address", "port", "host", "family", "interface", "source",
                            "verified", "key", "healthy", "serial", "age_s", "rtt_us"}
    assert (found["address"], found["port"], found["verified"]) == ("10.77.0.10", 1234, True)
    assert (found["interface"], found["host"]) == ("eth0", "server")


@pytest.mark.parametrize("option, version", [("-4", 4), ("-6", 6)])
def test_prints_an_address_of_the_family_asked_for(office, option, version):
    server, workstation = office.enrolled()
    found = assert_finds(workstation, server, option)
    assert (":" in found.address) == (version == 6)


# What else find can have to say


def test_says_that_nothing_answers(ipv4_office):
    server, workstation = ipv4_office.enrolled()
    server.stop_agent()
    assert_finds_nothing(workstation.find(timeout=IN_VAIN), NOTHING)


def test_gives_the_last_address_when_stale_is_allowed(ipv4_office):
    server, workstation = ipv4_office.enrolled()
    assert_finds(workstation, server)
    server.stop_agent()
    found = workstation.find("--allow-stale", timeout=IN_VAIN)
    assert (found.code, found.address) == (STALE, "10.77.0.10")
    assert found.stderr, "the age has to be told"


@pytest.mark.parametrize("mistake", ["--no-such-option", "-4 -6", "--format", "--json --format %a"])
def test_refuses_a_mistaken_command(ipv4_office, mistake):
    assert_finds_nothing(ipv4_office.workstation().find(*mistake.split()), USAGE)


def test_says_that_it_is_not_enrolled(ipv4_office):
    ipv4_office.server().start_agent()
    assert_finds_nothing(ipv4_office.workstation().find(timeout=IN_VAIN), NOT_ENROLLED)


def test_says_that_it_is_not_enrolled_any_more_once_it_forgot_the_practice(ipv4_office):
    _, workstation = ipv4_office.enrolled()
    assert workstation.forget(workstation.practice_name()).code == 0
    assert_finds_nothing(workstation.find(timeout=IN_VAIN), NOT_ENROLLED)


def test_says_that_there_is_no_usable_interface(ipv4_office):
    _, workstation = ipv4_office.enrolled()
    workstation.unplug()
    assert_finds_nothing(workstation.find(timeout=IN_VAIN), OWN_NETWORK)


def test_says_that_the_cable_is_out(ipv4_office):
    _, workstation = ipv4_office.enrolled()
    workstation.pull_cable()
    assert_finds_nothing(workstation.find(timeout=IN_VAIN), OWN_NETWORK)


def test_says_that_a_local_firewall_forbids_sending(ipv4_office):
    _, workstation = ipv4_office.enrolled()
    workstation.forbid_sending(wire.PORT)
    assert_finds_nothing(workstation.find(timeout=IN_VAIN), OWN_NETWORK)


# Joining


def test_a_token_lets_one_workstation_in_and_no_second(ipv4_office):
    server, workstation = ipv4_office.server(), ipv4_office.workstation()
    second = ipv4_office.workstation("second")
    server.start_agent()
    token = server.invite()
    assert workstation.join(token).code == 0
    refused = second.join(token)
    assert refused.code != 0
    assert "used" in refused.stderr
    assert_finds_nothing(second.find(timeout=IN_VAIN), NOT_ENROLLED)
    assert_finds(workstation, server)


def test_a_token_lets_nobody_in_after_it_has_expired(ipv4_office):
    server, workstation = ipv4_office.server(), ipv4_office.workstation()
    server.start_agent()
    token = server.invite(expires="1s")
    expired = time.monotonic() + 1
    wait_until(lambda: time.monotonic() > expired, "the clock, which is what this is about, has gone on")
    refused = workstation.join(token)
    assert refused.code != 0
    assert "expired" in refused.stderr
    assert_finds_nothing(workstation.find(timeout=IN_VAIN), NOT_ENROLLED)


def test_a_token_that_another_server_gave_lets_nobody_in(ipv4_office):
    server, other = ipv4_office.server(), ipv4_office.server("other", 11)
    workstation = ipv4_office.workstation()
    other.start_agent()
    token = other.invite()
    other.stop_agent()
    server.start_agent()
    assert workstation.join(token).code != 0
    assert server.workstations() == []


# Attackers


@pytest.mark.parametrize("answers", ["garbage", "echo", "copy", "copy with the gate right"])
def test_an_impostor_that_answers_alone_is_refused(ipv4_office, answers):
    server, workstation = ipv4_office.enrolled()
    mode, insider, _ = answers.partition(" ")
    impostor = ipv4_office.attacker().impersonate(mode, *insider and ["--public-key", server.public_key()])
    server.stop_agent()
    assert_finds_nothing(impostor.expect("^answered", lambda: workstation.find(timeout=IN_VAIN)), IMPOSTOR)


@pytest.mark.parametrize("answers", ["garbage", "echo", "copy", "copy with the gate right"])
def test_an_impostor_beside_the_real_server_changes_nothing(ipv4_office, answers):
    server, workstation = ipv4_office.enrolled()
    mode, insider, _ = answers.partition(" ")
    impostor = ipv4_office.attacker().impersonate(mode, *insider and ["--public-key", server.public_key()])
    server.restart_with_another_address(20)
    assert impostor.expect("^answered", workstation.find).address == "10.77.0.20"


def test_an_answer_that_was_recorded_earlier_is_refused(ipv4_office):
    server, workstation = ipv4_office.enrolled()
    attacker = ipv4_office.attacker()
    attacker.record_answer(server, workstation)
    server.stop_agent()
    impostor = attacker.impersonate("replay", attacker.RECORD)
    assert_finds_nothing(impostor.expect("^answered", lambda: workstation.find(timeout=IN_VAIN)), IMPOSTOR)


def test_an_impostor_that_takes_over_the_servers_address_is_refused(ipv4_office):
    server, workstation = ipv4_office.enrolled()
    server.stop_agent()
    server.unplug()
    impostor = ipv4_office.attacker(number=10).impersonate("copy")
    assert_finds_nothing(impostor.expect("^answered", lambda: workstation.find(timeout=IN_VAIN)), IMPOSTOR)


def test_an_impostor_known_by_dns_sd_alone_is_refused(ipv4_office):
    server, workstation = ipv4_office.enrolled()
    found = workstation.find_json()
    server.stop_agent()
    attacker = ipv4_office.attacker()
    ipv4_office.start_avahi(workstation, attacker)
    attacker.advertise(found["practice"], fingerprint=found["key"][::-1])
    # mDNS takes its time, and this search has nothing else to go by.
    assert_finds_nothing(workstation.find(timeout=3), IMPOSTOR)


def test_a_relay_that_is_the_only_way_through_is_refused(ipv4_office):
    server, workstation = ipv4_office.enrolled()
    relay = ipv4_office.attacker().relay_to(server)
    workstation.drop_everything_from(server)
    assert_finds_nothing(relay.expect("^passed", lambda: workstation.find(timeout=IN_VAIN)), IMPOSTOR)


def test_a_relay_beside_the_reachable_server_changes_nothing(ipv4_office):
    server, workstation = ipv4_office.enrolled()
    server.restart_with_another_address(20)
    relay = ipv4_office.attacker().relay_to(server)
    assert relay.expect("^passed", workstation.find).address == "10.77.0.20"


@pytest.mark.parametrize("knows_the_key", [False, True])
def test_a_stranger_gets_silence(ipv4_office, knows_the_key):
    server, workstation = ipv4_office.enrolled()
    attacker = ipv4_office.attacker()
    key = ["--public-key", server.public_key()] if knows_the_key else []
    said_to_attacker = server.count_out(f"ip daddr {attacker.ipv4}")
    stranger = attacker.stranger([server.ipv4, wire.GROUP_IPV4], *key)
    # What came after the junk was answered, so the junk has had its chance.
    assert_finds(workstation, server)
    assert stranger.stop() == 0
    stranger.wait_line("^heard 0$")
    assert said_to_attacker.packets() == 0


# avahi-daemon


def test_a_hung_avahi_holds_up_neither_agent_nor_search(ipv4_office):
    server, workstation = ipv4_office.server(), ipv4_office.workstation()
    ipv4_office.start_avahi(server, workstation)
    server.hang_avahi()
    workstation.hang_avahi()
    server.start_agent()
    workstation.enrol(server)
    server.restart_with_another_address(20)
    found = workstation.find_json()
    assert (found["address"], found["source"]) == ("10.77.0.20", "multicast")
    assert not [line for line in workstation.processes() if "practice" in line], "no helper is left waiting"


def test_a_hung_avahi_makes_a_search_no_slower(ipv4_office):
    server, workstation = ipv4_office.server(), ipv4_office.workstation()
    ipv4_office.start_avahi(server, workstation)
    server.start_agent()
    workstation.enrol(server)
    usual = quickest_search(workstation)
    server.hang_avahi()
    workstation.hang_avahi()
    # A search that waited for a D-Bus time-out, or only for its helper, would be many times slower.
    assert quickest_search(workstation) < 5 * usual


def quickest_search(workstation):
    def search():
        start = time.monotonic()
        assert workstation.find().code == FOUND
        return time.monotonic() - start

    return min(search() for _ in range(5))


def test_an_agent_that_stops_while_avahi_hangs_stops_all_the_same(ipv4_office):
    server = ipv4_office.server()
    server.start_avahi()
    server.start_agent()
    server.hang_avahi()
    server.stop_agent()


def test_the_service_is_advertised_and_withdrawn_at_a_clean_shutdown(ipv4_office):
    server, workstation = ipv4_office.server(), ipv4_office.workstation()
    ipv4_office.start_avahi(server, workstation)
    services = workstation.watch_services()
    server.start_agent()
    services.wait_line(r"^\+;eth0;IPv4;")
    server.stop_agent()
    services.wait_line(r"^-;eth0;IPv4;")


def test_the_service_is_advertised_once_avahi_comes_up_later(ipv4_office):
    server, workstation = ipv4_office.server(), ipv4_office.workstation()
    workstation.start_avahi()
    services = workstation.watch_services()
    server.start_agent()
    server.start_avahi()
    services.wait_line(r"^\+;eth0;IPv4;", timeout=30)


def test_a_workstation_that_does_not_search_sends_nothing(office):
    server, workstation = office.enrolled()
    sent = workstation.count_udp_out(wire.PORT)
    assert workstation.status().code == 0
    assert sent.packets() == 0
    assert_finds(workstation, server)
    assert sent.packets() > 0, "the counter counts"


def test_a_failing_search_says_what_was_tried_and_where(ipv4_office):
    server, workstation = ipv4_office.enrolled()
    server.stop_agent()
    said = workstation.find(timeout=0.5).stderr.splitlines()
    assert len(said) == 2
    assert said[0] == 'no answer from "server"'
    assert "on eth0" in said[1]
    assert "multicast on 1 network" in said[1]
    assert "broadcast on 1 network" in said[1]


def test_nothing_is_said_of_progress_where_no_terminal_is(ipv4_office):
    server, workstation = ipv4_office.enrolled()
    server.stop_agent()
    assert "still looking" not in workstation.find(timeout=1).stderr


# Refusals and trouble of one's own


def test_a_revoked_workstation_is_told_so_and_what_to_do(ipv4_office):
    server, workstation = ipv4_office.enrolled()
    assert workstation.find().code == 0
    server.ask_agent("revoke", "workstation")
    found = workstation.find()
    assert (found.code, found.stdout) == (4, "")
    assert "revoked" in found.stderr
    assert "practice-locator join" in found.stderr


def test_a_revoked_workstation_gets_in_again_by_a_new_invitation(ipv4_office):
    server, workstation = ipv4_office.enrolled()
    server.ask_agent("revoke", "workstation")
    workstation.enrol(server)
    assert_finds(workstation, server)


def test_a_token_can_come_by_standard_input(ipv4_office):
    server, workstation = ipv4_office.server(), ipv4_office.workstation()
    server.start_agent()
    line = f"echo {server.invite()} | {' '.join(command('practice-locator'))} --state {LOCATOR_STATE} join -"
    assert workstation.run(["sh", "-c", line]).code == 0
    assert_finds(workstation, server)


def test_output_that_is_lost_is_an_error(ipv4_office):
    _, workstation = ipv4_office.enrolled()
    program = f"{' '.join(command('practice-locator'))} --state {LOCATOR_STATE}"
    assert workstation.run(["sh", "-c", f"{program} >/dev/full"]).code == 70
    assert workstation.run(["sh", "-c", f"{program} >&-"]).code == 70


def test_a_second_agent_on_the_same_state_is_refused(ipv4_office):
    server, _ = ipv4_office.enrolled()
    second = server.run(command("practice-agent", "--state", AGENT_STATE, "run"))
    assert second.code == 1
    assert "another practice-agent runs" in second.stderr


def test_a_search_does_not_wait_for_a_helper_whose_daemon_hangs(ipv4_office):
    server, workstation = ipv4_office.enrolled()
    ipv4_office.start_avahi(workstation)
    workstation.hang_avahi()
    server.stop_agent()
    search = workstation.spawn(command("practice-locator", "--state", LOCATOR_STATE, "find", "--timeout", "20s"))
    wait_until(lambda: "dnssd-browse" in str(workstation.processes()), "the helper asks the daemon that hangs")
    server.start_agent()
    search.wait_line(server.ipv4)
    assert search.wait(10) == 0
