"""Measure the tracking service or the presence socket; print a table for each case, and its goals.

The figures depend on the machine, and on other programs that run on it; docs/performance.md says how to read them.
"""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

from benchmarks.cases.registry import ALL_CASES, SOCKET_CASES, TRACKING_CASES
from benchmarks.citus_worker import WorkerCommands
from benchmarks.environment import Environment, durable_postgres
from benchmarks.measurement import QUICK, Options
from benchmarks.report import Report, describe_load, describe_machine, render_checks
from testkit.citus import CitusCluster

#: The case that runs on a Citus cluster as well.
_ON_CITUS = "rolling"
_STARTED = time.monotonic()


def main() -> None:
    """Run the chosen cases one after the other."""
    arguments = _arguments()
    # Leaves all `with` blocks, so that no process that was started outlives a run that is stopped.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended by SIGTERM"))
    print(describe_machine())
    print(describe_load(), flush=True)
    reports = []
    for name in _chosen_cases(arguments):
        log(f"--- {name}")
        report = measure(name, _options(arguments), arguments.citus)
        print(f"\n{report}\n", flush=True)
        reports.append(report)
    if len(reports) > 1:
        print(f"All goals\n\n{render_checks([check for report in reports for check in report.checks])}")
    print(describe_load())


def measure(case: str, options: Options, citus: str | None) -> Report:
    """Run one case on a database server of its own, or with databases on the Citus cluster of this URL."""
    cluster = None if citus is None else CitusCluster(citus)
    with tempfile.TemporaryDirectory(prefix="benchmarks-") as directory, durable_postgres() as server:
        environment = Environment(server=server, directory=Path(directory), log=log, cluster=cluster)
        return ALL_CASES[case](environment, options)


def log(progress: str) -> None:
    """Print a line of progress to standard error, so that standard output has only the tables."""
    print(f"[{time.monotonic() - _STARTED:6.0f} s] {progress}", file=sys.stderr, flush=True)


def _chosen_cases(arguments: argparse.Namespace) -> Iterable[str]:
    if arguments.case:
        return list(arguments.case)
    if arguments.sockets:
        return SOCKET_CASES
    return ALL_CASES if arguments.quick else TRACKING_CASES


def _options(arguments: argparse.Namespace) -> Options:
    base = QUICK if arguments.quick else Options()
    return Options(
        rounds=arguments.rounds or base.rounds,
        seconds=arguments.seconds or base.seconds,
        scale=arguments.scale or base.scale,
        time_scale=base.time_scale,
        worker=WorkerCommands(arguments.worker_stop, arguments.worker_start) if arguments.worker_stop else None,
    )


def _arguments() -> argparse.Namespace:
    parser = _parser()
    arguments = parser.parse_args()
    if arguments.citus and arguments.case != [_ON_CITUS]:
        parser.error(f"--citus is for --case {_ON_CITUS}")
    if bool(arguments.worker_stop) != bool(arguments.worker_start) or (arguments.worker_stop and not arguments.citus):
        parser.error("--worker-stop and --worker-start go together, with --citus")
    return arguments


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--case",
        action="append",
        choices=ALL_CASES,
        help="run this case; may be given several times (default: all of the tracking service)",
    )
    parser.add_argument("--sockets", action="store_true", help="without --case: run all of the presence socket instead")
    parser.add_argument("--rounds", type=_positive_integer, help="interleaved rounds, of which medians are taken (5)")
    parser.add_argument("--seconds", type=_positive, help="length of each measurement (10; 300 for the million)")
    parser.add_argument("--scale", type=_positive, help="share of the participants, sessions and streams (1)")
    parser.add_argument(
        "--quick",
        action="store_true",
        help="run every case once, short and small: shows that each still works, measures nothing",
    )
    parser.add_argument(
        "--citus",
        metavar="URL",
        help=f"run {_ON_CITUS} on this Citus cluster, with distributed tables (docs/several-databases.md#tests)",
    )
    for what in ("stop", "start"):
        parser.add_argument(f"--worker-{what}", metavar="COMMAND", help=f"{what}s a worker of that cluster meanwhile")
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
