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
