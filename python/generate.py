"""Writes the package's modules from the settings of the Rust estimators.

    python generate.py          writes arkwright/linear_model.py and its like
    python generate.py --check  says which of them are stale, and fails if any is

Names, defaults, types and descriptions come from the estimators' JSON Schema (``arkwright._core.specs``): there is no
second list of them. ``classes.py`` says what classes are called and where they lie. A kind without a line there gets
classes in ``arkwright.learn``, called as the kind is, for each of its tasks; a kind that has no task and no line, a
transformer.
"""

from __future__ import annotations

import ast
import json
import keyword
import re
import sys
import textwrap
from pathlib import Path
from typing import Any

from classes import NOT_CLASSES, ROWS, SHARED, Row

HERE = Path(__file__).parent
PACKAGE = HERE / "arkwright"

#: Settings that say where a step's columns come from and where they go: in Python, whoever calls says so.
PLACES = ("of", "columns", "passthrough", "name")

ABOUT = {
    "linear_model": "Linear models: an answer is a weighted sum of the inputs.",
    "tree": "Single trees.",
    "neighbors": "Neighbours: a row is answered by the rows most like it.",
    "naive_bayes": "Naive Bayes: classes by how likely each makes the row, its columns taken one by one.",
    "discriminant_analysis": "Discriminant analysis: classes as clouds of rows.",
    "svm": "Support vector machines: the answer rests on a few rows, compared by a kernel.",
    "ensemble": "Forests, boosting and bagging.",
    "dummy": "What any model has to beat.",
    "preprocessing": "Scaling and encoding.",
    "impute": "Filling gaps.",
    "learn": "Estimators that have no place of their own yet.",
}


def camel(kind: str) -> str:
    """`k_means` as `KMeans`."""
    return "".join(word.capitalize() for word in kind.split("_"))


def rows_of(specs: dict[str, Any]) -> list[Row]:
    """The table, and a class for whatever it leaves out."""
    placed = {row.kind for row in ROWS} | set(NOT_CLASSES)
    extra = []
    for kind, spec in specs.items():
        if kind in placed:
            continue
        name = camel(kind)
        tasks = spec["tasks"]
        shared = "* random_state n_jobs"
        for task, base, ending in (("classify", "Classifier", "Classifier"), ("regress", "Regressor", "Regressor")):
            if task in tasks:
                ending = "" if name.endswith(ending) else ending
                extra.append(Row("learn", name + ending, kind, base, shared, {}, ""))
        if not {"classify", "regress"} & set(tasks) and spec["defaults"] is not None:
            extra.append(Row("learn", name, kind, "Transformer", "", {}, "columns"))
    return ROWS + extra


def python_type(schema: Any) -> str:
    """The Python type of a setting's schema."""
    if not isinstance(schema, dict):
        return "Any"
    options = schema.get("anyOf") or schema.get("oneOf")
    if options:
        kinds: list[str] = []
        for option in options:
            kind = python_type(option)
            if kind not in kinds:
                kinds.append(kind)
        return " | ".join(sorted(kinds, key=lambda k: k == "None"))
    if "const" in schema or "enum" in schema:
        return "str"
    kind = schema.get("type")
    if isinstance(kind, list):
        return " | ".join(python_type({**schema, "type": k}) for k in kind)
    if kind == "array":
        inner = python_type(schema.get("items", {}))
        return f"Sequence[{inner}]"
    return {
        "integer": "int",
        "number": "float",
        "boolean": "bool",
        "string": "str",
        "null": "None",
        "object": "dict[Any, Any]",
    }.get(kind, "Any")


def words_of(schema: Any) -> list[str]:
    """The words that a setting may be, where it is one of some."""
    found: list[str] = []
    if isinstance(schema, dict):
        if isinstance(schema.get("const"), str):
            found.append(schema["const"])
        found += [w for w in schema.get("enum", []) if isinstance(w, str)]
        for option in (schema.get("anyOf") or []) + (schema.get("oneOf") or []):
            found += [w for w in words_of(option) if w not in found]
    return found


def literal(text: str) -> Any:
    """A default as a row spells it: as in Python, or a bare word."""
    try:
        return ast.literal_eval(text)
    except (SyntaxError, ValueError):
        return text


