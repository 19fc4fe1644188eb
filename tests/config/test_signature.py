"""Reading source code without importing it: where a name is defined, and its parameters."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from toonvision.config.signature import Definition, Signature, class_names, definition, missing_definition, signature

Module = Callable[[str], str]


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Module:
    """Write a module with the given source and return its name. Each test has its own, because modules are cached."""
    name = f"module_of_{abs(hash(request.node.nodeid))}"
    monkeypatch.syspath_prepend(tmp_path)

    def write(source: str) -> str:
        (tmp_path / f"{name}.py").write_text(source)
        return name

    return write


def found_definition(path: str) -> Definition:
    found = definition(path)
    assert found is not None
    return found


def known_signature(path: str, method: str | None = None) -> Signature:
    found = signature(path, method=method) if method else signature(path)
    assert found is not None
    return found


def test_a_reexport_is_followed_to_its_definition() -> None:
    found = found_definition("keras.layers.Dense")
    assert (found.module, found.name) == ("keras.src.layers.core.dense", "Dense")


def test_a_relative_import_is_followed(module: Module, tmp_path: Path) -> None:
    name = module("")
    (tmp_path / f"{name}.py").rename(tmp_path / "unused.py")
    (tmp_path / name).mkdir()
    (tmp_path / name / "__init__.py").write_text("from .inner import Thing as Other\n")
    (tmp_path / name / "inner.py").write_text("class Thing: pass\n")
    found = found_definition(f"{name}.Other")
    assert (found.module, found.name) == (f"{name}.inner", "Thing")


def test_a_definition_inside_if_and_try_is_found(module: Module) -> None:
    name = module("try:\n    if True:\n        class Thing: pass\nexcept ImportError:\n    pass\n")
    assert found_definition(f"{name}.Thing").module == name


def test_a_name_in_circular_imports_has_no_definition(module: Module) -> None:
    name = module("")
    module(f"from {name} import Thing\n")
    assert definition(f"{name}.Thing") is None


def test_a_module_that_its_own_package_imports_has_no_definition() -> None:
    assert definition("optuna.storages") is None


def test_reading_a_signature_does_not_import_keras() -> None:
    code = (
        "import sys\n"
        "from toonvision.config.signature import signature\n"
        "signature('keras.layers.Dense')\n"
        "print([name for name in ('keras', 'tensorflow', 'keras_tuner') if name in sys.modules])"
    )
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert process.stdout.strip() == "[]"


def test_the_parameters_of_a_function_are_read(module: Module) -> None:
    name = module("def function(a, b=1, *, c, d=2, **more): pass\n")
    assert signature(f"{name}.function") == Signature(("a", "b", "c", "d"), ("a", "c"), accepts_any=True)


def test_the_parameters_of_a_class_are_those_of_its_constructor(module: Module) -> None:
    name = module("class Thing:\n    def __init__(self, a, *, b): pass\n")
    assert signature(f"{name}.Thing") == Signature(("a", "b"), ("a", "b"), accepts_any=False)


def test_a_class_that_passes_keywords_on_also_has_the_parameters_of_its_base(module: Module) -> None:
    name = module(
        "class Base:\n    def __init__(self, a, b=1): pass\n"
        "class Thing(Base):\n    def __init__(self, c, **keywords): pass\n"
    )
    assert signature(f"{name}.Thing") == Signature(("c", "a", "b"), ("c",), accepts_any=False)


def test_a_class_without_a_constructor_has_no_parameters(module: Module) -> None:
    name = module("class Thing: pass\n")
    assert signature(f"{name}.Thing") == Signature((), (), accepts_any=False)


@pytest.mark.parametrize(
    "source",
    [
        "import dataclasses\n@dataclasses.dataclass(frozen=True)\nclass Thing:\n    a: int\n",
        "from typing import NamedTuple\nclass Thing(NamedTuple):\n    a: int\n",
        "import unknown\nclass Thing(unknown.Base): pass\n",
        "import unknown\nclass Thing(unknown.Base):\n    def __init__(self, a, **keywords): pass\n",
        "import zlib\nclass Thing(zlib.Base): pass\n",
    ],
)
def test_a_constructor_that_cannot_be_read_accepts_any_keyword(module: Module, source: str) -> None:
    assert known_signature(f"{module(source)}.Thing").accepts_any


def test_a_base_class_is_found_through_its_package(module: Module) -> None:
    name = module("import keras\nclass Thing(keras.layers.Layer):\n    def __init__(self, a, **keywords): pass\n")
    accepted = known_signature(f"{name}.Thing")
    assert accepted.required == ("a",)
    assert {"a", "name", "trainable", "dtype"} <= set(accepted.names)


@pytest.mark.parametrize(
    ("target", "own", "inherited"),
    [
        ("keras.layers.Dense", "units", "trainable"),
        ("keras.optimizers.SGD", "momentum", "learning_rate"),
        ("keras.callbacks.EarlyStopping", "patience", "monitor"),
        ("keras.metrics.SparseCategoricalAccuracy", "name", "dtype"),
        ("toonvision.oracle.bayesian.BayesianOptimizationOracle", "beta", "max_trials"),
        ("keras_tuner.oracles.HyperbandOracle", "factor", "seed"),
    ],
)
def test_library_classes_have_only_their_own_and_inherited_parameters(target: str, own: str, inherited: str) -> None:
    accepted = known_signature(target)
    assert {own, inherited} <= set(accepted.names)
    assert not accepted.accepts_any


def test_a_keras_class_without_a_constructor_has_no_parameters() -> None:
    assert signature("keras.initializers.Zeros") == Signature((), (), accepts_any=False)


def test_the_parameters_of_a_method_are_read() -> None:
    method = known_signature("keras_tuner.HyperParameters", method="Int")
    assert method.required == ("name", "min_value", "max_value")
    assert "sampling" in method.names


def test_the_nearest_name_of_the_module_is_suggested(module: Module) -> None:
    name = module("def function(): pass\n")
    problem = missing_definition(f"{name}.functoin", "here")
    assert re.search(rf"^here: .*Received: '{name}\.functoin'\. Did you mean 'function'\?", str(problem))


def test_annotations_are_those_of_the_parameters_with_the_nearest_class_first(module: Module) -> None:
    name = module(
        "class Base:\n    def __init__(self, a: int, b: str | None = None): ...\n"
        "class Thing(Base):\n    def __init__(self, a: float, c=1, **kwargs): ...\n"
    )
    assert known_signature(f"{name}.Thing").annotations == {"a": "float", "b": "str | None"}


def test_the_classes_of_a_module_are_listed_without_its_functions(module: Module) -> None:
    name = module("from keras.optimizers import Adam\nclass Mine: ...\nclass _Own: ...\ndef function(): ...\n")
    assert class_names(name) == ["Adam", "Mine"]
