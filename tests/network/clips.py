"""Clips for Chromium's camera: one colour, with a mark that moves."""

from __future__ import annotations

from pathlib import Path

import av

WIDTH, HEIGHT, FPS = 640, 360, 30
FRAMES = 120
#: Y, Cb, Cr in full range; each is told by its strongest part in RGB.
RED, BLUE = (76, 85, 255), (29, 255, 107)
_MARK = 60  # pixels square


def write_clip(path: Path, colour: tuple[int, int, int]) -> None:
    """Write a Motion JPEG clip; Chromium plays it again and again.

    Args:
        path: ends in ``.mjpeg``, by which Chromium knows it.
        colour: of the ground; the upper left corner has it all the time.
    """
    with av.open(str(path), "w", format="mjpeg") as file:
        stream = file.add_stream("mjpeg", rate=FPS)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuvj420p"
        for number in range(FRAMES):
            file.mux(stream.encode(_frame(colour, number)))
        file.mux(stream.encode())


def _frame(colour: tuple[int, int, int], number: int) -> av.VideoFrame:
    frame = av.VideoFrame(WIDTH, HEIGHT, "yuvj420p")
    luma = bytearray([colour[0]]) * (WIDTH * HEIGHT)
    left = 100 + number * (WIDTH - 100 - _MARK) // FRAMES
    for row in range(HEIGHT // 2, HEIGHT // 2 + _MARK):
        luma[row * WIDTH + left : row * WIDTH + left + _MARK] = b"\xff" * _MARK
    quarter = WIDTH * HEIGHT // 4
    parts = (bytes(luma), bytes([colour[1]]) * quarter, bytes([colour[2]]) * quarter)
    for plane, part in zip(frame.planes, parts, strict=True):
        plane.update(part)
    return frame
