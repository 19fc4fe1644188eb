"""The tasks whose learning curves are tabulated: small spaces of 288 to 450 configurations, on real data.

Every configuration of a task's space is trained, so a replayed search finds the curve of whatever it proposes.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

TABLES = Path(__file__).parent / "tables"
SEEDS = (1, 2)  # of the trainings of each configuration

_CNN = (
    "search_space.conv_1_filters.step=6",
    "search_space.conv_1_kernel_size=3",
    "search_space.pool_1_size.step=2",
    "search_space.pool_2_size=1",
    "search_space.dropout_1_rate.max_value=0.6",
    "search_space.dropout_1_rate.step=0.3",
    "search_space.conv_2_filters.step=16",
    "search_space.conv_2_kernel_size=3",
    "search_space.pool_3_size.step=2",
    "search_space.pool_4_size=1",
    "search_space.dropout_2_rate.max_value=0.6",
    "search_space.dropout_2_rate.step=0.6",
    "training.epochs=15",
)
_MLP = (
    "model=mlp",
    "search_space.units_1.step=4",
    "search_space.units_2.step=8",
    "search_space.dropout_1_rate.step=0.25",
    "search_space.dropout_2_rate.step=0.5",
    "+search_space.learning_rate.step=3",
    "training.epochs=30",
)


@dataclass(frozen=True, slots=True)
class Task:
    """A task.

    Attributes:
        name: of the task and of its table.
        overrides: that compose its space, its data and its epochs.
        start_seconds: of a training, before its first epoch.
        epoch_seconds: of an epoch.
        needs: an override that names data which are not part of the package; empty if there is none.
    """

    name: str
    overrides: tuple[str, ...]
    start_seconds: float
    epoch_seconds: float
    needs: str = ""

    @property
    def table(self) -> Path:
        """The file of its curves."""
        return TABLES / f"{self.name}.csv"


TASKS = (
    Task("breast_cancer", ("dataset=breast_cancer", *_MLP), 0.48, 0.070),
    Task("digits", ("dataset=digits", "augmentation=none", "dataset.image_size=[16,16]", *_CNN), 0.46, 0.129),
    Task(
        "cogs",
        ("dataset=cogs", "dataset.image_size=[96,32]", *_CNN, "search_space.dropout_1_rate.step=0.6"),
        0.46,
        0.297,
    ),
    Task("clothing", ("dataset=image_directory", "dataset.image_size=[32,32]", *_CNN), 0.60, 0.115, "dataset.path"),
)
