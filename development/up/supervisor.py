"""Start processes one after the other, watch all of them, stop them in reverse."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from development.up.child import Child, Command

#: Recovery of a large database after a crash, on a slow disk.
READY_TIMEOUT_SECONDS = 180.0

_ResultT = TypeVar("_ResultT")


class StartFailed(RuntimeError):
    """Something did not start, or ended by itself; the message says what, and shows its last lines."""


class Supervisor:
    """Owns the children."""

    def __init__(self, log_directory: Path, say: Callable[[str], None]) -> None:
        """Give each child a log file in `log_directory`; `say` takes what the user is to see at once."""
        self._log_directory = log_directory
        self._say = say
        self._children: list[Child] = []

    async def start(self, command: Command, ready: Callable[[], Coroutine[Any, Any, _ResultT]]) -> _ResultT:
        """Start a process that is to stay, and return what `ready` does when it is; StartFailed."""
        self._children.append(await Child.start(command, self._log_directory, self._say))
        try:
            return await self._while_all_live(asyncio.wait_for(ready(), READY_TIMEOUT_SECONDS))
        except TimeoutError as error:
            log = self._children[-1].log
            raise StartFailed(
                f"{command.name} was not ready within {READY_TIMEOUT_SECONDS:g} s; its log is {log}"
            ) from error

    async def finish(self, command: Command) -> None:
        """Run a process to its end; StartFailed if that end is not a good one."""
        child = await Child.start(command, self._log_directory, self._say)
        try:
            if await self._while_all_live(_value_of(child.ended)) != 0:
                raise _failure(child)
        finally:
            await child.stop()

    async def watch(self) -> NoReturn:
        """Wait until a child ends by itself; StartFailed."""
        await self._while_all_live(_for_ever())
        raise AssertionError("for ever is over")

    async def stop(self) -> None:
        """Stop what was started, in reverse."""
        while self._children:
            await self._children[-1].stop()
            self._children.pop()

    async def _while_all_live(self, work: Coroutine[Any, Any, _ResultT]) -> _ResultT:
        task = asyncio.create_task(work)
        children = {child.ended: child for child in self._children}
        try:
            await asyncio.wait({task, *children}, return_when=asyncio.FIRST_COMPLETED)
            for ended, child in children.items():
                if ended.done():
                    raise _failure(child)
            return task.result()
        finally:
            task.cancel()


async def _value_of(task: asyncio.Task[_ResultT]) -> _ResultT:
    return await asyncio.shield(task)


async def _for_ever() -> None:
    await asyncio.Event().wait()


def _failure(child: Child) -> StartFailed:
    status = child.ended.result()
    how = f"was ended by signal {-status}" if status < 0 else f"ended with status {status}"
    lines = "\n".join(f"  {line}" for line in child.last_lines) or "  (it wrote nothing)"
    return StartFailed(f"{child.command.name} {how}. Its last lines (all: {child.log}):\n{lines}")
