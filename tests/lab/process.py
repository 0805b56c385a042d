"""Programs that run in an office: started by its holder, followed line by line, waited for within a bound."""
import collections
import contextlib
import functools
import json
import os
import re
import selectors
import shlex
import signal
import socket
import subprocess
import threading
import time

HOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "holder.py")
PYTHON = "/usr/bin/python3"
PACKET_MAX = 1 << 16

# What programs are started under, such as "valgrind -q --error-exitcode=99"; slow, so bounds are stretched.
WRAPPER = shlex.split(os.environ.get("PRACTICE_WRAPPER", ""))
SCALE = float(os.environ.get("PRACTICE_TIMEOUT_SCALE", "10" if WRAPPER else "1"))

Line = collections.namedtuple("Line", "at label stream text")
Result = collections.namedtuple("Result", "code stdout stderr")


class LabError(AssertionError):
    """Something in the office did not go as the test needs it."""


def wait_until(condition, what, timeout=5):
    """Polls for what no event announces; returns the condition's first true value."""
    end = time.monotonic() + timeout * SCALE
    while not (value := condition()):
        if time.monotonic() > end:
            raise LabError(f"waited {timeout * SCALE:g} s in vain until {what}")
        time.sleep(0.02)
    return value


class Process:
    """A program in a namespace of the office. Its lines are events: wait_line goes through them in order."""

    def __init__(self, link, label, argv, quiet=False):
        self.link, self.label, self.argv, self.quiet = link, label, argv, quiet
        self.pid = self.pidfd = self.code = None
        self.stopped = False
        self._lines = []
        self._seen = 0
        self._bytes = {"stdout": b"", "stderr": b""}
        self._open = set()

    @property
    def running(self):
        return self.code is None

    def output(self, stream):
        """Everything written to "stdout" or "stderr" so far."""
        return self._bytes[stream].decode(errors="replace")

    def wait_line(self, pattern, timeout=5):
        """Waits for a line that comes after the last one returned, on either stream; returns the match. Fails
        as soon as the program ends without it."""
        found = []

        def search():
            while self._seen < len(self._lines) and not found:
                if match := re.search(pattern, self._lines[self._seen]):
                    found.append(match)
                self._seen += 1
            return found or self._ended()

        self._wait(search, timeout, f"a line like {pattern!r}")
        if not found:
            raise LabError(f"{self.label} ended with code {self.code} and no line like {pattern!r}")
        return found[0]

    def expect(self, pattern, action, timeout=5):
        """Does the action, which has to make the program say such a line; returns what that returned."""
        self._seen = len(self._lines)
        outcome = action()
        self.wait_line(pattern, timeout)
        return outcome

    def wait(self, timeout=5):
        """Waits for the end of the program and of its output; returns the exit code, -N for signal N."""
        self._wait(self._ended, timeout, "its end")
        return self.code

    def signal(self, number):
        with self.link.news:  # so that the descriptor is not closed under our hands
            if self.running:
                with contextlib.suppress(ProcessLookupError):  # it has ended, and word of that is on its way
                    signal.pidfd_send_signal(self.pidfd, number)

    def hang(self):
        """Stops the program in its tracks and waits until the kernel says that it stands."""
        self.signal(signal.SIGSTOP)
        self._wait(lambda: self.stopped or not self.running, 5, "standing still")

    def resume(self):
        self.stopped = False
        self.signal(signal.SIGCONT)

    def stop(self, timeout=5):
        """Ends the program by SIGTERM; by SIGKILL, with an error, when it does not obey. Returns the code."""
        self.signal(signal.SIGTERM)
        if self.stopped:  # never on suspicion: SIGCONT would undo the stop by which LeakSanitizer looks at a program
            self.resume()
        try:
            return self.wait(timeout)
        except LabError:
            self.kill()
            raise

    def kill(self):
        """Ends the program at once; a child of it may live on and keep its output open."""
        self.signal(signal.SIGKILL)
        self._wait(lambda: not self.running, 5, "its end")

    def _ended(self):
        return self.code is not None and not self._open

    def _wait(self, condition, timeout, what):
        with self.link.news:
            if not self.link.news.wait_for(condition, timeout * SCALE):
                raise LabError(f"{self.label}: waited {timeout * SCALE:g} s in vain for {what}")

    # The following are called by the link's thread, which holds the lock.

    def opened(self, stream):
        self._open.add(stream)

    def wrote(self, stream, data):
        unfinished = self._bytes[stream].rpartition(b"\n")[2]
        self._bytes[stream] += data
        for line in (unfinished + data).split(b"\n")[:-1]:
            self._line(stream, line)

    def closed(self, stream):
        if unfinished := self._bytes[stream].rpartition(b"\n")[2]:
            self._line(stream, unfinished)
        self._open.discard(stream)

    def _line(self, stream, line):
        text = line.decode(errors="replace")
        self._lines.append(text)
        self._record(stream, text)

    def starting(self):
        self._record("started", shlex.join(self.argv))

    def _record(self, stream, text):
        if not self.quiet:
            self.link.record(self.label, stream, text)

    def started(self, pid, pidfd):
        self.pid, self.pidfd = pid, pidfd

    def ended(self, code):
        self.code = code
        self._record("ended", f"with {code}")
        os.close(self.pidfd)
        self.pidfd = None


