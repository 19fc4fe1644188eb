"""Compositions read the same fifty files again and again, and PyYAML's parser takes a third of their time."""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Iterator
from typing import Any, TextIO
from unittest.mock import patch

import yaml


@contextlib.contextmanager
def parsed_once() -> Iterator[None]:
    """Within this context PyYAML parses each text once."""
    parse, parsed = yaml.load, dict[tuple[str, str], Any]()

    def load(stream: str | bytes | TextIO, Loader: type[Any]) -> Any:  # noqa: N803
        if isinstance(stream, bytes):
            return parse(stream, Loader)
        text = stream if isinstance(stream, str) else stream.read()
        key = (Loader.__qualname__, text)
        if key not in parsed:
            if not isinstance(stream, str):
                stream.seek(0)  # an error names the file
            parsed[key] = parse(stream, Loader)
        return copy.deepcopy(parsed[key])

    with patch.object(yaml, "load", load):
        yield
