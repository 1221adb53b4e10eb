"""Evaluate suggestions: simulate classes, stream them through the real services, compare, print tables.

This is a measurement: missed goals are reported in the tables, and the exit status is 0.
"""

from __future__ import annotations

import argparse
import signal
import sys
import time

from benchmarks.evaluation.live.services import database, run_services
from benchmarks.evaluation.run import evaluate, replay
from benchmarks.evaluation.tables import render
from benchmarks.report import describe_machine

_CLASSES = 10_000
_SEED = 1


def main() -> None:
    """Run what the command line asks for."""
    arguments = _parser().parse_args()
    # Leaves all `with` blocks, so that no process that was started outlives a run that is stopped.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended by SIGTERM"))
    started = time.monotonic()
    with database() as url, run_services(url) as running:
        if arguments.replay is not None:
            print(replay(running, arguments.seed, arguments.replay))
            return
        evaluation = evaluate(running, arguments.seed, range(1, arguments.classes + 1))
    print(describe_machine())
    seconds = time.monotonic() - started
    print(f"{arguments.classes:,} classes of seed {arguments.seed}, {evaluation.events:,} events, in {seconds:.0f} s\n")
    print(render(evaluation.results, arguments.seed))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="make evaluate", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--classes", type=_positive, default=_CLASSES, help=f"how many ({_CLASSES:,})")
    parser.add_argument("--seed", type=int, default=_SEED, help=f"the same makes the same classes ({_SEED})")
    parser.add_argument("--replay", type=_positive, metavar="NUMBER", help="run one class alone and print its timeline")
    return parser


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not positive")
    return number


if __name__ == "__main__":
    main()
