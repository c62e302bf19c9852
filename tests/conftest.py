"""Tests that need the measured records, a browser or LibreOffice: absent, they skip; in CI such a skip is a failure."""

import os
from pathlib import Path

import pytest

RECORDS = Path(__file__).resolve().parents[2] / "shared" / "data"
WATCHED = ("records", "browser", "office")


def pytest_runtest_setup(item):
    if item.get_closest_marker("records") and not RECORDS.is_dir():
        pytest.skip(f"the measured records are not beside the checkout ({RECORDS})")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    watched = [name for name in WATCHED if item.get_closest_marker(name)]
    if report.skipped and not hasattr(report, "wasxfail") and watched and os.environ.get("CI", "").lower() == "true":
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid}: skipped, and in CI a test marked {watched[0]} must run ({report.longrepr})"
    return report


@pytest.fixture(scope="session")
def records():
    """Folder of the measured records."""
    return RECORDS
