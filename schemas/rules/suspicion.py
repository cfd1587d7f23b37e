"""Suspicion: how much of what must be seen before a reading is questioned.

One set of numbers for every rule that looks at readings afterwards; it comes from one policy file
and has no defaults here. Metres, seconds, metres a second; shares and probabilities from 0 to 1.
Source: the rules for readings; tuned on made days, reported on others (`make eval-readings`).
"""

from __future__ import annotations

import dataclasses
from typing import Annotated

import msgspec

CyclesInRow = Annotated[int, msgspec.Meta(ge=1, le=10)]
"""So many cycles, one after the other; a window of 24 holds them and the usual before them."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Walking:
    """What a reader's way, pace and positions may look like.

    Attributes:
        fix_age_s_max: an older fix proves nothing.
        on_foot_mps_max: nobody walks faster from meter to meter.
        on_foot_way_m_max: farther apart they may have ridden.
        vehicle_mps_max: nobody rides faster.
        stand_off_m: a meter may be read from so far; both ends of a way are shortened by it.
        brisk_mps: nobody is taken to walk faster than this as a habit.
        stroll_mps: nor slower.
        slope_m_min: ways that differ by less tell nothing of a pace.
        slopes_min: so many pairs of ways tell it.
        quick_s: less than this is left at each meter, on average, in which nobody reads one.
        quick_run: over so many readings in a row that is no accident.
        quick_way_m_max: a longer way says too little of the time at its end.
        quick_spread_m: where their meters lie so far apart.
        spot_m: fixes so near to each other are one spot.
        spot_accuracy_m_max: a fix of worse accuracy names no spot.
        spot_meters_min: so many meters, far from each other, are not read from one spot.
        same_fix_min: so many fresh fixes are not equal to six decimals by chance.
        same_fix_age_s_max: an older fix may be the phone's memory of an earlier one.
        same_fix_spread_m: where their meters lie so far apart.
    """

    fix_age_s_max: float
    on_foot_mps_max: float
    on_foot_way_m_max: float
    vehicle_mps_max: float
    stand_off_m: float
    brisk_mps: float
    stroll_mps: float
    slope_m_min: float
    slopes_min: int
    quick_s: float
    quick_run: int
    quick_way_m_max: float
    quick_spread_m: float
    spot_m: float
    spot_accuracy_m_max: float
    spot_meters_min: int
    same_fix_min: int
    same_fix_age_s_max: float
    same_fix_spread_m: float


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Batches:
    """When a reader's day, and all that a reader read, goes against chance.

    Attributes:
        p_max: a day less probable than this is flagged.
        equal_min: exact estimates of which a day is suspected.
        round_min: round values of which a day is suspected.
        zero_min: zeros of which a day is suspected.
        digits_p_max: for last digits and rates of a reader, after Holm's correction.
        digits_readings_min: fewer readings of one reader tell nothing.
    """

    p_max: float
    equal_min: int
    round_min: int
    zero_min: int
    digits_p_max: float
    digits_readings_min: int


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """When a meter's use is a question.

    Attributes:
        equal_units_min: below this many units equality with an estimate is left to chance.
        equal_steps_min: and below this many steps of the display's last digit, which are what
            two honest months have to choose from.
        abnormal_z_min: robust deviations from the usual.
        abnormal_units_min: below this many units away from the usual nothing is abnormal.
        catch_up_low_share: a use below this share of the usual is low enough to be caught up on.
        catch_up_together: the pair's use lies within this share of the usual of both.
        zero_cycles: so many cycles of nothing are a field check.
        growth_cycles: so many cycles in a row above the usual are growth.
        growth_share: each of them uses more than so many times the usual.
        abnormal_within_days: abnormal use is looked into so many days after it was found.
    """

    equal_units_min: int
    equal_steps_min: int
    abnormal_z_min: float
    abnormal_units_min: int
    catch_up_low_share: float
    catch_up_together: float
    zero_cycles: CyclesInRow
    growth_cycles: CyclesInRow
    growth_share: float
    abnormal_within_days: int


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Rereads:
    """What is read again, by when, and how it is held against the first reading.

    Attributes:
        within_days: a re-read is due so many days after it was asked for.
        meters_per_route_max: so many meters make one route at most.
        slack_units: so many units above the usual say nothing.
        sample_share: how many readings are read again though nothing was found in them.
        odd_sample_share: the same for a reader whose digits or rates are not chance's.
        odd_days: over how many days a reader's digits and rates are looked at.
    """

    within_days: int
    meters_per_route_max: int
    slack_units: int
    sample_share: float
    odd_sample_share: float
    odd_days: int


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Photos:
    """How near a photo comes to that of another meter before a reading is questioned for it.

    Attributes:
        dhash_bits_max: dHashes are at most so many of 64 bits apart; above 6 none are looked for.
        phash_bits_max: pHashes are at most so many of 64 bits apart; above 12 none are looked for.
    """

    dhash_bits_max: int
    phash_bits_max: int


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ZeroChecks:
    """What share of the meters that used nothing for long somebody looks at, by what they are.

    Attributes:
        high_voltage: of meters that hang on a feeder itself, which are supplied at 10 kV or above.
        non_residential: of the others that are not homes.
        residential: of homes.
    """

    high_voltage: float
    non_residential: float
    residential: float


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """What the office is asked to do about meters that nobody could read, and about routes.

    Attributes:
        own_slack_units: a customer's value may lie so many units beside a reader's on one day.
        second_visit_after_days: a second visit is planned so many days after the first.
        no_access_cycles: after so many months without access the customer is written to.
        rotate_after_months: nobody reads one route for longer.
        rotate_after_findings: nor after so many findings on it.
    """

    own_slack_units: int
    second_visit_after_days: int
    no_access_cycles: int
    rotate_after_months: int
    rotate_after_findings: int


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """All thresholds of one version of the policy."""

    version: str
    walking: Walking
    batches: Batches
    use: Use
    photos: Photos
    rereads: Rereads
    zero_checks: ZeroChecks
    office: Office
