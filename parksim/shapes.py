"""Typed load archetypes: day shape, calendar, weather response and noise of the usual users of an industrial park.

No hourly load of a Chinese factory was found as open data, so everything here is an assumption or background knowledge,
and says so in ``source`` and ``sources``. A park with its own meter data does not need this file.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

SHAPE_SOURCE = "[assumption] normalised day shape, fraction of the daily peak by hour 0-23"
SPRING_SOURCE = (
    "[background, medium] Spring Festival: mixed manufacturing falls to 30-50 % of normal for 7-10 days with a ramp of "
    "5 days on both sides; not found as a stored statistic"
)
SPRING_STEADY_SOURCE = "[background, medium] Spring Festival: continuous process stays at 85-100 %"
NATIONAL_SOURCE = "[background, medium] National Day: -10 to -20 % for 3-5 days"


@dataclass(frozen=True, kw_only=True)
class Archetype:
    """One type of user, relative to a normal work day.

    Attributes
    ----------
    name, label, label_zh : str
        Key, English and Chinese name.
    day_shape : tuple of 24 floats
        Hourly means of a work day by hour 0-23, fraction of the daily peak [1].
    saturday_factor, sunday_factor, holiday_factor : float
        Day's energy relative to a work day; holiday: a public holiday outside the two long ones [1].
    long_holiday_factor : float
        Day's energy on days of the two long holidays that neither core nor ramp below covers [1].
    spring_factor : float
        Day's energy in the core of Spring Festival [1].
    spring_days, spring_lead_days, spring_ramp_days : int
        Length of that core, days by which it begins before the lunar new year, ramp on either side [d].
    national_factor : float
        Day's energy from 1 October on [1].
    national_days : int
        Number of these days [d].
    seasons : tuple of (str, str, float)
        First day, last day (``MM-DD``, included) and factor of seasons of low load, such as a vacation.
    heat_base_c, cool_base_c : float
        Temperatures below and above which the load rises [°C].
    heat_per_k, cool_per_k : float
        Rise per kelvin beyond them, as a share of the load [K-1].
    noise_sd : float
        Standard deviation of the logarithm of hourly noise [1].
    noise_keep_per_h : float
        Correlation of the noise from one hour to the next [1].
    load_factor_range : tuple of two floats
        Range of the annual load factor (mean over hourly peak) that the type is known for [1].
    source : str
        Where the day shape comes from, with its tag.
    sources : mapping of str to str
        Where the other fields come from, with their tags.
    """

    name: str
    label: str
    label_zh: str
    day_shape: tuple[float, ...]
    saturday_factor: float
    sunday_factor: float
    holiday_factor: float
    long_holiday_factor: float
    spring_factor: float
    spring_days: int
    spring_lead_days: int
    spring_ramp_days: int
    national_factor: float
    national_days: int
    seasons: tuple[tuple[str, str, float], ...] = ()
    heat_base_c: float
    cool_base_c: float
    heat_per_k: float
    cool_per_k: float
    noise_sd: float
    noise_keep_per_h: float
    load_factor_range: tuple[float, float]
    source: str = SHAPE_SOURCE
    sources: Mapping[str, str]

    @property
    def kind_factors(self) -> tuple[float, ...]:
        """Factors in the order of the kinds of day: work day, Saturday, Sunday, holiday, Spring Festival, National Day.

        Within the two long holidays the festival factors reduce the day further.
        """
        long = self.long_holiday_factor
        return (1.0, self.saturday_factor, self.sunday_factor, self.holiday_factor, long, long)


CONTINUOUS = Archetype(
    name="continuous",
    label="Continuous process",
    label_zh="连续流程",
    day_shape=(0.97,) * 24,
    saturday_factor=1.0,
    sunday_factor=1.0,
    holiday_factor=1.0,
    long_holiday_factor=1.0,
    spring_factor=0.93,
    spring_days=8,
    spring_lead_days=1,
    spring_ramp_days=5,
    national_factor=1.0,
    national_days=0,
    heat_base_c=10.0,
    cool_base_c=24.0,
    heat_per_k=0.0,
    cool_per_k=0.001,
    noise_sd=0.01,
    noise_keep_per_h=0.7,
    load_factor_range=(0.93, 0.98),
    source=SHAPE_SOURCE + "; 0.97 in all hours, +-0.01",
    sources=MappingProxyType(
        {
            "saturday_factor, sunday_factor, holiday_factor, long_holiday_factor, national_factor": (
                "[assumption] crystal pulling, electrolysis and furnaces run through weekends and short holidays"
            ),
            "spring_factor": SPRING_STEADY_SOURCE + "; middle of the range taken [assumption]",
            "spring_days, spring_lead_days, spring_ramp_days": "[assumption] as mixed manufacturing",
            "cool_per_k": "[assumption] only cooling water and buildings follow the weather, a few percent of the load",
            "noise_sd": "[assumption] the +-0.01 of the day shape, read as one standard deviation",
            "noise_keep_per_h": "[assumption] disturbances last a few hours: 0.7 leaves a third after three",
            "load_factor_range": (
                "[background, medium] crystal pulling 0.93-0.97; [background, high] electrolysis 0.95-0.98"
            ),
        }
    ),
)

THREE_SHIFT = Archetype(
    name="three_shift",
    label="Three-shift battery and cell plant",
    label_zh="三班制电池厂",
    day_shape=(
        0.90,
        0.89,
        0.89,
        0.88,
        0.88,
        0.89,
        0.91,
        0.92,
        0.90,
        0.95,
        0.98,
        0.99,
        0.97,
        0.96,
        0.98,
        1.0,
        0.99,
        0.97,
        0.96,
        0.93,
        0.95,
        0.95,
        0.94,
        0.92,
    ),
    saturday_factor=1.0,
    sunday_factor=0.98,
    holiday_factor=0.98,
    long_holiday_factor=1.0,
    spring_factor=0.50,
    spring_days=8,
    spring_lead_days=1,
    spring_ramp_days=5,
    national_factor=0.90,
    national_days=4,
    heat_base_c=10.0,
    cool_base_c=22.0,
    heat_per_k=0.0,
    cool_per_k=0.004,
    noise_sd=0.01,
    noise_keep_per_h=0.7,
    load_factor_range=(0.85, 0.92),
    source=SHAPE_SOURCE + "; dips at the shift changes at 8, 16 and 24 h",
    sources=MappingProxyType(
        {
            "saturday_factor, sunday_factor, holiday_factor, long_holiday_factor": (
                "[assumption] shifts run seven days a week, with some maintenance on Sundays and holidays"
            ),
            "spring_factor": SPRING_SOURCE + "; upper end taken, since dry rooms and formation run on [assumption]",
            "spring_days, spring_lead_days, spring_ramp_days": (
                SPRING_SOURCE + "; 8 days from the eve on taken [assumption]"
            ),
            "national_factor, national_days": NATIONAL_SOURCE + "; the smaller reduction taken [assumption]",
            "cool_base_c, cool_per_k": (
                "[assumption] dry rooms take 30-45 % of the energy [background, medium]; a hundredth of that per kelvin"
            ),
            "noise_sd, noise_keep_per_h": "[assumption] many lines side by side even out; disturbances last hours",
            "load_factor_range": "[background, medium] lithium-ion and TOPCon cells",
        }
    ),
)

TWO_SHIFT = Archetype(
    name="two_shift",
    label="Two-shift machining, appliances, food",
    label_zh="两班制加工与食品",
    day_shape=(
        0.35,
        0.30,
        0.28,
        0.28,
        0.28,
        0.30,
        0.40,
        0.60,
        0.85,
        0.98,
        1.0,
        0.97,
        0.75,
        0.88,
        0.99,
        1.0,
        0.98,
        0.92,
        0.80,
        0.82,
        0.84,
        0.80,
        0.65,
        0.45,
    ),
    saturday_factor=0.85,
    sunday_factor=0.50,
    holiday_factor=0.80,
    long_holiday_factor=1.0,
    spring_factor=0.35,
    spring_days=9,
    spring_lead_days=2,
    spring_ramp_days=5,
    national_factor=0.80,
    national_days=5,
    heat_base_c=10.0,
    cool_base_c=24.0,
    heat_per_k=0.004,
    cool_per_k=0.010,
    noise_sd=0.03,
    noise_keep_per_h=0.6,
    load_factor_range=(0.45, 0.60),
    sources=MappingProxyType(
        {
            "saturday_factor, sunday_factor": (
                "[assumption] six-day week, Saturday with less overtime; the measured UCI steel plant of 2018, a one-"
                "shift five-day plant, has 0.47 and 0.22 [derived from data], taken as the lower limit"
            ),
            "holiday_factor": "[assumption] as National Day",
            "long_holiday_factor": NATIONAL_SOURCE + "; normal work after that [assumption]",
            "spring_factor": SPRING_SOURCE + "; lower half taken, since lines stop and base load stays [assumption]",
            "spring_days, spring_lead_days, spring_ramp_days": (
                SPRING_SOURCE + "; 9 days from two days before the new year on taken [assumption]"
            ),
            "national_factor, national_days": NATIONAL_SOURCE + "; the larger reduction and length taken [assumption]",
            "heat_per_k, cool_per_k": "[assumption] halls and cold rooms: 10 K beyond the base add 4 and 10 %",
            "noise_sd, noise_keep_per_h": "[assumption] batches and breaks of single lines show",
            "load_factor_range": "[background, medium] spirits and food with one or two shifts",
        }
    ),
)

EAF = Archetype(
    name="eaf",
    label="Electric arc furnace shop on night and flat hours",
    label_zh="电弧炉短流程炼钢",
    day_shape=(
        1.0,
        1.0,
        1.0,
        1.0,
        1.0,
        0.95,
        0.9,
        0.7,
        0.6,
        0.5,
        0.3,
        0.3,
        0.6,
        0.6,
        0.6,
        0.5,
        0.3,
        0.3,
        0.3,
        0.3,
        0.3,
        0.5,
        0.9,
        1.0,
    ),
    saturday_factor=1.0,
    sunday_factor=1.0,
    holiday_factor=1.0,
    long_holiday_factor=1.0,
    spring_factor=0.30,
    spring_days=10,
    spring_lead_days=2,
    spring_ramp_days=5,
    national_factor=0.90,
    national_days=3,
    heat_base_c=10.0,
    cool_base_c=24.0,
    heat_per_k=0.0,
    cool_per_k=0.0,
    noise_sd=0.05,
    noise_keep_per_h=0.3,
    load_factor_range=(0.50, 0.70),
    source=SHAPE_SOURCE + "; EAF shop, night and flat hours",
    sources=MappingProxyType(
        {
            "saturday_factor, sunday_factor, holiday_factor, long_holiday_factor": (
                "[assumption] time-of-use prices are the same every day, and so is the shift plan"
            ),
            "spring_factor": SPRING_SOURCE + "; lower end and longest stop taken, since scrap mills close [assumption]",
            "spring_days, spring_lead_days, spring_ramp_days": SPRING_SOURCE + "; 10 days taken [assumption]",
            "national_factor, national_days": NATIONAL_SOURCE + "; the smaller reduction and length taken [assumption]",
            "heat_per_k, cool_per_k": "[assumption] the furnace does not follow the weather",
            "noise_sd, noise_keep_per_h": (
                "[assumption] heats of 40-60 minutes [background, high] make hourly means vary and forget quickly"
            ),
            "load_factor_range": "[background, high] full scrap, hourly",
        }
    ),
)

CAMPUS = Archetype(
    name="campus",
    label="Campus",
    label_zh="校园",
    day_shape=(
        0.35,
        0.30,
        0.28,
        0.27,
        0.27,
        0.30,
        0.45,
        0.60,
        0.75,
        0.85,
        0.88,
        0.90,
        0.95,
        0.80,
        0.82,
        0.85,
        0.85,
        0.82,
        0.90,
        1.0,
        0.98,
        0.95,
        0.85,
        0.55,
    ),
    saturday_factor=0.85,
    sunday_factor=0.85,
    holiday_factor=0.60,
    long_holiday_factor=0.60,
    spring_factor=0.30,
    spring_days=36,
    spring_lead_days=20,
    spring_ramp_days=5,
    national_factor=0.60,
    national_days=7,
    seasons=(("07-15", "08-31", 0.40),),
    heat_base_c=12.0,
    cool_base_c=24.0,
    heat_per_k=0.015,
    cool_per_k=0.030,
    noise_sd=0.04,
    noise_keep_per_h=0.8,
    load_factor_range=(0.35, 0.45),
    source=SHAPE_SOURCE + "; campus in term",
    sources=MappingProxyType(
        {
            "saturday_factor, sunday_factor, holiday_factor, long_holiday_factor": (
                "[assumption] students live on the campus: dormitories and canteens go on, teaching rests"
            ),
            "spring_factor, spring_days, spring_lead_days, spring_ramp_days": (
                "[assumption] winter vacation of five weeks around Spring Festival, with base load and staff only"
            ),
            "national_factor, national_days": "[assumption] as other holidays, the whole week",
            "seasons": "[assumption] summer vacation, with graduate students and staff on the campus",
            "heat_base_c, cool_base_c, heat_per_k, cool_per_k": (
                "[assumption] split air conditioners cool and, at 5-10 °C in Guizhou and Sichuan, heat: 10 K beyond "
                "the base add 30 and 15 %"
            ),
            "noise_sd, noise_keep_per_h": "[assumption] many small users, common habits",
            "load_factor_range": "[background, medium]",
        }
    ),
)

OFFICE = Archetype(
    name="office",
    label="Office",
    label_zh="办公",
    day_shape=(
        0.25,
        0.22,
        0.22,
        0.22,
        0.22,
        0.25,
        0.35,
        0.60,
        0.85,
        0.95,
        1.0,
        1.0,
        0.85,
        0.90,
        0.98,
        1.0,
        0.98,
        0.90,
        0.65,
        0.50,
        0.42,
        0.38,
        0.32,
        0.28,
    ),
    saturday_factor=0.50,
    sunday_factor=0.45,
    holiday_factor=0.40,
    long_holiday_factor=0.40,
    spring_factor=0.35,
    spring_days=8,
    spring_lead_days=1,
    spring_ramp_days=0,
    national_factor=0.40,
    national_days=7,
    heat_base_c=12.0,
    cool_base_c=24.0,
    heat_per_k=0.010,
    cool_per_k=0.025,
    noise_sd=0.03,
    noise_keep_per_h=0.8,
    load_factor_range=(0.35, 0.50),
    sources=MappingProxyType(
        {
            "saturday_factor, sunday_factor, holiday_factor, long_holiday_factor": (
                "[assumption] five-day week; the night level of the day shape (0.22 of the peak, 0.38 of the mean) is "
                "the least that stays"
            ),
            "spring_factor, spring_days, spring_lead_days, spring_ramp_days": (
                "[assumption] closed from the eve on for eight days, no ramp"
            ),
            "national_factor, national_days": "[assumption] closed for the whole week",
            "heat_base_c, cool_base_c, heat_per_k, cool_per_k": (
                "[assumption] 8 K above the base add 20 % to the load: cooling is 10-20 % of a year's flexible use "
                "[background, medium]"
            ),
            "noise_sd, noise_keep_per_h": "[assumption] many small users, common habits",
            "load_factor_range": "[background, medium]",
        }
    ),
)

ARCHETYPES: Mapping[str, Archetype] = MappingProxyType(
    {each.name: each for each in (CONTINUOUS, THREE_SHIFT, TWO_SHIFT, EAF, CAMPUS, OFFICE)}
)
"""All archetypes by name."""
