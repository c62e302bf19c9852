"""Examples in docstrings of the installed package."""

import doctest
import importlib
import pkgutil

import pytest

import parksim

MODULES = [m.name for m in pkgutil.walk_packages(parksim.__path__, "parksim.") if ".peers." not in m.name]


@pytest.mark.parametrize("name", ["parksim", *(m for m in MODULES if not m.endswith("__main__"))])
def test_examples(name):
    result = doctest.testmod(importlib.import_module(name), optionflags=doctest.NORMALIZE_WHITESPACE)
    assert result.failed == 0


def test_there_are_examples():
    finder = doctest.DocTestFinder(exclude_empty=True)
    found = [t for m in MODULES if "__main__" not in m for t in finder.find(importlib.import_module(m)) if t.examples]
    assert len(found) >= 10
