"""The templated LP: declared in Pyomo for one symbolic step, expanded with NumPy, solved by HiGHS."""

from pyomo.common import dependencies

# Pyomo loads scipy.stats as soon as anything else (Numba) loads SciPy, which is a sixth of parksim's start and serves
# nothing here. Without this callback Pyomo loads it when it is first asked for. The name is Pyomo's own; a version
# without it only starts slower (tests/lp/test_start.py).
getattr(dependencies.DeferredImportCallbackFinder, "_callbacks", {}).pop("scipy", None)
