# SPDX-License-Identifier: MIT
"""Times a whole search, process start to exit, beside avahi-browse in the same office: the medians, and how
many times faster. Exits with 1 when that is less than promised.

The stopwatch is this same file as a process in the workstation's namespaces (its only argument then is
"stopwatch"): it starts one program after the other and nothing stands between, no shell and no nsenter.
"""
import glob
import json
import os
import shutil
import statistics
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "lab"))

from practice import LOCATOR_STATE, SERVICE, PracticeOffice, command  # noqa: E402
from process import PYTHON, LabError  # noqa: E402

ROUNDS = 5
FINDS_A_ROUND = 6
BROWSE = ["avahi-browse", "-rpt", SERVICE]
REMEMBERED = os.path.join(LOCATOR_STATE, "*.last")

# How many times faster than avahi-browse each kind of search has to be.
PROMISED = {"multicast": 50, "cache": 200}
LABELS = {
    "browse": " ".join(BROWSE),
    "multicast": "practice-locator find, over multicast",
    "cache": "practice-locator find, remembered address",
}


def plan():
    """What to run, in order: kinds take turns, so that a busy moment of the machine meets all of them."""
    find = command("practice-locator", "--state", LOCATOR_STATE, "find", "--json")
    forgetful = {"kind": "multicast", "argv": find, "forget": REMEMBERED}
    remembering = {"kind": "cache", "argv": find}  # the search before it has left an address
    return ([{"kind": "browse", "argv": BROWSE}] + [forgetful, remembering] * FINDS_A_ROUND) * ROUNDS


def stopwatch():
    """Runs what standard input asks for; prints what each run took and what it said."""
    json.dump([timed(run) for run in json.load(sys.stdin)], sys.stdout)


def timed(run):
    for path in glob.glob(run.get("forget", "")):
        os.unlink(path)
    program, output = shutil.which(run["argv"][0]), os.memfd_create("output")
    actions = [(os.POSIX_SPAWN_DUP2, output, 1)]
    begin = time.monotonic_ns()
    pid = os.posix_spawn(program, run["argv"], os.environ, file_actions=actions)
    _, status, usage = os.wait4(pid, 0)
    took = time.monotonic_ns() - begin
    with open(output, "rb", closefd=True) as said:
        said.seek(0)
        text = said.read().decode()
    return {"kind": run["kind"], "took_ms": took / 1e6, "cpu_ms": (usage.ru_utime + usage.ru_stime) * 1e3,
            "code": os.waitstatus_to_exitcode(status), "said": text}


def furnished(office):
    """The server's agent runs, mDNS knows it, and the workstation has joined."""
    server, workstation = office.server(), office.workstation()
    office.start_avahi(server, workstation)
    server.start_agent()
    workstation.enrol(server)
    workstation.wait_for_service(server.ipv4)
    server.change_address("10.77.0.20")  # else the address that came with the token would win over multicast
    workstation.wait_for_service(server.ipv4)
    return server, workstation


def go_first():
    """The whole office goes before the machine's other programs, whose business is not to be measured. (A
    nice value does nothing: the kernel weighs it within one session, and each program here has its own.)"""
    try:
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))
    except PermissionError:
        print("without root, what else runs on this machine slows the searches down", file=sys.stderr)


def measure():
    go_first()
    with PracticeOffice() as office:
        server, workstation = furnished(office)
        watch = [PYTHON, "-B", os.path.abspath(__file__), "stopwatch"]
        runs = json.loads(workstation.check(watch, timeout=120, stdin=json.dumps(plan()), quiet=True).stdout)
        for run in runs:
            expect_success(run, server)
        office.finish()
        return runs


def expect_success(run, server):
    """A run that failed, or went another way than the one to be measured, is no measurement."""
    went_well = f";{server.ipv4};" in run["said"]
    if run["kind"] != "browse":
        found = json.loads(run["said"] or "{}")
        went_well = server.owns(found.get("address")) and found["source"] == run["kind"]
    if run["code"] != 0 or not went_well:
        raise LabError(f"{LABELS[run['kind']]} ended with {run['code']} and said {run['said']!r}")


def report(runs):
    """Prints the table; returns whether every promise is kept."""
    row = "{:42}{:>5}{:>11}{:>11}{:>11}{:>11}   {}".format
    took = {kind: [run["took_ms"] for run in runs if run["kind"] == kind] for kind in LABELS}
    cpu = {kind: statistics.median(run["cpu_ms"] for run in runs if run["kind"] == kind) for kind in LABELS}
    kept = True
    print(row("process start to exit, in ms", "runs", "median", "fastest", "slowest", "CPU", "times faster"))
    for kind, times in took.items():
        judgement = ""
        if kind in PROMISED:
            ratio = statistics.median(took["browse"]) / statistics.median(times)
            judgement = f"{ratio:.0f} (at least {PROMISED[kind]})"
            kept &= ratio >= PROMISED[kind]
        figures = (statistics.median(times), min(times), max(times), cpu[kind])
        print(row(LABELS[kind], len(times), *(f"{figure:.2f}" for figure in figures), judgement).rstrip())
    return kept


def main():
    if sys.argv[1:] == ["stopwatch"]:
        stopwatch()
    elif not report(measure()):
        sys.exit("slower than promised")


try:
    main()
except LabError as trouble:
    sys.exit(f"nothing was measured: {trouble}")
