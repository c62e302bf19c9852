"""Numba kernels: pure functions over arrays; NumPy and Numba only."""
