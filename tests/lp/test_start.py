"""A run does not load what it does not need: loading takes longer than solving."""

import subprocess
import sys


def loaded_by(statement, *modules):
    code = f"{statement}; import sys; print(*[m for m in {modules!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.split()


def test_a_run_loads_neither_statistics_nor_all_of_pvlib():
    assert loaded_by("import parksim.api", "scipy.stats", "scipy.optimize", "pvlib", "pyomo.environ", "plotly") == []


def test_pyomo_still_finds_scipy_when_it_asks_for_it():
    asks = "from pyomo.common.dependencies import scipy, scipy_available; assert scipy_available; scipy.stats"
    code = f"import parksim.lp; {asks}"
    subprocess.run([sys.executable, "-c", code], check=True)
