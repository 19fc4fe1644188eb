"""The best values as an option of the config group search_space."""

from __future__ import annotations

from pathlib import Path

from omegaconf import OmegaConf

from toonvision.record.results import Results
from toonvision.report import best_values


def test_the_file_has_the_best_values(varied: Results, tmp_path: Path) -> None:
    path = best_values.write(varied, tmp_path)
    assert OmegaConf.to_container(OmegaConf.load(path)) == varied.best_values()
    assert path.read_text().startswith("# The best values of ")


def test_the_comment_names_the_trial_and_its_score(varied: Results, tmp_path: Path) -> None:
    score = varied.trials[0].outcome.score
    comment = best_values.write(varied, tmp_path).read_text().partition("\n")[0]
    assert comment.endswith(f": trial 0000, val_loss {score:.6g}.")
