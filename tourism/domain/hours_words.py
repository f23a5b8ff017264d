"""What venues write about their hours, read into OSM `opening_hours` syntax.

Model: the text is cut into tokens (days, times, a range sign, "closed", "round the clock", "except"). Days gather
until times follow; days and times together make a rule. What is not a token is refused: nothing is guessed. Rules
whose evening runs past midnight are joined by a comma, which adds; a semicolon would cut the small hours off.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Literal

from opening_hours import validate

from tourism.errors import HoursError, Message

DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
LONGEST = 255  # characters; OSM's own limit of a tag value
_NAMES = {
    "Mo": "senin sen snn sn monday mon mo", "Tu": "selasa sel sls slasa tuesday tue tues tu",
    "We": "rabu rab rb rbu wednesday wed we", "Th": "kamis kam kms thursday thu thur thurs th",
    "Fr": "jumat jum jmt jumaat friday fri fr", "Sa": "sabtu sab sbt saturday sat sa",
    "Su": "minggu min mgg mng ahad sunday sun su",
}  # fmt: skip
_DAY = {word: day for day, words in _NAMES.items() for word in words.split()}
_LONG_NAMES = [word for word in _DAY if len(word) >= 5]
_SETS = {
    "setiap hari": DAYS, "tiap hari": DAYS, "everyday": DAYS, "every day": DAYS, "daily": DAYS, "semua hari": DAYS,
    "hari kerja": DAYS[:5], "weekdays": DAYS[:5], "weekday": DAYS[:5],
    "akhir pekan": DAYS[5:], "weekends": DAYS[5:], "weekend": DAYS[5:],
    "hari libur nasional": ("PH",), "libur nasional": ("PH",), "tanggal merah": ("PH",), "hari libur": ("PH",),
    "hari besar": ("PH",), "public holidays": ("PH",),
}  # fmt: skip
_PERIODS = {
    "pagi": {h: h for h in range(1, 12)},
    "siang": {10: 10, 11: 11, 12: 12, 1: 13, 2: 14, 3: 15},
    "sore": {3: 15, 4: 16, 5: 17, 6: 18},
    "petang": {5: 17, 6: 18},
    "malam": {6: 18, 7: 19, 8: 20, 9: 21, 10: 22, 11: 23, 12: 24, 1: 1, 2: 2, 3: 3},
    "dini hari": {12: 24, 1: 1, 2: 2, 3: 3, 4: 4},
    "am": {12: 24, **{h: h for h in range(1, 12)}},
    "pm": {12: 12, **{h: h + 12 for h in range(1, 12)}},
}
# Subuh is the sun 20 degrees under the horizon, OSM's dawn 6: at Malang 58 to 62 minutes later (domain/sun.py).
# A venue that closes at Subuh is said to close a little earlier, never later.
_SUN = {"subuh": "(dawn-01:05)", "maghrib": "sunset", "magrib": "sunset"}

_TOKENS = re.compile(
    r"""(?P<space>[\s()]+|\bwib\b|\bbuka\b(?!\s*-)|\bopen\b|\bjam\s+(?:buka|operasional)\b|\bpada\b|\bhari\b(?=\s+\w)(?!\s+(?:kerja|libur|besar)))
    |(?P<always>\b24\s*/\s*7\b|\b24\s*(?:jam|hours?|h)\b(?:\s*non\s*-?\s*stop\b)?|\bnon\s*-?\s*stop\b)
    |(?P<time>(?:\b(?:jam|pukul|pkl|pk)\b\.?\s*)?(?<![\d.:])(?P<hour>\d{1,2})(?:[.:](?P<minute>\d{2}))?(?![\d.:]\d)
        (?:\s*(?P<period>pagi|siang|sore|petang|malam|dini\s+hari|[ap]m)\b)?)
    |(?P<sun>\bbuka\b(?=\s*-)|\bsubuh\b|\bmagh?rib\b)
    |(?P<set>SETS)
    |(?P<closed>\b(?:tutup|libur|closed|off)\b)
    |(?P<but>\b(?:kecuali|except|selain)\b)
    |(?P<to>-|\bs\s*/\s*d\b|\bs\.?d\b\.?|\bsampai(?:\s+dengan)?\b|\bhingga\b|\bsampe\b|\bto\b|\buntil\b)
    |(?P<break>[;|\n/]|,|&|\bdan\b|\band\b|:)
    |(?P<word>[^\W\d_]+)
    """.replace("SETS", "|".join(rf"\b{re.escape(s)}\b".replace(r"\ ", r"\s+") for s in _SETS)),
    re.VERBOSE,
)
Kind = Literal["day", "days", "time", "always", "closed", "but", "to", "break"]


@dataclass(frozen=True)
class _Token:
    kind: Kind
    value: str | tuple[str, ...]
    text: str


@dataclass
class _Rule:
    """Days, the times that hold on them (none: not said), and whether it says that they are closed."""

    days: list[str] = field(default_factory=list)
    times: list[str] = field(default_factory=list)
    closed: bool = False
    excepted: list[str] = field(default_factory=list)

    @property
    def says_when(self) -> bool:
        return self.closed or bool(self.times)


def normalise(text: str) -> str:
    """Return hours in OSM syntax; text that is OSM syntax already comes back unchanged.

    Raises HoursError with the part that could not be read.
    """
    if len(text) > LONGEST:
        raise _refuse(text[:40])
    plain = _plain(text)
    if plain in {"00:00-23:59", "00:00-24:00", "00:00-00:00"}:
        return "24/7"  # what a booking form writes for round the clock; read as OSM it would shut for a minute
    if text.strip() and validate(text.strip()):
        return text.strip()
    rules = _rules(list(_tokens(plain)), plain)
    found = _write(rules)
    if not validate(found):
        raise _refuse(text)
    return found


def _refuse(part: str) -> HoursError:
    return HoursError(Message("HOURS_UNREADABLE", "Opening hours not understood: {hours}", hours=part.strip()[:60]))


def _plain(text: str) -> str:
    """Lower case, one kind of dash and apostrophe, no marks that say nothing."""
    lowered = re.sub("[\u2010-\u2015\u2212~]", "-", text.lower())
    return re.sub(r"['’`.]+(?=\s|$|-)|(?<=jum)['’`]", "", lowered).strip(" .,;:-")


def _tokens(plain: str) -> Iterator[_Token]:
    at = 0
    while at < len(plain):
        found = _TOKENS.match(plain, at)
        if not found:
            raise _refuse(plain[at:])
        at = found.end()
        kind, text = str(found.lastgroup), found.group()
        if found["time"] is not None:
            yield _Token("time", _clock(found), text)
        elif kind == "sun":
            yield _Token("time", _SUN.get(text, "sunset"), text)  # "buka - subuh": from breaking the fast
        elif kind == "set":
            yield _Token("days", _SETS[re.sub(r"\s+", " ", text)], text)
        elif kind == "word":
            yield _Token("day", _day(text), text)
        elif kind in ("always", "closed", "but", "to", "break"):
            yield _Token(kind, text, text)  # type: ignore[arg-type]  # narrowed by the line above


def _day(word: str) -> str:
    """Return a day by its name, its abbreviation, or a name misspelt by a letter or two."""
    near = get_close_matches(word, _LONG_NAMES, n=1, cutoff=0.8) if len(word) >= 4 else []
    if word in _DAY or near:
        return _DAY.get(word) or _DAY[near[0]]
    raise _refuse(word)


def _clock(found: re.Match[str]) -> str:
    hour, minute = int(found["hour"]), int(found["minute"] or 0)
    if found["period"] and hour <= 12:
        period = _PERIODS[re.sub(r"\s+", " ", found["period"])]
        if hour not in period:
            raise _refuse(found.group())
        hour = period[hour]
    if hour > 24 or minute > 59 or (hour == 24 and minute):
        raise _refuse(found.group())
    return f"{hour:02}:{minute:02}"


def _rules(tokens: Sequence[_Token], plain: str) -> list[_Rule]:
    """Gather tokens into rules."""
    rules = [_Rule()]
    i, excepting = 0, False
    while i < len(tokens):
        token, rule = tokens[i], rules[-1]
        i += 1
        if token.kind in ("day", "days"):
            days, i = _span_of_days(tokens, i - 1)
            if excepting:
                rule.excepted += days
                continue
            if rule.says_when:
                if not rule.days and not _more_follows(tokens, i):
                    rule.days += days  # "10.00-22.00 Senin-Jumat"
                    continue
                rules.append(rule := _Rule())
            rule.days += days
        elif token.kind in ("time", "always"):
            span, i = _span_of_times(tokens, i - 1)
            if rule.closed:
                rules.append(rule := _Rule())
            rule.times.append(span)
            excepting = False
        elif token.kind == "closed":
            if rule.times:  # "10.00-22.00, tutup Senin": what is closed comes after it
                rules.append(rule := _Rule())
            rule.closed, excepting = True, False
        elif token.kind == "but":
            excepting = True
        elif token.kind == "to":
            raise _refuse(plain)
    says_which = len(rules) == 1 or all(rule.days for rule in rules if rule.closed)
    says_once = all(len(set(rule.excepted)) == len(rule.excepted) for rule in rules)
    if not (says_which and says_once and all(rule.says_when or rule.excepted for rule in rules)):
        raise _refuse(plain or "(empty)")
    return rules


def _more_follows(tokens: Sequence[_Token], i: int) -> bool:
    """Tell whether times, or "closed", follow before the text ends."""
    return any(token.kind in ("time", "always", "closed") for token in tokens[i:])


def days_between(first: str, last: str) -> tuple[str, ...]:
    """Return the days from one to another, over the end of the week where that is needed."""
    a, b = DAYS.index(first), DAYS.index(last)
    return DAYS[a : b + 1] if a <= b else DAYS[a:] + DAYS[: b + 1]


def _span_of_days(tokens: Sequence[_Token], i: int) -> tuple[list[str], int]:
    first = tokens[i].value
    if isinstance(first, tuple):
        return list(first), i + 1
    if i + 2 < len(tokens) and tokens[i + 1].kind == "to" and tokens[i + 2].kind == "day":
        return list(days_between(first, str(tokens[i + 2].value))), i + 3
    return [first], i + 1


def _span_of_times(tokens: Sequence[_Token], i: int) -> tuple[str, int]:
    if tokens[i].kind == "always":
        return "00:00-24:00", i + 1
    if not (i + 2 < len(tokens) and tokens[i + 1].kind == "to" and tokens[i + 2].kind == "time"):
        raise _refuse(tokens[i].text)
    start, end = str(tokens[i].value), str(tokens[i + 2].value)
    start = "00:00" if start == "24:00" else start
    end = "24:00" if end == "00:00" else end
    if (start, end) == ("00:00", "23:59"):
        end = "24:00"
    if start == end:
        raise _refuse(f"{tokens[i].text}-{tokens[i + 2].text}")
    return f"{start}-{end}", i + 3


def _write(rules: Sequence[_Rule]) -> str:
    """Write what holds on each day: a rule for fewer days replaces one for more, a closed day is left out."""
    if [rule.closed for rule in rules] == [True] and not rules[0].days:
        return "off"
    table: dict[str, tuple[str, ...]] = {}
    if not any(rule.times for rule in rules):
        table = dict.fromkeys(DAYS, ("unknown",))  # only what is closed was said
    reach: dict[str, int] = {}  # how many days the rule that holds on a day was for
    for rule in rules:
        days = rule.days or DAYS
        for day in days:
            before = reach.get(day, len(DAYS) + 1)
            if before >= len(days) and rule.says_when:
                kept = table[day] if before == len(days) and not rule.closed else ()
                table[day], reach[day] = (*kept, *rule.times), len(days)
        table |= dict.fromkeys(rule.excepted, ())
    written = write_week(table)
    if "PH" in table:
        written = f"{'Mo-Su 00:00-24:00' if written == '24/7' else written}; PH {','.join(table['PH']) or 'off'}"
    return written.removeprefix("; ")


def write_week(table: Mapping[str, tuple[str, ...]]) -> str:
    """Write the times of each day: a comma joins rules where one runs past midnight, so that none cuts it off."""
    groups: dict[tuple[str, ...], list[str]] = {}
    for day in DAYS:
        if table.get(day):
            groups.setdefault(table[day], []).append(day)
    if groups == {("00:00-24:00",): list(DAYS)}:
        return "24/7"
    late = any(span[6:] < span[:5] for times in groups for span in times)
    parts = [f"{_write_days(days)} {','.join(times)}" for times, days in groups.items()]
    return (", " if late else "; ").join(parts)


def _write_days(days: Sequence[str]) -> str:
    """Write days in order, neighbours as a range."""
    runs: list[list[str]] = []
    for day in days:
        if runs and DAYS.index(runs[-1][-1]) == DAYS.index(day) - 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    return ",".join(f"{run[0]}-{run[-1]}" if len(run) > 1 else run[0] for run in runs)
