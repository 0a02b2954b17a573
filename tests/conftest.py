"""What the end-to-end tests share: one OctoPrint per version for the session, swept between tests, and receivers.

Tests that need an OctoPrint of their own (other settings, a restart, another environment) ask for `start`. After each
test, whatever the plugin wrote as a warning or an error into the log since the test began fails that test. Every
answer is searched for the secrets that the tests plant, and after all tests every other output.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from harness import (
    ADMIN,
    VERSIONS,
    Client,
    Faults,
    Installation,
    OctoPrintServer,
    Receiver,
    Setup,
    Start,
    User,
    Webcam,
    outputs,
)
from harness.alone import Api, engine_alone
from harness.faults import compile_into
from harness.visit import Begin, Visit
from harness.webcam import FURTHER, picture

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="session", autouse=True)
def no_secret_in_any_output() -> Iterator[None]:
    """Begins before everything and ends after it: then every output of the run is searched for planted secrets."""
    yield
    leaks = outputs.leaks()
    assert not leaks, "secrets came out:\n" + "\n".join(leaks[:50])


@pytest.fixture(autouse=True)
def no_secret_in_any_answer(no_secret_in_any_output: None) -> Iterator[None]:
    """Fails the first test that was answered a secret that its caller may not see."""
    yield
    told = outputs.told()
    assert not told, "secrets were answered:\n" + "\n".join(told)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Where several processes share the tests, all tests of one OctoPrint run in the same: they share its server."""
    for item in items:
        if isinstance(item, pytest.Function) and hasattr(item, "callspec"):
            version = item.callspec.params.get("installation")
            if version is not None:
                item.add_marker(pytest.mark.xdist_group(version))


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """What a test printed is an output as well. The text of a failure is not: it quotes the test."""
    for title, content in report.sections:
        outputs.note(f"{title} of {report.nodeid}", content)


@pytest.fixture(scope="session", params=VERSIONS, ids=[f"octoprint-{version}" for version in VERSIONS])
def installation(request: pytest.FixtureRequest) -> Installation:
    """Each version of OctoPrint in turn; pytest runs all tests of one before it goes on to the next."""
    found = Installation.of(request.param)
    for module in ("octoprint_webhooks", "octohooks"):
        assert found.has(module), (
            f"{module} is not installed in {found.venv}; `make test` installs the wheels under test"
        )
    return found


@pytest.fixture(scope="session")
def session_webcam() -> Iterator[Webcam]:
    """The webcam of the shared OctoPrints."""
    with Webcam() as webcam:
        yield webcam


@pytest.fixture(scope="session")
def shared_server(
    installation: Installation, session_webcam: Webcam, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[OctoPrintServer]:
    """The OctoPrint that most tests use. Its logs stay in pytest's temporary folder."""
    folder = tmp_path_factory.mktemp(f"octoprint-{installation.version}-", numbered=True)
    server = OctoPrintServer(installation, folder, Setup(snapshot_url=session_webcam.url))
    with server:
        _without_problems(server)
        yield server
    _without_problems(server)


@pytest.fixture
def octoprint(shared_server: OctoPrintServer, session_webcam: Webcam) -> Iterator[OctoPrintServer]:
    """The shared OctoPrint as after a fresh start: printer free, no hooks, the small picture in front of the camera."""
    print(shared_server.logs_are_in())
    session_webcam.shows(picture())
    _sweep(shared_server.admin)
    yield shared_server
    _sweep(shared_server.admin)
    _without_problems(shared_server)


@pytest.fixture
def admin(octoprint: OctoPrintServer) -> Client:
    """A client of the shared OctoPrint that may do everything."""
    return octoprint.admin


@pytest.fixture
def webcam(octoprint: OctoPrintServer, session_webcam: Webcam) -> Iterator[Webcam]:
    """The camera of the shared OctoPrint, upright."""
    yield session_webcam
    octoprint.admin.set_plugin_settings("classicwebcam", flipH=False, flipV=False, rotate90=False)


@pytest.fixture
def further_webcam(admin: Client) -> Iterator[Webcam]:
    """A second webcam of OctoPrint's, with a picture of its own."""
    with Webcam(picture(FURTHER)) as further:
        admin.set_further_webcams(garage=further.url)
        yield further
        admin.set_further_webcams()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver of this test's own."""
    with Receiver() as receiver:
        yield receiver


@pytest.fixture
def another_receiver() -> Iterator[Receiver]:
    """A second one, at another address."""
    with Receiver() as receiver:
        yield receiver


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """The engine by itself, for what does not need OctoPrint."""
    with engine_alone(tmp_path_factory.mktemp("packages"), tmp_path_factory.mktemp("data")) as api:
        yield api


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium as the system has it."""
    from playwright.sync_api import sync_playwright

    executable = shutil.which("chromium") or shutil.which("chromium-browser")
    assert executable, "no Chromium; `make test` installs Debian's"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def visit(browser: Browser, octoprint: OctoPrintServer) -> Iterator[Begin]:
    """Begins visits; afterwards none of them may have seen an error, or OctoPrint's question about changed settings."""
    visits: list[Visit] = []

    def begin(user: User | None = ADMIN, **how: Any) -> Visit:
        visits.append(Visit(browser, octoprint, user, **how))
        return visits[-1]

    yield begin
    for seen in visits:
        seen.end()


@pytest.fixture
def start(installation: Installation, tmp_path: Path) -> Iterator[Start]:
    """Starts an OctoPrint of this test's own, with a `Setup`; stops it and looks into its log afterwards."""
    servers: list[OctoPrintServer] = []

    def begin(setup: Setup | None = None, *, at: Installation | None = None, **environment: str) -> OctoPrintServer:
        folder = tmp_path / f"octoprint-{len(servers)}"
        server = OctoPrintServer(at or installation, folder, setup, environment=environment)
        print(server.logs_are_in())
        servers.append(server)
        server.start()
        return server

    yield begin
    for server in servers:
        server.stop()
    for server in servers:
        _without_problems(server)


@pytest.fixture(scope="session")
def faults_library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What makes disks and clocks fail, compiled."""
    return compile_into(tmp_path_factory.mktemp("faults-"))


@pytest.fixture
def faults(faults_library: Path, tmp_path: Path) -> Iterator[Faults]:
    """Faults of disk and clock on command, for an OctoPrint that is started with `**faults.environment`."""
    faults = Faults(faults_library, tmp_path / "orders")
    yield faults
    faults.none()


@pytest.fixture
def once(installation: Installation) -> None:
    """For tests that take long and cannot depend on OctoPrint's version."""
    if installation.version != VERSIONS[0]:
        pytest.skip("does not depend on OctoPrint's version")


def _sweep(admin: Client) -> None:
    if admin.state() not in ("Operational", "Closed", "Offline"):
        admin.request("POST", "/api/job", json={"command": "cancel"}, expect=None)
        admin.wait_for_state("Operational", "Closed", "Offline")
    if admin.state() != "Operational":
        admin.connect()
    admin.delete_all_hooks()
    admin.forget_events()


def _without_problems(server: OctoPrintServer) -> None:
    """Each problem is told once, by the test in which it came up."""
    start, server.looked_at_log_up_to = server.looked_at_log_up_to, server.log_size()
    problems = [] if server.problems_expected else server.log_problems(start)
    assert not problems, f"the plugin wrote warnings or errors. {server.logs_are_in()}\n" + "\n".join(problems[:10])
