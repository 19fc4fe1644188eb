"""The public functions that use the models of a finished run: predict and export.

Each checks what it is given, and chooses Keras's backend, before it imports Keras.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from toonvision.config.folders import existing_path, refuse_links
from toonvision.config.trust import enter_project
from toonvision.errors import ConfigError, Problem, SearchError, did_you_mean
from toonvision.record.results import Results
from toonvision.training.backend import load_backend
from toonvision.training.export_format import checked_format
from toonvision.verdict import predictions
from toonvision.verdict.comparison import ModelScores
from toonvision.verdict.predictions import ROLES

if TYPE_CHECKING:
    from toonvision.training.export import Exported
    from toonvision.training.prediction import Said

EXPORTS = "export"  # the folder of a run with what is exported


def predict(directory: Path | str, data: Path | str, *, model: str = "tuned") -> Said:
    """Let a model of a finished run predict.

    The saved model itself, `models/tuned.keras`, predicts wherever Keras runs; `export` makes one that runs without.

    Args:
        directory: of the run.
        data: a table, if the model has learned one; a folder of texts or a file `.txt`, if it has learned texts alone;
            else an image, a folder of images, or a file `.npy` with an array (`.npz` with one for each input).
        model: tuned or baseline.

    Raises:
        ConfigError: if there is no run, no such model or no such file, or the model names code that is not trusted.
        SearchError: if the run has no such model.
        DatasetError: if the data cannot be read, or do not fit the model.
    """
    _check_role(model)
    path = existing_path(str(data), "DATA")
    enter_project()
    results = Results.load(directory)
    load_backend(results.config.backend, deterministic=results.config.deterministic)
    scores = _scores(results, model)
    from toonvision.training.prediction import say  # Keras reads its backend's name at import

    return say(results.directory, model, scores, results.config.resolve(scores.values).dataset, path)


def export(
    directory: Path | str, *, model: str = "tuned", format: str = "savedmodel", output: Path | str | None = None
) -> Exported:
    """Export a model of a finished run, with the encoding of rows, texts or windows inside, to be served without Keras.

    The exported model has predicted as the saved one does when this returns; otherwise nothing is written.

    Args:
        directory: of the run.
        model: tuned or baseline.
        format: savedmodel (of TensorFlow), onnx or litert.
        output: a folder to write, which does not exist; `export/<model>-<format>` in the directory if None.

    Raises:
        ConfigError: if there is no run or no such model or format, the format needs a package that is not installed,
            the folder exists, or the model names code that is not trusted.
        SearchError: if the run has no such model, or it cannot be exported, or predicts something else then.
        DatasetError: if what is kept of the dataset is damaged.
    """
    _check_role(model)
    checked_format(format)
    folder = Path(directory, EXPORTS, f"{model}-{format}") if output is None else Path(output)
    if folder.exists():
        raise ConfigError(Problem("output", "a folder that does not exist yet", repr(str(folder))))
    enter_project()
    results = Results.load(directory)
    scores, path = _scores(results, model), results.directory / "models" / f"{model}.keras"
    if not path.is_file():
        raise SearchError(Problem(str(path), "a saved model", "no such file"))
    known = predictions.load(results.directory)
    threshold = scores.duration.threshold if scores.duration else None
    outputs = {"names": known.class_names if known else None, "threshold": threshold}
    if output is None:
        refuse_links(results.directory)
    load_backend("tensorflow")  # which exports; a file .keras is of no backend
    from toonvision.training.export import export_model  # as above

    dataset = results.config.resolve(scores.values).dataset
    return export_model(path, dataset, format=format, folder=folder, outputs=outputs)


def _check_role(model: str) -> None:
    if model not in ROLES:
        raise ConfigError(Problem("model", f"one of {', '.join(ROLES)}", repr(model), did_you_mean(model, ROLES)))


def _scores(results: Results, role: str) -> ModelScores:
    if results.comparison is None:
        raise SearchError(Problem(str(results.directory), "a run that has ended, with its models", "no comparison"))
    return results.comparison.tuned if role == "tuned" else results.comparison.baseline
