"""Opening hours by the evening that begins them.

OSM's own reading cuts and leaves over small hours: with `Mo-Fr 18:00-03:00; Sa-Su 10:00-22:00` Friday's bar would
shut at midnight, and with `Fr 18:00-03:00; PH off` a holiday Friday that never opened would be open from midnight
to three. Here the hours after midnight belong to the evening before. An expression is split in two, each read day by
day: the *head*, where every span ends at midnight, and the *tail*, what is left of it, moved to its own day's small
hours. A venue is open at t when the head is open at t, or the tail at t minus one day.

`PH` is written out as dates, since the library knows only some of Indonesia's holidays. An open end (`22:00+`) is
unknown after its last certain minute, until `OPEN_END`.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

OPEN_END = "06:00"
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_TIME = r"(?:\d\d?:\d\d|sunrise|sunset|dawn|dusk|\((?:sunrise|sunset|dawn|dusk)[+-]\d\d:\d\d\))"
_SPAN = re.compile(rf"({_TIME})\s*-\s*({_TIME})(\+)?|({_TIME})\+")
# A comma adds a rule when it follows a time or a word like "off" and a selector follows it.
_SEPARATORS = re.compile(r"(\s*;\s*)|(?<=[\d+fndt)]),\s+(?=[A-Z])")
_EVENING = {"sunset", "dusk"}
_PH = re.compile(r"(?:^PH(?=[\s,])|,\s*PH\b|\bPH\s*,\s*)")


@dataclass(frozen=True)
class NightHours:
    """The two halves of an expression; `tail` is None when nothing runs past midnight."""

    head: str
    tail: str | None


def split(expression: str, holidays: Iterable[date]) -> NightHours:
    """Split an expression; one with comments, fallbacks or intersected holidays is left to OSM's own reading."""
    if '"' in expression or "||" in expression:
        return NightHours(expression, None)
    dates = ",".join(f"{day.year} {_MONTHS[day.month - 1]} {day.day:02}" for day in sorted(holidays))
    head: list[str] = []
    tail: list[str] = []
    for rule, adds in _rules(expression):
        for part in _write_out_holidays(rule, dates):
            if "PH" in part:
                return NightHours(expression, None)
            head.append(_join(_head(part) or _off(part), adds))
            late = _tail(part)
            if late or not adds:
                tail.append(_join(late or _off(part), adds))
    whole = "".join(head).lstrip(";, "), "".join(tail).lstrip(";, ")
    return NightHours(whole[0], whole[1] if _SPAN.search(whole[1]) else None)


def _rules(expression: str) -> list[tuple[str, bool]]:
    """Return each rule, and whether it adds to those before it."""
    found, adds, at = [], False, 0
    for separator in _SEPARATORS.finditer(expression):
        found.append((expression[at : separator.start()].strip(), adds))
        adds, at = separator.group(1) is None, separator.end()
    found.append((expression[at:].strip(), adds))
    return [(rule, adds) for rule, adds in found if rule]


def _join(rule: str, adds: bool) -> str:
    return f"{', ' if adds else '; '}{rule}"


def _write_out_holidays(rule: str, dates: str) -> Sequence[str]:
    """Return the rule without its holidays, and one for their dates; neither where it has no days left."""
    if not _PH.search(f"{rule} "):
        return [rule]
    others = _PH.sub("", f"{rule} ", count=1).strip()
    body = re.sub(r"^(?:(?:Mo|Tu|We|Th|Fr|Sa|Su|PH)[-,\s]*)+", "", rule).strip()
    holidays = [f"{dates} {body}".strip()] if dates else []
    return holidays if others == body else [others, *holidays]


def _spans(rule: str) -> list[re.Match[str]]:
    return list(_SPAN.finditer(rule))


def _late(start: str, end: str) -> bool:
    """Tell whether a span ends after midnight."""
    if ":" in start[:5] and ":" in end[:5]:
        return end.zfill(5) <= start.zfill(5) or end.zfill(5) > "24:00"
    in_the_morning = "dawn" in end or "sunrise" in end or (":" in end[:5] and end.zfill(5) < "12:00")
    in_the_evening = any(word in start for word in _EVENING) or (":" in start[:5] and start.zfill(5) >= "12:00")
    return in_the_morning and in_the_evening


def _head(rule: str) -> str:
    """End every span at midnight; an open end is unknown from its start."""
    unknown: list[str] = []

    def cut(span: re.Match[str]) -> str:
        if span[4]:
            unknown.append(f"{span[4]}-24:00")
            return ""
        start, end, more = span[1], span[2], span[3]
        if _late(start, end):
            return f"{start}-24:00"
        if more:
            unknown.append(f"{end}-24:00")
        return f"{start}-{end}"

    return _rewrite(rule, cut, unknown)


def _tail(rule: str) -> str:
    """Keep what runs past midnight, moved to the small hours; "" where nothing does."""
    unknown: list[str] = []

    def keep(span: re.Match[str]) -> str:
        if span[4]:
            unknown.append(f"00:00-{OPEN_END}")
            return ""
        start, end, more = span[1], span[2], span[3]
        late = _late(start, end)
        if more:
            unknown.append(f"{_wrapped(end) if late else '00:00'}-{OPEN_END}")
        return f"00:00-{_wrapped(end)}" if late and end not in {"24:00", "00:00"} else ""

    return _rewrite(rule, keep, unknown) if _spans(rule) else ""


def _wrapped(end: str) -> str:
    """Write 26:00 as 02:00."""
    if ":" in end[:5] and end.zfill(5) > "24:00":
        hour, minute = end.split(":")
        return f"{int(hour) - 24:02}:{minute}"
    return end


def _rewrite(rule: str, change: Callable[[re.Match[str]], str], unknown: list[str]) -> str:
    """Replace the spans of a rule, leave out those that become "", and add an unknown rule for open ends."""
    spans = _spans(rule)
    if not spans:
        return rule
    selector, modifier = rule[: spans[0].start()].strip(), rule[spans[-1].end() :].strip()
    kept = [text for text in (change(span) for span in spans) if text]
    parts = []
    if kept:
        parts.append(" ".join(filter(None, (selector, ",".join(kept), modifier))))
    if unknown:
        parts.append(" ".join(filter(None, (selector, ",".join(unknown), "unknown"))))
    return ", ".join(parts)


def _off(rule: str) -> str:
    """Return a rule that leaves its days without a tail."""
    spans = _spans(rule)
    selector = rule[: spans[0].start()].strip() if spans else re.sub(r"\s*\b(?:off|closed|open|unknown)$", "", rule)
    return f"{selector} off".strip()
