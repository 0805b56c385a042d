"""Pretends to be the practice server: answers every query that it hears, in one of these ways.

    garbage      random bytes
    echo         the query itself
    copy         an answer that fits the query, nonce and all, and names this host, signed by nobody;
                 with --public-key HEX the gate is right as well, as a former workstation can make it
    replay FILE  a genuine answer to somebody else, in hexadecimal (relay.py --record writes such files)

Says "ready" when it listens, then a line for everybody it answers, the first time.
"""
import argparse
import os
import select

import ears
import wire


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("mode", choices=("garbage", "echo", "copy", "replay"))
    parser.add_argument("file", nargs="?")
    parser.add_argument("--public-key", type=bytes.fromhex)
    return parser.parse_args()


def forger(options):
    """Returns the function that makes an answer from the query and this host's address."""
    if options.mode == "replay":
        with open(options.file, encoding="ascii") as file:
            recorded = bytes.fromhex(file.read())
        return lambda asked, own: recorded
    return {
        "garbage": lambda asked, own: os.urandom(len(asked)),
        "echo": lambda asked, own: asked,
        "copy": lambda asked, own: wire.answer_to(asked, own, options.public_key),
    }[options.mode]


def main():
    forge = forger(arguments())
    sockets, answered = ears.ears(), set()
    print("ready")
    while True:
        for ear in select.select(sockets, [], [])[0]:
            asked, peer = ear.recvfrom(2048)
            if not wire.is_query(asked):
                continue
            forged = forge(asked, ears.own_address_towards(peer, ear.family))
            ear.sendto(forged, peer)
            if peer not in answered:
                answered.add(peer)
                print(f"answered {peer[0]} with {len(forged)} bytes")


main()
