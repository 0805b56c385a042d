"""Each way to find the server, alone: every other one is closed by the network."""


def moved(office, *closed):
    """A server that is no longer where the workstation remembers it, and a network that loses what is named."""
    server, workstation = office.enrolled()
    server.restart_with_another_address(20)
    for way in closed:
        getattr(workstation, f"drop_{way}")()
    return server, workstation


def test_is_found_by_broadcast_alone(ipv4_office):
    _, workstation = moved(ipv4_office, "multicast")
    found = workstation.find_json()
    assert (found["address"], found["source"]) == ("10.77.0.20", "broadcast")


def test_is_found_by_a_configured_address_alone(ipv4_office):
    _, workstation = moved(ipv4_office, "multicast", "broadcast")
    workstation.configure("servers = 10.77.0.20")
    found = workstation.find_json()
    assert (found["address"], found["source"]) == ("10.77.0.20", "configured")


def test_is_found_where_it_was_when_it_invited_the_workstation(ipv4_office):
    server, workstation = ipv4_office.enrolled()
    server.change_address("10.77.0.20")
    assert workstation.find().address == "10.77.0.20"
    server.change_address("10.77.0.10")
    workstation.drop_multicast()
    workstation.drop_broadcast()
    found = workstation.find_json()
    assert (found["address"], found["source"]) == ("10.77.0.10", "configured")


def test_joins_with_all_groups_filtered_by_the_addresses_in_the_token(ipv4_office):
    server, workstation = ipv4_office.server(), ipv4_office.workstation()
    server.start_agent()
    workstation.drop_multicast()
    workstation.drop_broadcast()
    assert workstation.join(server.invite()).code == 0


def test_is_found_by_a_configured_name_alone(ipv4_office):
    _, workstation = moved(ipv4_office, "multicast", "broadcast")
    names = ipv4_office.name_server({"server.example": "10.77.0.20"})
    workstation.resolve_at(names)
    workstation.configure("servers = server.example")
    found = workstation.find_json()
    assert (found["address"], found["source"]) == ("10.77.0.20", "dns")


def test_a_name_server_that_does_not_answer_holds_nothing_up(ipv4_office):
    _, workstation = moved(ipv4_office)
    workstation.resolve_at(ipv4_office.host("mute"))
    workstation.configure("servers = server.example")
    assert workstation.find_json()["source"] == "multicast"


def test_is_found_by_the_sweep_alone_on_a_network_where_it_was_found_before(ipv4_office):
    server, workstation = ipv4_office.enrolled()
    assert workstation.find().address == "10.77.0.10"
    server.change_address("10.77.0.200")
    workstation.drop_multicast()
    workstation.drop_broadcast()
    found = workstation.find_json()
    assert (found["address"], found["source"]) == ("10.77.0.200", "sweep")


def test_no_sweep_goes_over_a_network_where_the_server_was_never_found(ipv4_office):
    server, workstation = ipv4_office.enrolled()
    server.change_address("10.77.0.200")
    workstation.drop_multicast()
    workstation.drop_broadcast()
    sent = workstation.count_udp_out(21234)
    assert workstation.find(timeout=1.5).code == 1
    assert sent.packets() < 50
    assert workstation.find_json("--sweep")["source"] == "sweep"


def test_no_sweep_goes_over_a_network_with_another_router(ipv4_office):
    server, workstation = ipv4_office.enrolled()
    assert workstation.find().address == "10.77.0.10"
    router = ipv4_office.host("router")
    workstation.route_via(router.ipv4)
    workstation.ip(f"neigh replace {router.ipv4} lladdr {router.mac()} dev eth0")
    server.change_address("10.77.0.200")
    workstation.drop_multicast()
    workstation.drop_broadcast()
    assert workstation.find(timeout=1.5).code == 1
