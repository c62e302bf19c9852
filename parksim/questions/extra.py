"""What only some questions need: packages of the extra ``study``, loaded when they are asked for."""

from importlib import import_module
from typing import Any

from parksim.errors import InputError

INSTALL = "pip install 'parksim[study]'"


def load(module: str, *, question: str) -> Any:
    """Load a module of parksim that needs a package of the extra ``study``.

    Parameters
    ----------
    module
        Its name.
    question
        What asks for it.

    Raises
    ------
    InputError
        If a package it needs is not installed.
    """
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        if str(error.name).startswith("parksim"):
            raise
        msg = f"{question}: needs the package {error.name}, which is not installed. Install with: {INSTALL}."
        raise InputError(msg) from None
