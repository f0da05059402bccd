"""The only place that creates asyncio tasks: named, kept alive, never silent.

A task that fails is logged with its name; :class:`Tasks` cancels all
of its tasks and waits a bounded time for them.

:func:`beat` is how often something is done: what is done at the same time wakes the process once.
:class:`Rhythm` is the same for a task that others may call earlier.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any, Final

__all__ = ["Rhythm", "Tasks", "beat", "until_beat"]

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


class Rhythm:
    """The beats of one task, of which the next may be called for.

    Args:
        soon_s: a beat that was called for comes at the next multiple of so many seconds.
    """

    def __init__(self, soon_s: float) -> None:
        self._soon_s = soon_s
        self._hurries = False
        self._waiter: asyncio.Future[None] | None = None
        self._timer: asyncio.TimerHandle | None = None

    def hurry(self) -> None:
        """Let the next beat come soon; if the task does not wait now, its next wait is short."""
        if not self._hurries:
            self._hurries = True
            if self._waiter is not None:
                self._wake_at(self._waiter, self._soon_s)

    async def beat(self, interval_s: float) -> None:
        """Sleep until the next multiple of *interval_s*, or sooner if that was called for."""
        waiter = self._waiter = asyncio.get_running_loop().create_future()
        self._wake_at(waiter, self._soon_s if self._hurries else interval_s)
        try:
            await waiter
        finally:
            self._stop_timer()
            self._waiter, self._hurries = None, False

    def _wake_at(self, waiter: asyncio.Future[None], interval_s: float) -> None:
        loop = asyncio.get_running_loop()
        at = loop.time() + until_beat(loop.time(), interval_s)
        if self._timer is None or at < self._timer.when():
            self._stop_timer()
            self._timer = loop.call_at(at, _wake, waiter)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def _wake(waiter: asyncio.Future[None]) -> None:
    if not waiter.done():
        waiter.set_result(None)
