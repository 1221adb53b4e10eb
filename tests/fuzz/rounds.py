"""How long a fuzz test runs, and with which seeds: `make fuzz` chooses both, `make test` runs one short round."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.strategies import SearchStrategy

#: `make fuzz` sets both (development/fuzz.py).
SECONDS_VARIABLE, SEED_VARIABLE = "FUZZ_SECONDS", "FUZZ_SEED"
#: The short round has always the same inputs, so that `make test` depends on no luck.
SHORT_ROUND_SEED = 1
#: Of a long run: after so many inputs the progress is shown, and the seed changes.
EXAMPLES_PER_ROUND = 200


@dataclass(frozen=True, kw_only=True)
class Rounds:
    """The rounds of one test."""

    first_seed: int
    #: None: one short round.
    seconds: float | None

    def run(self, check: Callable[[Any], None], inputs: SearchStrategy[Any], *, short_round: int) -> None:
        """Check generated inputs. A failure says by which seed `make fuzz` finds it again.

        `short_round` is how many inputs take about three seconds.
        """
        examples = short_round if self.seconds is None else EXAMPLES_PER_ROUND
        for number, chosen in enumerate(self._seeds(), start=1):
            print(f"round {number}: {examples} inputs, seed {chosen}", flush=True)  # noqa: T201 - shows the progress
            try:
                _checked(check, inputs, examples=examples, chosen_seed=chosen)
            except Exception as failure:
                failure.add_note(f'Repeat it by: make fuzz ARGS="--seed {chosen}"')
                raise

    def _seeds(self) -> Iterator[int]:
        """Return one seed, or further ones until the time is over."""
        end = time.monotonic() + (self.seconds or 0)
        chosen = self.first_seed
        yield chosen
        while time.monotonic() < end:
            chosen += 1
            yield chosen


def rounds_of_run(tests: int) -> Rounds:
    """Return the rounds of each of so many tests of this run, which share its time."""
    seconds = os.environ.get(SECONDS_VARIABLE)
    return Rounds(
        first_seed=int(os.environ.get(SEED_VARIABLE, SHORT_ROUND_SEED)),
        seconds=float(seconds) / tests if seconds else None,
    )


def _checked(check: Callable[[Any], None], inputs: SearchStrategy[Any], *, examples: int, chosen_seed: int) -> None:
    def one(generated: Any) -> None:  # noqa: ANN401 - whatever the test generates
        check(generated)

    limited = settings(
        max_examples=examples,
        # Only the seed decides which inputs there are.
        database=None,
        deadline=None,
        phases=(Phase.generate, Phase.shrink),
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    seed(chosen_seed)(limited(given(inputs)(one)))()
