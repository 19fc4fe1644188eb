"""Where the two compared models look: a file of maps beside each of them in the run directory."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray


def maps_file(run: Path, role: str) -> Path:
    """Return the file for the maps of a model of a run."""
    return run / "models" / f"{role}.activation_maps.npy"


def load_maps(run: Path, role: str, examples: int) -> NDArray[np.uint8] | None:
    """Return the maps of a model, shape `(examples, height, width)`; None if there are none for so many examples."""
    try:
        # Mapped: a stranger's file that says it is larger than it is takes no memory.
        maps: NDArray[Any] = np.load(maps_file(run, role), mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError):
        return None
    is_known = maps.dtype == np.uint8 and maps.ndim == 3 and len(maps) == examples and maps.size > 0
    return maps if is_known else None
