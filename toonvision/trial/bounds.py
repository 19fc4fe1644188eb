"""Numbers with bounds, as the schemas of the configuration state them."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, ValidationError, ValidatorFunctionWrapHandler, WrapValidator
from pydantic_core import PydanticCustomError

EXPECTED = "expected"  # the type of an error whose context says what is expected


def expecting(expected: str) -> WrapValidator:
    """State what a value has to be, in place of pydantic's message."""

    def check(value: object, handler: ValidatorFunctionWrapHandler) -> object:
        try:
            return handler(value)
        except ValidationError:
            raise PydanticCustomError(EXPECTED, "{expected}", {"expected": expected}) from None

    return WrapValidator(check)


Count = Annotated[int, Field(ge=1), expecting("a whole number of at least 1")]
# NumPy takes seeds below 2**32; fresh seeds count up from the run's.
Seed = Annotated[int, Field(ge=1, le=2**31 - 1), expecting(f"a whole number from 1 to {2**31 - 1}")]
CountOrZero = Annotated[int, Field(ge=0), expecting("a whole number of at least 0")]
OptionalCount = Annotated[Annotated[int, Field(ge=1)] | None, expecting("a whole number of at least 1, or null")]
OptionalCountOrZero = Annotated[Annotated[int, Field(ge=0)] | None, expecting("a whole number of at least 0, or null")]
Distance = Annotated[float, Field(ge=0, allow_inf_nan=False), expecting("a number of at least 0")]
OptionalAmount = Annotated[
    Annotated[float, Field(gt=0, allow_inf_nan=False)] | None, expecting("a number above 0, or null")
]
