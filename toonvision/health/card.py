"""The result of a health check."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Status(enum.StrEnum):
    """Whether a check found something to act on."""

    PASSED = "PASS"
    WARNING = "WARNING"


@dataclass(frozen=True, slots=True)
class Card:
    """The result of a health check.

    Attributes:
        name: what was checked.
        status: PASS or WARNING.
        finding: what was found, with its number.
        action: what to do about a warning, with the configuration key or the command; empty for PASS.
    """

    name: str
    status: Status
    finding: str
    action: str = ""
