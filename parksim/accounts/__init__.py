"""Accounts: what a Dataset means in energy, CO2 and money, and whether it holds. They read the Dataset only."""
