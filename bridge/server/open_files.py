"""How many files this process may have open: every page, and every store connection, is one."""

from __future__ import annotations

import contextlib
import resource

__all__ = ["allow_open_files"]


def allow_open_files() -> None:
    """Raise the soft limit of open files to the hard one, where the system lets us.

    Services start with 1,024, for the sake of programs that use select(2); we never do.
    """
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):  # macOS says infinity and means less
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
