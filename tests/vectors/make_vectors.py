#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A second implementation of docs/protocol.md, made from that page alone; it writes vectors.txt beside itself.

Needs Debian's python3-nacl. All values are fixed: the same bytes come out on every run, on every machine.
Section numbers are those of docs/protocol.md; section 18 has the format of the file.
"""

import base64
import hashlib
import os
import struct

from nacl.signing import SigningKey

MAGIC = b"PrLo"
DATAGRAM_MAX = 1232
REQUEST_MIN = 512
NAME_MAX = 63
ENDPOINTS_MAX = 16
TOKEN_PREFIX = "practice-"
TOKEN_MAX = 1024
TOKEN_ENDPOINTS_MAX = 8
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

QUERY, ANSWER, ANNOUNCEMENT, ENROL_REQUEST, ENROL_REPLY = 0x01, 0x81, 0x03, 0x05, 0x85
SIGNED, BY_TOKEN = 1, 3
HOST, PRACTICE, NAME, GENERATION, RESULT = 0x01, 0x02, 0x03, 0x04, 0x81


# Section 3: cryptography.


def blake(label, size, data, key=b""):
    return hashlib.blake2b(data, digest_size=size, key=key, person=label.encode("ascii")).digest()


class Key:
    """An Ed25519 key pair from its seed, and what follows from its public half (3.2)."""

    def __init__(self, seed):
        self.seed = seed
        self.pair = SigningKey(seed)
        self.public = self.pair.verify_key.encode()
        self.gate_key = blake("PrLo1 gate key", 32, self.public)
        self.hint = blake("PrLo1 hint", 16, self.public)[:8]
        self.fingerprint = blake("PrLo1 finger", 20, self.public)
        self.id = blake("PrLo1 station", 16, self.public)


def scope(bound, before, resume, length):
    """3.4; `before` is the datagram up to the proof, which stands at its end."""
    return bound + before[:16] + before[resume:] + struct.pack(">H", length)


def signature(key, label, covered):
    return key.pair.sign(blake(label, 64, covered)).signature


def with_gate(server, datagram):
    gate = blake("PrLo1 gate", 16, datagram[:16] + datagram[32:], server.gate_key)
    return datagram[:16] + gate + datagram[32:]


def request_hash(datagram, proof_end):
    return blake("PrLo1 request", 32, datagram[:16] + datagram[48:proof_end])


# Section 4: common parts.


def header(server, kind, auth):
    return MAGIC + bytes([1, kind, 0, auth]) + server.hint + bytes(16)


def field(kind, value):
    return bytes([kind, len(value)]) + value


def name_field(kind, name):
    return field(kind, name.encode()) if name else b""


class Endpoint:
    def __init__(self, family, flags, port, address):
        self.family, self.flags, self.port, self.address = family, flags, port, address

    def encode(self):
        return struct.pack(">BBH", self.family, self.flags, self.port) + self.address

    def text(self):
        return f"{self.family} {self.flags} {self.port} {self.address.hex()}"


NOWHERE = Endpoint(0, 0, 0, bytes(16))


def ipv4(text, flags=0, port=21234):
    return Endpoint(4, flags, port, bytes(int(part) for part in text.split(".")) + bytes(12))


def ipv6(groups, flags=0, port=21234):
    """All eight groups, so that nothing here depends on a library's reading of "::"."""
    return Endpoint(6, flags, port, b"".join(struct.pack(">H", int(group, 16)) for group in groups.split(":")))


# Sections 5 to 9: the messages. `fields` replaces what a sender of version 1 writes, `body_len` tells a lie about it.


def query(server, station, nonce, size=512, cookie=bytes(16), probe=1, seen=0, fields=b"", body_len=None):
    f = len(fields) if body_len is None else body_len
    body = cookie + station.id + nonce + struct.pack(">IIHH", probe, seen, f, 0) + fields
    before = header(server, QUERY, SIGNED) + body
    signed = before + signature(station, "PrLo1 query", scope(server.public, before, 48, size))
    return with_gate(server, signed.ljust(size, b"\0")), request_hash(signed, len(signed))


class Answer:
    """The values of an answer; a test names those that differ from a usual one."""

    def __init__(self, **values):
        self.request_hash = fixed("request hash", 32)
        self.room = 512
        self.nonce = fixed("nonce", 16)
        self.probe = 3
        self.roster_generation = 12
        self.instance = fixed("instance", 8)
        self.serial = 77
        self.trust_s = 3600
        self.status = 0
        self.order = 0
        self.port = 1234
        self.arrived = ipv4("192.168.1.10", 1)
        self.seen = ipv4("192.168.1.57", 1, 49152)
        self.more = 0
        self.endpoints = [ipv4("192.168.1.10", 1)]
        self.host = "server"
        self.fields = None
        self.body_len = None
        for key, value in values.items():
            assert hasattr(self, key), key
            setattr(self, key, value)

    def block(self):
        return name_field(HOST, self.host) if self.fields is None else self.fields

    def cut(self):
        """Section 6, "Room": how many endpoints go in, and whether any stays out."""
        room = (self.room - 188 - len(self.block())) // 20
        n = min(len(self.endpoints), room, ENDPOINTS_MAX)
        return n, 1 if self.more or n < len(self.endpoints) else 0

    def encode(self, server):
        n, more = self.cut()
        block = self.block()
        before = header(server, ANSWER, SIGNED) + self.nonce
        before += struct.pack(">II8sQI", self.probe, self.roster_generation, self.instance, self.serial, self.trust_s)
        before += struct.pack(">BBH", self.status, self.order, self.port)
        before += self.arrived.encode() + self.seen.encode()
        before += struct.pack(">BBH", n, more, len(block) if self.body_len is None else self.body_len)
        before += b"".join(endpoint.encode() for endpoint in self.endpoints[:n]) + block
        covered = scope(self.request_hash, before, 32, len(before) + 64)
        return with_gate(server, before + signature(server, "PrLo1 answer", covered))


def announcement(server, instance, serial, reason):
    before = header(server, ANNOUNCEMENT, SIGNED) + struct.pack(">8sQB7x", instance, serial, reason)
    return with_gate(server, before + signature(server, "PrLo1 announce", scope(server.public, before, 32, 120)))


