"""Evaluate suggestions: simulate classes, stream them through the real services, compare, print tables.

Goals that are missed are told, not punished: this is a measurement, and ends with exit status 0.
"""

from __future__ import annotations

import argparse
import signal
import sys
import time

from benchmarks.evaluation.live.services import database, services
from benchmarks.evaluation.run import evaluate, replay
from benchmarks.evaluation.scoring.tables import rendered
from benchmarks.report import describe_machine

_CLASSES = 10_000
_SEED = 1


def main() -> None:
    """Run what the command line asks for."""
    arguments = _parser().parse_args()
    # Whoever ends a run wants everything that it started to end as well.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended by SIGTERM"))
    started = time.monotonic()
    with database() as url, services(url) as running:
        if arguments.replay is not None:
            print(replay(running, arguments.seed, arguments.replay))
            return
        evaluated = evaluate(running, arguments.seed, range(1, arguments.classes + 1))
    print(describe_machine())
    seconds = time.monotonic() - started
    print(f"{arguments.classes:,} classes of seed {arguments.seed}, {evaluated.events:,} events, in {seconds:.0f} s\n")
    print(rendered(evaluated.judged))


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
