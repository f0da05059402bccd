"""Keep the pictures that tests/e2e/test_states*.py took, small enough for a repository."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
TAKEN = ROOT / "tests" / "_output"
KEPT = ROOT / "docs" / "screenshots" / "states"
OTHER_SIZES = ("-1920", "-phone")


def main() -> None:
    """Replace what was kept by what was taken last, at the size of a laptop."""
    KEPT.mkdir(parents=True, exist_ok=True)
    for old in KEPT.glob("*.webp"):
        old.unlink()
    for file in sorted(TAKEN.glob("state-*.png")):
        name = file.stem.removeprefix("state-")
        if not name.endswith(OTHER_SIZES):
            with Image.open(file) as picture:
                picture.save(KEPT / f"{name}.webp", quality=70, method=6)


if __name__ == "__main__":
    main()