class Enrolment:
    """What a request and a reply have in common (section 8)."""

    def __init__(self, server, station, secret=None, selector=None, transaction=None):
        self.server, self.station = server, station
        self.secret = secret or fixed("secret", 16)
        self.selector = selector or fixed("selector", 8)
        self.transaction = transaction or fixed("transaction", 16)

    def start(self, kind, cookie, step, fields, body_len):
        f = len(fields) if body_len is None else body_len
        start = header(self.server, kind, BY_TOKEN) + cookie + self.selector
        start += struct.pack(">BBHI", 1, step, f, 0) + self.transaction + self.station.public
        return start + fields

    def request(self, host="", size=512, cookie=bytes(16), fields=None, body_len=None):
        block = name_field(HOST, host) if fields is None else fields
        before = self.start(ENROL_REQUEST, cookie, 1, block, body_len)
        bound = self.server.public
        before += blake("PrLo1 enrol mac", 32, scope(bound, before, 48, size), self.secret)
        signed = before + signature(self.station, "PrLo1 enrol", scope(bound, before, 48, size))
        return with_gate(self.server, signed.ljust(size, b"\0")), request_hash(signed, len(signed))

    def reply(self, bound, fields, body_len=None):
        before = self.start(ENROL_REPLY, bytes(16), 2, fields, body_len)
        length = len(before) + 32 + 64
        before += blake("PrLo1 enrolled m", 32, scope(bound, before, 48, length), self.secret)
        proof = signature(self.server, "PrLo1 enrolled", scope(bound, before, 48, length))
        return with_gate(self.server, before + proof)


def reply_fields(result, generation, practice, name):
    """In the order of the reference implementation, which the vectors follow."""
    fields = field(RESULT, bytes([result])) + field(GENERATION, struct.pack(">I", generation))
    return fields + name_field(PRACTICE, practice) + name_field(NAME, name)


def token_text(data):
    return TOKEN_PREFIX + base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def checked(data):
    return data + blake("PrLo1 check", 16, data)[:4]


def token_bytes(server, selector, secret, port, name, endpoints):
    """Everything before the check bytes; `name` is bytes."""
    data = b"\x01" + server.public + selector + secret + struct.pack(">HB", port, len(name)) + name
    return data + bytes([len(endpoints)]) + b"".join(endpoint.encode() for endpoint in endpoints)


# Section 11: a decoder, so that no vector's reason rests on its author's word alone.


class Rejected(Exception):
    pass


def need(condition, reason):
    if not condition:
        raise Rejected("PROTO_" + reason)


def is_name(value):
    try:
        text = value.decode("utf-8")
    except UnicodeDecodeError:
        return False
    ranges = [(0, 0x1F), (0x7F, 0x9F), (0x200E, 0x200F), (0x2028, 0x202E), (0x2066, 0x2069)]
    bad = any(first <= ord(char) <= last for char in text for first, last in ranges)
    return 1 <= len(value) <= NAME_MAX and not bad


def read_fields(block, known):
    """`known` gives the check for each known type. Returns the last value of each."""
    found, at = {}, 0
    while at < len(block):
        need(at + 2 <= len(block) and at + 2 + block[at + 1] <= len(block), "TLV")
        kind, value = block[at], block[at + 2 : at + 2 + block[at + 1]]
        need(kind in known or kind < 0x80, "CRITICAL")
        if kind in known:
            need(known[kind](value), "FIELD")
            found[kind] = value
        at += 2 + len(value)
    return found


def read_header(datagram, kind, auth):
    need(len(datagram) <= DATAGRAM_MAX, "LONG")
    need(len(datagram) >= 32, "SHORT")
    need(datagram[:4] == MAGIC, "MAGIC")
    need(datagram[4] == 1, "VERSION_UNKNOWN")
    need(datagram[6] & 0xF0 == 0, "FLAGS")
    need(datagram[5] == kind, "TYPE")
    need(datagram[7] == auth, "AUTH")


def number_at(datagram, offset):
    return struct.unpack_from(">H", datagram, offset)[0]


def read_query(datagram):
    read_header(datagram, QUERY, SIGNED)
    need(len(datagram) >= REQUEST_MIN, "SHORT")
    f = number_at(datagram, 88)
    need(156 + f <= len(datagram), "LENGTH")
    read_fields(datagram[92 : 92 + f], {})
    need(not any(datagram[156 + f :]), "PADDING")


def read_answer(datagram):
    read_header(datagram, ANSWER, SIGNED)
    need(len(datagram) >= 188, "SHORT")
    status, n, f = datagram[76], datagram[120], number_at(datagram, 122)
    need(status <= 3 and n <= ENDPOINTS_MAX and not (status == 2 and n), "FIELD")
    need(188 + 20 * n + f == len(datagram), "LENGTH")
    read_fields(datagram[124 + 20 * n : 124 + 20 * n + f], {HOST: is_name})


def read_announcement(datagram):
    read_header(datagram, ANNOUNCEMENT, SIGNED)
    need(len(datagram) >= 120, "SHORT")
    need(len(datagram) <= 120, "LENGTH")


def read_enrol_request(datagram):
    read_header(datagram, ENROL_REQUEST, BY_TOKEN)
    need(len(datagram) >= REQUEST_MIN, "SHORT")
    need(datagram[56] == 1 and datagram[57] == 1, "FIELD")
    f = number_at(datagram, 58)
    need(208 + f <= len(datagram), "LENGTH")
    read_fields(datagram[112 : 112 + f], {HOST: is_name})
    need(not any(datagram[208 + f :]), "PADDING")


def read_enrol_reply(datagram):
    read_header(datagram, ENROL_REPLY, BY_TOKEN)
    need(len(datagram) >= 112, "SHORT")
    need(datagram[56] == 1 and datagram[57] == 2, "FIELD")
    f = number_at(datagram, 58)
    need(208 + f == len(datagram), "LENGTH")
    known = {PRACTICE: is_name, NAME: is_name, RESULT: lambda v: len(v) == 1, GENERATION: lambda v: len(v) == 4}
    need(RESULT in read_fields(datagram[112 : 112 + f], known), "FIELD")


def unbase64(text):
    """Strict: no padding characters, no length and no unused bits that cannot be."""
    need(all(char in ALPHABET for char in text) and len(text) % 4 != 1, "PADDING")
    bits = "".join(f"{ALPHABET.index(char):06b}" for char in text)
    size = len(bits) // 8
    need("1" not in bits[size * 8 :] and size <= TOKEN_MAX, "PADDING")
    return bytes(int(bits[8 * i : 8 * i + 8], 2) for i in range(size))


