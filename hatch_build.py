"""Builds the native engine into the package, if this machine can; without it Python forwards.

``DIEMCAU_BUILD_NATIVE=required`` makes a failure an error, ``no`` does not try.
"""

from __future__ import annotations

import os
import shutil
import sysconfig
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

FOLDER = "bridge/media/_engine"
MODULE = "bridge.media._engine._native"
FLAGS = ["-O2", "-std=c11", "-Wall", "-Wextra", "-fno-strict-aliasing"]


class NativeEngine(BuildHookInterface):  # type: ignore[type-arg]
    """Compiles ``bridge/media/_engine`` beside its sources, and takes the result into wheels."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Compile, or say why not."""
        wanted = os.environ.get("DIEMCAU_BUILD_NATIVE", "")
        if self.target_name != "wheel" or wanted == "no":
            return
        root = Path(self.root)
        try:
            made = build(root)
        except (Exception, SystemExit) as error:
            if wanted == "required":
                raise
            # One built before is of sources that may have changed since.
            built(root).unlink(missing_ok=True)
            self.app.display_warning(f"without the native engine: {error}")
            return
        build_data["pure_python"] = False
        build_data["infer_tag"] = True
        build_data["artifacts"].append(made.relative_to(root).as_posix())


def built(root: Path) -> Path:
    """Return where the compiled module of this Python belongs."""
    return root / FOLDER / f"_native{sysconfig.get_config_var('EXT_SUFFIX')}"


def build(root: Path, *, more_flags: tuple[str, ...] = ()) -> Path:
    """Compile the module and return where it is.

    Args:
        root: folder of the project.
        more_flags: for the compiler and the linker.

    Raises:
        Exception: of Cython, setuptools or the compiler.
    """
    # setuptools first: it brings distutils, which Python 3.12 has no more.
    from setuptools import Distribution, Extension  # isort: skip
    from Cython.Build import cythonize

    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "source"
        shutil.copytree(root / FOLDER, folder, ignore=shutil.ignore_patterns("*.so"))
        extension = Extension(
            MODULE,
            [str(folder / "_native.pyx"), str(folder / "fanout.c")],
            include_dirs=[str(folder)],
            extra_compile_args=[*FLAGS, *more_flags],
            extra_link_args=list(more_flags),
        )
        modules = cythonize([extension], build_dir=scratch, quiet=True, force=True)
        command = Distribution({"ext_modules": modules}).get_command_obj("build_ext")
        command.build_lib = command.build_temp = scratch
        command.ensure_finalized()
        command.run()
        # A new file, not the old one written over: a server may run it.
        target = built(root)
        target.unlink(missing_ok=True)
        shutil.copy(Path(scratch, *MODULE.split(".")).with_name(target.name), target)
    return target
