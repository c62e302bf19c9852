"""What several commands share: their arguments, the language of what they say, and files written."""

from contextlib import AbstractContextManager
from enum import StrEnum
from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer

from parksim.console import say

ParkFile = Annotated[str, typer.Argument(help="Park file (TOML), or the name of a shipped park such as 'yibin'.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but errors.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON on standard output.")]


class Lang(StrEnum):
    """Languages of what is printed and written; errors are English."""

    EN = "en"
    ZH = "zh"


Spoken = Annotated[Lang, typer.Option("--lang", help="Language of the texts: English or Chinese.")]


def spoken(lang: Lang) -> AbstractContextManager[None]:
    """Tell everything inside in a language."""
    context: AbstractContextManager[None] = import_module("parksim.report.words").speaking(lang.value)
    return context


def say_written(paths: list[Path]) -> None:
    """Print which files were written."""
    say(import_module("parksim.report.terminal").written(paths))
