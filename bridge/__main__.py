"""``python -m bridge`` is ``diemcau``."""

import sys

from bridge.cli import main

if __name__ == "__main__":
    sys.exit(main())