class Parameter:
    """A parameter of a class."""

    def __init__(self, token: str, spec: dict[str, Any], row: Row) -> None:
        head, has_default, default = token.partition("=")
        self.name, _, setting = head.partition(":")
        self.setting = setting or self.name
        properties = spec["schema"].get("properties", {})
        if self.setting not in properties:
            if self.name not in SHARED:
                raise SystemExit(f"{row.name}: `{token}` is no setting of `{row.kind}`, and no shared parameter")
            self.setting = ""
            self.kind, self.default, self.about = SHARED[self.name]
            return
        schema = properties[self.setting]
        self.kind = python_type(schema)
        # Of a kind that holds an estimator the defaults as a whole are not known; each setting's own is.
        defaults = spec["defaults"] or {}
        own = defaults.get(self.setting, schema.get("default"))
        self.default = literal(default) if has_default else own
        if has_default and self.default == own:
            raise SystemExit(f"{row.name}: the default of `{self.name}` is the setting's own: leave it out")
        if isinstance(self.default, (list, dict)):
            self.default = None
        if self.default is None and "None" not in self.kind:
            self.kind += " | None"
        self.about = " ".join(schema.get("description", "").split())
        words = words_of(schema)
        if words and not all(word in self.about for word in words):
            self.about += " One of " + ", ".join(f"`{w}`" for w in words) + "."
        if self.setting == "class_weight":
            self.kind = "dict[Any, float] | str | None"

    def declared(self) -> str:
        """As the constructor has it."""
        return f"{self.name}: {self.kind} = {spelt(self.default)}"

    def described(self) -> str:
        """As the docstring has it."""
        about = re.sub(r"\s*(Default: [^.]*(\.\d+)?[^.]*\.)", "", self.about).strip() or "See the settings of the file."
        text = textwrap.fill(about, 112, initial_indent=" " * 8, subsequent_indent=" " * 8)
        return f"    {self.name} : {self.kind}, default={spelt(self.default)}\n{text}"


def spelt(value: Any) -> str:
    """A default as Python spells it."""
    if isinstance(value, float) and value != value:
        return 'float("nan")'
    return json.dumps(value) if isinstance(value, str) else repr(value)


def parameters(row: Row, spec: dict[str, Any]) -> tuple[list[Parameter], list[Parameter]]:
    """Those by place, and those by keyword."""
    tokens = row.order.split()
    star = tokens.index("*") if "*" in tokens else len(tokens)
    seen: set[str] = set()
    made: list[Parameter] = []
    place = 0
    for i, token in enumerate(tokens):
        if token == "*":
            continue
        parameter = Parameter(token, spec, row)
        if parameter.name in seen:
            continue
        seen.add(parameter.name)
        made.append(parameter)
        place += i < star
    named = {p.setting for p in made} | set(row.fixed) | set(row.without.split())
    properties = spec["schema"].get("properties", {})
    unknown = (set(row.fixed) | set(row.without.split())) - set(properties)
    if unknown:
        raise SystemExit(f"{row.name}: `{row.kind}` has no settings {', '.join(sorted(unknown))}")
    rest = [name for name in properties if name not in named and name not in PLACES]
    for name in rest:
        if keyword.iskeyword(name):
            raise SystemExit(f"{row.name}: `{name}` is a word of Python: call it otherwise in classes.py")
        made.append(Parameter(name, spec, row))
    return made[:place], made[place:]


def written(row: Row, spec: dict[str, Any]) -> str:
    """The source of a class."""
    first, rest = parameters(row, spec)
    # The description without its example, which is in Rust.
    about = row.about or " ".join(spec["schema"].get("description", spec["about"]).split("```")[0].split())
    about = about if about.endswith(".") else about + "."
    lines = [f"class {row.name}({base_of(row)}):"]
    lines.append('    """' + textwrap.fill(about, 116, subsequent_indent="    "))
    lines.append("")
    lines.append(f"    The estimator `{row.kind}` of system files.")
    if first or rest:
        lines += ["", "    Parameters", "    ----------"]
        lines += [p.described() for p in first + rest]
    lines += ["", "    Examples", "    --------", *example(row)]
    lines.append('    """')
    lines.append("")
    lines.append(f"    _kind = {json.dumps(row.kind)}")
    settings = {p.name: p.setting for p in first + rest if p.setting}
    if settings:
        lines.append("    _settings = {")
        lines += [f"        {json.dumps(name)}: {json.dumps(setting)}," for name, setting in settings.items()]
        lines.append("    }")
    if row.fixed:
        lines.append(f"    _fixed = {json.dumps(row.fixed)}")
    prepare = [step for step in spec["prepare"] if step in ("dates", "levels")]
    if prepare:
        lines.append(f"    _prepare = {tuple(prepare)!r}".replace("'", '"'))
    # Learners that cannot read gaps ask for a step that fills them.
    if spec["tasks"] and "impute" not in spec["prepare"]:
        lines.append("    _reads_missing = True")
    lines.append("")
    if first or rest:
        star = ["*"] if rest else []
        declared = [p.declared() for p in first] + star + [p.declared() for p in rest]
        lines.append("    def __init__(")
        lines.append("        self,")
        lines += [f"        {d}," for d in declared]
        lines.append("    ) -> None:")
        lines += [f"        self.{p.name} = {p.name}" for p in first + rest]
    else:
        lines += ["    def __init__(self) -> None:", "        pass"]
    return "\n".join(lines) + "\n"


