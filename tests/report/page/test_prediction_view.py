"""The predictions of both models on the page."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.report.judged_run import images, judged_run
from tests.synthetic_run import completed_run
from toonvision.dataset import load_dataset
from toonvision.record.results import Results
from toonvision.report import page
from toonvision.report.page.prediction_view import SHOWN
from toonvision.verdict import predictions as stored_predictions
from toonvision.verdict.activation_maps import maps_file


def test_predictions_are_grouped_and_have_pictures(run: Results, written: Path) -> None:
    read = stored_predictions.load(run.directory)
    assert read is not None
    fixed = int((~read.is_right("baseline") & read.is_right("tuned")).sum())
    broken = int((read.is_right("baseline") & ~read.is_right("tuned")).sum())
    text = written.read_text()
    assert f'Fixed by tuning <span class="count">{fixed}</span>' in text
    assert f'Broken by tuning <span class="count">{broken}</span>' in text
    both = int((~read.is_right("baseline") & ~read.is_right("tuned")).sum())
    assert text.count('src="data:image/webp;base64,') == sum(min(SHOWN, count) for count in (fixed, broken, both))


def test_where_the_models_look_is_shown_beside_each_picture(tmp_path: Path) -> None:
    results = judged_run(tmp_path / "run", "dataset=digits", trials=4)
    read = stored_predictions.load(results.directory)
    assert read is not None
    plain = page.write(results, tmp_path).read_text().count('src="data:image/webp;base64,')
    assert plain > 0
    for role in ("baseline", "tuned"):
        maps = np.zeros((len(read.examples), 3, 3), np.uint8)
        maps[:, 1, 1] = 255
        np.save(maps_file(results.directory, role), maps)
    text = page.write(results, tmp_path).read_text()
    assert text.count('src="data:image/webp;base64,') == 3 * plain
    assert (
        text.count('alt="where the tuned model looks"') == text.count('alt="where the baseline model looks"') == plain
    )
    assert "red marks where the baseline and the tuned model look" in text


def test_examples_that_are_not_shown_are_counted(tmp_path: Path) -> None:
    results = judged_run(tmp_path / "run", "dataset=digits", trials=4)
    read = stored_predictions.load(results.directory)
    assert read is not None
    nothing = {role: np.roll(rows, 1, axis=1) for role, rows in read.outputs.items()}
    stored_predictions.write(replace(read, outputs=nothing), results.directory)
    text = page.write(results, tmp_path).read_text()
    assert f"The first {SHOWN} are shown;" in text


def test_examples_without_pictures_have_names(tmp_path: Path) -> None:
    text = page.write(judged_run(tmp_path / "run", "experiment=breast_cancer", trials=4), tmp_path).read_text()
    assert '<p class="name">tumour-' in text
    assert "<img" not in text.partition("<main>")[2].partition("</main>")[0]


@pytest.mark.parametrize("change", ["moved", "changed"])
def test_missing_or_changed_data_are_reported(tmp_path: Path, change: str) -> None:
    folder = images(tmp_path / "images")
    results = judged_run(tmp_path / "run", "dataset=image_directory", f"dataset.path={folder}", trials=4)
    load_dataset.__globals__["_load"].cache_clear()
    if change == "moved":
        folder.rename(tmp_path / "elsewhere")
    else:
        (folder / "b" / "<b>00.png").write_bytes((folder / "b" / "<b>01.png").read_bytes())
    text = page.write(results, tmp_path).read_text()
    assert "Without pictures: " in text
    assert "Fixed by tuning" in text


def test_a_run_without_predictions_is_reported(tmp_path: Path) -> None:
    results = completed_run(tmp_path / "run", "dataset=digits", trials=4)
    assert "This run has no models/predictions.csv" in page.write(results, tmp_path).read_text()
