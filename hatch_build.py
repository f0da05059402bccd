"""Builds the native engine into the package, if this machine can; without it Python forwards.

``DIEMCAU_BUILD_NATIVE=required`` makes a failure an error, ``no`` does not try.
"""

from __future__ import annotations

import os
import runpy
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

FOLDER = "bridge/media/_engine"


class NativeEngine(BuildHookInterface):  # type: ignore[type-arg]
    """Compiles ``bridge/media/_engine`` beside its sources, and takes the result into wheels."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Compile, or say why not."""
        wanted = os.environ.get("DIEMCAU_BUILD_NATIVE", "")
        folder = Path(self.root, FOLDER)
        code = runpy.run_path(str(folder / "build.py"))
        # One built before is of sources that may have changed since.
        made: Path = code["target"](folder)
        made.unlink(missing_ok=True)
        if wanted == "no":
            return
        try:
            code["build"](folder)
        except (Exception, SystemExit) as error:  # distutils exits where a compiler is missing
            if wanted == "required":
                raise
            self.app.display_warning(f"without the native engine: {error}")
            return
        build_data["pure_python"] = False
        build_data["infer_tag"] = True
        build_data["artifacts"].append(f"{FOLDER}/{made.name}")
