"""Takes turns of folding in a process of its own, which holds up no stream (docs/streams.md#folding)."""

from __future__ import annotations

import logging
import signal
from collections.abc import Sequence
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection as _Pipe
from multiprocessing.process import BaseProcess
from typing import Final, NamedTuple

from prometheus_client import CollectorRegistry

from servicekit import logs
from servicekit.database.clock import DatabaseClock
from servicekit.database.engine import Database
from servicekit.errors import StorageUnavailable
from tracking_service.domain.fold_rhythm import Pace
from tracking_service.folding.fold import Folder
from tracking_service.folding.turn import Turn, take_turn
from tracking_service.garbage_collection import collect_seldom
from tracking_service.instruments.folding import FoldInstruments
from tracking_service.store.sql import WRITER_PARAMETERS

_log = logging.getLogger(__name__)

#: A fork would inherit locks that threads hold.
_PROCESSES = get_context("spawn")
#: A signal ends it at once.
MAX_END_SECONDS = 5.0


class FoldProcessEnded(Exception):
    """The process that folds has ended, perhaps because memory ran out; the next turn starts another one."""


class FoldSettings(NamedTuple):
    """What a process needs that folds."""

    database_url: str
    database_role: str
    #: In microseconds.
    presence_timeout: int
    log_level: str


class _Answer(NamedTuple):
    turn: Turn
    #: How many sessions could not be recorded.
    isolated_sessions: float


class FoldProcess:
    """Starts when it is first needed. If this process ends, however it does, that one ends after its turn."""

    def __init__(self, settings: FoldSettings, instruments: FoldInstruments) -> None:
        """Nothing starts yet."""
        self._settings: Final = settings
        self._instruments: Final = instruments
        self._process: BaseProcess | None = None
        self._pipe: _Pipe | None = None

    def take_turn(self, groups: Sequence[int], pace: Pace) -> Turn:
        """Fold groups at a pace. Blocking; one call at a time.

        Raises:
            StorageUnavailable: the database can't be reached.
            StorageConflict: another transaction was in the way.
            FoldProcessEnded: try again.
        """
        pipe = self._pipe or self._start()
        try:
            pipe.send((groups, pace))
            answer = pipe.recv()
        except (EOFError, OSError) as error:
            self.end()
            self._pipe = None
            raise FoldProcessEnded from error
        if isinstance(answer, Exception):
            raise answer
        self._instruments.isolated_sessions.inc(answer.isolated_sessions)
        return Turn(*answer.turn)

    def end(self) -> None:
        """End the process at once: what it has not committed is folded by whoever lives. Thread-safe."""
        process, self._process = self._process, None
        if process is not None:
            process.terminate()
            process.join(MAX_END_SECONDS)

    def _start(self) -> _Pipe:
        ours, theirs = _PROCESSES.Pipe()
        # A daemon ends with this process, too, if nobody calls `end`.
        self._process = _PROCESSES.Process(target=_serve, args=(theirs, self._settings), name="folding", daemon=True)
        self._process.start()
        theirs.close()
        self._pipe = ours
        _log.info("much is to be folded, so a process of its own does it", extra={"pid": self._process.pid})
        return ours


class _Server:
    """What folds in the other process."""

    def __init__(self, settings: FoldSettings) -> None:
        database = Database(
            settings.database_url,
            role=settings.database_role,
            application="tracking_service",
            pool_size=1,
            parameters=WRITER_PARAMETERS,
        )
        self._clock = DatabaseClock(database)
        self._registry = CollectorRegistry()
        self._folder = Folder(
            database,
            self._clock,
            timeout=settings.presence_timeout,
            instruments=FoldInstruments(self._registry),
        )

    def answer(self, groups: Sequence[int], pace: Pace) -> _Answer | Exception:
        """Take a turn."""
        isolated = self._isolated_sessions()
        try:
            self._clock.measure()
            turn = take_turn(self._folder, groups, pace)
        except StorageUnavailable as error:
            # The cause is an exception of the driver, which can't be sent.
            return type(error)(f"{error}: {error.__cause__}")
        except Exception as error:  # noqa: BLE001 - the next turn may succeed
            _log.exception("a turn of folding failed")
            return RuntimeError(f"a turn of folding failed: {type(error).__name__}")
        return _Answer(turn, self._isolated_sessions() - isolated)

    def _isolated_sessions(self) -> float:
        return self._registry.get_sample_value("tracking_isolated_sessions_total") or 0.0


def _serve(pipe: _Pipe, settings: FoldSettings) -> None:
    """Take turns until the other end of the pipe is closed."""
    # A terminal sends it to all processes; this one ends with its parent.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    logs.configure("tracking_service", settings.log_level)
    server = _Server(settings)
    collect_seldom()
    with suppress(EOFError, OSError):
        while True:
            pipe.send(server.answer(*pipe.recv()))
