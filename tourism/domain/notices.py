"""What a traveller should know: what bears on the decision (warnings), and what helps on the way (advice).

Only what the tables say is told, with its source; what they don't say reads "not known".
"""

from collections.abc import Iterator
from datetime import datetime

from tourism.domain.closures import Closure, alert_at
from tourism.domain.corridor import Advice, Almanac
from tourism.domain.crowds import scenario_of
from tourism.domain.evidence import Known
from tourism.domain.itinerary import ItineraryLeg, Start, Step
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


def warnings(almanac: Almanac, plan: Plan, climb_closes: datetime | None) -> Iterator[Message]:
    """Yield what bears on the decision."""
    text = "A closure is expected, not announced, {when}: {reason}. Check before you go."
    yield from (closure_message("CLOSURE_EXPECTED", text, closure) for closure in plan.closures if not closure.forbids)
    if climb_closes:
        text = "The climb to the ridge closes at {closes}: that decides when you leave, not the sunrise."
        yield Message("CLIMB_CLOSES", text, closes=climb_closes.time())
    yield from _crowd(almanac, plan)
    if plan.question.party.wheelchair and plan.viewpoint.step_free is Known.UNKNOWN:
        text = "Whether a wheelchair gets to {viewpoint} is not known."
        yield Message("STEP_FREE_UNKNOWN", text, viewpoint=plan.viewpoint.name)
    yield from ticket_warnings(almanac, plan.viewpoint, plan.tickets)
    if plan.viewpoint.uncertainty_m >= ROUGH_M:
        text = "The viewpoint's position is known to ± {metres} m only."
        yield Message("POSITION_ROUGH", text, metres=plan.viewpoint.uncertainty_m)
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
    scenario = scenario_of(almanac, plan.profile.crowd)
    why = plan.profile.reasons[0] if plan.profile.reasons else Message("BUSY", "busy night")
    if scenario is None:
        text = "A busy night ({why}): how long the queues are is not known, and they are not counted."
        yield Message("QUEUE_NOT_COUNTED", text, why.source, why=why)
        return
    text = "A busy night ({why}): the waits in line assume {visitors} visitors who leave at the usual hour."
    yield Message("QUEUE_ASSUMED", text, scenario.basis, why=why, visitors=scenario.sunrise_visitors)


def advice(almanac: Almanac, plan: Plan) -> Iterator[Message]:
    """Yield what helps people on the way."""
    yield from _cold(almanac, plan)
    yield from _subuh(almanac, plan)
    yield from _toilets(almanac)
    yield from _crater(almanac, plan)
    height, altitude = plan.viewpoint.elevation_m or 0, _find(almanac, "altitude")
    if altitude and height >= HIGH_M:
        text = "At {height} m: {symptoms}."
        symptoms = Message("ALTITUDE", altitude.value)
        yield Message("ALTITUDE", text, altitude.basis, height=height, symptoms=symptoms)
    if plan.question.party.child:
        yield Message("CHILD_PACE", "Walks are counted at a child's pace, 1 m/s.")
    emergency = _find(almanac, "emergency")
    if emergency:
        numbers = Message("EMERGENCY", emergency.value)
        text = "Emergency: {number}; {numbers}."
        yield Message("EMERGENCY", text, number=emergency.key, numbers=numbers)


def _find(almanac: Almanac, topic: str, key: str | None = None) -> Advice | None:
    return next((a for a in almanac.advice if a.topic == topic and key in (None, a.key)), None)


def _cold(almanac: Almanac, plan: Plan) -> Iterator[Message]:
    cold = _find(almanac, "temperature_c", f"{plan.question.night:%m}")
    if cold is None:
        yield Message("COLD", "It is cold before dawn; how cold this month is not known. Dress warmly.")
        return
    low, high = cold.value.split(" to ")
    if cold.confidence == "L":
        text = "Before dawn it is about {low} to {high} °C up there (rough estimate). Dress warmly."
        yield Message("COLD", text, cold.basis, low=low, high=high)
    else:
        text = "Before dawn it is about {low} to {high} °C up there. Dress warmly."
        yield Message("COLD", text, cold.basis, low=low, high=high)


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
    town, park = _find(almanac, "toilet", "kayutangan"), _find(almanac, "toilet", "park")
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
    """Return what the tables note about where a leg ends."""
    if leg.end_place == start.pickup.id:
        return start.pickup.note
    return almanac.place[leg.end_place].note if leg.end_place in almanac.place else ""
