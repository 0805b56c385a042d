"""Process 1 of an office: starts the office's hosts and programs, and takes all of them along when it ends.

It runs in a PID namespace of its own, so its end, however it comes, ends every process of the office, and
with the last of them go the network namespaces and mounts. It ends when the other end of the control socket
is closed, which the kernel does for a test runner that was killed.

The control socket carries one JSON object a packet, descriptors beside it:
    {"id", "op": "host", "name"}: makes a host; the pid in the reply is that of its anchor, a process that
        does nothing but keep the host's namespaces
    {"id", "op": "spawn", "host", "argv", "env"}, with stdin, stdout, stderr: starts a program in a host,
        or on the office's own ground when host is null
    replies: {"id", "pid"} and a pidfd, or {"id", "error"}
    events: {"ready"}, {"exited": pid, "code"}, {"stopped": pid}
"""
import ctypes
import json
import os
import select
import signal
import socket
import sys
import traceback

CLONE_NEWNS = 0x00020000
CLONE_NEWUTS = 0x04000000
CLONE_NEWNET = 0x40000000
MS_RDONLY, MS_REMOUNT, MS_BIND, MS_REC = 1, 32, 4096, 16384
PR_SET_NAME = 15
PACKET_MAX = 1 << 16

# The machine's own settings of these would leak into the office, so each host starts without them.
HIDDEN_ETC = ("avahi", "group", "hostname", "hosts", "machine-id", "passwd")

# In an office made without root there is only one user; avahi-daemon insists on giving its folder to "avahi".
PASSWD = "".join(f"{name}:x:0:0::/run/home:/bin/sh\n" for name in ("root", "avahi", "messagebus"))
GROUP = "".join(f"{name}:x:0:\n" for name in ("root", "avahi", "messagebus", "netdev"))

libc = ctypes.CDLL(None, use_errno=True)


def checked(result, what):
    if result != 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{what}: {os.strerror(code)}")


def mount(source, target, kind=None, flags=0):
    names = [None if name is None else os.fsencode(name) for name in (source, target, kind)]
    checked(libc.mount(*names, ctypes.c_ulong(flags), None), f"mount {source} on {target}")


def write_file(path, text):
    with open(path, "w", encoding="ascii") as file:
        file.write(text)


def private_view(folder, hidden):
    """Makes folder writable without touching the machine's: its files become links to a read-only view."""
    lower, upper = "/run/lower" + folder, "/run/upper" + folder
    os.makedirs(lower)
    os.makedirs(upper)
    mount(folder, lower, flags=MS_BIND | MS_REC)
    # Inside a user namespace the flags that the mount came with are locked and must be repeated.
    lockable = os.ST_NOSUID | os.ST_NODEV | os.ST_NOEXEC | os.ST_NOATIME | os.ST_RELATIME
    kept = os.statvfs(lower).f_flag & lockable
    mount(None, lower, flags=MS_REMOUNT | MS_BIND | MS_RDONLY | kept)
    for entry in os.scandir(lower):
        if entry.name not in hidden and not entry.name.startswith("practice-"):
            target = os.readlink(entry.path) if entry.is_symlink() else entry.path
            os.symlink(target, f"{upper}/{entry.name}")
    mount(upper, folder, flags=MS_BIND)


def furnish(name):
    """Gives the calling process's fresh mount namespace the private places that a host has."""
    mount("lab", "/run", "tmpfs")
    private_view("/etc", HIDDEN_ETC)
    private_view("/var/lib", ())
    for folder in ("/run/dbus", "/run/home", "/run/tmp", "/etc/avahi", "/etc/avahi/services"):
        os.mkdir(folder)
    write_file("/etc/passwd", PASSWD)
    write_file("/etc/group", GROUP)
    write_file("/etc/hostname", f"{name}\n")
    write_file("/etc/hosts", f"127.0.0.1 localhost\n::1 localhost\n127.0.1.1 {name}\n")
    write_file("/etc/machine-id", os.urandom(16).hex() + "\n")
    try:
        mount("lab", "/sys", "sysfs")
    except OSError:
        pass  # refused in some containers: /sys then shows other interfaces, but programs ask netlink


def quicken_ipv6():
    """Addresses are usable at once: none in an office has a duplicate, and no router needs asking for."""
    for scope in ("all", "default"):
        for setting in ("accept_dad", "router_solicitations"):
            write_file(f"/proc/sys/net/ipv6/conf/{scope}/{setting}", "0")


