"""A corridor small enough to solve by hand, then laws over the shipped data."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from math import ceil, sqrt

import hypothesis
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.worlds import BUSY, QUIET, START, almanac, clock, leg
from tourism.app import make_ports
from tourism.config import Settings
from tourism.domain.calendar import LAST_DAY
from tourism.domain.corridor import Almanac, Closure
from tourism.domain.evidence import Known
from tourism.domain.planning import Aim, Plan, Question, Status, plan
from tourism.services.plans import PlanRequest, make_plan
from tourism.services.town import Town

TODAY = date(2026, 6, 1)


def ask(world: Almanac, viewpoint: str, night: date = QUIET, **given: object) -> Plan:
    question = replace(Question(night, viewpoint, 4), **given)  # type: ignore[arg-type]
    return plan(world, START, question, TODAY, TODAY + LAST_DAY)


def legs_of(found: Plan) -> list[str]:
    return [f"{leg.start:%H:%M} {leg.mode} {leg.step} {leg.start_place}-{leg.end_place}" for leg in found.legs]


def test_the_leave_time_is_counted_back_from_the_sunrise() -> None:
    found = ask(almanac(), "ridge")
    # 60 car + 1 scan + 15 change + 30 jeep + 10 climb = 116; nine in ten: + sqrt(30² + 40²) = 50
    assert found.in_place_by == found.sunrise - timedelta(minutes=45)
    assert found.leave_at == found.in_place_by - timedelta(minutes=166)


def test_legs_show_medians_and_end_with_the_time_in_hand() -> None:
    found = ask(almanac(), "ridge")
    assert f"{found.sunrise:%H:%M}" == "05:38"
    assert legs_of(found) == [
        "22:00 wait hold tugu-tugu",
        "02:02 wait board tugu-tugu",
        "02:07 car drive tugu-gate",
        "03:07 scan scan gate-gate",
        "03:08 wait change gate-gate",
        "03:23 jeep drive gate-foot",
        "03:53 jeep climb foot-ridge",
        "04:03 wait in_hand ridge-ridge",
    ]
    assert found.legs[-1].end == found.in_place_by


def test_the_closing_climb_decides_when_it_is_earlier_than_the_sunrise() -> None:
    found = ask(almanac(), "ridge", BUSY)
    # to the foot on a busy night: 80 + 1 + 15 + 30 = 126, + sqrt(40² + 40²) = 57, before 03:00
    assert found.leave_at == clock("03:00", BUSY) - timedelta(minutes=ceil(126 + sqrt(3200)))
    assert found.warnings[0].code == "CLIMB_CLOSES"


def test_who_arrives_before_a_gate_opens_waits_there() -> None:
    early = almanac(leg("kayutangan car gate 60/60"), leg("gate jeep ridge 300/300", "park"))
    found = ask(early, "ridge")
    assert found.status is Status.IMPOSSIBLE  # 00:01 + 316 minutes is past 04:53
    early = almanac(leg("kayutangan car gate 60/180"), leg("gate jeep ridge 200/230", "park"))
    assert "gate_opens" in "".join(legs_of(ask(early, "ridge")))


def test_the_approach_with_the_latest_leave_is_taken_unless_one_is_chosen() -> None:
    two = almanac(
        leg("kayutangan car gate 60/60"), leg("gate jeep ridge 10/10", "park"),
        leg("kayutangan car gate 90/90", "south"),
    )  # fmt: skip
    assert ask(two, "ridge").approach == "north"
    chosen = ask(two, "ridge", approach="south")
    assert chosen.approach == "south"
    assert chosen.leave_at
    assert chosen.leave_at < (ask(two, "ridge").leave_at or chosen.leave_at)


def test_a_viewpoint_no_road_leads_to_is_impossible_with_a_reason() -> None:
    found = ask(almanac(), "island")
    assert (found.status, found.leave_at, found.legs) == (Status.IMPOSSIBLE, None, ())
    assert found.reason
    assert found.reason.code == "NO_APPROACH"
    assert ask(almanac(), "ridge", approach="south").reason


def test_aiming_for_the_sunrise_leaves_35_minutes_later() -> None:
    colours, sunrise = ask(almanac(), "hill"), ask(almanac(), "hill", aim=Aim.SUNRISE)
    assert colours.leave_at
    assert sunrise.leave_at == colours.leave_at + timedelta(minutes=35)


def closed(start: str, end: str, **given: str) -> Closure:
    fields = {"scope": "park", "reason": "Kasada", "status": "announced", "source": "made up"} | given
    return Closure(datetime.fromisoformat(start), datetime.fromisoformat(end), **fields)  # type: ignore[arg-type]


def test_a_closed_night_says_why_and_names_the_nearest_open_date() -> None:
    world = almanac(closures=(closed("2026-06-09T00:00+07:00", "2026-06-11T00:00+07:00"),))
    found = ask(world, "ridge")
    assert (found.status, found.leave_at) == (Status.CLOSED, None)
    assert found.reason
    assert (found.reason.code, found.reason.source) == ("SITE_CLOSED", "made up")
    assert found.nearest_open == date(2026, 6, 11)


def test_no_nearest_date_before_today_is_offered() -> None:
    world = almanac(closures=(closed("2026-06-01T00:00+07:00", "2026-06-04T00:00+07:00"),))
    assert ask(world, "ridge", date(2026, 6, 1)).nearest_open == date(2026, 6, 4)
    past = almanac(closures=(closed("2026-01-01T00:00+07:00", "2026-01-04T00:00+07:00"),))
    assert ask(past, "ridge", date(2026, 1, 2)).nearest_open == TODAY


@pytest.mark.parametrize(
    ("start", "end", "status"),
    [
        ("2026-06-10T05:38+07:00", "2026-06-11T00:00+07:00", Status.OK),  # begins with the sunrise
        ("2026-06-10T05:30+07:00", "2026-06-11T00:00+07:00", Status.CLOSED),
        ("2026-06-09T00:00+07:00", "2026-06-10T03:07+07:00", Status.OK),  # ends as the gate is reached
        ("2026-06-09T00:00+07:00", "2026-06-10T03:08+07:00", Status.CLOSED),
    ],
)
def test_closures_count_to_the_minute(start: str, end: str, status: Status) -> None:
    assert ask(almanac(closures=(closed(start, end),)), "ridge").status is status


def test_an_expected_closure_warns_and_an_excepted_place_stays_open() -> None:
    night = "2026-06-09T00:00+07:00", "2026-06-11T00:00+07:00"
    expected = ask(almanac(closures=(closed(*night, status="expected"),)), "ridge")
    assert expected.status is Status.OK
    assert expected.warnings[0].code == "CLOSURE_EXPECTED"
    assert ask(almanac(closures=(closed(*night, excepted="foot;ridge"),)), "ridge").status is Status.OK
    assert ask(almanac(closures=(closed(*night, excepted="ridge"),)), "ridge").status is Status.CLOSED
    assert ask(almanac(closures=(closed(*night),)), "hill").status is Status.OK  # outside the park


def test_tickets_go_by_audience_day_type_and_date() -> None:
    weekday = ask(almanac(), "ridge", party=4, foreign=1).tickets
    assert (weekday.needed, weekday.total_idr) == (Known.YES, 3 * 54_000 + 255_000)
    assert ask(almanac(), "ridge", BUSY, party=4).tickets.total_idr == 4 * 79_000
    assert ask(almanac(), "ridge", date(2027, 1, 6), party=2).tickets.total_idr == 2 * 60_000
    outside = ask(almanac(), "hill").tickets
    assert (outside.needed, outside.total_idr) == (Known.NO, 0)


# Over the shipped data ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("night", "viewpoint", "approach", "leave"),
    [
        # By hand: 196 + sqrt(9²+5²+10²+2²+7²+2²+10²+10²+5²+10²) = 220.2, so 221 min before 04:15.
        ("2026-11-25", "penanjakan-1", "tumpang", "00:34"),
        ("2026-07-15", "penanjakan-1", "tumpang", "01:17"),
        ("2026-11-25", "jemplang-view", "tumpang", "02:14"),
        ("2026-11-25", "seruni-point", "probolinggo", "00:11"),
    ],
)
def test_the_shipped_corridor_gives_the_leave_times_worked_out_by_hand(
    town: Town, night: str, viewpoint: str, approach: str, leave: str
) -> None:
    found = make_plan(town, PlanRequest(date.fromisoformat(night), viewpoint), date(2026, 6, 1))
    assert (found.approach, f"{found.leave_at:%H:%M}") == (approach, leave)


def test_wulan_kapitu_shuts_the_ridge_and_spares_what_lies_outside(town: Town) -> None:
    night, today = date(2026, 12, 9), date(2026, 11, 24)
    plans = {v: make_plan(town, PlanRequest(night, v), today) for v in town.world.almanac.viewpoints}
    assert {v for v, p in plans.items() if p.status is Status.OK} == {"seruni-point", "jemplang-view"}
    assert plans["penanjakan-1"].nearest_open == date(2026, 12, 10)
    assert plans["seruni-point"].approach == "probolinggo"
    through_the_park = make_plan(town, PlanRequest(night, "seruni-point", approach="tumpang"), today)
    assert through_the_park.status is Status.CLOSED


def test_crossing_the_park_to_a_viewpoint_outside_it_needs_a_ticket(town: Town) -> None:
    night, today = date(2026, 11, 25), date(2026, 11, 24)
    assert make_plan(town, PlanRequest(night, "seruni-point"), today).tickets.needed is Known.NO
    through = make_plan(town, PlanRequest(night, "seruni-point", approach="tumpang"), today)
    assert through.tickets.total_idr == 2 * 54_000
    assert "TICKET_FOR_THE_WAY" in {w.code for w in through.warnings}


DATES = st.dates(date(2024, 10, 30), date(2027, 12, 28))
VIEWPOINTS = ["penanjakan-1", "bukit-kedaluh", "lemah-pasar", "seruni-point", "mentigen", "jemplang-view"]


@pytest.fixture(scope="module")
def shipped(settings: Settings) -> Town:
    return Town(make_ports(settings).reader.read())


@hypothesis.settings(max_examples=300, deadline=None)
@given(night=DATES, viewpoint=st.sampled_from(VIEWPOINTS), aim=st.sampled_from(Aim))
def test_legs_are_contiguous_and_times_rise(shipped: Town, night: date, viewpoint: str, aim: Aim) -> None:
    found = make_plan(shipped, PlanRequest(night, viewpoint, aim=aim), date(2026, 11, 24))
    if found.status is not Status.OK:
        assert (found.leave_at, found.legs) == (None, ())
        assert found.reason
        return
    assert found.leave_at
    assert found.legs[-1].end == found.in_place_by < found.sunrise
    for before, after in zip(found.legs, found.legs[1:], strict=False):
        assert before.end == after.start
        assert before.end_place == after.start_place
    assert all(leg.start < leg.end for leg in found.legs)
    assert found.leave_at in {leg.start for leg in found.legs if leg.mode == "car"}
