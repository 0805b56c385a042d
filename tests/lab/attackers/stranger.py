"""Sends everything to the agent that somebody who was never enrolled can think of, from short junk to queries
without a fault but the signature (those need --public-key). Says "sent N" and waits for SIGTERM, then says
"heard N": how many datagrams came back until then. The seed of the junk is printed; --seed repeats it.
"""
import argparse
import random
import select
import signal

import ears
import wire

SIZES = (0, 1, 31, 32, 33, 511, 512, 1232, 1233, 1400)
QUERIES = 100


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("targets", nargs="+", help="addresses, multicast groups too")
    parser.add_argument("--public-key", type=bytes.fromhex)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    return parser.parse_args()


def damaged(rng, datagram):
    """One byte of it is another."""
    spoiled = bytearray(datagram)
    spoiled[rng.randrange(len(spoiled))] ^= rng.randrange(1, 256)
    return bytes(spoiled)


def junk(rng, public_key):
    yield from (rng.randbytes(size) for size in SIZES)
    yield from (wire.header(kind, rng.randbytes(8)).ljust(512, b"\0") for kind in range(256))
    for _ in range(QUERIES):
        asked = wire.query(public_key, rng.randbytes)
        yield asked
        yield damaged(rng, asked)
        yield asked[:rng.randrange(len(asked))]


def main():
    options = arguments()
    rng = random.Random(options.seed)
    print(f"seed {options.seed}")
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
    sockets, sent = [], 0
    for target in options.targets:
        mouth, address = ears.mouth(target)
        sockets.append(mouth)
        for datagram in junk(rng, options.public_key):
            mouth.sendto(datagram, address)
            sent += 1
    print(f"sent {sent}")
    signal.sigwait([signal.SIGTERM])
    heard = 0
    while ready := select.select(sockets, [], [], 0)[0]:
        for mouth in ready:
            mouth.recv(2048)
            heard += 1
    print(f"heard {heard}")


main()
