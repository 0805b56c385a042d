"""Prints every datagram that arrives: listen.py ADDRESS PORT join|-; with join ADDRESS is a group."""
import socket
import struct
import sys

address, port, join = sys.argv[1], int(sys.argv[2]), sys.argv[3] == "join"
family = socket.AF_INET6 if ":" in address else socket.AF_INET
ear = socket.socket(family, socket.SOCK_DGRAM)
ear.bind(("", port))
index = socket.if_nametoindex("eth0") if join else 0
if join and family == socket.AF_INET6:
    membership = struct.pack("=16si", socket.inet_pton(family, address), index)
    ear.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, membership)
elif join:
    membership = struct.pack("=4s4si", socket.inet_aton(address), bytes(4), index)
    ear.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, membership)
print("listening")
while True:
    text, peer = ear.recvfrom(100)
    print("heard", text.decode(), "from", peer[0])