class Link:
    """The test's end of one holder: the test sends requests, a thread takes in replies, output and exits."""

    def __init__(self):
        self.news = threading.Condition()
        self.lines = []
        self._born = time.monotonic()
        self._ready = self._gone = False
        self._requests = 0
        self._starting = {}
        self._processes = {}
        self._replies = {}
        self._selector = selectors.DefaultSelector()
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._selector.register(self._control, selectors.EVENT_READ, self._take_message)
        self._holder = Process(self, "holder", ["holder"])
        with theirs, self._pipe(self._holder, "stderr") as stderr:
            self._launcher = self._launch(theirs, stderr)
        self._thread = threading.Thread(target=self._follow, daemon=True)
        self._thread.start()

    @staticmethod
    def _launch(control, stderr):
        user = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
        # Its own session, so that a Ctrl-C at the terminal reaches the test alone, which ends the office.
        return subprocess.Popen(
            ["unshare", *user, "--net", "--mount", "--uts", "--ipc", "--pid", "--fork", "--kill-child",
             "--mount-proc", PYTHON, "-I", HOLDER],
            stdin=control, stdout=stderr, stderr=stderr, start_new_session=True)

    def _pipe(self, process, stream):
        """Opens a pipe whose lines go to the process; returns its writing end as a file, for the program."""
        reading, writing = os.pipe()
        process.opened(stream)
        take = functools.partial(self._take_output, process, stream, reading)
        self._selector.register(reading, selectors.EVENT_READ, take)
        return os.fdopen(writing, "wb")

    def wait_ready(self):
        with self.news:
            self.news.wait_for(lambda: self._ready or self._gone, 10 * SCALE)
        if not self._ready:
            said = self._holder.output("stderr").strip() or "its holder did not start"
            hint = "" if os.geteuid() == 0 else "; without root it needs unprivileged user namespaces"
            raise LabError(f"no office: {said}{hint}")

    def make_host(self, name):
        """Returns the pid of the host's anchor process inside the office, and a pidfd of it."""
        return self._request({"op": "host", "name": name}, [])

    def spawn(self, host, process, env, stdin):
        """Starts a program in a host, given by its anchor's pid, or on the office's own ground for None."""
        with self._pipe(process, "stdout") as stdout, self._pipe(process, "stderr") as stderr:
            request = {"op": "spawn", "host": host, "argv": process.argv, "env": env}
            self._request(request, [stdin.fileno(), stdout.fileno(), stderr.fileno()], process)

    def _request(self, request, descriptors, process=None):
        with self.news:
            self._requests += 1
            number = self._requests
            self._starting[number] = process
            if process:
                process.starting()
            if not self._gone:
                socket.send_fds(self._control, [json.dumps({"id": number, **request}).encode()], descriptors)
            self.news.wait_for(lambda: number in self._replies or self._gone, 10 * SCALE)
            if number not in self._replies:
                raise LabError(f"the office's holder does not answer: {self._holder.output('stderr')}")
            reply, pidfd = self._replies.pop(number)
        if "error" in reply:
            raise LabError(f"cannot start {request.get('argv', request)}: {reply['error']}")
        return reply["pid"], pidfd

    def record(self, label, stream, text):
        self.lines.append(Line(time.monotonic() - self._born, label, stream, text))

    def log(self):
        """The lines of every program of the office, in the order in which they came."""
        return "\n".join(f"{line.at:8.3f} {line.label} {line.stream}: {line.text}" for line in self.lines)

    def close(self):
        """Ends the office; returns when the last of its processes is gone."""
        with self.news:
            if not self._gone:
                self._control.shutdown(socket.SHUT_RDWR)
        try:
            self._launcher.wait(10)
        except subprocess.TimeoutExpired:
            self._launcher.kill()
            self._launcher.wait(10)
        self._thread.join(10)

    # The rest runs in the link's own thread.

    def _follow(self):
        while self._selector.get_map():
            for key, _ in self._selector.select():
                with self.news:
                    key.data()
                    self.news.notify_all()
        self._selector.close()

    def _take_output(self, process, stream, reading):
        if data := os.read(reading, 1 << 16):
            process.wrote(stream, data)
            return
        process.closed(stream)
        self._selector.unregister(reading)
        os.close(reading)

    def _take_message(self):
        packet, descriptors, _, _ = socket.recv_fds(self._control, PACKET_MAX, 1, socket.MSG_CMSG_CLOEXEC)
        if not packet:
            self._gone = True
            self._selector.unregister(self._control)
            self._control.close()
            return
        message = json.loads(packet)
        if "id" in message:
            self._take_reply(message, descriptors)
        elif "ready" in message:
            self._ready = True
        elif process := self._processes.get(message.get("stopped")):
            process.stopped = True
        elif process := self._processes.pop(message.get("exited"), None):
            process.ended(message["code"])

    def _take_reply(self, message, descriptors):
        process = self._starting.pop(message["id"])
        pidfd = descriptors[0] if descriptors else None
        if process and pidfd is not None:
            process.started(message["pid"], pidfd)
            self._processes[message["pid"]] = process
        self._replies[message["id"]] = message, pidfd
