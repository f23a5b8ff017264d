"""What a traveller should know: what bears on the decision (warnings), and what helps on the way (advice).

Only what the tables say is told, with its source; what they don't say reads "not known".
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from tourism.domain.calendar import Window
from tourism.domain.closures import Closure, alert_at
from tourism.domain.corridor import PARK, Almanac, Place
from tourism.domain.crowds import scenario_of
from tourism.domain.evidence import Known
from tourism.domain.itinerary import Companion, ItineraryLeg, Party, Start, Step
from tourism.domain.night_plan import Plan
from tourism.domain.tickets import ticket_warnings
from tourism.errors import Message

BINDS_MIN = 2  # the closing of the climb decides when the sunrise moves the minute to leave by no more than this
HIGH_M = 2500  # data/advice.csv, altitude
ROUGH_M = 500


def closure_message(code: str, text: str, closure: Closure) -> Message:
    """Say something about a closure: {when} and {reason} are filled in."""
    why = Message(closure.reason, closure.reason)
    if closure.ends_at is None:
        when = Message("UNTIL_FURTHER_NOTICE", "from {start} until further notice", start=closure.starts_at)
    else:
        when = Message("FROM_TO", "from {start} to {end}", start=closure.starts_at, end=closure.ends_at)
    return Message(code, text, closure.source, when=when, reason=why)


def cautions(
    almanac: Almanac, viewpoint: Place, party: Party, road: Window, touching: Sequence[Closure]
) -> Iterator[Message]:
    """Yield why it may be a no after all: closures expected on the way, the park shut around it, unknown steps."""
    around = [c for c in almanac.all_closures if c.scope == PARK and c.window.overlaps(road)]
    for closure in dict.fromkeys((*touching, *around)):
        if closure.forbids:
            text = "The park is closed {when}: {reason}. This viewpoint is said to stay open; ask before you go."
            yield closure_message("PARK_CLOSED", text, closure)
        else:
            text = "A closure is expected, not announced, {when}: {reason}. Check before you go."
            yield closure_message("CLOSURE_EXPECTED", text, closure)
    if party.wheelchair and viewpoint.step_free is Known.UNKNOWN:
        text = "Whether a wheelchair gets to {viewpoint} is not known; ask before you go."
        yield Message("STEP_FREE_UNKNOWN", text, viewpoint=viewpoint.name)
    last = max((c.window.end for c in almanac.closures if c.ends_at), default=road.end)
    if road.end > last:
        text = "Closures after {date} are not known here yet. Check before you go."
        yield Message("CLOSURES_NOT_KNOWN", text, date=last.date())


def warnings(almanac: Almanac, plan: Plan, climb_closes: datetime | None) -> Iterator[Message]:
    """Yield what else bears on the decision."""
    if climb_closes:
        text = "The climb to the ridge closes at {closes}: that decides when you leave, not the sunrise."
        yield Message("CLIMB_CLOSES", text, closes=climb_closes.time())
    yield from _crowd(almanac, plan)
    yield from ticket_warnings(almanac, plan.viewpoint, plan.tickets)
    pickup = plan.start.pickup
    if "proposal" in pickup.basis:
        text = "Whether vehicles may load at {pickup} at night is not confirmed yet."
        yield Message("PICKUP_UNCONFIRMED", text, pickup.basis, pickup=pickup.name)
    if plan.start.walk.estimated:
        yield Message("WALK_ESTIMATED", "The walk to the pick-up is estimated from the straight line.")


def _crowd(almanac: Almanac, plan: Plan) -> Iterator[Message]:
    """Say on a busy night how many are expected, for the waits in line follow from it."""
    if not plan.profile.busy:
        return
    scenario, why = scenario_of(almanac, plan.profile.crowd), plan.profile.reasons[0]
    if scenario is None:
        text = "A busy night ({why}): how long the queues are is not known, and they are not counted."
        yield Message("QUEUE_NOT_COUNTED", text, why.source, why=why)
        return
    usual = [habit[1] for g in almanac.gates if (habit := scenario.habit_of(g.id))]
    text = "A busy night ({why}): the waits in line assume {visitors} visitors at the gates about {first} to {last}."
    known = {"why": why, "visitors": scenario.sunrise_visitors, "first": min(usual), "last": max(usual)}
    yield Message("QUEUE_ASSUMED", text, scenario.basis, **known)


def advice(almanac: Almanac, plan: Plan) -> Iterator[Message]:
    """Yield what helps people on the way."""
    yield from _crater(almanac, plan)
    yield _cold(almanac, plan)
    yield from _subuh(almanac, plan)
    yield from _toilets(almanac)
    height, altitude = plan.viewpoint.elevation_m or 0, almanac.find_advice("altitude")
    if altitude and height >= HIGH_M:
        text = "At {height} m: {symptoms}."
        symptoms = Message("ALTITUDE", altitude.value)
        yield Message("ALTITUDE", text, altitude.basis, height=height, symptoms=symptoms)
    if Companion.CHILD in plan.question.party.companions:
        yield Message("CHILD_PACE", "Walks are counted at a child's pace, 1 m/s.")
    if plan.viewpoint.uncertainty_m >= ROUGH_M:
        text = "The viewpoint's position is known to ± {metres} m only."
        yield Message("POSITION_ROUGH", text, metres=plan.viewpoint.uncertainty_m)
    emergency = almanac.find_advice("emergency")
    if emergency:
        numbers = Message("EMERGENCY", emergency.value)
        text = "Emergency: {number}; {numbers}."
        yield Message("EMERGENCY", text, number=emergency.key, numbers=numbers)


def _cold(almanac: Almanac, plan: Plan) -> Message:
    cold = almanac.find_advice("temperature_c", f"{plan.question.night:%m}")
    if cold is None:
        return Message("COLD", "It is cold before dawn; how cold this month is not known. Dress warmly.")
    low, high = cold.value.split(" to ")
    text = "Before dawn it is about {low} to {high} °C up there. Dress warmly."
    if cold.confidence == "L":
        text = "Before dawn it is about {low} to {high} °C up there (rough estimate). Dress warmly."
    return Message("COLD", text, cold.basis, low=low, high=high)


def _subuh(almanac: Almanac, plan: Plan) -> Iterator[Message]:
    """Say when Subuh begins and where one usually is then."""
    subuh = plan.sun.subuh
    leg = next((leg for leg in plan.legs if leg.start <= subuh < leg.end), None)
    if leg is None or leg.step in (Step.HOLD, Step.WALK_TO_PICKUP, Step.BOARD):
        return
    here, there = (_name(almanac, plan, place) for place in (leg.start_place, leg.end_place))
    if plan.question.party.subuh:
        text = (
            "Subuh begins at {time}; the plan has time to pray at {there}. Whether there is a room for it is not known."
        )
        yield Message("SUBUH_STOP", text, time=subuh.time(), there=_name(almanac, plan, plan.viewpoint.id))
    elif leg.start_place == leg.end_place:
        yield Message("SUBUH", "Subuh begins at {time}; you are then usually at {here}.", time=subuh.time(), here=here)
    else:
        text = "Subuh begins at {time}; you are then usually between {here} and {there}."
        yield Message("SUBUH", text, time=subuh.time(), here=here, there=there)


def _name(almanac: Almanac, plan: Plan, place: str) -> Message:
    name = almanac.place[place].name if place in almanac.place else plan.start.pickup.name
    return Message("PLACE", name)


def _toilets(almanac: Almanac) -> Iterator[Message]:
    town, park = almanac.find_advice("toilet", "kayutangan"), almanac.find_advice("toilet", "park")
    if town and park:
        text = "Toilets: in Kayutangan {town}; in the park {park}. On the road between them none is known."
        values = {"town": Message("TOILET", town.value), "park": Message("TOILET", park.value)}
        yield Message("TOILETS", text, f"{town.basis}; {park.basis}", **values)


def _crater(almanac: Almanac, plan: Plan) -> Iterator[Message]:
    """Say who should keep away from the crater: the alert level decides."""
    alert = alert_at(almanac.alerts, plan.sunrise)
    meaning = {level.level: level for level in almanac.alert_levels}
    if alert and alert.level in meaning:
        text = "The volcano's alert level is {level}: {meaning}."
        said = Message("ALERT_LEVEL", meaning[alert.level].text)
        yield Message("ALERT_LEVEL", text, alert.source, level=alert.level, meaning=said)
    elif "II" in meaning:
        text = "The volcano's alert level is not known here; ask before you go near the crater. At level II: {meaning}."
        yield Message("ALERT_UNKNOWN", text, meaning["II"].basis, meaning=Message("ALERT_LEVEL", meaning["II"].text))


def leg_note(almanac: Almanac, leg: ItineraryLeg, start: Start) -> str:
    """Return what the tables note about the place a leg leads to, "" for nothing; hubs only note their jeeps."""
    if leg.start_place != leg.end_place and leg.end_place == start.pickup.id:
        return start.pickup.note
    place = almanac.place.get(leg.end_place)
    if place is None or place.kind == "hub":
        return ""
    arrives = leg.step is Step.WALK if place.walk_min_p50 else leg.start_place != leg.end_place
    return place.note if arrives else ""
