"""Stands between: passes every query that it hears on to the server, and the server's answers back, all of it
from its own address. Says "ready" when it listens, then a line for every answer that it passed on.

With --record FILE the first answer is kept, in hexadecimal.
"""
import argparse
import selectors
import socket

import ears
import wire

ASKERS_MAX = 64


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("server")
    parser.add_argument("--record")
    return parser.parse_args()


class Relay:
    def __init__(self, server, record):
        self.server = socket.getaddrinfo(server, wire.PORT, type=socket.SOCK_DGRAM)[0]
        self.record = record
        self.selector = selectors.DefaultSelector()
        self.relayed = []  # sockets towards the server, oldest first

    def run(self):
        for ear in ears.ears():
            self.selector.register(ear, selectors.EVENT_READ, lambda ear=ear: self.pass_on(ear))
        print("ready")
        while True:
            for key, _ in self.selector.select():
                key.data()

    def pass_on(self, ear):
        """A socket of its own for each query, so that the answer finds its way back."""
        asked, peer = ear.recvfrom(2048)
        if not wire.is_query(asked):
            return
        if len(self.relayed) == ASKERS_MAX:
            self.close(self.relayed[0])
        towards = socket.socket(self.server[0], socket.SOCK_DGRAM)
        self.relayed.append(towards)
        self.selector.register(towards, selectors.EVENT_READ, lambda: self.pass_back(towards, ear, peer))
        towards.sendto(asked, self.server[4])

    def pass_back(self, towards, ear, peer):
        answer = towards.recv(2048)
        ear.sendto(answer, peer)
        if self.record:
            with open(self.record, "w", encoding="ascii") as file:
                file.write(answer.hex())
            self.record = None
        print(f"passed {len(answer)} bytes on to {peer[0]}")

    def close(self, towards):
        self.relayed.remove(towards)
        self.selector.unregister(towards)
        towards.close()


def main():
    options = arguments()
    Relay(options.server, options.record).run()


main()
