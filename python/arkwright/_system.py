"""Whole systems: run from their file, and the models that they registered."""

from __future__ import annotations

import json
import os
import sys
import time
import warnings
from typing import Any

import numpy as np

from . import _core, _inputs


def run(
    path: str | os.PathLike[str] = ".",
    *,
    store: str | None = None,
    seed: int | None = None,
    threads: int | None = None,
    progress: bool | None = None,
) -> Run:
    """Runs a system: what ``arkwright run`` does.

    Parameters
    ----------
    path : str, default="."
        A folder that holds an ``arkwright.toml``, or the file.
    store : str, default=None
        Where results are kept: a folder, or the URL of a PostgreSQL database. None: ``ARKWRIGHT_STORE``, or the nearest
        ``.arkwright`` from the working folder upwards, or a new one here.
    seed : int, default=None
        The seed; over the file's.
    threads : int, default=None
        Threads. None: as many as ``ARKWRIGHT_THREADS`` says, or as there are cores.
    progress : bool, default=None
        Whether to show what is under way. None: in a terminal and in a notebook.

    Returns
    -------
    run : Run
        What came of it. Ctrl-C stops it; what was done is kept, and the next run goes on from there.

    Raises
    ------
    ValueError
        When the file is wrong, with line and column; or the data cannot be learnt from.
    """
    bar = _Bar() if (progress if progress is not None else _watched()) else None
    try:
        told = _core.run(os.fspath(path), store=_store(store), seed=seed, threads=threads, progress=bar)
    finally:
        if bar is not None:
            bar.clear()
    return Run(json.loads(told), _store(store))


def load(name: str | os.PathLike[str], *, store: str | None = None) -> System:
    """A model that a system registered, or one saved in a folder.

    Parameters
    ----------
    name : str
        ``"churn"`` (the newest version that passed its gates), ``"churn:3"``, ``"churn@production"``, or the path of a
        bundle's folder.
    store : str, default=None
        As for :func:`run`.

    Returns
    -------
    system : System
        It predicts as ``arkwright predict`` and ``arkwright serve`` do, to the bit.
    """
    return System(_core.Served.load(os.fspath(name), _store(store)))


def _store(store: str | None) -> str | None:
    return store or os.environ.get("ARKWRIGHT_STORE") or None


class System:
    """The whole way from a table to its answers."""

    def __init__(self, served: Any) -> None:
        self._served = served

    @property
    def name(self) -> str:
        """The name of the system."""
        return self._served.system

    @property
    def version(self) -> int | None:
        """The version in the registry; None for a bundle from a folder."""
        return self._served.version

    @property
    def task(self) -> str:
        """``classify`` or ``regress``."""
        return self._served.task

    @property
    def inputs(self) -> list[str]:
        """The columns that a table must have."""
        return self._served.inputs

    def _ask(self, X: Any) -> Any:
        made, _ = _inputs.table(X, "this system", missing=True)
        table, unseen = self._served.predict(made)
        for line in unseen:
            warnings.warn(line, UserWarning, stacklevel=3)
        return table

    def predict(self, X: Any) -> np.ndarray:
        """The answer for each row of a table: a number, or a class as the target has it."""
        told = np.asarray(self._ask(X).values(["prediction"])["prediction"])
        return self._labels(told) if self.task == "classify" else told

    def predict_proba(self, X: Any) -> np.ndarray:
        """The probability of each class, in the order of :attr:`classes`."""
        if self.task != "classify":
            raise AttributeError(f"{self.name} predicts numbers, which have no probabilities")
        return self._ask(X).values(["probability"])["probability"]

    @property
    def classes(self) -> np.ndarray | None:
        """The classes, in the order of their probabilities; None where numbers are predicted."""
        told = self._served.classes
        return None if told is None else self._labels(np.array(told))

    def _labels(self, spelt: np.ndarray) -> np.ndarray:
        """Labels as the target had them: whole numbers and booleans are such again, and no text."""
        kind = self._served.target_type or ""
        if "int" in kind.lower():
            return spelt.astype(np.int64)
        if kind.lower().startswith("bool"):
            return np.char.lower(spelt.astype(str)) == "true"
        return spelt

    def __repr__(self) -> str:
        version = "" if self.version is None else f":{self.version}"
        return f"<arkwright.System {self.name}{version}, {self.task}>"


