"""The same park in other engines: PyPSA and oemof-solph, for cross-checks and benchmarks.

Both are optional extras (``pip install 'parksim[peers]'``). :mod:`parksim.peers.plan` says what a park means in flows,
stores and charges, from its fields and numbers and not from the LP layer; :mod:`parksim.peers.pypsa` and
:mod:`parksim.peers.oemof` write that down in the words of each engine.
"""
