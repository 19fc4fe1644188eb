"""Make a schema model of a plain tree; what the schema does not allow becomes a `Problem` for each place."""

from __future__ import annotations

import re
import types
import typing
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from toonvision.errors import ConfigError, Problem, did_you_mean
from toonvision.trial.bounds import EXPECTED

Model = TypeVar("Model", bound=BaseModel)
# What pydantic's kinds of error expect; the braces are filled from the error's context.
_EXPECTATIONS = {
    "bool_type": "true or false",
    "dict_type": "a mapping",
    "finite_number": "a finite number",
    "float_type": "a number",
    "greater_than": "a number above {gt:g}",
    "greater_than_equal": "a number of at least {ge:g}",
    "int_type": "a whole number",
    "less_than": "a number below {lt:g}",
    "list_type": "a list",
    "mapping_type": "a mapping",
    "missing": "this key to be set",
    "model_type": "a mapping",
    "string_type": "a string",
    "too_short": "at least one entry",
    EXPECTED: "{expected}",
}


def parse(model: type[Model], tree: Mapping[str, Any], path: str = "", *, lenient: bool = False) -> Model:
    """Return the model of a tree.

    Args:
        model: the schema.
        tree: plain and resolved.
        path: of the tree in the configuration, for errors.
        lenient: whether keys that the schema does not have are ignored.

    Raises:
        ConfigError: with a problem for every place that the schema does not allow.
    """
    try:
        return model.model_validate(tree, extra="ignore" if lenient else None)
    except ValidationError as error:
        raise ConfigError(*_problems(model, error, path)) from error


def _problems(model: type[BaseModel], error: ValidationError, path: str) -> Iterator[Problem]:
    for details in error.errors(include_url=False):
        place = _place(path, details["loc"])
        if details["type"] == "extra_forbidden":
            yield unknown_key(place, _fields(model, details["loc"][:-1]))
        else:
            yield _problem(place, details)


def unknown_key(path: str, known: typing.Iterable[str]) -> Problem:
    """Return the problem of a key that nothing reads."""
    known, key = list(known), path.rpartition(".")[2]
    hint = "The YAML of an experiment opens with '# @package _global_'." if key == "experiment" else ""
    return Problem(path, f"one of the keys {', '.join(known)}", repr(key), hint or did_you_mean(key, known))


def _problem(path: str, details: ErrorDetails) -> Problem:
    kind, context = details["type"], details.get("ctx", {})
    received = "nothing" if kind == "missing" else repr(details["input"])
    if kind == "literal_error":
        known = [name.replace("None", "null") for name in re.findall(r"None|(?<=')[^']*(?=')", context["expected"])]
        known = [name for name in known if name not in (", ", " or ")]
        return Problem(path, f"one of {', '.join(known)}", received, did_you_mean(details["input"], known))
    expected = _EXPECTATIONS.get(kind)
    if expected is None:
        return Problem(path, details["msg"].removeprefix("Input should be "), received)
    return Problem(path, expected.format(**context), received)


def _place(path: str, location: tuple[int | str, ...]) -> str:
    for key in location:
        if isinstance(key, int):
            path += f"[{key}]"
        else:
            path = f"{path}.{key}" if path else key
    return path


def _fields(model: type[BaseModel], location: tuple[int | str, ...]) -> list[str]:
    """Return the keys of the schema at a location below a model."""
    annotation: Any = model
    for key in location:
        schema = _schema(annotation)
        # below a dictionary, the annotation of its values
        annotation = schema.model_fields[str(key)].annotation if schema else typing.get_args(annotation)[-1]
    schema = _schema(annotation)
    return list(schema.model_fields) if schema else []


def _schema(annotation: Any) -> type[BaseModel] | None:
    """Return the schema that an annotation names, alone or beside None."""
    options = typing.get_args(annotation) if isinstance(annotation, types.UnionType) else (annotation,)
    return next((a for a in options if isinstance(a, type) and issubclass(a, BaseModel)), None)
