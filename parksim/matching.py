"""Which rows of a record belong to which steps of the park: by stamp, never by position.

Clocks are shifted, another year's record is mapped, steps of another length are held, interpolated or averaged; each
only where the park file asks for it, and each is told in a note.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from parksim.errors import InputError
from parksim.notes import Note
from parksim.records import DAY_MINUTES, Record, place_in_year, stamp_text, year_of
from parksim.timeaxis import TimeAxis, parse_clock

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

_LEAP_DAY = (31 + 28) * DAY_MINUTES


@dataclass(frozen=True)
class Options:
    """What the park file says of how a record is to be read."""

    clock: str | None = None
    map_year: bool = False
    record_year: int | None = None
    upsample: Literal["hold", "linear"] | None = None
    downsample: Literal["mean"] | None = None


@dataclass(frozen=True)
class Steps:
    """Steps a record is wanted for.

    Parameters
    ----------
    stamps
        Begin of each step on ``clock``, shape (time,) [min since 1970-01-01T00:00].
    step_minutes
        Length of a step [min].
    clock
        Offset from UTC, or None for whole days, which are taken as days of the park's calendar.
    """

    stamps: Ints
    step_minutes: int
    clock: str | None


@dataclass(frozen=True)
class Match:
    """Rows that make the steps, and how.

    Parameters
    ----------
    rows
        Rows of the record, in the order needed, shape (need,).
    finish
        ``take``: one row per step; ``mean``: equal blocks of rows per step; ``linear``: rows are points of lines.
    at, points
        For ``linear``: middles of the steps, shape (time,), and of the rows, shape (need,) [half min].
    steps
        Number of steps.
    notes
        What was done, in words.
    mapped
        Whether another year's record was taken or a shift wraps, which the user should know of.
    """

    rows: Ints
    finish: Literal["take", "mean", "linear"]
    at: Ints
    points: Ints
    steps: int
    notes: tuple[str, ...]
    mapped: bool

    def apply(self, values: Floats) -> Floats:
        """Make one value per step, shape (time,), of the values of ``rows``, shape (need,)."""
        if self.finish == "mean":
            return np.asarray(values.reshape(self.steps, -1).mean(axis=1))
        if self.finish == "linear":
            return np.interp(self.at, self.points, values)
        return values


def steps_of(time: TimeAxis) -> Steps:
    """Give the steps of a time axis."""
    return Steps(_minutes(time.stamps.to_numpy()), time.step_minutes, time.clock)


def days_of(time: TimeAxis) -> Steps:
    """Give the days of a time axis."""
    return Steps(_minutes(time.days_index.to_numpy()), DAY_MINUTES, None)


def match(record: Record, steps: Steps, options: Options) -> Match:
    """Find the rows of a record that make the steps.

    Parameters
    ----------
    record
        A record whose stamps are in order.
    steps
        The steps wanted.
    options
        What the park file allows.

    Returns
    -------
    Match
        Rows, and what to do with them.

    Raises
    ------
    InputError
        If clock, step or coverage do not fit.

    Notes
    -----
    A stamp s of the park stands at s - (park offset - record offset) on the record's clock. With ``map_year`` it takes
    the row of the same month, day and hour on the record's clock, so a shift wraps at the end of the record's year;
    29 February takes 28 February where the record has none. With ``linear`` a value stands at the middle of its step,
    straight lines join them, and the ends are held.
    """
    shift, shift_note = _shift(record, steps, options)
    stretch, stretch_note = _stretch(record, steps, options, shift)
    inside = steps.stamps - shift
    step = record.step_minutes
    if stretch == "mean":
        need = (inside[:, None] + np.arange(0, steps.step_minutes, step)[None, :]).reshape(-1)
    elif stretch == "linear":
        need = np.arange(inside[0] // step * step, inside[-1] + 1, step)
    else:
        need = inside // step * step
    rows, mapped_note = _rows(record, need, options, shift)
    return Match(
        rows=rows,
        finish="take" if stretch == "hold" else stretch,
        at=2 * inside + steps.step_minutes,
        points=2 * need + step,
        steps=len(steps.stamps),
        notes=tuple(note for note in (mapped_note, shift_note, stretch_note) if note),
        mapped=mapped_note is not None,
    )


def _minutes(stamps: NDArray[np.datetime64]) -> Ints:
    return stamps.astype("datetime64[m]").astype(np.int64)


def _offset_minutes(clock: str) -> int:
    offset = parse_clock(clock).utcoffset(None)
    return int(offset.total_seconds() // 60)


def _shift(record: Record, steps: Steps, options: Options) -> tuple[int, str | None]:
    """Give the park's clock minus the record's [min]."""
    if steps.clock is None:
        return 0, None
    if record.clock is None and options.clock is None:
        msg = (
            "clock: the file states none, so its hours cannot be placed. "
            f'Write clock = "{steps.clock}" beside the file\'s name, or the offset from UTC that its stamps follow.'
        )
        raise InputError(msg)
    try:
        given = None if options.clock is None else _offset_minutes(options.clock)
        stated = None if record.clock is None else _offset_minutes(record.clock)
    except ValueError as error:
        msg = f"clock: {error}"
        raise InputError(msg) from error
    if given is not None and stated is not None and given != stated:
        msg = f"clock: the park file says {options.clock}, the file itself {record.clock}. Leave the wrong one out."
        raise InputError(msg)
    own = stated if stated is not None else given
    shift = _offset_minutes(steps.clock) - (own if own is not None else 0)
    grain = min(record.step_minutes, steps.step_minutes)
    clock = record.clock if record.clock is not None else options.clock
    if shift % grain:
        msg = (
            f"clock: {clock} stands {abs(shift)} min from the park's {steps.clock}, which is no whole number of steps "
            f"of {grain} min. Give the record on the park's clock, or in steps that fit."
        )
        raise InputError(msg)
    return shift, Note("shifted from clock {clock} to {own}", clock=clock, own=steps.clock) if shift else None


def _stretch(
    record: Record, steps: Steps, options: Options, shift: int
) -> tuple[Literal["take", "hold", "linear", "mean"], str | None]:
    """Say how the record's steps become the park's."""
    theirs, ours = record.step_minutes, steps.step_minutes
    if theirs == ours:
        return "take", None
    if theirs > ours and theirs % ours == 0:
        if options.upsample is None:
            msg = (
                f'step: the record has {theirs} min, the park {ours} min. Write upsample = "hold" to keep each value '
                'over its step, or upsample = "linear" for straight lines between the middles.'
            )
            raise InputError(msg)
        if options.upsample == "hold":
            return "hold", Note("{theirs} min to {ours} min, held", theirs=theirs, ours=ours)
        return "linear", Note("{theirs} min to {ours} min, linear", theirs=theirs, ours=ours)
    if theirs < ours and ours % theirs == 0 and (shift % theirs) == 0:
        if options.downsample is None:
            msg = (
                f'step: the record has {theirs} min, the park {ours} min. Write downsample = "mean" to average, '
                f"or give the park step_minutes = {theirs}."
            )
            raise InputError(msg)
        return "mean", Note("{theirs} min to {ours} min, averaged", theirs=theirs, ours=ours)
    msg = f"step: the record has {theirs} min, the park {ours} min; neither is a multiple of the other."
    raise InputError(msg)


def _rows(record: Record, need: Ints, options: Options, shift: int) -> tuple[Ints, str | None]:
    """Find the row of every stamp needed, on the record's clock, and say whether a year was mapped."""
    kept = np.arange(record.stamps.size)
    if options.record_year is not None:
        kept = np.flatnonzero(year_of(record.stamps) == options.record_year)
        if kept.size == 0:
            years = year_of(record.stamps)
            msg = f"record_year: got {options.record_year}, must lie in the record's {_span(years)}"
            raise InputError(msg)
    found, rows = _look_up(record.stamps[kept], need)
    if found.all():
        return kept[rows], None
    places = place_in_year(record.stamps[kept])
    once = np.unique(places).size == places.size
    by_place, rows, leap = _look_up_in_year(places, place_in_year(need))
    if not options.map_year:
        mappable = once and bool(by_place.all())
        raise InputError(_missing(record, record.stamps[kept], need, found, shift, mappable=mappable))
    if not once:
        years = year_of(record.stamps[kept])
        msg = (
            f"map_year: the record holds {_span(years)}, so a day of the year stands in it more than once. "
            f"Write record_year = {int(years[-1])} or another of its years."
        )
        raise InputError(msg)
    if not by_place.all():
        first = stamp_text(int(need[~by_place][0]))[5:]
        msg = (
            f"gap: {int((~by_place).sum())} of the {need.size} stamps needed are missing in every year of the record, "
            f"the first {first} (month-day and hour on the record's clock). Fill the gap in the file; nothing is "
            "filled in silence."
        )
        raise InputError(msg)
    return kept[rows], _mapped_note(year_of(record.stamps[kept[rows]]), need, shift, repeated=leap)


