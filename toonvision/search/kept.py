"""An outcome that is kept in a file, so that a training is not done again if the search is interrupted."""

from __future__ import annotations

import contextlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from toonvision.trial.trial import Outcome

_KEPT = TypeAdapter(tuple[str, Outcome])


@dataclass(frozen=True, slots=True)
class KeptOutcome:
    """The file of one training.

    Attributes:
        path: of the file.
        identity: what tells the training from others that may have had the same file.
    """

    path: Path
    identity: str

    def read(self) -> Outcome | None:
        """Return what is kept; None if there is nothing, or it is of another training."""
        with contextlib.suppress(OSError, ValidationError):
            identity, outcome = _KEPT.validate_json(self.path.read_bytes())
            return outcome if identity == self.identity else None
        return None

    def remove(self) -> None:
        """Keep nothing any more."""
        self.path.unlink(missing_ok=True)

    def write(self, outcome: Outcome) -> None:
        """Keep an outcome."""
        temporary = self.path.with_suffix(".new")
        temporary.write_text(json.dumps([self.identity, asdict(outcome)]), encoding="utf-8")
        temporary.replace(self.path)
