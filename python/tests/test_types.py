"""The stub of the compiled module says what is there, and the package says that it is typed."""

from __future__ import annotations

import ast
from pathlib import Path

from arkwright import _core

PACKAGE = Path(__file__).parent.parent / "arkwright"


def test_the_stub_names_what_the_compiled_module_has() -> None:
    stub = ast.parse((PACKAGE / "_core.pyi").read_text())
    named = {
        node.name: {n.name for n in getattr(node, "body", []) if isinstance(n, ast.FunctionDef)}
        for node in stub.body
        if isinstance(node, (ast.ClassDef, ast.FunctionDef))
    }
    there = {name for name in dir(_core) if not name.startswith("_") and name != "VERSION"}
    assert set(named) == there
    for name, methods in named.items():
        if isinstance(getattr(_core, name), type):
            public = {
                m for m in vars(getattr(_core, name)) if not m.startswith("__") or m in ("__copy__", "__deepcopy__")
            }
            assert methods == public, name


def test_parameters_of_the_compiled_functions_are_the_stubs() -> None:
    stub = ast.parse((PACKAGE / "_core.pyi").read_text())
    for node in stub.body:
        if isinstance(node, ast.FunctionDef):
            told = [a.arg for a in node.args.args + node.args.kwonlyargs]
            text = getattr(_core, node.name).__text_signature__
            assert [p.strip(" *").split("=")[0] for p in text.strip("()").split(",") if p.strip(" *")] == told


def test_the_package_is_typed() -> None:
    assert (PACKAGE / "py.typed").exists()


def test_every_file_reads_in_the_oldest_python_that_is_promised() -> None:
    for file in [*PACKAGE.glob("*.py"), *PACKAGE.glob("*.pyi")]:
        ast.parse(file.read_text(), feature_version=(3, 9))
