"""Two languages: texts from the catalogue, and times, dates and amounts in the reader's style."""

import gettext
import io
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

from babel import Locale
from babel.dates import format_date, format_time
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_compact_decimal, format_decimal

from tourism.domain.calendar import WIB
from tourism.errors import Message

ROUGH_FROM = 10  # from here on decimals say more than anybody knows
LONGEST_KEPT = 200  # signs of a parameter of a text that is kept
COMPACT_FROM = 10_000  # from here on a chart has no room for all digits
LEAST = 0.01  # no chance is told more exactly
LANGUAGES = ("id", "en")
_FORMATS = {"id": Locale("id"), "en": Locale("en", "GB")}


@dataclass(frozen=True)
class Language:
    """One of `LANGUAGES`; texts are written in English in the code and looked up in the catalogue."""

    code: str

    def text(self, source: str, /, **params: Any) -> str:
        """Return a text in this language with its parameters formatted."""
        asked = self, source, tuple((name, type(value), value) for name, value in params.items())
        long = any(isinstance(value, str) and len(value) > LONGEST_KEPT for value in params.values())
        return _text.__wrapped__(*asked) if long else _text(*asked)  # what strangers make long is not kept

    def say(self, message: Message) -> str:
        """Put a message into words."""
        return self.text(message.text, **message.params)

    def _value(self, value: Any) -> str:
        if isinstance(value, Message):
            return self.say(value)
        if isinstance(value, datetime):
            return f"{self.short_date(value)} {self.clock(value)}"
        if isinstance(value, date):
            return self.long_date(value)
        if isinstance(value, time):
            return format_time(value, "short", locale=_FORMATS[self.code])
        return self.number(value) if isinstance(value, int) else str(value)

    def clock(self, instant: datetime) -> str:
        """Return a clock time in WIB: 00.50 in Indonesian, 00:50 in English."""
        return format_time(instant.astimezone(WIB), "short", tzinfo=WIB, locale=_FORMATS[self.code])

    @property
    def clock_sign(self) -> str:
        """Return what stands between hours and minutes."""
        return "." if self.code == "id" else ":"

    def long_date(self, day: date) -> str:
        """Return a date with its weekday: "Sabtu, 5 Desember 2026"."""
        return format_date(day, "EEEE, d MMMM y" if self.code == "id" else "full", locale=_FORMATS[self.code])

    def day(self, day: date) -> str:
        """Return a date as "5 Des 2026"."""
        return format_date(day, "d MMM y", locale=_FORMATS[self.code])

    def short_date(self, day: date) -> str:
        """Return a date as "Sab, 5 Des"."""
        local = day.astimezone(WIB) if isinstance(day, datetime) else day
        return format_date(local, "EEE d MMM", locale=_FORMATS[self.code])

    def number(self, value: int) -> str:
        """Return a whole number with the reader's thousands separator."""
        return format_decimal(value, locale=_FORMATS[self.code])

    def decimal(self, value: float) -> str:
        """Return a number with at most one decimal: 9,5 in Indonesian, 9.5 in English."""
        return format_decimal(value, "#,##0.#", locale=_FORMATS[self.code])

    def compact(self, value: float) -> str:
        """Return a number for a mark of a chart: 1,2 jt in Indonesian, 1.2M in English."""
        if abs(value) < COMPACT_FROM:
            return self.decimal(value)
        return format_compact_decimal(value, fraction_digits=1, locale=_FORMATS[self.code])

    def exact(self, value: float) -> str:
        """Return a number with at most two decimals, as an assumption is written: 1,35 in Indonesian."""
        return format_decimal(value, "#,##0.##", locale=_FORMATS[self.code])

    def rough(self, value: float) -> str:
        """Return a number of a scenario, without more digits than it is worth."""
        return self.decimal(value) if abs(value) < ROUGH_FROM else self.number(round(value))

    def percent(self, chance: float) -> str:
        """Return a chance as people read it; nothing is quite certain."""
        if 0 < chance < LEAST:
            return f"< {LEAST:.0%}"
        return f"> {1 - LEAST:.0%}" if chance > 1 - LEAST else f"{chance:.0%}"

    def rupiah(self, amount: int) -> str:
        """Return an amount without decimals: Rp316.000."""
        return f"Rp{self.number(amount)}"


@lru_cache(maxsize=16_384)
def _text(language: Language, source: str, params: tuple[tuple[str, type, Any], ...]) -> str:
    """Format a text once for all who ask for it; types are in the key, for 1 equals 1.0 and True."""
    found = _catalogue(language.code).gettext(source)
    return found.format(**{name: language._value(value) for name, _, value in params}) if params else found


@cache
def _catalogue(code: str) -> gettext.NullTranslations:
    """Compile the catalogue in memory; English is the source and needs none."""
    if code == "en":
        return gettext.NullTranslations()
    with files("tourism").joinpath(f"locale/{code}.po").open("rb") as source:
        catalogue = read_po(source, locale=code)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
