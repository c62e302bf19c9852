"""Outages: times in which a component delivers less, or nothing.

An outage that covers part of a step takes that part of it; where several overlap, the worst counts.
"""

from collections.abc import Sequence
from typing import Annotated

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict, Field

from parksim.component import Array, Context
from parksim.errors import InputError
from parksim.fields import quantity


class Outage(BaseModel):
    """A time in which a plant, its line, or a connection delivers less."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", allow_inf_nan=False)

    start: Annotated[str, Field(description="First moment on the park's clock, such as '2025-08-15T00:00'.")]
    end: Annotated[str, Field(description="First moment after it, such as '2025-08-26T00:00'.")]
    available: Annotated[float, quantity("1", "Share still delivered.", ge=0, le=1)] = 0.0

    def moments(self) -> tuple[pd.Timestamp, pd.Timestamp]:
        """Start and end as stamps without zone.

        Raises
        ------
        ValueError
            If one is no moment, or the end is not after the start.
        """
        try:
            start, end = pd.Timestamp(self.start), pd.Timestamp(self.end)
        except ValueError as error:
            msg = f"got {self.start!r} to {self.end!r}, must be moments such as '2025-08-15T00:00'"
            raise ValueError(msg) from error
        if start.tz is not None or end.tz is not None or not start < end:
            msg = f"got {self.start!r} to {self.end!r}, must end after it starts and be given on the park's clock"
            raise ValueError(msg)
        return start, end


def outage_problems(outages: Sequence[Outage]) -> list[str]:
    """Name outages that are no stretch of time, each as ``outages[n]: got ..., must ...``."""
    found = []
    for position, outage in enumerate(outages):
        try:
            outage.moments()
        except ValueError as error:
            found.append(f"outages[{position}]: {error}.")
    return found


def outage_share(outages: Sequence[Outage], stamps: pd.DatetimeIndex, *, step_h: float) -> Array:
    """Give the share that outages leave of each step, by the time they cover of it; the worst of several.

    Parameters
    ----------
    stamps
        Begin of each step, shape (time,).
    step_h
        Length of a step [h].

    Returns
    -------
    ndarray, shape (time,)
        1 where nothing is out [1].
    """
    share = np.ones(len(stamps))
    for outage in outages:
        start, end = outage.moments()
        from_h = (start - stamps).total_seconds().to_numpy() / 3600.0
        to_h = (end - stamps).total_seconds().to_numpy() / 3600.0
        covered = np.clip(np.minimum(to_h, step_h) - np.maximum(from_h, 0.0), 0.0, step_h) / step_h
        share = np.minimum(share, 1.0 - (1.0 - outage.available) * covered)
    return share


def share_left(outages: Sequence[Outage], ctx: Context) -> Array:
    """Give :func:`outage_share` over the horizon of a park.

    Raises
    ------
    InputError
        If an outage lies outside the horizon.
    """
    if not outages:
        return np.ones(ctx.time.steps)
    first, last = ctx.time.stamps[0], ctx.time.stamps[-1] + pd.Timedelta(hours=ctx.step_h)
    for position, outage in enumerate(outages):
        start, end = outage.moments()
        if end <= first or start >= last:
            msg = (
                f"{ctx.where}.outages[{position}]: {outage.start} to {outage.end} lies outside the horizon "
                f"({first.isoformat()} to {last.isoformat()}). Mend the dates or remove it."
            )
            raise InputError(msg)
    return outage_share(outages, ctx.time.stamps, step_h=ctx.step_h)
