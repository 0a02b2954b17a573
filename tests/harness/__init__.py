"""What the end-to-end tests and the demo stand on: a real OctoPrint, receivers for its webhooks, a webcam.

Everything here speaks to the loopback interface only, waits on conditions or on bounded polls, and ends what it started
by its own process id. The tests contain no waiting of their own.
"""

from harness.backlog import Backlog
from harness.basedir import Setup
from harness.client import ADMIN, DEPUTY, ORDINARY, READ_ONLY, VIEWER, Client, RefusedError, User, draft
from harness.faults import Faults
from harness.listener import Listener
from harness.receiver import Behaviour, Received, Receiver, closed_port
from harness.server import OctoPrintServer, Start
from harness.venvs import ROOT, VERSIONS, Installation
from harness.webcam import Webcam

__all__ = [
    "ADMIN",
    "DEPUTY",
    "ORDINARY",
    "READ_ONLY",
    "ROOT",
    "VERSIONS",
    "VIEWER",
    "Backlog",
    "Behaviour",
    "Client",
    "Faults",
    "Installation",
    "Listener",
    "OctoPrintServer",
    "Received",
    "Receiver",
    "RefusedError",
    "Setup",
    "Start",
    "User",
    "Webcam",
    "closed_port",
    "draft",
]
