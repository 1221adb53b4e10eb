"""Measure the tracking service or the presence socket, and print tables: what each case wants, and what it found.

The figures belong to the machine they are measured on, and to nothing else running there; docs/performance.md tells how
to read them.
"""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
import time
from pathlib import Path

from benchmarks import machine
from benchmarks.catalogue import CASES, SOCKET_CASES
from benchmarks.database import measured_postgres
from benchmarks.options import QUICK, Options
from benchmarks.report import Report, goals
from benchmarks.workbench import Workbench

ALL_CASES = {**CASES, **SOCKET_CASES}
_STARTED = time.monotonic()


def main() -> None:
    """Run the chosen cases one after the other."""
    arguments = _parser().parse_args()
    # Whoever ends a run wants everything that it started to end as well.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended by SIGTERM"))
    print(machine.description())
    print(machine.load(), flush=True)
    reports = []
    for name in arguments.case or (SOCKET_CASES if arguments.sockets else CASES):
        say(f"--- {name}")
        report = measure(name, options(arguments))
        print(f"\n{report}\n", flush=True)
        reports.append(report)
    if len(reports) > 1:
        print(f"All goals\n\n{goals([check for report in reports for check in report.checks])}")
    print(machine.load())


def measure(case: str, chosen: Options) -> Report:
    """Run one case on a database server of its own."""
    with tempfile.TemporaryDirectory(prefix="benchmarks-") as directory, measured_postgres() as server:
        return ALL_CASES[case](Workbench(server=server, directory=Path(directory), say=say), chosen)


def options(arguments: argparse.Namespace) -> Options:
    """Return what the command line chose."""
    base = QUICK if arguments.quick else Options()
    return Options(
        rounds=arguments.rounds or base.rounds,
        seconds=arguments.seconds or base.seconds,
        scale=arguments.scale or base.scale,
    )


def say(progress: str) -> None:
    """Tell how far it is, beside the tables."""
    print(f"[{time.monotonic() - _STARTED:6.0f} s] {progress}", file=sys.stderr, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--case", action="append", choices=ALL_CASES, help="run this one; may be given several times (default: all)"
    )
    parser.add_argument("--sockets", action="store_true", help="without --case: all of the presence socket instead")
    parser.add_argument("--rounds", type=_positive_integer, help="interleaved rounds, of which medians are taken (5)")
    parser.add_argument("--seconds", type=_positive, help="of each measurement (10; 300 for the million)")
    parser.add_argument("--scale", type=_positive, help="share of the people, sessions and streams to take (1)")
    parser.add_argument(
        "--quick", action="store_true", help="one short round at a small scale: shows that it works, measures nothing"
    )
    return parser


def _positive(text: str) -> float:
    number = float(text)
    if number <= 0:
        raise argparse.ArgumentTypeError(f"{text} is not positive")
    return number


def _positive_integer(text: str) -> int:
    number = int(text)
    if number <= 0:
        raise argparse.ArgumentTypeError(f"{text} is not positive")
    return number


if __name__ == "__main__":
    main()
