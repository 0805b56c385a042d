"""The wire format as far as an attacker needs it; docs/protocol.md is the authority. All is big-endian."""
import hashlib
import ipaddress
import os
import struct

PORT = 21234
GROUP_IPV4, GROUP_IPV6 = "239.255.112.108", "ff12::706c"

MAGIC, VERSION = b"PrLo", 1
QUERY, ANSWER = 0x01, 0x81
AUTH_SIGNATURE = 1
GATE = slice(16, 32)
HEADER_SIZE = 32
REQUEST_SIZE = 512
ENDPOINT_SIZE = 20
OWN_LINK = 1
SIGNATURE_SIZE = 64

QUERY_NONCE, QUERY_PROBE = slice(64, 80), slice(80, 84)
ANSWER_COUNT, ANSWER_ENDPOINTS = 120, 124


def blake2b(label, data, size, key=b""):
    return hashlib.blake2b(data, digest_size=size, key=key, person=label).digest()


def hint(public_key):
    return blake2b(b"PrLo1 hint", public_key, 16)[:8]


def header(kind, server_hint):
    return MAGIC + bytes([VERSION, kind, 0, AUTH_SIGNATURE]) + server_hint + bytes(16)


def close_gate(datagram, public_key, guess=os.urandom):
    """With the server's public key the right gate; without it random bytes, as good a guess as any."""
    gate = guess(16)
    if public_key:
        key = blake2b(b"PrLo1 gate key", public_key, 32)
        gate = blake2b(b"PrLo1 gate", datagram[:GATE.start] + datagram[GATE.stop:], 16, key)
    return datagram[:GATE.start] + gate + datagram[GATE.stop:]


def is_query(datagram):
    return len(datagram) >= REQUEST_SIZE and datagram[:4] == MAGIC and datagram[5] == QUERY


def query(public_key, guess=os.urandom):
    """A query without a fault but that no enrolled workstation signed it."""
    server_hint = hint(public_key) if public_key else guess(8)
    cookie, workstation_and_nonce = bytes(16), guess(32)
    fixed = cookie + workstation_and_nonce + struct.pack(">IIHH", 1, 0, 0, 0)
    body = header(QUERY, server_hint) + fixed + guess(SIGNATURE_SIZE)
    return close_gate(body.ljust(REQUEST_SIZE, b"\0"), public_key, guess)


def endpoint(address, flags=OWN_LINK):
    parsed = ipaddress.ip_address(address.partition("%")[0])
    return struct.pack(">BBH16s", parsed.version, flags, PORT, parsed.packed.ljust(16, b"\0"))


def answer_to(asked, address, public_key):
    """An answer without a fault but that the server did not sign it: it says the server is at address."""
    fixed = asked[QUERY_NONCE] + asked[QUERY_PROBE] + struct.pack(
        ">I8sQIBBH", 0, os.urandom(8), 1, 300, 0, 0, 1234)
    endpoints = struct.pack(">BBH", 1, 0, 0) + endpoint(address)
    body = (header(ANSWER, asked[8:16]) + fixed + bytes(2 * ENDPOINT_SIZE) + endpoints
            + os.urandom(SIGNATURE_SIZE))
    return close_gate(body, public_key)


def listed_addresses(answer):
    """The addresses in an answer's signed list."""
    found = []
    for index in range(answer[ANSWER_COUNT]):
        start = ANSWER_ENDPOINTS + index * ENDPOINT_SIZE
        family, packed = answer[start], answer[start + 4:start + ENDPOINT_SIZE]
        found.append(str(ipaddress.ip_address(packed[:4] if family == 4 else packed)))
    return found