class Run(dict):
    """What came of a run, as ``arkwright run --json`` tells it; shows itself in a notebook."""

    def __init__(self, told: dict[str, Any], store: str | None) -> None:
        super().__init__(told)
        self._store = store

    @property
    def passed(self) -> bool:
        """Whether the model passed its gates."""
        return bool(self["registered"]["passed"])

    @property
    def name(self) -> str:
        """The version that was registered: ``churn:3``."""
        return f"{self['system']}:{self['registered']['version']}"

    @property
    def scores(self) -> dict[str, float]:
        """The scores on the rows held out, by metric."""
        return {score["metric"]: score["value"] for score in self["judged"]["scores"]}

    def load(self) -> System:
        """The model that was registered."""
        return load(self.name, store=self._store)

    def __repr__(self) -> str:
        scores = ", ".join(f"{metric}={value:.4f}" for metric, value in self.scores.items())
        return f"<arkwright.Run {self.name}: {scores}>"

    def _repr_html_(self) -> str:
        import html

        rows = "".join(f"<tr><td>{html.escape(m)}</td><td>{v:.4f}</td></tr>" for m, v in self.scores.items())
        gates = "" if self.passed else " <b>(a gate failed)</b>"
        return f"<b>{html.escape(self.name)}</b>{gates}<table><tbody>{rows}</tbody></table>"


# -- progress --------------------------------------------------------------------------------------------


def _notebook() -> bool:
    """Whether a notebook shows the output."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return type(shell).__name__ == "ZMQInteractiveShell"


def _watched() -> bool:
    return _notebook() or sys.stderr.isatty()


class _Bar:
    """One line: the outermost work whose steps are known, with its rate and what is left."""

    WIDTH = 24

    def __init__(self) -> None:
        self.handle: Any = None
        self.begun: dict[str, float] = {}
        self.drawn = 0
        self.last = 0.0

    def __call__(self, under_way: list[tuple[str, int, int | None, str]], told: list[str]) -> None:
        for line in told:
            self._say(f"! {line}")
        now = time.monotonic()
        self.begun = {path: self.begun.get(path, now) for path, *_ in under_way}
        if not under_way or now - self.last < 0.1:
            return
        self.last = now
        counted = [work for work in under_way if work[2]]
        self._draw(self._line(min(counted or under_way, key=lambda work: (work[0].count("/"), work[0])), now))

    def _line(self, work: tuple[str, int, int | None, str], now: float) -> str:
        path, done, total, unit = work
        names = path.split("/")
        title = " › ".join(name for name in names[:3] if name != "choose") or "running"
        if not total:
            return f"{title} ..."
        spent = now - self.begun[path]
        filled = "━" * (self.WIDTH * min(done, total) // total)
        rate = f" {done / spent:.3g} {unit}/s, {spent * (total - done) / done:.0f} s left" if done and spent > 0 else ""
        return f"{title} {filled:╌<{self.WIDTH}} {done}/{total}{rate}"

    def _draw(self, line: str) -> None:
        if _notebook():
            from IPython.display import display

            shown = {"text/plain": line}
            if self.handle is None:
                self.handle = display(shown, raw=True, display_id=True)
            else:
                self.handle.update(shown, raw=True)
            return
        line = line[:100]
        sys.stderr.write("\r" + line + " " * max(0, self.drawn - len(line)))
        sys.stderr.flush()
        self.drawn = len(line)

    def _say(self, line: str) -> None:
        if not _notebook():
            sys.stderr.write("\r" + " " * self.drawn + "\r")
            self.drawn = 0
        print(line, file=sys.stderr)

    def clear(self) -> None:
        """Takes the line away."""
        if self.handle is not None:
            self.handle.update({"text/plain": ""}, raw=True)
        elif self.drawn:
            sys.stderr.write("\r" + " " * self.drawn + "\r")
            sys.stderr.flush()
