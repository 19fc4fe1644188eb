"""An outcome in a file: of the same training only."""

from __future__ import annotations

from pathlib import Path

from toonvision.search.kept import KeptOutcome
from toonvision.trial.trial import Outcome, Reason, TrialStatus

OUTCOME = Outcome(TrialStatus.COMPLETED, 0.5, (0.5,), {"val_loss": 0.5}, 3, 3, 10, 1.0)


def test_what_is_kept_is_read_by_the_same_training(tmp_path: Path) -> None:
    kept = KeptOutcome(tmp_path / "3.json", "seed 1")
    assert kept.read() is None
    kept.write(OUTCOME)
    assert kept.read() == OUTCOME
    assert KeptOutcome(tmp_path / "3.json", "seed 2").read() is None
    kept.write(Outcome(TrialStatus.FAILED, error="no", reason=Reason.RAISED))
    found = kept.read()
    assert found is not None
    assert found.reason is Reason.RAISED


def test_a_file_that_is_cut_off_counts_as_none(tmp_path: Path) -> None:
    kept = KeptOutcome(tmp_path / "3.json", "seed 1")
    kept.write(OUTCOME)
    kept.path.write_bytes(kept.path.read_bytes()[:-10])
    assert kept.read() is None
