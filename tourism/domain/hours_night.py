"""Opening hours by the evening that begins them.

OSM's own reading cuts and leaves over small hours: with `Mo-Fr 18:00-03:00; Sa-Su 10:00-22:00` Friday's bar would
shut at midnight, and with `Fr 18:00-03:00; PH off` a holiday Friday that never opened would be open from midnight
to three. Here the hours after midnight belong to the evening before. An expression is split in two, each read day by
day: the *head*, where every span ends at midnight, and the *tail*, what is left of it, moved to its own day's small
hours. A venue is open at t when the head is open at t, or the tail at t minus one day.

`PH` and `SH` are written out as dates, since the library knows few of Indonesia's. An open end (`22:00+`) is
unknown after its last certain minute, until `OPEN_END`.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import NamedTuple

OPEN_END = "06:00"
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_TIME = r"(?:\d\d?:\d\d|sunrise|sunset|dawn|dusk|\((?:sunrise|sunset|dawn|dusk)[+-]\d\d:\d\d\))"
_SPAN = re.compile(rf"({_TIME})\s*-\s*({_TIME})(\+)?|({_TIME})\+")
# A comma adds a rule when it follows a time or a word like "off" and a selector follows it.
_SEPARATORS = re.compile(r"(\s*;\s*)|(?<=[\d+fndt)]),\s+(?=[A-Z])")
_DATE_LIST = re.compile(rf"((?:{'|'.join(_MONTHS)}) \d{{1,2}}),\s+(?={'|'.join(_MONTHS)})")
# Weekdays among holidays and days beside them, which the library reads otherwise.
_AMONG_HOLIDAYS = re.compile(r"\b(?:PH|SH)\s+(?:Mo|Tu|We|Th|Fr|Sa|Su|[+-]\s?\d)|\b(?:Mo|Tu|We|Th|Fr|Sa|Su) (?:PH|SH)\b")
_COMMENT = re.compile(r'(?<=[\w+)])\s*"[^"]*"')  # behind what it comments; alone it is a rule
# Lone comments, fallbacks, and hours past the second midnight, which the library refuses.
_ODD = re.compile(r'"|\|\||\b(?:49|[5-9]\d):')
_LOOK = re.compile(r"sun|dawn|dusk|(?<!\d)\d:")  # spans that need a closer look
_PLAIN = re.compile(r"(\d\d:\d\d)\s*-\s*(\d\d:\d\d)")
_STATE = re.compile(r"\s*\b(?:off|closed|open|unknown)$")
_EVENING = {"sunset", "dusk"}
_DAYS = re.compile(r"^(?:(?:Mo|Tu|We|Th|Fr|Sa|Su|PH|SH)[-,\s]*)+")


class NightHours(NamedTuple):
    """The two halves of an expression; `tail` is None when nothing runs past midnight."""

    head: str
    tail: str | None


def split(expression: str, special: Mapping[str, str], always: bool = False) -> NightHours:
    """Split an expression, `PH` and `SH` written out as the dates given in words.

    One with fallbacks is left to OSM's own reading, and intersected holidays are unknown; so is one that
    it reads alike, unless the halves are `always` needed.
    """
    if "||" not in expression:
        expression = _DATE_LIST.sub(r"\1,", _COMMENT.sub("", expression))
    if _AMONG_HOLIDAYS.search(expression):
        return NightHours("24/7 unknown", None)
    if _ODD.search(expression) or (not always and not special and _read_alike(expression)):
        return NightHours(expression, None)
    head: list[str] = []
    tail: list[str] = []
    for rule, adds in rules_of(expression):
        for part in marked(rule, special):
            if "PH" in part or "SH" in part:
                return NightHours("24/7 unknown", None)
            halves = _halves(part)
            head.append(joined(halves.head, adds))
            if halves.tail or not adds:
                tail.append(joined(halves.tail or f"{selector_of(part)} off".strip(), adds))
    whole = write_out("".join(head).lstrip(";, ") or "off", special)
    late = "".join(tail).lstrip(";, ")
    return NightHours(whole, write_out(late, special) if _SPAN.search(late) else None)


def dates_in_words(days: Iterable[date]) -> str:
    """Write dates as a selector: "2026 Dec 24,2026 Dec 25"."""
    return ",".join(f"{day.year} {_MONTHS[day.month - 1]} {day.day:02}" for day in sorted(days))


def rules_of(expression: str) -> list[tuple[str, bool]]:
    """Return each rule, and whether it adds to those before it."""
    if ";" not in expression and ", " not in expression:
        return [(expression.strip(), False)]
    found, adds, at = [], False, 0
    for separator in _SEPARATORS.finditer(expression):
        rule = expression[at : separator.start()]
        if not separator.group(1) and not (_SPAN.search(rule) or _STATE.search(rule) or "24/7" in rule):
            continue  # a comma among dates
        found.append((rule.strip(), adds))
        adds, at = separator.group(1) is None, separator.end()
    found.append((expression[at:].strip(), adds))
    return [(rule, adds) for rule, adds in found if rule]


def joined(rule: str, adds: bool) -> str:
    """Return a rule behind the sign that adds it to those before, or lets it replace them."""
    return f"{', ' if adds else '; '}{rule}"


# While rules are rewritten, dates stand as one short mark: a year of holidays is a thousand characters.
MARKS = {"PH": "<P>", "SH": "<S>"}


def write_out(text: str, special: Mapping[str, str]) -> str:
    """Put the dates in the place of their marks."""
    for word, dates in special.items():
        text = text.replace(MARKS[word], dates)
    return text


def marked(rule: str, special: Mapping[str, str]) -> Sequence[str]:
    """Return the rule without `PH` and `SH`, and one for their dates, marked; neither where it has no days left."""
    parts = [rule]
    for word, dates in special.items():
        parts = [found for part in parts for found in _mark(part, word, dates)]
    return parts


def _mark(rule: str, word: str, dates: str) -> Sequence[str]:
    found, others = re.subn(rf"(?:\b{word}\s*,\s*|,\s*{word}\b|^{word}(?=\s))", "", f"{rule} ", count=1)[::-1]
    if not found:
        return [rule]
    others, body = others.strip(), _DAYS.sub("", rule).strip()
    dated = [f"{MARKS[word]} {body}".strip()] if dates else []
    return dated if others == body else [others, *dated]


class _Rule(NamedTuple):
    """The days of a rule, its spans (start, end, open end?, after midnight?), and a word such as "unknown"."""

    selector: str
    spans: tuple[tuple[str, str, bool, bool], ...]
    modifier: str


@lru_cache(maxsize=16_384)
def _read(rule: str) -> _Rule:
    spans = list(_SPAN.finditer(rule))
    if not spans:
        return _Rule(_STATE.sub("", rule), (), "")
    times = tuple((s[4] or s[1], s[2] or "", bool(s[3] or s[4]), bool(s[1] and _late(s[1], s[2]))) for s in spans)
    return _Rule(rule[: spans[0].start()].strip(), times, rule[spans[-1].end() :].strip())


def _read_alike(expression: str) -> bool:
    """Tell whether OSM reads an expression as we do.

    Rules that only add to each other leave each other's small hours alone; one that replaces may cut them off; and
    an open end is known to neither.
    """
    if "+" in expression:
        return False
    return ";" not in expression or (
        not _LOOK.search(expression) and all(start < end <= "24:00" for start, end in _PLAIN.findall(expression))
    )


@lru_cache(maxsize=16_384)
def _halves(rule: str) -> NightHours:
    """Return what a rule opens until midnight, and what runs on after it moved to the small hours, "" for nothing.

    An open end is unknown from its start.
    """
    found = _read(rule)
    if not found.spans:
        return NightHours(rule, "")
    heads, tails, unknown, unknown_late = [], [], [], []
    for start, end, more, late in found.spans:
        if not end:
            unknown.append(f"{start}-24:00")
            unknown_late.append(f"00:00-{OPEN_END}")
            continue
        heads.append(f"{start}-24:00" if late else f"{start}-{end}")
        if late and end not in {"24:00", "00:00"}:
            tails.append(f"00:00-{_wrapped(end)}")
        if more and not late:
            unknown.append(f"{end}-24:00")
        if more:
            unknown_late.append(f"{_wrapped(end) if late else '00:00'}-{OPEN_END}")
    return NightHours(_write(found, heads, unknown), _write(found, tails, unknown_late))


def _write(rule: _Rule, spans: Sequence[str], unknown: Sequence[str]) -> str:
    # Without days, a comma would add times to the rule, not a rule.
    selector = rule.selector or ("Mo-Su" if unknown else "")
    known = " ".join(filter(None, (selector, ",".join(spans), rule.modifier))) if spans else ""
    open_end = " ".join(filter(None, (selector, ",".join(unknown), "unknown"))) if unknown else ""
    return ", ".join(filter(None, (known, open_end)))


def _late(start: str, end: str) -> bool:
    """Tell whether a span ends after midnight."""
    if ":" in start[:5] and ":" in end[:5]:
        return end.zfill(5) <= start.zfill(5) or end.zfill(5) > "24:00"
    in_the_morning = "dawn" in end or "sunrise" in end or (":" in end[:5] and end.zfill(5) < "12:00")
    in_the_evening = any(word in start for word in _EVENING) or (":" in start[:5] and start.zfill(5) >= "12:00")
    return in_the_morning and in_the_evening


def _wrapped(end: str) -> str:
    """Write 26:00 as 02:00."""
    if ":" in end[:5] and end.zfill(5) > "24:00":
        hour, minute = end.split(":")
        return f"{int(hour) - 24:02}:{minute}"
    return end


def selector_of(rule: str) -> str:
    """Return the days that a rule is about, "" for all."""
    return _read(rule).selector.removesuffix("24/7").strip()
