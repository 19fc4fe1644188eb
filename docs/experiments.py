"""Write the gallery of the experiments, `docs/experiments.md`, from the comments that their files open with.

Command: python docs/experiments.py
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
GALLERY = ROOT / "docs" / "experiments.md"
_LABELS = ("Command", "Cost", "Expected")
_HEAD = """# The experiments

`toonvision experiment=NAME` runs one: a dataset, a model, a search space and settings that belong together. What it
costs and what came out was measured, and stands in its file in `conf/experiment/`, from which `python
docs/experiments.py` writes this page. Costs were measured on different days, on machines of two cores that were not
equally fast, and, but for the main job, before TensorFlow computed with oneDNN there: the same trials on pictures of
150x50 take about 0.4 of the time now.
"""


def gallery() -> str:
    """Return the text of the page."""
    parts = [_HEAD]
    for file in sorted((ROOT / "conf" / "experiment").glob("*.yaml")):
        said = dict(_comments(file))
        parts.append(
            f"## {file.stem}\n\n{said['']}\n\n    {said['Command']}\n\n- Cost: {said['Cost']}\n- {said['Expected']}\n"
        )
    return "\n".join(parts)


def _comments(file: Path) -> Iterator[tuple[str, str]]:
    """Yield each part of the opening comments by its label; the first one, the purpose, has none."""
    label, words = "", list[str]()
    for line in file.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            break
        text = line.lstrip("# ").strip()
        if "@package" in text or not text:
            continue
        first, sign, rest = text.partition(": ")
        if sign and first in _LABELS:
            yield label, " ".join(words)
            label, words = first, [rest]
        else:
            words.append(text)
    yield label, " ".join(words)


if __name__ == "__main__":
    GALLERY.write_text(gallery(), encoding="utf-8")
