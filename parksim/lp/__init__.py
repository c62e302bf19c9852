"""The templated LP: declared in Pyomo for one symbolic step, expanded with NumPy, solved by HiGHS."""

import pyomo.core

__all__ = ["pyomo"]
