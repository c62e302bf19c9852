"""Report: a run told to people, as a page and as a text for the terminal.

>>> import parksim as ps
>>> ds = ps.solve(ps.load_park("two-days"))
>>> print(ps.report.text(ds).splitlines()[0])  # doctest: +SKIP
Two days ...
>>> page = ps.report.html(ds)
>>> page.startswith("<!doctype html>")
True
"""

from parksim.report.html import render as html
from parksim.report.text import text

__all__ = ["html", "text"]
