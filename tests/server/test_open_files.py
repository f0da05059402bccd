"""A hall has more phones than the thousand files a service starts with."""

import subprocess
import sys

from tests.running import ROOT

SCRIPT = """
import resource
from bridge.server.open_files import allow_open_files
resource.setrlimit(resource.RLIMIT_NOFILE, (256, 512))
allow_open_files()
print(*resource.getrlimit(resource.RLIMIT_NOFILE))
"""


def test_the_soft_limit_is_raised_to_the_hard_one() -> None:
    command = [sys.executable, "-c", SCRIPT]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.split() == ["512", "512"]
