"""Report: a run told to people, as a page and as a text for the terminal.

>>> import parksim as ps
>>> ds = ps.solve(ps.load_park("two-days"))
>>> "Read with care" in ps.report.text(ds)
True
>>> ps.report.html(ds).startswith("<!doctype html>")
True
"""

from parksim.report.html import render as html
from parksim.report.study_page import render as study
from parksim.report.text import text
from parksim.report.why import why

__all__ = ["html", "study", "text", "why"]
