"""Sockets: ears hear what is sent to the agent's port here, unicast and multicast; a mouth speaks to it."""
import socket
import struct

import wire


def _interfaces():
    return [index for index, name in socket.if_nameindex() if name != "lo"]


def _ipv4():
    ear = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    ear.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    ear.bind(("", wire.PORT))
    for index in _interfaces():
        group = struct.pack("=4s4si", socket.inet_aton(wire.GROUP_IPV4), bytes(4), index)
        ear.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, group)
    return ear


def _ipv6():
    ear = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    ear.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    ear.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    ear.bind(("::", wire.PORT))
    for index in _interfaces():
        group = struct.pack("=16si", socket.inet_pton(socket.AF_INET6, wire.GROUP_IPV6), index)
        ear.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, group)
    return ear


def ears():
    """One socket for each family that has an address here."""
    opened = []
    for opening in (_ipv4, _ipv6):
        try:
            opened.append(opening())
        except OSError as trouble:
            print(f"deaf on one family: {trouble}")
    return opened


def mouth(target):
    """A socket and the address to send to. Multicast leaves by the first card: nothing here has routes."""
    family, _, _, _, address = socket.getaddrinfo(target, wire.PORT, type=socket.SOCK_DGRAM)[0]
    opened = socket.socket(family, socket.SOCK_DGRAM)
    index = _interfaces()[0]
    if family == socket.AF_INET:
        by_index = struct.pack("=4s4si", bytes(4), bytes(4), index)
        opened.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, by_index)
    else:
        opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, index)
    return opened, address


def own_address_towards(peer, family):
    """The address from which this host speaks to the peer, with a zone when it needs one."""
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        probe.connect(peer)
        return socket.getnameinfo(probe.getsockname(), socket.NI_NUMERICHOST)[0]
