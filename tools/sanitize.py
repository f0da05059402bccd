"""Run the native engine's tests with a core that AddressSanitizer and UBSan watch.

The core is built into a copy of the project, so that the one in use stays as it is.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FLAGS = "-fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer -g"
TESTS = (
    "tests/media/test_native.py",
    "tests/media/test_engine.py",
    "tests/media/test_forwarder.py",
    "tests/media/test_repairs.py",
    "tests/media/test_checks.py",
    "tests/media/test_threads.py",
    "tests/media/test_server.py",
)
COPIED = ("bridge", "tests", "bench", "config", "pyproject.toml", "hatch_build.py")


def library(name: str) -> str:
    """Return where gcc has one of its libraries."""
    found = subprocess.run(
        ["gcc", f"-print-file-name={name}"], check=True, capture_output=True, text=True
    )
    return found.stdout.strip()


def main() -> int:
    """Build, run, return pytest's code."""
    with tempfile.TemporaryDirectory(prefix="diemcau-sanitize-") as scratch:
        copy = Path(scratch)
        for name in COPIED:
            if (ROOT / name).is_dir():
                ignored = shutil.ignore_patterns("*.so", "__pycache__", "_output")
                shutil.copytree(ROOT / name, copy / name, ignore=ignored)
            else:
                shutil.copy(ROOT / name, copy / name)
        build = [sys.executable, "-m", "bridge.media._engine.build", *FLAGS.split()]
        subprocess.run(build, check=True, cwd=copy)
        environment = {
            **os.environ,
            "LD_PRELOAD": f"{library('libasan.so')} {library('libubsan.so')}",
            # Python and OpenSSL keep what they have until the end; leaks are test_leaks.py's.
            "ASAN_OPTIONS": "detect_leaks=0:abort_on_error=1",
            "UBSAN_OPTIONS": "print_stacktrace=1",
            "PYTHONMALLOC": "malloc",
        }
        tests = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *TESTS]
        return subprocess.run(tests, check=False, cwd=copy, env=environment).returncode


if __name__ == "__main__":
    sys.exit(main())
