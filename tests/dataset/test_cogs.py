"""The drawn Cogs: the article's counts, its split within every Cog, and the same pixels from the same seed."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from toonvision.dataset.cogs import load
from toonvision.dataset.cogs_drawing.roster import COGS
from toonvision.dataset.cogs_drawing.street import STREETS
from toonvision.dataset.dataset import Dataset, Split
from toonvision.errors import ConfigError

SMALL = (48, 16)


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="module")
def cogs(cache: str) -> Dataset:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TOONVISION_CACHE", cache)
        return load(image_size=SMALL, seed=7)


def splits(dataset: Dataset) -> tuple[Split, Split, Split]:
    return dataset.train, dataset.validation, dataset.test


def test_the_splits_have_the_articles_sizes(cogs: Dataset) -> None:
    assert [len(split) for split in splits(cogs)] == [590, 196, 197]
    assert cogs.class_names == ("bossbot", "lawbot", "cashbot", "sellbot")


def test_a_split_holds_rgb_bytes_and_a_label_and_a_name_for_each(cogs: Dataset) -> None:
    for split in splits(cogs):
        assert split.x.shape == (len(split), *SMALL, 3)
        assert split.x.dtype == np.uint8
        assert split.y.dtype == np.int64
        assert len(split.names) == len(split)


def test_the_splits_are_slices_of_one_array(cogs: Dataset) -> None:
    bases = {id(split.x.base) for split in splits(cogs)}
    assert len(bases) == 1
    assert not cogs.train.x.flags.writeable


def test_every_cog_is_split_60_20_20(cogs: Dataset) -> None:
    counts = [Counter(name.rsplit("/", 1)[0] for name in split.names) for split in splits(cogs)]
    assert all(len(count) == len(COGS) == 32 for count in counts)
    for cog in counts[0]:
        total = sum(count[cog] for count in counts)
        for count, share in zip(counts, (0.6, 0.2, 0.2), strict=True):
            assert abs(count[cog] - share * total) <= 1.5, cog


def test_a_name_tells_the_label_and_is_unique(cogs: Dataset) -> None:
    names = [name for split in splits(cogs) for name in split.names]
    labels = np.concatenate([split.y for split in splits(cogs)])
    assert len(set(names)) == 983
    assert all(re.fullmatch(r"\w+/\w+/\d{4} \([A-Z][\w ]+\)", name) for name in names)
    assert [name.split("/")[0] for name in names] == [cogs.class_names[label] for label in labels]


def test_suits_cogs_and_streets_are_unbalanced(cogs: Dataset) -> None:
    names = [name for split in splits(cogs) for name in split.names]
    suits = Counter(name.split("/")[0] for name in names)
    entities = Counter(name.rsplit("/", 1)[0] for name in names)
    streets = Counter(name[name.index("(") + 1 : -1] for name in names)
    assert set(streets) == {street.name for street in STREETS}
    for counts, ratio in ((suits, 1.3), (entities, 3), (streets, 2)):
        assert max(counts.values()) > ratio * min(counts.values())


@pytest.mark.engine
def test_another_process_draws_the_same_bytes(cogs: Dataset, tmp_path: Path) -> None:
    script = (
        "import hashlib; from toonvision.dataset.cogs import load\n"
        f"cogs = load(image_size={SMALL}, seed=7)\n"
        "print(cogs.fingerprint, hashlib.sha256(cogs.test.x.tobytes()).hexdigest())"
    )
    run = [sys.executable, "-c", script]
    environment = {**os.environ, "TOONVISION_CACHE": str(tmp_path), "PYTHONHASHSEED": "99"}
    printed = subprocess.run(run, env=environment, capture_output=True, text=True, check=True).stdout.split()
    assert printed == [cogs.fingerprint, hashlib.sha256(cogs.test.x.tobytes()).hexdigest()]


def test_a_second_load_reads_the_cache(cogs: Dataset, cache: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOONVISION_CACHE", cache)
    monkeypatch.setattr("toonvision.dataset.cogs.draw_picture", None)
    second = load(image_size=list(SMALL), seed=7)
    assert second.fingerprint == cogs.fingerprint
    np.testing.assert_array_equal(second.train.x, cogs.train.x)


def test_another_seed_draws_other_pictures(cogs: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOONVISION_CACHE", str(tmp_path))
    other = load(image_size=SMALL, seed=8)
    assert other.fingerprint != cogs.fingerprint
    assert not np.array_equal(other.train.x, cogs.train.x)


@pytest.mark.parametrize("bad", [[150], [150, 50, 3], [150, 8], [150.0, 50], [True, 50], "ab", 150, None])
def test_a_bad_image_size_is_explained(bad: Any) -> None:
    with pytest.raises(ConfigError, match=r"dataset\.image_size: expected two integers of at least 16") as raised:
        load(image_size=bad, seed=7)
    assert f"Received: {bad!r}" in str(raised.value)


@pytest.mark.parametrize("bad", [-1, 7.5, True, "7", None])
def test_a_bad_seed_is_explained(bad: Any) -> None:
    with pytest.raises(ConfigError, match=r"dataset\.seed: expected an integer of at least 0") as raised:
        load(image_size=SMALL, seed=bad)
    assert f"Received: {bad!r}" in str(raised.value)
