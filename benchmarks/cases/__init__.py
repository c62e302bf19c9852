"""One file per case, each with a frozen ``CASE``."""
