"""What Python source defines, read without importing it: Keras takes seconds to import.

`toonvision.config.allowlist` decides which of it a configuration may name.
"""

from __future__ import annotations

import ast
import importlib.util
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from toonvision.errors import Problem, did_you_mean

_WITHOUT_PARAMETERS = ("ABC", "abc.ABC", "object")  # bases whose source need not be found


@dataclass(frozen=True, slots=True)
class Signature:
    """The parameters of a function, or of a class's constructor.

    Attributes:
        names: of all parameters that can be given by name.
        required: those without a default.
        accepts_any: whether further names are accepted (`**kwargs`).
        annotations: the types of the parameters that state one, as they are written.
    """

    names: tuple[str, ...]
    required: tuple[str, ...]
    accepts_any: bool
    annotations: Mapping[str, str] = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True)
class Definition:
    """Where something stands in the source. `node` is None for a module without Python source."""

    module: str
    name: str
    node: ast.ClassDef | ast.FunctionDef | None


def signature(target: str, *, method: str | None = None) -> Signature | None:
    """Return the parameters of a class, a function, or one method of a class, without importing it.

    Args:
        target: `package.module.Name`.
        method: of the class.

    Returns:
        None if there is nothing of that name.
    """
    found = definition(target)
    if found is None:
        return None
    if method is not None and found.node is not None:
        functions = [n for n in found.node.body if isinstance(n, ast.FunctionDef) and n.name == method]
        return _parameters(functions[0], skip_self=True)
    if isinstance(found.node, ast.ClassDef):
        return _constructor(found)
    if isinstance(found.node, ast.FunctionDef):
        return _parameters(found.node, skip_self=False)
    return Signature((), (), accepts_any=True)


def missing_definition(target: str, path: str) -> Problem:
    """Return the problem of an import path that leads nowhere, at its place in the configuration."""
    module, _, name = target.rpartition(".")
    expected = "the import path of a class or a function"
    return Problem(path, expected, repr(target), did_you_mean(name, _module_names(module)))


def missing_packages(module: str) -> list[str]:
    """Return the packages that a module imports at its top and that are not installed, without importing it."""
    named: list[str] = []
    for node in _statements(_source(module) or ast.Module([], [])):
        if isinstance(node, ast.Import):
            named += [alias.name for alias in node.names]
        if isinstance(node, ast.ImportFrom) and not node.level:
            named.append(node.module or "")
    packages = dict.fromkeys(name.partition(".")[0] for name in named)
    return [package for package in packages if importlib.util.find_spec(package) is None]


def class_names(module: str) -> list[str]:
    """Return the public classes of a module or a package, those that it re-exports among them, without importing it."""
    named = sorted({name for name in _module_names(module) if not name.startswith("_")})
    found = {name: definition(f"{module}.{name}") for name in named}
    return [name for name, place in found.items() if place is not None and isinstance(place.node, ast.ClassDef)]


@lru_cache(maxsize=1024)
def definition(target: str, seen: tuple[str, ...] = ()) -> Definition | None:
    """Follow `package.module.Name` through re-exports to the class or the function; None if there is none."""
    module, _, name = target.rpartition(".")
    # `from package import module` in the package itself leads nowhere.
    if not module or target in seen:
        return None
    tree = _source(module)
    if tree is None:
        return Definition(module, name, None) if _is_module(module) and not _file(module) else None
    for node in _statements(tree):
        if isinstance(node, ast.ClassDef | ast.FunctionDef) and node.name == name:
            return Definition(module, name, node)
        if isinstance(node, ast.ImportFrom):
            for alias in node.names:
                if (alias.asname or alias.name) == name:
                    return definition(f"{_absolute(node, module)}.{alias.name}", (*seen, target))
    return None


def _absolute(node: ast.ImportFrom, module: str) -> str:
    """The module an import statement names, with a relative import made absolute."""
    if not node.level:
        return node.module or ""
    path = _file(module)
    is_package = path is not None and path.name == "__init__.py"
    parts = module.split(".")
    parts = parts[: len(parts) - node.level + is_package]
    return ".".join([*parts, node.module] if node.module else parts)