def example(row: Row) -> list[str]:
    """A use of a class, which the tests run."""
    from arkwright import _learner, _shapes

    base = getattr(_learner, row.base, None) or getattr(_shapes, row.base)
    # What makes directions of columns needs more than one.
    rows = "[[0.0, 1.0], [1.0, 0.0], [2.0, 3.0], [3.0, 1.0]]" if row.module == "decomposition" else "[[0.0], [1.0], [2.0], [3.0]]"
    start = [f"    >>> from arkwright.{row.module} import {row.name}", f"    >>> X = {rows} * 10"]
    if base._estimator_type == "clusterer" and not hasattr(base, "transform"):
        return [*start, f"    >>> {row.name}().fit_predict(X).shape", "    (40,)"]
    if base._estimator_type == "classifier":
        start.append(f'    >>> model = {row.name}().fit(X, ["a", "a", "b", "b"] * 10)')
        return [*start, "    >>> model.predict_proba([[0.5], [2.5]]).shape", "    (2, 2)"]
    if hasattr(base, "transform"):
        target = ", [1.0, 1.5, 2.0, 2.5] * 10" if base._needs_target else ""
        return [*start, f"    >>> {row.name}().fit_transform(X{target}).shape[0]", "    40"]
    target = [1, 2, 3, 4] if base._positive_target else [0, 1, 2, 3]
    start.append(f"    >>> model = {row.name}().fit(X, {target} * 10)")
    return [*start, "    >>> model.predict([[0.5], [2.5]]).shape", "    (2,)"]


#: Which file a base class lies in.
LEARNER = {"Regressor", "Classifier", "Transformer"}


def base_of(row: Row) -> str:
    return f"_learner.{row.base}" if row.base in LEARNER else f"_shapes.{row.base}"


def modules(specs: dict[str, Any]) -> dict[str, str]:
    """The sources, by file name."""
    by_module: dict[str, list[Row]] = {}
    for row in rows_of(specs):
        by_module.setdefault(row.module, []).append(row)
    made = {}
    for module, rows in by_module.items():
        used = sorted({base_of(row).split(".")[0] for row in rows})
        body = "\n\n".join(written(row, specs[row.kind]) for row in rows)
        needs = ["from typing import Any"] if "Any" in body else []
        if "Sequence[" in body:
            needs.insert(0, "from collections.abc import Sequence")
        head = [
            f'"""{ABOUT.get(module, module)}',
            "",
            "Written by generate.py from the settings of the Rust estimators: change those, or classes.py.",
            '"""',
            "",
            "from __future__ import annotations",
            "",
            *needs,
            *([""] if needs else []),
            f"from . import {', '.join(used)}",
            "",
            "__all__ = [",
            *[f'    "{name}",' for name in sorted(row.name for row in rows)],
            "]",
            "",
            "",
            "",
        ]
        made[f"{module}.py"] = "\n".join(head) + body
    listed = "".join(f'    "{name}",\n' for name in sorted(by_module))
    made["_modules.py"] = f'"""The modules of estimators. Written by generate.py."""\n\nMODULES = (\n{listed})\n'
    return made


def main() -> int:
    """Writes or checks."""
    if not (PACKAGE / "_modules.py").exists():
        (PACKAGE / "_modules.py").write_text("MODULES = ()\n")
    sys.path.insert(0, str(HERE))
    from arkwright import _core

    specs = {spec["kind"]: spec for spec in json.loads(_core.specs())}
    made = modules(specs)
    stale = [
        name for name, text in made.items() if not (PACKAGE / name).exists() or (PACKAGE / name).read_text() != text
    ]
    if "--check" in sys.argv:
        for name in stale:
            print(f"arkwright/{name} is stale: run generate.py")
        return len(stale) > 0
    for name in stale:
        (PACKAGE / name).write_text(made[name])
        print(f"wrote arkwright/{name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