def read_token(text):
    need(text.startswith(TOKEN_PREFIX), "MAGIC")
    data = unbase64(text[len(TOKEN_PREFIX) :])
    need(len(data) >= 5, "SHORT")
    body = data[:-4]
    need(checked(body) == data, "PADDING")
    need(body[0] == 1, "VERSION_UNKNOWN")
    need(len(body) >= 60 and len(body) >= 60 + body[59], "FIELD")
    p = body[59]
    need(is_name(body[60 : 60 + p]), "FIELD")
    need(len(body) > 60 + p, "LENGTH")
    need(body[60 + p] <= TOKEN_ENDPOINTS_MAX, "FIELD")
    need(len(body) == 61 + p + 20 * body[60 + p], "LENGTH")


READERS = {
    "query": read_query,
    "answer": read_answer,
    "announcement": read_announcement,
    "enrol-request": read_enrol_request,
    "enrol-reply": read_enrol_reply,
    "token": read_token,
}


def judge(message, data):
    try:
        READERS[message](data)
    except Rejected as reason:
        return str(reason)
    return "PROTO_OK"


# Section 18: the file.


def fixed(label, size):
    """Bytes that look random and are the same for ever."""
    return hashlib.shake_128(b"vectors: " + label.encode()).digest(size)


SERVER = Key(fixed("server", 32))
OTHER_SERVER = Key(fixed("other server", 32))
STATION = Key(fixed("station", 32))
OTHER_STATION = Key(fixed("other station", 32))
RFC8032_1 = Key(bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"))
assert RFC8032_1.public.hex() == "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"

LONGEST = "Praxis für Kinder- und Jugendmedizin, Dr. Ährenfeld + Kollege"
assert len(LONGEST.encode()) == NAME_MAX
JAPANESE = "中央診療所"
FOUR_BYTES = "Praxis \U0001f3e5 am Park"


class File:
    def __init__(self):
        self.lines = [
            "# SPDX-License-Identifier: MIT",
            "# Test vectors of docs/protocol.md, section 18. Made by make_vectors.py; do not edit.",
        ]
        self.names = set()

    def add(self, name, kind, *pairs):
        assert name not in self.names, name
        self.names.add(name)
        self.lines += ["", f"[{name}]", f"kind = {kind}"]
        for key, value in pairs:
            text = value.hex() if isinstance(value, bytes) else str(value)
            if text:
                self.lines.append(f"{key} = {text}")

    def accept(self, message, what, data):
        assert judge(message, data) == "PROTO_OK", (message, what, judge(message, data))
        self.add(f"accept {message}: {what}", "accept", ("message", message), (data_key(data), data))

    def reject(self, message, what, reason, data):
        found = judge(message, data)
        assert found == "PROTO_" + reason, (message, what, found)
        pairs = [("message", message), (data_key(data), data), ("result", found)]
        self.add(f"reject {message}: {what}", "reject", *pairs)

    def write(self, path):
        with open(path, "w", encoding="utf-8", newline="\n") as out:
            out.write("\n".join(self.lines) + "\n")


def data_key(data):
    return "datagram" if isinstance(data, bytes) else "text"


def patch(data, offset, *values):
    return data[:offset] + bytes(values) + data[offset + len(values) :]


def add_keys(out):
    servers = [("rfc 8032 test 1", RFC8032_1), ("usual", SERVER), ("zero", Key(bytes(32))), ("ones", Key(b"\xff" * 32))]
    for name, key in servers:
        values = [("gate_key", key.gate_key), ("hint", key.hint), ("fingerprint", key.fingerprint)]
        out.add(f"server {name}", "server", ("seed", key.seed), ("public", key.public), *values)
        out.add(f"workstation {name}", "workstation", ("seed", key.seed), ("public", key.public), ("id", key.id))


def add_queries(out):
    cases = [
        ("smallest", SERVER, STATION, 512, bytes(16), 0, 0),
        ("usual", SERVER, STATION, 512, bytes(16), 3, 12),
        ("of another workstation", SERVER, OTHER_STATION, 512, bytes(16), 1, 1),
        ("to another server", OTHER_SERVER, STATION, 512, bytes(16), 1, 1),
        ("one byte longer", SERVER, STATION, 513, bytes(16), 256, 65536),
        ("with a cookie", SERVER, STATION, 700, fixed("cookie", 16), 4, 5),
        ("largest", RFC8032_1, OTHER_STATION, 1232, b"\xff" * 16, 0xFFFFFFFF, 0xFFFFFFFF),
    ]
    for name, server, station, size, cookie, probe, seen in cases:
        nonce = fixed("nonce of query " + name, 16)
        datagram, digest = query(server, station, nonce, size, cookie, probe, seen)
        keys = [("server_seed", server.seed), ("workstation_seed", station.seed)]
        values = [("size", size), ("cookie", cookie), ("nonce", nonce), ("probe", probe)]
        outputs = [("roster_generation_seen", seen), ("hash", digest), ("datagram", datagram)]
        out.add("query " + name, "query", *keys, *values, *outputs)


def many_endpoints(count):
    """Link-local, external and plain ones of both families, each with a port of its own."""
    made = []
    for i in range(count):
        flags = [1, 0, 4, 3][i % 4]
        if i % 2:
            prefix = "fe80" if flags & 2 else "2001"
            made.append(ipv6(f"{prefix}:db8:0:0:0:0:0:{i:x}", flags, 21234 + i))
        else:
            made.append(ipv4(f"10.0.{i}.1", flags, 21234 + i))
    return made


def answer_cases():
    link_local = ipv6("fe80:0:0:0:1:2:3:4", 3)
    external = [ipv4("203.0.113.7", 4, 40000), ipv6("2001:db8:1:0:0:0:0:7", 4, 65535)]
    mixed = [ipv4("192.168.1.10", 1), ipv6("fd00:1:2:3:0:0:0:a", 1), link_local] + external
    largest = Answer(room=1232, host=LONGEST, endpoints=many_endpoints(16), instance=b"\xff" * 8, serial=2**64 - 1)
    largest.probe = largest.trust_s = largest.roster_generation = 2**32 - 1
    largest.order, largest.port, largest.more = 255, 65535, 1
    refused = Answer(status=2, arrived=NOWHERE, seen=NOWHERE, endpoints=[], host="", trust_s=0, port=0)
    return [
        ("smallest", Answer(endpoints=[], host="", probe=0, roster_generation=0, instance=bytes(8), serial=0)),
        ("usual", Answer()),
        ("without host name", Answer(host="")),
        ("service down", Answer(status=1, host="Empfang-Süd")),
        ("refused", refused),
        ("leaving", Answer(status=3, trust_s=0)),
        ("second of two servers", Answer(order=1, port=1)),
        ("ipv6", Answer(arrived=mixed[1], seen=ipv6("fd00:1:2:3:0:0:0:b", 1, 65535), endpoints=mixed)),
        ("link-local", Answer(arrived=link_local, seen=ipv6("fe80:0:0:0:9:9:9:9", 3, 1), endpoints=[link_local])),
        ("external only", Answer(arrived=ipv4("198.51.100.4", 4, 40000), endpoints=external, host=JAPANESE)),
        ("endpoint of no family", Answer(endpoints=[NOWHERE, ipv4("10.1.2.3")])),
        ("list cut by its maker", Answer(more=1)),
        ("16 endpoints fill 512 bytes", Answer(host="", endpoints=many_endpoints(16))),
        ("12 endpoints beside the longest name", Answer(host=LONGEST, endpoints=many_endpoints(12))),
        ("13th endpoint cut", Answer(host=LONGEST, endpoints=many_endpoints(13))),
        ("shortest name leaves room for 15", Answer(host="s", endpoints=many_endpoints(16))),
        ("exact room for 13", Answer(room=188 + 65 + 260, host=LONGEST, endpoints=many_endpoints(16))),
        ("exact room for 13, shorter name", Answer(room=512, host=LONGEST[:-1], endpoints=many_endpoints(16))),
        ("largest", largest),
        ("four-byte characters", Answer(host=FOUR_BYTES)),
    ]


def add_answers(out):
    for name, answer in answer_cases():
        server = OTHER_SERVER if name == "ipv6" else SERVER
        answer.request_hash = fixed("request hash of " + name, 32)
        answer.nonce = fixed("nonce of answer " + name, 16)
        keys = ["request_hash", "room", "nonce", "probe", "roster_generation", "instance", "serial", "trust_s"]
        pairs = [(key, getattr(answer, key)) for key in keys + ["status", "order", "port"]]
        pairs += [("arrived", answer.arrived.text()), ("seen", answer.seen.text()), ("more", answer.more)]
        pairs += [("endpoint", endpoint.text()) for endpoint in answer.endpoints]
        pairs += [("host", answer.host), ("datagram", answer.encode(server))]
        out.add("answer " + name, "answer", ("server_seed", server.seed), *pairs)


def add_announcements(out):
    cases = [
        ("start", bytes(8), 0),
        ("addresses", fixed("instance", 8), 78),
        ("health", fixed("other instance", 8), 2**32),
        ("leaving", b"\xff" * 8, 2**64 - 1),
    ]
    for reason, (name, instance, serial) in enumerate(cases):
        server = OTHER_SERVER if reason == 2 else SERVER
        pairs = [("instance", instance), ("serial", serial), ("reason", reason)]
        datagram = ("datagram", announcement(server, instance, serial, reason))
        out.add("announcement " + name, "announcement", ("server_seed", server.seed), *pairs, datagram)


def add_enrol_requests(out):
    cases = [
        ("smallest", SERVER, STATION, 512, bytes(16), ""),
        ("usual", SERVER, STATION, 512, bytes(16), "Empfang-1"),
        ("shortest host name", SERVER, OTHER_STATION, 512, bytes(16), "a"),
        ("host name in UTF-8", OTHER_SERVER, STATION, 513, fixed("cookie", 16), JAPANESE),
        ("largest", RFC8032_1, OTHER_STATION, 1232, b"\xff" * 16, LONGEST),
    ]
    for name, server, station, size, cookie, host in cases:
        enrol = new_enrolment("enrol-request " + name, server, station)
        datagram, digest = enrol.request(host, size, cookie)
        pairs = [("size", size), ("cookie", cookie), ("selector", enrol.selector)]
        pairs += [("transaction", enrol.transaction), ("host", host), ("hash", digest), ("datagram", datagram)]
        out.add("enrol-request " + name, "enrol-request", *enrol_keys(enrol), *pairs)


def new_enrolment(name, server, station):
    values = [fixed("secret of " + name, 16), fixed("selector of " + name, 8), fixed("transaction of " + name, 16)]
    return Enrolment(server, station, *values)


def enrol_keys(enrol):
    seeds = [("server_seed", enrol.server.seed), ("workstation_seed", enrol.station.seed)]
    return seeds + [("secret", enrol.secret)]


def add_enrol_replies(out):
    cases = [
        ("usual", SERVER, STATION, 0, 13, "Praxis Dr. Müller", "Empfang 1"),
        ("shortest names", SERVER, OTHER_STATION, 0, 1, "p", "w"),
        ("expired", SERVER, STATION, 1, 0, "", ""),
        ("used", SERVER, STATION, 2, 0, "", ""),
        ("roster full", SERVER, STATION, 3, 500, "", ""),
        ("not saved", OTHER_SERVER, STATION, 4, 500, "", ""),
        ("practice name only", SERVER, STATION, 2, 9, JAPANESE, ""),
        ("workstation name only", SERVER, STATION, 1, 9, "", FOUR_BYTES),
        ("largest", RFC8032_1, OTHER_STATION, 0, 0xFFFFFFFF, LONGEST, LONGEST[::-1]),
    ]
    for label, server, station, result, generation, practice, name in cases:
        enrol = new_enrolment("enrol-reply " + label, server, station)
        bound = fixed("request hash of enrol-reply " + label, 32)
        datagram = enrol.reply(bound, reply_fields(result, generation, practice, name))
        pairs = [("request_hash", bound), ("selector", enrol.selector), ("transaction", enrol.transaction)]
        pairs += [("result", result), ("roster_generation", generation), ("practice", practice), ("name", name)]
        out.add("enrol-reply " + label, "enrol-reply", *enrol_keys(enrol), *pairs, ("datagram", datagram))


def add_tokens(out):
    mixed = [ipv4("192.168.1.10", 1), ipv6("fe80:0:0:0:1:2:3:4", 3), ipv4("203.0.113.7", 4, 40000), NOWHERE]
    cases = [
        ("smallest", SERVER, 0, "P", []),
        ("usual", SERVER, 21234, "Praxis Dr. Müller", [ipv4("192.168.1.10", 1), ipv6("fd00:1:2:3:0:0:0:a")]),
        ("endpoints of all sorts", OTHER_SERVER, 21234, JAPANESE, mixed),
        ("two bytes behind the last group of three", SERVER, 1, "ab", [ipv4("10.0.0.1")]),
        ("one byte behind the last group of three", SERVER, 1, "abc", [ipv4("10.0.0.1")]),
        ("nothing behind the last group of three", SERVER, 1, "abcd", [ipv4("10.0.0.1")]),
        ("longest name, no endpoint", SERVER, 1234, LONGEST, []),
        ("largest", RFC8032_1, 65535, LONGEST, many_endpoints(8)),
    ]
    for name, server, port, practice, endpoints in cases:
        selector, secret = fixed("selector of token " + name, 8), fixed("secret of token " + name, 16)
        text = token_text(checked(token_bytes(server, selector, secret, port, practice.encode(), endpoints)))
        pairs = [("server_seed", server.seed), ("selector", selector), ("secret", secret), ("port", port)]
        pairs += [("practice", practice)] + [("endpoint", endpoint.text()) for endpoint in endpoints]
        out.add("token " + name, "token", *pairs, ("text", text))


# Names at the edge of 4.3, as bytes.
GOOD_NAMES = [
    ("one byte", b"x"), ("63 bytes", b"x" * 63), ("spaces", b" x "), ("U+007E", b"~"), ("U+00A0", b"\xc2\xa0"),
    ("U+07FF", b"\xdf\xbf"), ("U+0800", b"\xe0\xa0\x80"), ("U+200D", "\u200d".encode()),
    ("U+2010", "\u2010".encode()), ("U+2027", "\u2027".encode()), ("U+202F", "\u202f".encode()),
    ("U+2065", "\u2065".encode()), ("U+206A", "\u206a".encode()), ("U+D7FF", b"\xed\x9f\xbf"),
    ("U+E000", b"\xee\x80\x80"), ("U+FFFF", b"\xef\xbf\xbf"), ("U+10000", b"\xf0\x90\x80\x80"),
    ("U+10FFFF", b"\xf4\x8f\xbf\xbf"),
]
BAD_NAMES = [
    ("empty", b""), ("64 bytes", b"x" * 64), ("255 bytes", b"x" * 255), ("U+0000", b"a\0b"),
    ("U+0000 at the end", b"a\0"), ("U+001B", b"\x1b[2J"), ("U+001F", b"\x1f"), ("U+007F", b"\x7f"),
    ("U+0080", b"\xc2\x80"), ("U+009F", b"\xc2\x9f"),
    ("U+200E", "\u200e".encode()), ("U+200F", "\u200f".encode()), ("U+2028", "\u2028".encode()),
    ("U+202E", "a\u202e".encode()), ("U+2066", "\u2066".encode()), ("U+2069", "\u2069".encode()),
    ("overlong of two", b"\xc0\x80"), ("overlong of two, last", b"\xc1\xbf"), ("overlong of three", b"\xe0\x9f\xbf"),
    ("overlong of four", b"\xf0\x8f\xbf\xbf"), ("first surrogate", b"\xed\xa0\x80"),
    ("last surrogate", b"\xed\xbf\xbf"), ("above U+10FFFF", b"\xf4\x90\x80\x80"), ("lead byte F5", b"\xf5\x80\x80\x80"),
    ("byte FF", b"\xff"),
    ("no lead byte", b"\x80"), ("ends inside a character", b"a\xe2\x82"), ("lead byte twice", b"\xc3\xc3\xa4"),
]
CUT_BLOCKS = [
    ("type alone", b"\x7e"), ("value cut off", b"\x7e\x02x"), ("length 255", b"\x7e\xff"),
    ("cut off behind a whole one", b"\x7e\x01x\x7e"), ("critical one cut off", b"\xfe\x01"),
    ("critical type alone", b"\xfe"), ("host name cut off", b"\x01\x05abcd"),
]
UNKNOWN_BLOCKS = [
    ("empty unknown field", b"\x7e\x00"), ("unknown field", b"\x7e\x03abc"),
    ("unknown field of 255 bytes", b"\x7e\xff" + b"z" * 255),
    ("field of type 0", b"\x00\x02zz"), ("unknown field twice", b"\x7f\x01a\x7f\x01b"),
    ("reserved fields", b"\x05\x10" + bytes(16) + b"\x06\x02\x00\x01\x07\x01x\x09\x04abcd"),
    ("reserved fields of odd lengths", b"\x05\x00\x06\x03abc\x07\x00\x08\x01a\x09\x00"),
]


def rejected_headers(out, message, good, types):
    """What the order "all messages" of section 11 finds, and that it finds it in that order."""
    auth = good[7]
    out.reject(message, "one byte", "SHORT", good[:1])
    out.reject(message, "31 bytes", "SHORT", good[:31])
    out.reject(message, "31 bytes, bad magic", "SHORT", b"X" * 31)
    out.reject(message, "1233 bytes", "LONG", good.ljust(1233, b"\0"))
    out.reject(message, "1233 bytes, bad magic", "LONG", b"X" * 1233)
    out.reject(message, "last letter of the magic", "MAGIC", patch(good, 3, 0x4F))
    out.reject(message, "magic before version", "MAGIC", patch(good, 0, 0x70, 0x72, 0x6C, 0x6F, 2))
    for version in (0, 2, 255):
        out.reject(message, f"version {version}", "VERSION_UNKNOWN", patch(good, 4, version))
    out.reject(message, "version before flags", "VERSION_UNKNOWN", patch(good, 4, 2, good[5], 0x80))
    for flag in (0x10, 0x20, 0x40, 0x80):
        out.reject(message, f"flag {flag:02x}", "FLAGS", patch(good, 6, flag))
    out.reject(message, "flags before type", "FLAGS", patch(good, 5, 0x7F, 0x1F))
    for kind in types:
        out.reject(message, f"type {kind:02x}", "TYPE", patch(good, 5, kind))
    out.reject(message, "type before auth", "TYPE", patch(good, 5, types[0], 0, 0))
    for wrong in sorted({0, 1, 2, 3, 4, 255} - {auth}):
        out.reject(message, f"auth {wrong}", "AUTH", patch(good, 7, wrong))
    out.reject(message, "auth before size", "AUTH", patch(good, 7, 0)[:32])
    out.reject(message, "header alone", "SHORT", good[:32])
    out.accept(message, "all ignorable header flags", patch(good, 6, 0x0F))
    out.accept(message, "wrong hint and gate", patch(good, 8, *(255 - byte for byte in good[8:32])))
    end = {QUERY: 156, ENROL_REQUEST: 208}.get(good[5], len(good))
    out.accept(message, "wrong signature", patch(good, end - 64, *(255 - byte for byte in good[end - 64 : end])))


def rejected_fields(out, message, build, prefix=b""):
    """`build` makes a message with this block of optional fields; `prefix` is what the message needs."""
    for what, block in CUT_BLOCKS:
        out.reject(message, what, "TLV", build(prefix + block))
    for what, block in UNKNOWN_BLOCKS:
        out.accept(message, what, build(prefix + block))
        if prefix:
            out.accept(message, what + " in front", build(block + prefix))
    out.reject(message, "unknown critical field", "CRITICAL", build(prefix + b"\xfe\x01x"))
    out.reject(message, "unknown critical field, empty", "CRITICAL", build(prefix + b"\x80\x00"))
    out.reject(message, "critical behind ignorable", "CRITICAL", build(prefix + b"\x7e\x00\xff\x00"))
    out.reject(message, "critical before cut off", "CRITICAL", build(prefix + b"\xfe\x00\x7e"))
    out.reject(message, "cut off in the value's stead", "TLV", build(prefix + b"\x7e\x02\xfe"))
    for kind in (0x82, 0x83, 0x84):
        out.reject(message, f"reserved critical field {kind:02x}", "CRITICAL", build(prefix + field(kind, b"x")))


def add_query_faults(out):
    def build(fields=b"", size=512, body_len=None):
        return query(SERVER, STATION, fixed("nonce", 16), size=size, fields=fields, body_len=body_len)[0]

    good = build()
    rejected_headers(out, "query", good, [0x81, 0x00, 0x02, 0x03, 0x04, 0x05, 0x06, 0xFF])
    rejected_fields(out, "query", build)
    out.reject("query", "511 bytes", "SHORT", good[:511])
    out.reject("query", "511 bytes, bad length", "SHORT", patch(good, 88, 255, 255)[:511])
    out.reject("query", "fields one byte too long", "LENGTH", build(b"\x7e\x00", body_len=512 - 155))
    out.reject("query", "fields of 65535 bytes", "LENGTH", build(body_len=65535))
    out.reject("query", "length before fields", "LENGTH", build(b"\xfe\x00", body_len=512 - 155))
    out.reject("query", "first byte of the padding", "PADDING", patch(good, 156, 1))
    out.reject("query", "last byte of the padding", "PADDING", patch(good, 511, 0x80))
    out.reject("query", "padding behind fields", "PADDING", patch(build(b"\x7e\x01x"), 159, 1))
    out.reject("query", "fields before padding", "CRITICAL", patch(build(b"\xfe\x01x"), 159, 1))
    out.reject("query", "result of an enrolment", "CRITICAL", build(field(RESULT, b"\0")))
    out.accept("query", "fields of other messages, unread", build(field(HOST, b"\xff") + field(GENERATION, b"1")))
    out.accept("query", "no padding", build(fill(512 - 156)))
    out.accept("query", "no padding, largest", build(fill(1232 - 156), size=1232))
    out.accept("query", "bytes called zero", patch(good, 90, 0xAB, 0xCD))


def fill(size):
    """A block of that many bytes of ignorable fields."""
    block = b""
    while len(block) < size:
        rest = size - len(block)
        value = 0 if rest == 2 else min(rest - 2, 255) - (1 if rest - 257 == 1 else 0)
        block += field(0x7E, bytes(value))
    return block


def add_answer_faults(out):
    def build(fields=None, **values):
        return Answer(fields=fields, **values).encode(SERVER)

    good = build()
    rejected_headers(out, "answer", good, [0x01, 0x82, 0x83, 0x03, 0x85, 0x80])
    rejected_fields(out, "answer", build)
    two = [ipv4("10.0.0.1"), ipv6("fd00:0:0:0:0:0:0:1")]
    none = build(b"", endpoints=[])
    out.reject("answer", "187 bytes", "SHORT", none[:187])
    out.reject("answer", "187 bytes, bad status", "SHORT", patch(none, 76, 4)[:187])
    for status in (4, 255):
        out.reject("answer", f"status {status}", "FIELD", patch(good, 76, status))
    seventeen = patch(build(b"", room=1232, endpoints=many_endpoints(16)), 120, 17)
    out.reject("answer", "17 endpoints", "FIELD", seventeen[:-64] + bytes(20) + seventeen[-64:])
    out.reject("answer", "255 endpoints", "FIELD", patch(good, 120, 255))
    out.reject("answer", "refused with an endpoint", "FIELD", build(status=2))
    out.reject("answer", "status before length", "FIELD", patch(good, 76, 4) + b"\0")
    out.reject("answer", "a byte behind the signature", "LENGTH", good + b"\0")
    out.reject("answer", "padded to 512", "LENGTH", good.ljust(512, b"\0"))
    out.reject("answer", "a byte missing", "LENGTH", good[:-1])
    out.reject("answer", "an endpoint too many", "LENGTH", patch(good, 120, 2))
    out.reject("answer", "an endpoint too few", "LENGTH", patch(good, 120, 0))
    out.reject("answer", "16 endpoints in no room", "LENGTH", patch(none, 120, 16))
    out.reject("answer", "fields one byte too long", "LENGTH", build(b"\x7e\x00", body_len=3))
    out.reject("answer", "fields of 65535 bytes", "LENGTH", build(b"\x7e\x00", body_len=65535))
    out.reject("answer", "length before fields", "LENGTH", build(b"\xfe\x00", body_len=1))
    for what, name in BAD_NAMES:
        out.reject("answer", "host name: " + what, "FIELD", build(field(HOST, name)))
    for what, name in GOOD_NAMES:
        out.accept("answer", "host name: " + what, build(field(HOST, name)))
    out.reject("answer", "bad name, then a good one", "FIELD", build(field(HOST, b"") + field(HOST, b"a")))
    out.reject("answer", "good name, then a bad one", "FIELD", build(field(HOST, b"a") + field(HOST, b"\n")))
    out.reject("answer", "bad name before critical", "FIELD", build(field(HOST, b"\n") + b"\xfe\x00"))
    out.reject("answer", "critical before bad name", "CRITICAL", build(b"\xfe\x00" + field(HOST, b"\n")))
    out.reject("answer", "result of an enrolment", "CRITICAL", build(field(RESULT, b"\0")))
    out.accept("answer", "host name twice", build(field(HOST, b"a") + field(HOST, b"b")))
    out.accept("answer", "fields of replies, unread", build(field(PRACTICE, b"\xff") + field(GENERATION, b"1")))
    out.accept("answer", "refused, with host name and addresses", build(status=2, endpoints=[]))
    out.accept("answer", "unknown answer flags", patch(good, 121, 0xFE))
    out.accept("answer", "unknown endpoint flags", build(endpoints=[ipv4("10.0.0.1", 0xF8)] + two))
    out.accept("answer", "endpoint of unknown family", build(endpoints=[Endpoint(10, 1, 5, b"\xaa" * 16)] + two))
    out.accept("answer", "arrived of unknown family", build(arrived=Endpoint(255, 255, 65535, b"\xff" * 16)))
    out.accept("answer", "bytes behind an ipv4 address", build(endpoints=[Endpoint(4, 0, 5, b"\xaa" * 16)] + two))
    out.accept("answer", "family 0 with an address", build(seen=Endpoint(0, 1, 5, b"\xaa" * 16)))
    out.accept("answer", "largest of all", build(fill(1232 - 188), room=1232, endpoints=[]))


def add_announcement_faults(out):
    good = announcement(SERVER, fixed("instance", 8), 6, 1)
    rejected_headers(out, "announcement", good, [0x83, 0x01, 0x81, 0x05])
    out.reject("announcement", "119 bytes", "SHORT", good[:119])
    out.reject("announcement", "121 bytes", "LENGTH", good + b"\0")
    out.reject("announcement", "1232 bytes", "LENGTH", good.ljust(1232, b"\0"))
    for reason in (4, 255):
        out.accept("announcement", f"reason {reason}", announcement(SERVER, fixed("instance", 8), 6, reason))
    out.accept("announcement", "bytes called zero", patch(good, 49, 1, 2, 3, 4, 5, 6, 7))


def add_enrol_request_faults(out):
    enrol = Enrolment(SERVER, STATION)

    def build(fields=b"", size=512, body_len=None):
        return enrol.request(fields=fields, size=size, body_len=body_len)[0]

    message, good = "enrol-request", build()
    rejected_headers(out, message, good, [0x85, 0x01, 0x03, 0x81])
    rejected_fields(out, message, build)
    out.reject(message, "511 bytes", "SHORT", good[:511])
    out.reject(message, "511 bytes, bad method", "SHORT", patch(good, 56, 2)[:511])
    for method in (0, 2, 255):
        out.reject(message, f"method {method}", "FIELD", patch(good, 56, method))
    for step in (0, 2, 3, 255):
        out.reject(message, f"step {step}", "FIELD", patch(good, 57, step))
    out.reject(message, "method before length", "FIELD", patch(good, 56, 2, 1, 255, 255))
    out.reject(message, "fields one byte too long", "LENGTH", build(b"\x7e\x00", body_len=512 - 207))
    out.reject(message, "fields of 65535 bytes", "LENGTH", build(body_len=65535))
    out.reject(message, "length before fields", "LENGTH", build(b"\xfe\x00", body_len=512 - 207))
    out.reject(message, "first byte of the padding", "PADDING", patch(good, 208, 1))
    out.reject(message, "last byte of the padding", "PADDING", patch(good, 511, 0x80))
    out.reject(message, "fields before padding", "FIELD", patch(build(field(HOST, b"")), 511, 1))
    for what, name in BAD_NAMES[:2] + BAD_NAMES[5:6] + BAD_NAMES[16:17] + BAD_NAMES[20:21]:
        out.reject(message, "host name: " + what, "FIELD", build(field(HOST, name)))
    out.reject(message, "good name, then a bad one", "FIELD", build(field(HOST, b"a") + field(HOST, b"")))
    out.reject(message, "result of an enrolment", "CRITICAL", build(field(RESULT, b"\0")))
    out.accept(message, "host name: 63 bytes", build(field(HOST, b"x" * 63)))
    out.accept(message, "host name twice", build(field(HOST, b"a") + field(HOST, b"b")))
    out.accept(message, "fields of replies, unread", build(field(PRACTICE, b"\xff") + field(GENERATION, b"1")))
    out.accept(message, "no padding", build(fill(512 - 208)))
    out.accept(message, "no padding, largest", build(fill(1232 - 208), size=1232))
    out.accept(message, "bytes called zero", patch(good, 60, 1, 2, 3, 4))
    out.accept(message, "wrong mac", patch(good, 112, good[112] ^ 1))


def add_enrol_reply_faults(out):
    enrol, bound = Enrolment(SERVER, STATION), fixed("request hash", 32)
    result = field(RESULT, b"\0")

    def build(fields, body_len=None):
        return enrol.reply(bound, fields, body_len)

    message, good = "enrol-reply", build(reply_fields(0, 13, "Praxis", "Empfang"))
    rejected_headers(out, message, good, [0x05, 0x81, 0x01, 0x83])
    rejected_fields(out, message, build, result)
    out.reject(message, "111 bytes", "SHORT", good[:111])
    out.reject(message, "111 bytes, bad method", "SHORT", patch(good, 56, 2)[:111])
    out.reject(message, "112 bytes", "LENGTH", good[:112])
    for method in (0, 2, 255):
        out.reject(message, f"method {method}", "FIELD", patch(good, 56, method))
    for step in (0, 1, 3, 255):
        out.reject(message, f"step {step}", "FIELD", patch(good, 57, step))
    out.reject(message, "step before length", "FIELD", patch(good, 57, 1) + b"\0")
    out.reject(message, "a byte behind the signature", "LENGTH", good + b"\0")
    out.reject(message, "a byte missing", "LENGTH", good[:-1])
    out.reject(message, "padded to 512", "LENGTH", good.ljust(512, b"\0"))
    out.reject(message, "207 bytes", "LENGTH", build(b"")[:207])
    out.reject(message, "fields of 65535 bytes", "LENGTH", build(result, body_len=65535))
    out.reject(message, "length before fields", "LENGTH", build(b"\xfe\x00", body_len=1))
    out.reject(message, "no field at all", "FIELD", build(b""))
    out.reject(message, "no result", "FIELD", build(reply_fields(0, 13, "Praxis", "Empfang")[3:]))
    out.reject(message, "0x01 for the result", "FIELD", build(field(RESULT & 0x7F, b"\0")))
    out.reject(message, "cut off before no result", "TLV", build(b"\x04"))
    for what, value in [("empty", b""), ("two bytes", b"\0\0")]:
        out.reject(message, "result: " + what, "FIELD", build(field(RESULT, value)))
    out.reject(message, "good result, then a bad one", "FIELD", build(result + field(RESULT, b"")))
    for size in (0, 3, 5):
        wrong = build(result + field(GENERATION, bytes(size)))
        out.reject(message, f"roster generation of {size} bytes", "FIELD", wrong)
    for what, name in BAD_NAMES[:2] + BAD_NAMES[5:6] + BAD_NAMES[16:17]:
        out.reject(message, "practice name: " + what, "FIELD", build(result + field(PRACTICE, name)))
        out.reject(message, "workstation name: " + what, "FIELD", build(result + field(NAME, name)))
    out.accept(message, "result alone", build(result))
    for number in (5, 255):
        out.accept(message, f"result {number}", build(field(RESULT, bytes([number]))))
    out.accept(message, "result twice", build(result + field(RESULT, b"\x02")))
    all_twice = reply_fields(0, 13, "Praxis", "Empfang") + reply_fields(0, 14, "Praxis 2", "Empfang 2")
    out.accept(message, "all fields twice", build(all_twice))
    out.accept(message, "result last", build(reply_fields(0, 13, "Praxis", "Empfang")[3:] + result))
    out.accept(message, "host name, unread", build(result + field(HOST, b"\xff")))
    out.accept(message, "bytes called zero", patch(good, 60, 1, 2, 3, 4))
    out.accept(message, "cookie", patch(good, 32, *fixed("cookie", 16)))
    out.accept(message, "largest of all", build(result + fill(1232 - 208 - 3)))


def add_token_faults(out):
    start = b"\x01" + SERVER.public + fixed("selector", 8) + fixed("secret", 16) + struct.pack(">H", 21234)
    one = ipv4("10.0.0.1").encode()

    def build(behind, front=start):
        return token_text(checked(front + behind))

    good = build(b"\x04Haus\x01" + one)
    characters = good[len(TOKEN_PREFIX) :]
    rejected_token_texts(out, good, characters)
    for what, size in [("nothing", 0), ("one byte", 1), ("four bytes", 4)]:
        out.reject("token", what, "SHORT", token_text(bytes(size)))
    for what, at in [("version", 0), ("name", 61), ("check", -1)]:
        data = bytearray(unbase64(characters))
        data[at] ^= 1
        out.reject("token", "check bytes: flipped bit in " + what, "PADDING", token_text(bytes(data)))
    out.reject("token", "check bytes of a token of five", "PADDING", token_text(bytes(5)))
    for version in (0, 2, 255):
        other = build(b"\x04Haus\x00", bytes([version]) + start[1:])
        out.reject("token", f"version {version}", "VERSION_UNKNOWN", other)
    out.reject("token", "version before the rest", "VERSION_UNKNOWN", build(b"", b"\x02"))
    out.reject("token", "version alone", "FIELD", build(b"", b"\x01"))
    out.reject("token", "ends before the name's length", "FIELD", build(b""))
    out.reject("token", "ends before the name", "FIELD", build(b"\x04"))
    out.reject("token", "ends inside the name", "FIELD", build(b"\x04Hau"))
    out.reject("token", "name of 64 bytes", "FIELD", build(b"\x40" + b"x" * 64 + b"\x00"))
    for what, name in BAD_NAMES[:1] + BAD_NAMES[3:]:
        out.reject("token", "practice name: " + what, "FIELD", build(bytes([len(name)]) + name + b"\x00"))
    for what, name in GOOD_NAMES:
        out.accept("token", "practice name: " + what, build(bytes([len(name)]) + name + b"\x00"))
    out.reject("token", "9 endpoints", "FIELD", build(b"\x04Haus\x09" + one * 9))
    out.reject("token", "255 endpoints", "FIELD", build(b"\x04Haus\xff"))
    out.reject("token", "count missing", "LENGTH", build(b"\x04Haus"))
    out.reject("token", "endpoint missing", "LENGTH", build(b"\x04Haus\x01"))
    out.reject("token", "endpoint cut off", "LENGTH", build(b"\x04Haus\x02" + one + one[:19]))
    out.reject("token", "a byte left over", "LENGTH", build(b"\x04Haus\x01" + one + b"\x00"))
    out.reject("token", "an endpoint left over", "LENGTH", build(b"\x04Haus\x00" + one))
    odd = Endpoint(10, 255, 5, b"\xaa" * 16).encode() + Endpoint(4, 0xF8, 5, b"\xaa" * 16).encode()
    out.accept("token", "endpoints of unknown family and flags", build(b"\x04Haus\x02" + odd))


def rejected_token_texts(out, good, characters):
    out.reject("token", "no prefix", "MAGIC", characters)
    out.reject("token", "prefix in capitals", "MAGIC", "PRACTICE-" + characters)
    out.reject("token", "prefix alone without its dash", "MAGIC", "practice")
    out.reject("token", "another dash", "MAGIC", "practice_" + characters)
    for char in "=+/. é\t":
        inside = TOKEN_PREFIX + characters[:20] + char + characters[20 + len(char) :]
        out.reject("token", f"character {ord(char):02x} inside", "PADDING", inside)
    out.reject("token", "padding character behind", "PADDING", good + "=")
    out.reject("token", "a dot behind", "PADDING", good + ".")
    out.reject("token", "prefix twice", "PADDING", TOKEN_PREFIX + good)
    out.reject("token", "length that cannot be", "PADDING", TOKEN_PREFIX + "AAAAA")
    out.reject("token", "unused bits of two characters", "PADDING", TOKEN_PREFIX + "AB")
    out.reject("token", "unused bits of three characters", "PADDING", TOKEN_PREFIX + "AAB")
    largest = token_bytes(SERVER, bytes(8), bytes(16), 1, b"x" * 63, many_endpoints(8))
    out.accept("token", "288 bytes", token_text(checked(largest)))
    out.reject("token", "289 bytes", "LENGTH", token_text(checked(largest + b"\0")))
    out.reject("token", "1024 bytes of a later version", "VERSION_UNKNOWN", token_text(checked(b"\2" + bytes(1019))))
    out.reject("token", "1025 bytes", "PADDING", token_text(checked(b"\2" + bytes(1020))))
    out.reject("token", "1025 bytes, not checked", "PADDING", TOKEN_PREFIX + "A" * 1367)


WRITERS = [
    add_keys, add_queries, add_answers, add_announcements, add_enrol_requests, add_enrol_replies, add_tokens,
    add_query_faults, add_answer_faults, add_announcement_faults, add_enrol_request_faults, add_enrol_reply_faults,
    add_token_faults,
]


def main():
    out = File()
    for add in WRITERS:
        add(out)
    out.write(os.path.join(os.path.dirname(os.path.abspath(__file__)), "vectors.txt"))


if __name__ == "__main__":
    main()