def reset_signals():
    """What Python, or whoever started the tests, ignores or blocks, exec would hand on to the programs."""
    signal.set_wakeup_fd(-1)
    for name in ("SIGCHLD", "SIGPIPE", "SIGINT", "SIGQUIT", "SIGHUP", "SIGTERM"):
        signal.signal(getattr(signal, name), signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])


def report_to(pipe, work):
    """Runs work in a forked child; what goes wrong is written to the pipe. Never returns."""
    try:
        work()
    except BaseException as trouble:  # a child must never return into the holder's loop
        text = trouble.strerror if isinstance(trouble, OSError) else traceback.format_exc()
        os.write(pipe, (text or repr(trouble)).encode()[:4096])
    os._exit(127)


def fork_reporting(work):
    """Forks a child that does work(told). Returns its pid and what it wrote to told, a complaint, before that
    was closed, by exec or by hand; an empty one when all is well."""
    hear, told = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(hear)
        reset_signals()
        report_to(told, lambda: work(told))
    os.close(told)
    with os.fdopen(hear, "rb") as pipe:
        return pid, pipe.read().decode(errors="replace")


class Holder:
    def __init__(self, control):
        self.control = control
        self.hosts = {}
        self.wake, wake_end = os.pipe()
        os.set_blocking(self.wake, False)
        os.set_blocking(wake_end, False)
        signal.set_wakeup_fd(wake_end)
        signal.signal(signal.SIGCHLD, lambda *_: None)

    def tell(self, message, descriptors=()):
        socket.send_fds(self.control, [json.dumps(message).encode()], descriptors)

    def serve(self):
        quicken_ipv6()
        self.tell({"ready": True})
        poll = select.poll()
        poll.register(self.control, select.POLLIN)
        poll.register(self.wake, select.POLLIN)
        while True:
            ready = [descriptor for descriptor, _ in poll.poll()]
            if self.wake in ready:
                os.read(self.wake, 4096)
                self.reap()
            if self.control.fileno() in ready and not self.obey():
                return

    def reap(self):
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG | os.WUNTRACED)
            except ChildProcessError:
                return
            if pid == 0:
                return
            if os.WIFSTOPPED(status):
                self.tell({"stopped": pid})
            else:
                self.tell({"exited": pid, "code": os.waitstatus_to_exitcode(status)})

    def obey(self):
        """Carries out one request. Returns False when the other end is gone."""
        packet, descriptors, _, _ = socket.recv_fds(self.control, PACKET_MAX, 3, socket.MSG_CMSG_CLOEXEC)
        if not packet:
            return False
        request = json.loads(packet)
        make = {"host": self.make_host, "spawn": self.spawn}[request["op"]]
        pid, complaint = make(request, descriptors)
        for descriptor in descriptors:
            os.close(descriptor)
        if complaint:
            self.tell({"id": request["id"], "error": complaint})
        else:
            pidfd = os.pidfd_open(pid)
            self.tell({"id": request["id"], "pid": pid}, [pidfd])
            os.close(pidfd)
        return True

    def make_host(self, request, _):
        def anchor(told):
            checked(libc.unshare(CLONE_NEWNET | CLONE_NEWNS | CLONE_NEWUTS), "unshare")
            self.control.close()
            socket.sethostname(request["name"])
            quicken_ipv6()
            furnish(request["name"])
            libc.prctl(PR_SET_NAME, f"host {request['name']}".encode(), 0, 0, 0)
            os.close(told)
            while True:
                signal.pause()

        pid, complaint = fork_reporting(anchor)
        if not complaint:
            namespaces = [os.open(f"/proc/{pid}/ns/{kind}", os.O_RDONLY) for kind in ("net", "uts", "mnt")]
            self.hosts[pid] = namespaces, os.open(f"/proc/{pid}/root", os.O_PATH)
        return pid, complaint

    def enter(self, host):
        """Moves the calling (child) process into a host; leaves it on the office's own ground for None."""
        if host is None:
            return
        namespaces, root = self.hosts[host]
        for namespace in namespaces:
            checked(libc.setns(namespace, 0), "setns")
        # Entering a mount namespace leaves a chroot that the office was started in; back to the host's root.
        os.fchdir(root)
        os.chroot(".")

    def spawn(self, request, descriptors):
        def program(_):
            os.setsid()
            self.enter(request["host"])
            for number, descriptor in enumerate(descriptors):
                os.dup2(descriptor, number)
            os.chdir("/")
            os.execvpe(request["argv"][0], request["argv"], request["env"])

        return fork_reporting(program)


if __name__ == "__main__":
    control_socket = socket.socket(fileno=os.dup(0))
    os.dup2(os.open("/dev/null", os.O_RDWR), 0)
    Holder(control_socket).serve()
    sys.exit(0)
