"""Benchmarks: the same park in parksim, PyPSA, oemof-solph and plain Pyomo, side by side, same optimum.

    python -m benchmarks                     all cases, all engines
    python -m benchmarks --quick             small sizes, few repeats
    python -m benchmarks --case yibin --engines parksim,pypsa
    python -m benchmarks --case kernels
    python -m benchmarks --keep              all, and the figures into the README, docs/benchmarks.json and .svg
    python -m benchmarks.limits              limits over the year, which bind: cold, live and HiGHS alone

Besides the cases: ``growth`` solves one to ten years by pieces and cold; ``what-ifs`` moves random numbers of a year
that stays solved, beside PyPSA and oemof-solph, alone and on two cores; ``studies`` sweeps a thousand cases;
``sizing`` chooses four capacities by cuts and as one LP; ``kernels`` sets PV, wind, water and load over many years of
weather beside pvlib, windpowerlib and NumPy.
The page begins with what is to be reached (``reach.py``) and whether it is.

A case is one file in ``cases/`` with a frozen ``CASE``; an engine is one file in ``drivers/``. Each engine runs in a
process of its own, so that its memory is its own; builds are repeated in the warm process. What counts are ratios
within one run on one machine. Nothing here asserts a number of seconds.
"""
