"""One target under libFuzzer: ``python -m fuzz.one NAME [libFuzzer's options]``.

What is imported here is instrumented, so this must be a process of its own.
"""

from __future__ import annotations

import sys
from pathlib import Path

import atheris

__all__ = ["main"]

INSTRUMENTED = ["bridge.rtp", "bridge.media"]


def main() -> None:
    """Fuzz the target that is named first, until libFuzzer's options say that it is enough."""
    with atheris.instrument_imports(include=INSTRUMENTED):
        from fuzz.targets import TARGETS
    target = TARGETS[sys.argv.pop(1)]
    corpus = next(Path(word) for word in sys.argv[1:] if not word.startswith("-"))
    for number, seed in enumerate(target.seeds):
        (corpus / f"seed-{number}").write_bytes(seed[: target.limit])
    atheris.Setup([*sys.argv, f"-max_len={target.limit}"], target.check)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
