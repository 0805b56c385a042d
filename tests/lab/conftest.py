"""Fixtures: offices that are taken down whatever happens, and whose log is shown when a test fails."""
import ctypes
import signal
import sys

import pytest

sys.dont_write_bytecode = True  # the repository may belong to somebody else than who runs the tests

from practice import PracticeOffice  # noqa: E402

OFFICES = pytest.StashKey[list]()
FAILED = pytest.StashKey[bool]()
PR_SET_PDEATHSIG = 1


def pytest_configure(config):
    """A pytest-xdist worker goes down with the pytest that started it, and its offices with it."""
    if hasattr(config, "workerinput"):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item):
    outcome = yield
    report = outcome.get_result()
    if report.failed:
        item.stash[FAILED] = True
        for number, office in enumerate(item.stash.get(OFFICES, []), 1):
            report.sections.append((f"log of office {number}", office.log()))


@pytest.fixture
def new_office(request):
    """Makes offices: new_office(families=(4,)). Ends them, and fails for what sanitizers found."""
    offices = request.node.stash.setdefault(OFFICES, [])

    def make(**options):
        offices.append(PracticeOffice(**options))
        return offices[-1]

    yield make
    try:
        if not request.node.stash.get(FAILED, False):
            for office in offices:
                office.finish()
    finally:
        for office in offices:
            office.close()
    complaints = [complaint for office in offices for complaint in office.complaints()]
    if complaints:
        pytest.fail("found by a sanitizer or valgrind:\n" + "\n".join(complaints), pytrace=False)


@pytest.fixture
def office(new_office):
    """An office with IPv4 and IPv6."""
    return new_office()


@pytest.fixture
def ipv4_office(new_office):
    return new_office(families=(4,))


@pytest.fixture
def ipv6_office(new_office):
    return new_office(families=(6,))
