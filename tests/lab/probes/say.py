"""Sends one datagram out of eth0: say.py TEXT ADDRESS PORT."""
import socket
import struct
import sys

text, to, port = sys.argv[1], sys.argv[2], int(sys.argv[3])
family = socket.AF_INET6 if ":" in to else socket.AF_INET
mouth = socket.socket(family, socket.SOCK_DGRAM)
index = socket.if_nametoindex("eth0")
if family == socket.AF_INET6:
    mouth.sendto(text.encode(), (to, port, 0, index))
else:
    by_index = struct.pack("=4s4si", bytes(4), bytes(4), index)
    mouth.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, by_index)
    mouth.sendto(text.encode(), (to, port))
