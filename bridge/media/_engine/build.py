"""Compiles the core beside its sources: ``python -m bridge.media._engine.build [FLAG ...]``.

Used by the package's own build (``hatch_build.py``), which loads this file by its path, and by
``make sanitize``. Needs Cython, setuptools, a C compiler and Python's headers. Knows nothing of
the rest of the package, which is not installed yet when this runs.
"""

from __future__ import annotations

import shutil
import sys
import sysconfig
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

__all__ = ["build", "target"]

MODULE: Final = "bridge.media._engine._native"
FLAGS: Final = ("-O2", "-std=c11", "-pthread", "-Wall", "-Wextra", "-fno-strict-aliasing")


def target(folder: Path) -> Path:
    """Return where the compiled module of this Python belongs, given the folder of the sources."""
    return folder / f"_native{sysconfig.get_config_var('EXT_SUFFIX')}"


def build(folder: Path, more_flags: Sequence[str] = ()) -> Path:
    """Compile the module and return where it is.

    Args:
        folder: of the sources.
        more_flags: for the compiler and the linker.

    Raises:
        Exception: of whatever is missing or fails.
    """
    # setuptools first: it brings distutils, which Python 3.12 has no more.
    from setuptools import Distribution, Extension  # isort: skip
    from Cython.Build import cythonize

    with tempfile.TemporaryDirectory() as scratch:
        sources = Path(scratch, "sources")
        shutil.copytree(folder, sources, ignore=shutil.ignore_patterns("*.so", "__*"))
        extension = Extension(
            MODULE,
            [str(sources / "_native.pyx"), *map(str, sorted(sources.glob("*.c")))],
            include_dirs=[str(sources)],
            extra_compile_args=[*FLAGS, *more_flags],
            extra_link_args=list(more_flags),
        )
        modules = cythonize(  # type: ignore[no-untyped-call]
            [extension], build_dir=scratch, quiet=True, force=True
        )
        command = Distribution({"ext_modules": modules}).get_command_obj("build_ext")
        command.build_lib = command.build_temp = scratch
        command.ensure_finalized()
        command.run()
        made = target(folder)
        # A new file, not the old one written over: a server may run it.
        made.unlink(missing_ok=True)
        shutil.copy(Path(scratch, *MODULE.split(".")).with_name(made.name), made)
    return made


if __name__ == "__main__":
    build(Path(__file__).parent, sys.argv[1:])
