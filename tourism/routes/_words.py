"""What is known about a venue, put into words for a page."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from tourism.domain.calendar import clock_time
from tourism.domain.evidence import Age, Amenity, Detail, Known
from tourism.domain.finding import AMENITY_TEXTS, Spot
from tourism.domain.hours import Opening
from tourism.errors import Message
from tourism.services.language import Language
from tourism.services.spot_documents import opening_label
from tourism.services.spots import FoundSpots, closes_at
from tourism.services.town import Town

KIND_TEXTS = {
    kind: Message(kind, text)
    for kind, text in {
        "cafe": "Café", "restaurant": "Restaurant", "fast_food": "Fast food", "food_court": "Food court",
        "bar": "Bar", "hotel": "Hotel", "hostel": "Hostel", "mall": "Mall", "park": "Park", "square": "Square",
        "station": "Station",
    }.items()
}  # fmt: skip
DETAIL_TEXTS = {
    Detail.SEATS: Message("SEATS", "Seats"),
    Detail.PARKING_LAST_EXIT: Message("PARKING_LAST_EXIT", "Last exit from the parking"),
    Detail.PRICE_RANGE: Message("PRICE_RANGE", "Price a person"),
}
IN_HOURS_FROM = 120  # minutes
WEEKS_FROM, MONTHS_FROM, YEARS_FROM = 14, 60, 730  # days


@dataclass(frozen=True)
class Row:
    """One line of what is known: a field, its value, and how far the word can be relied on."""

    label: str
    value: str
    known: Known
    about: str
    age: Age
    is_amenity: bool = True

    @property
    def yes(self) -> bool:
        """Tell whether it is an amenity that is there; a figure is good or bad by itself."""
        return self.known is Known.YES and self.is_amenity


def age_text(as_of: date | None, today: date) -> Message:
    """Say how long ago something was checked."""
    if as_of is None:
        return Message("AGE_UNKNOWN", "date not known")
    days = (today - as_of).days
    if days <= 0:
        return Message("AGE_TODAY", "checked today")
    if days < WEEKS_FROM:
        return Message("AGE_DAYS", "checked {days} days ago", days=days)
    if days < MONTHS_FROM:
        return Message("AGE_WEEKS", "checked {weeks} weeks ago", weeks=days // 7)
    if days < YEARS_FROM:
        return Message("AGE_MONTHS", "checked {months} months ago", months=days // 30)
    return Message("AGE_YEARS", "checked {years} years ago", years=days // 365)


def rows(town: Town, spot: Spot, words: Language, today: date) -> list[Row]:
    """Return every field that can be known, also those that are not."""
    return [
        _detail(town, spot, Detail.SEATS, words, today),
        *(_amenity(town, spot, amenity, words, today) for amenity in Amenity),
        *(_detail(town, spot, detail, words, today) for detail in Detail if detail is not Detail.SEATS),
    ]


def _about(town: Town, spot: Spot, field: str, words: Language, today: date) -> tuple[str, Age]:
    source = spot.venue.source_of(field)
    text = f"{source.name} · {words.say(age_text(source.as_of, today))}"
    return text, town.world.freshness.age(field, source.as_of, today)


def _amenity(town: Town, spot: Spot, amenity: Amenity, words: Language, today: date) -> Row:
    label, own = words.say(AMENITY_TEXTS[amenity]), spot.venue.has(amenity)
    nearby = spot.nearby.get(amenity)
    if nearby and own is not Known.YES:
        value = words.text("nearby, {metres} m", metres=nearby.metres)
        return Row(label, value, Known.YES, f"{nearby.name or 'OpenStreetMap'}", Age.UNDATED)
    if own is Known.UNKNOWN:
        return Row(label, words.text("unknown"), own, "", Age.FRESH)
    return Row(label, words.text(own.value), own, *_about(town, spot, amenity, words, today))


def _detail(town: Town, spot: Spot, detail: Detail, words: Language, today: date) -> Row:
    label, fact = words.say(DETAIL_TEXTS[detail]), spot.venue.facts.get(detail)
    if fact is None:
        return Row(label, words.text("unknown"), Known.UNKNOWN, "", Age.FRESH)
    value = fact.value
    if detail is Detail.PRICE_RANGE:
        low, high = value.split("-")
        value = f"{words.rupiah(int(low))} – {words.rupiah(int(high))}"
    elif detail is Detail.PARKING_LAST_EXIT:
        value = value.replace(":", words.clock_sign)
    return Row(label, value, Known.YES, *_about(town, spot, detail, words, today), is_amenity=False)


def tonight(town: Town, found: FoundSpots, spot: Spot, words: Language) -> str:
    """Say until when a venue is open, and how that lies to the time to leave."""
    leave, window = found.plan.leave_at, found.window
    if spot.answer.opening is Opening.OPEN:
        closes = closes_at(town, spot.venue, window.start)
        if closes is None:
            return words.text("open day and night")
        return _beside(words.text("open until {time}", time=clock_time(closes)), closes, leave, words)
    if spot.answer.opening is Opening.CLOSES and spot.answer.until:
        return _beside(opening_label(spot.answer, words), spot.answer.until, leave, words)
    return opening_label(spot.answer, words)


def _beside(said: str, instant: datetime, leave: datetime | None, words: Language) -> str:
    """Set a closing time beside the time to leave."""
    if leave is None:
        return said
    minutes = round(abs(instant - leave) / timedelta(minutes=1))
    in_minutes = minutes < IN_HOURS_FROM
    span = words.text("{minutes} min", minutes=minutes) if in_minutes else words.text("{hours} h", hours=minutes // 60)
    if instant >= leave:
        return words.text("{said}, {span} after you should leave", said=said, span=span)
    return words.text("{said}, {span} before you should leave", said=said, span=span)
