"""The handwritten digits of scikit-learn: 1,797 real images of 8x8 pixels, without a download.

Source: E. Alpaydin and C. Kaynak, Optical Recognition of Handwritten Digits, UCI Machine Learning Repository, 1998.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from sklearn.datasets import load_digits

from toonvision.dataset.cache import digest
from toonvision.dataset.dataset import Dataset, Split
from toonvision.dataset.image_decoding import checked_image_size
from toonvision.dataset.split import Ratios, split_indices

INK = 16  # the darkest value in the source


def load(
    *,
    image_size: Sequence[int] = (32, 32),
    validation_ratio: float = 0.2,
    test_ratio: float = 0.2,
    seed: int = 7,
) -> Dataset:
    """Load the enlarged digits, split within every class.

    Args:
        image_size: `[height, width]` of every example in pixels; the source has 8x8.
        validation_ratio: share of every class held out for validation.
        test_ratio: share of every class held out for the test.
        seed: seed of the split.

    Returns:
        White digits on black, uint8, shape `(n, height, width, 1)`, named `digit-0000` and so on in source order.

    Raises:
        ConfigError: if a setting is invalid.
    """
    size = checked_image_size(image_size)
    ratios = Ratios(validation_ratio, test_ratio)
    source = load_digits()
    labels = source.target.astype(np.int64)
    indices = split_indices(labels, ratios, seed=seed)
    images = _enlarged(source.images, size)
    train, validation, test = (
        Split(images[part], labels[part], tuple(f"digit-{index:04d}" for index in part))
        for part in (indices.train, indices.validation, indices.test)
    )
    parts = [part.tolist() for part in (indices.train, indices.validation, indices.test)]
    fingerprint = digest([hashlib.sha256(images.tobytes()).hexdigest(), size, parts])
    return Dataset("digits", train, validation, test, tuple(str(digit) for digit in source.target_names), fingerprint)


def _enlarged(images: NDArray[np.float64], size: tuple[int, int]) -> NDArray[np.uint8]:
    height, width = size
    bytes_of_ink = np.round(images * (255 / INK)).astype(np.uint8)
    enlarged = [Image.fromarray(image).resize((width, height), Image.Resampling.BILINEAR) for image in bytes_of_ink]
    return np.stack([np.asarray(image) for image in enlarged])[..., np.newaxis]
