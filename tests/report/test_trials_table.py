"""All trials as a table in trials.csv, trials.json and trials.parquet."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd

from toonvision.record.results import Results
from toonvision.report import trials_csv, trials_json, trials_parquet


def test_the_csv_file_has_the_documented_columns(varied: Results, tmp_path: Path) -> None:
    columns = list(pd.read_csv(trials_csv.write(varied, tmp_path)).columns)
    assert columns[:3] == ["trial_id", "status", "score"]
    assert columns[-4:] == ["parameters", "epochs", "seconds", "error"]
    assert columns[3:-4] == ["accuracy", "loss", "val_accuracy", "val_loss", *varied.hyperparameters]


def test_the_json_file_has_every_score_and_the_promotion(varied: Results, tmp_path: Path) -> None:
    table = json.loads(trials_json.write(varied, tmp_path).read_text())
    assert table[4]["scores"] == [8.0, 10.0]
    assert table[4]["promotion"] == {"epochs": 4, "initial_epoch": 2, "parent": "0000"}
    assert table[0]["score"] == varied.trials[0].outcome.score
    assert table[2]["score"] is None
    assert table[2]["conv_2_filters"] is None


def test_the_three_files_have_the_same_trials_and_columns(varied: Results, tmp_path: Path) -> None:
    csv = pd.read_csv(trials_csv.write(varied, tmp_path), dtype={"trial_id": "string"})
    parquet = pd.read_parquet(trials_parquet.write(varied, tmp_path))
    rows = json.loads(trials_json.write(varied, tmp_path).read_text())
    assert list(csv) == list(parquet) == list(rows[0])[:-3]
    assert list(rows[0])[-3:] == ["scores", "fresh_scores", "promotion"]
    ids = [trial.id for trial in varied.trials]
    assert csv["trial_id"].tolist() == parquet["trial_id"].tolist() == [row["trial_id"] for row in rows] == ids
