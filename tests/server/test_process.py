"""What the server's process is made of."""

from __future__ import annotations

from pathlib import Path

from tests.running import RunningServer


def test_no_codec_is_loaded_into_the_server(server: RunningServer) -> None:
    """FFmpeg's libraries are 18 MB; the simulator and the drawer of slates have their own."""
    assert server.process is not None
    maps = Path(f"/proc/{server.process.pid}/maps").read_text()
    loaded = {Path(line.split()[-1]).name for line in maps.splitlines() if "/" in line}
    assert any("pylibsrtp" in path for path in maps.split()), "or we do not see what is loaded"
    assert not {name for name in loaded if name.startswith(("libav", "libsw"))}
