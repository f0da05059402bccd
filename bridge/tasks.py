"""The only place that creates asyncio tasks: named, kept alive, never silent.

A task that fails is logged with its name; :class:`Tasks` cancels all
of its tasks and waits a bounded time for them.

:func:`beat` is how often something is done: what is done at the same time wakes the process once.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any, Final

__all__ = ["Tasks", "beat", "until_beat"]

log = logging.getLogger(__name__)

# Timers are late, never early, and by less than this: whoever woke at a beat waits for the next.
_SLACK_S: Final = 0.001


class Tasks:
    """Owner of background tasks with one life.

    Args:
        name: prefix of task names, seen in logs and debuggers.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._tasks: set[asyncio.Task[Any]] = set()

    def __len__(self) -> int:
        return len(self._tasks)

    def start(self, name: str, coroutine: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Run *coroutine* in a task that is kept until it ends and whose failure is logged."""
        task = asyncio.get_running_loop().create_task(coroutine, name=f"{self._name}.{name}")
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("task %s failed", task.get_name(), exc_info=error)

    async def close(self, timeout_s: float = 5.0) -> None:
        """Cancel all tasks and wait for them at most *timeout_s* seconds."""
        tasks = [task for task in self._tasks if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=timeout_s)


def until_beat(now: float, interval_s: float) -> float:
    """Return the seconds from *now* to the next multiple of *interval_s*."""
    left = interval_s - now % interval_s
    return left if left > _SLACK_S else left + interval_s


async def beat(interval_s: float) -> None:
    """Sleep until the next multiple of *interval_s* on the event loop's clock.

    Timers of intervals that divide each other run out together, so that a process in which little
    happens is woken seldom: each time costs more than most of what is then done.
    """
    await asyncio.sleep(until_beat(asyncio.get_running_loop().time(), interval_s))
