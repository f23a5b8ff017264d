"""What share pictures and posters say."""

from datetime import date

from tourism.domain.brand import Brand
from tourism.domain.calendar import check_date
from tourism.domain.card import Card, Figure, Poster, Size
from tourism.errors import Message
from tourism.services.documents import name_of
from tourism.services.language import LANGUAGES, Language
from tourism.services.sights import ESTIMATE, Asking, Sight, leave_label, walk_text
from tourism.services.spots import SpotsRequest, get_spot

SUNRISE = Message("SUNRISE", "sunrise")
CLOSED = Message("CLOSED", "closed")
NOBODY_LEAVES = Message("NOBODY_LEAVES", "no way to the viewpoint")
SCAN = Message("SCAN", "Scan: when do we leave?")
SCAN_INSTEAD = Message("SCAN_INSTEAD", "Scan: what is open instead?")


def card_of(sight: Sight, brand: Brand, words: Language) -> Card:
    """Return the share picture of a page."""
    note = sight.notes[0] if sight.notes else sight.summary
    tagline = brand.said("tagline", words.code)
    beside = brand.name if tagline == brand.wordmark else tagline
    return Card(brand, sight.kicker, sight.title, sight.figures[:3], note, beside)


def poster_of(asking: Asking, venue_id: str, night: date, brand: Brand, wish: tuple[Size, str]) -> Poster:
    """Return the poster of a venue for a night, in both languages, of a size and with a link to scan.

    Raises NotFoundError for a venue that there is not, OutOfRangeError for a night that can't be planned.
    """
    size, link = wish
    indonesian, english = both = [Language(code) for code in LANGUAGES]
    check_date(night, asking.tonight, "night")
    found, spot = get_spot(asking.town, venue_id, SpotsRequest(night), asking.now, {})
    plan, walk = found.plan, spot.walk

    def pair(message: Message) -> tuple[str, str]:
        return indonesian.say(message), english.say(message)

    figures = [Figure(indonesian.clock(plan.sunrise), *pair(SUNRISE))]
    if plan.leave_at:
        labels = [leave_label(plan.leave_at, night, words) for words in both]
        figures.append(Figure(indonesian.clock(plan.leave_at), labels[0], labels[1]))
    else:
        figures.append(Figure(indonesian.say(CLOSED), *pair(NOBODY_LEAVES)))
    there = [Message("WALK_TO", "walk to {place}", place=name_of(asking.town, walk.to, words)) for words in both]
    figures.append(Figure(walk_text(walk, indonesian), indonesian.say(there[0]), english.say(there[1])))
    return Poster(
        brand, size, spot.venue.name, (indonesian.long_date(night), english.long_date(night)), tuple(figures),
        pair(SCAN if plan.leave_at else SCAN_INSTEAD), pair(plan.reason or ESTIMATE), link, link.partition("://")[2].removesuffix("/"),
    )  # fmt: skip