def _statements(tree: ast.AST) -> Iterator[ast.stmt]:
    """The statements at a module's top level, also those inside `if` and `try`."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If | ast.Try | ast.ExceptHandler):
            yield from _statements(node)
        elif isinstance(node, ast.stmt):
            yield node


@lru_cache(maxsize=1024)
def _file(module: str) -> Path | None:
    """The source file of a module; only the top-level package is asked of the import system, which runs no code."""
    top, *rest = module.split(".")
    if not all(part.isidentifier() for part in (top, *rest)):
        return None
    if top in sys.modules and getattr(sys.modules[top], "__file__", None):
        spec = sys.modules[top].__spec__
    else:
        try:
            spec = importlib.util.find_spec(top)
        except ValueError:
            return None
    if spec is None:
        return None
    if not rest:
        return Path(spec.origin) if spec.origin and spec.origin.endswith(".py") else None
    for folder in spec.submodule_search_locations or []:
        path = Path(folder, *rest)
        for candidate in (path.with_suffix(".py"), path / "__init__.py"):
            if candidate.is_file():
                return candidate
    return None


def _is_module(module: str) -> bool:
    return "." not in module and importlib.util.find_spec(module) is not None


@lru_cache(maxsize=1024)
def _source(module: str) -> ast.Module | None:
    path = _file(module)
    return ast.parse(path.read_text(encoding="utf-8")) if path else None


def _module_names(module: str) -> list[str]:
    tree = _source(module) if module else None
    names: list[str] = []
    for node in _statements(tree) if tree else ():
        if isinstance(node, ast.ImportFrom):
            names += [alias.asname or alias.name for alias in node.names]
        elif isinstance(node, ast.ClassDef | ast.FunctionDef):
            names.append(node.name)
    return names


def _parameters(node: ast.FunctionDef, *, skip_self: bool) -> Signature:
    first = 1 if skip_self else 0
    arguments = node.args
    positional = [*arguments.posonlyargs, *arguments.args]
    without_default = positional[: len(positional) - len(arguments.defaults)]
    required = [a.arg for a in without_default]
    required += [a.arg for a, d in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if d is None]
    named = (*positional, *arguments.kwonlyargs)[first:]
    annotations = {a.arg: ast.unparse(a.annotation) for a in named if a.annotation is not None}
    names = tuple(a.arg for a in named)
    return Signature(names, tuple(required[first:]), arguments.kwarg is not None, annotations)


def _constructor(found: Definition) -> Signature:
    """The parameters of `__init__`, together with those of the bases to which its `**kwargs` pass."""
    names: dict[str, None] = {}
    annotations: dict[str, str] = {}
    required: tuple[str, ...] | None = None
    accepts_any = False
    for module, node in _classes(found):
        init = next((n for n in node.body if isinstance(n, ast.FunctionDef) and n.name == "__init__"), None)
        if init is None:
            # A dataclass makes its own.
            accepts_any = accepts_any or any("dataclass" in ast.unparse(d) for d in node.decorator_list)
            continue
        own = _parameters(init, skip_self=True)
        names.update(dict.fromkeys(own.names))
        annotations = {**own.annotations, **annotations}
        required = own.required if required is None else required
        # Keras takes **kwargs at the root of its classes only to name what is no longer supported.
        accepts_any = own.accepts_any and not module.startswith("keras.")
        if not own.accepts_any:
            break
    else:
        accepts_any = accepts_any or (required is None and not _is_complete(found))
    return Signature(tuple(names), required or (), accepts_any, annotations)


def _is_complete(found: Definition) -> bool:
    """Whether the source of every base class can be found."""
    return all(
        base is not None and isinstance(base.node, ast.ClassDef)
        for module, node in _classes(found)
        for base in (_base(module, e) for e in node.bases if ast.unparse(e) not in _WITHOUT_PARAMETERS)
    )


def _classes(found: Definition) -> Iterator[tuple[str, ast.ClassDef]]:
    """The class and its bases, depth first, as far as their source can be found."""
    assert isinstance(found.node, ast.ClassDef)
    yield found.module, found.node
    for expression in found.node.bases:
        base = _base(found.module, expression)
        if base is not None and isinstance(base.node, ast.ClassDef) and base.node is not found.node:
            yield from _classes(base)


def _base(module: str, base: ast.expr) -> Definition | None:
    name, _, rest = ast.unparse(base).partition(".")
    if not rest:
        return definition(f"{module}.{name}")
    for node in _statements(_source(module) or ast.Module([], [])):
        if isinstance(node, ast.ImportFrom):  # from package import module; module.Class
            for alias in node.names:
                if (alias.asname or alias.name) == name:
                    return definition(f"{_absolute(node, module)}.{alias.name}.{rest}")
        if isinstance(node, ast.Import) and any((alias.asname or alias.name) == name for alias in node.names):
            return definition(f"{name}.{rest}")
    return None
