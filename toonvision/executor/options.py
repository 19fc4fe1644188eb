"""What is wrong with the options of an executor, found without importing what counts cores and GPUs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from toonvision.errors import Problem

_MOST = 100_000  # more is a typing error
_COUNTS = ("workers", "trials_per_worker", "cpus_per_trial", "timeout", "memory")


def option_problems(options: Mapping[str, object]) -> Iterator[Problem]:
    """Yield what is wrong with the numbers of an executor's configuration, whatever the machine."""
    for key in _COUNTS:
        value = options.get(key, 1)
        is_count = isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= _MOST
        if not is_count and (key, value) != ("workers", "auto"):
            expected = "'auto' or a whole number" if key == "workers" else "a whole number"
            yield Problem(f"executor.{key}", f"{expected} from 1 to {_MOST}", repr(value))
    gpus = options.get("gpus_per_trial")
    amount = float(gpus) if isinstance(gpus, int | float) and not isinstance(gpus, bool) else -1.0
    if gpus is not None and not (0 <= amount <= 1 or (amount > 1 and amount.is_integer())):
        expected = "null, a share between 0 and 1, or a whole number of GPUs"
        yield Problem("executor.gpus_per_trial", expected, repr(gpus))
