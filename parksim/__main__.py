"""Run the command line as ``python -m parksim``."""

from parksim.cli import main

main()
