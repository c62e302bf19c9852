"""The tables by which a study file asks questions: light, since every worker of a study reads them.

Each question's own module says what it finds.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Criterion = Literal["co2_t", "green_share", "import_mwh", "peak_import_mw"]
"""What the cost is held against."""

POINTS = 11
"""Points of a front."""

SHARES = (0.01, 0.03, 0.05)
"""Costs above the best, over the best."""

COUNT = 4
"""Alternatives for each share."""

COST = "cost_cny"

INDICATORS = (COST, "green_share")
"""Figures whose sensitivity is analysed where none are named."""

Sampling = Literal["morris", "sobol"]
"""How sensitivity is sampled."""

Grouping = Literal["hierarchical", "contiguous", "kmeans", "kmedoids"]
"""How periods are grouped, by the names of tsam."""

Representation = Literal["medoid", "mean"]
"""What stands for the periods of a group."""

Range = Sequence[float] | Mapping[str, Sequence[float]]
"""``(low, high)``, or ``{"factor": (low, high)}``."""

MOST = 65_536
"""Most walks of Morris, or base points of Sobol: weeks of solving."""

Number = Annotated[float, Field(strict=False)]


class ParetoTable(BaseModel):
    """The table ``[pareto.NAME]`` of a study."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", allow_inf_nan=False)

    title: Annotated[str | None, Field(description="Full name shown in reports.")] = None
    title_zh: Annotated[str | None, Field(description="The same in Chinese.")] = None
    against: Annotated[Criterion, Field(description="What the cost is held against.")]
    points: Annotated[int, Field(description="Points of the front, both ends included.", ge=2, le=1000)] = POINTS
    sized: Annotated[bool, Field(description="Whether capacities are chosen at each point.")] = False


class BreakEvenTable(BaseModel):
    """The table ``[break_even.NAME]`` of a study."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", allow_inf_nan=False)

    title: Annotated[str | None, Field(description="Full name shown in reports.")] = None
    title_zh: Annotated[str | None, Field(description="The same in Chinese.")] = None
    field: Annotated[str, Field(description="Path of the park file whose value is looked for.")]
    between: Annotated[list[float], Field(description="Least and largest value looked at.", min_length=2, max_length=2)]
    component: Annotated[str | None, Field(description="What pays or does not; that of the field where left out.")] = (
        None
    )


class RegretTable(BaseModel):
    """The table ``[regret]`` of a study."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", allow_inf_nan=False)

    over: Annotated[str, Field(description="Dimension of the scenarios.")] = "scenario"
    indicator: Annotated[str, Field(description="Figure the designs are held to.")] = COST
    less_is_better: Annotated[bool, Field(description="Whether a smaller figure is the better one.")] = True


class Factor(BaseModel):
    """Limits of a factor on what the park has."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    factor: Annotated[tuple[Number, Number], Field(description="Lowest and highest factor.")]


class SensitivityTable(BaseModel):
    """A table ``[sensitivity.NAME]`` of a study."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    method: Annotated[Sampling, Field(description="`morris` (few solves) or `sobol` (shares of the variance).")] = (
        "morris"
    )
    inputs: Annotated[
        dict[str, tuple[Number, Number] | Factor],
        Field(min_length=1, description="Path of the park file to [low, high], or { factor = [low, high] }."),
    ]
    count: Annotated[
        int | None, Field(ge=2, le=MOST, description="Walks of `morris`, base points of `sobol` (a power of two).")
    ] = None
    indicators: Annotated[
        list[str], Field(min_length=1, description="Figures to analyse, by the names of the summary.")
    ] = list(INDICATORS)

    def ranges(self) -> dict[str, Range]:
        """Give the inputs as :func:`sensitivity` takes them."""
        return {path: one.model_dump() if isinstance(one, Factor) else one for path, one in self.inputs.items()}


class AlternativesTable(BaseModel):
    """The table ``[alternatives]`` of a study."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", allow_inf_nan=False)

    share: Annotated[list[float], Field(description="Costs above the best, over the best.", min_length=1)] = [*SHARES]
    count: Annotated[int, Field(description="Alternatives for each share.", ge=1, le=100)] = COUNT


class RobustTable(BaseModel):
    """The table ``[robust]`` of a study: sizing over its scenarios."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", allow_inf_nan=False)

    risk_weight: Annotated[
        float, Field(ge=0, le=1, description="Share of CVaR in what counts of the cost of operation; 0 is the mean.")
    ] = 0.0
    risk_level: Annotated[
        float, Field(ge=0, le=1, description="CVaR is the mean of the dearest 1 - risk_level; 1 the dearest alone.")
    ] = 0.9
    scenarios: Annotated[
        list[str] | None, Field(min_length=1, description="Scenarios of the study that count; all where left out.")
    ] = None
    gap: Annotated[float, Field(gt=0, lt=1, description="Distance to the proved bound to reach, over the cost.")] = 1e-6
    value_of_information: Annotated[
        bool, Field(description="Also size for each scenario alone and for the mean of all numbers.")
    ] = False


class AggregateTable(BaseModel):
    """The table ``[aggregate]`` of a study."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    periods: Annotated[int, Field(ge=1, description="Number of typical periods.")] = 12
    hours_per_period: Annotated[int, Field(ge=1, description="Length of a period [h].")] = 24
    method: Annotated[Grouping, Field(description="How periods are grouped, by the names of tsam.")] = "hierarchical"
    representation: Annotated[
        Representation, Field(description="`medoid`: a real period, scaled to the mean; `mean`: the mean of all.")
    ] = "medoid"