def _look_up_in_year(places: Ints, wanted: Ints) -> tuple[NDArray[np.bool_], Ints, bool]:
    """Find rows by month, day and hour, and say whether 28 February stands in for 29 February."""
    found, rows = _look_up(places, wanted)
    leap = ~found & (wanted // DAY_MINUTES == _LEAP_DAY // DAY_MINUTES)
    if leap.any():
        found[leap], rows[leap] = _look_up(places, wanted[leap] - DAY_MINUTES)
    return found, rows, bool(leap.any())


def _look_up(stamps: Ints, need: Ints) -> tuple[NDArray[np.bool_], Ints]:
    order = np.argsort(stamps, kind="stable")
    at = np.minimum(np.searchsorted(stamps, need, sorter=order), stamps.size - 1)
    rows = order[at]
    return stamps[rows] == need, rows.astype(np.int64)


def _span(years: Ints) -> Note:
    low, high = str(years.min()), str(years.max())
    return Note("year {year}", year=low) if low == high else Note("years {first} to {last}", first=low, last=high)


def _mapped_note(taken: Ints, need: Ints, shift: int, *, repeated: bool) -> Note:
    # A shift leaves the horizon's own years at one end for a few hours; the years told are those of the park's clock.
    wanted, own = _span(year_of(need + shift)), _span(taken)
    if own == wanted:
        note = Note("wrapped at the year's end")
    elif "year" in wanted.values:
        note = Note("{years} mapped to {year}", years=own, year=wanted.values["year"])
    else:
        note = Note("{years} mapped to {wanted}", years=own, wanted=wanted)
    return Note("{told}, 28 February repeated for 29 February", told=note) if repeated else note


def _missing(record: Record, stamps: Ints, need: Ints, found: NDArray[np.bool_], shift: int, *, mappable: bool) -> str:
    """Say what a record lacks, and what would mend it."""
    missing = need[~found]
    first, last = int(stamps.min()), int(stamps.max())
    step = record.step_minutes
    holds = f"holds {stamps.size} rows from {stamp_text(first)} to {stamp_text(last)}"
    wants = f"the park needs {stamp_text(int(need[0]))} to {stamp_text(int(need[-1]))}"
    lacks = f"{missing.size} of {need.size} stamps are missing, the first {stamp_text(int(missing[0]))}"
    if shift:
        wants += " on the record's clock"
    elsewhere = not np.isin(year_of(need), year_of(stamps)).any()
    if elsewhere or (np.diff(stamps) < 0).any():
        return f"another year: {holds}, {wants}. Write map_year = true to take another or a typical year's record."
    outside = (missing < first) | (missing > last)
    if not outside.all():
        inner = missing[~outside]
        return (
            f"gap: {inner.size} stamps are missing inside the record, the first {stamp_text(int(inner[0]))}. "
            "Fill the gap in the file; nothing is filled in silence."
        )
    if first == need[0] + step and last == need[-1] + step:
        return (
            f"wrong length: {holds}, {wants}. Its stamps seem to end their step; a stamp begins its step, "
            f"so write them {step} min earlier."
        )
    if shift and missing.size <= abs(shift) // min(step, abs(shift)):
        return f"clock: {holds}, {wants}; {lacks}. Write map_year = true to let the shift wrap, or add those hours."
    if mappable:
        other = "Write map_year = true to take them from the same days of the record's other years, or add them."
        return f"another year: {holds}, {wants}; {lacks}. {other}"
    return f"wrong length: {holds}, {wants}; {lacks}. Give every step once."
