import random

import pytest
from opening_hours import State

from tests.domain.test_hours import random_rules
from tourism.domain.calendar import WIB
from tourism.domain.hours import parse, read
from tourism.domain.hours_lint import _year, lint
from tourism.errors import HoursError


def found(text: str) -> list[tuple[str, str, str | None]]:
    return [(f.message.code, f"{f.message.params['when']:%m-%d %H:%M}", f.rewritten) for f in lint(text, 2026)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("24/7", []),
        ("Mo-Su 16:00-02:00", []),
        ("Mo-Fr 10:00-22:00; Sa-Su 12:00-20:00; PH off", []),
        ("Mo-Fr 18:00-03:00, Sa-Su 10:00-22:00", []),
        # Saturday's own rule would end Friday night at midnight.
        (
            "Mo-Fr 18:00-03:00; Sa-Su 10:00-22:00",
            [("CUTS_NIGHT", "01-03 00:00", "Mo-Fr 18:00-03:00, Sa-Su 10:00-22:00")],
        ),
        # Friday that is off cuts Thursday's night and leaves small hours of its own.
        (
            "Mo-Su 18:00-03:00; Fr off",
            [
                ("CUTS_NIGHT", "01-02 00:00", "Mo-Th,Sa-Su 18:00-03:00"),
                ("GHOST_NIGHT", "01-03 00:00", "Mo-Th,Sa-Su 18:00-03:00"),
            ],
        ),
        # Holidays come and go with the calendar: no weekly rule says the same.
        ("Fr-Sa 18:00-03:00; PH off", [("GHOST_NIGHT", "01-17 00:00", None), ("CUTS_NIGHT", "04-05 00:00", None)]),
        ("Mo-Su 16:00-22:00+", [("OPEN_END", "01-01 22:00", None)]),
        ("16:00-22:00+", [("OPEN_END", "01-01 22:00", None)]),
    ],
)
def test_what_others_read_otherwise_is_reported_with_the_rule_to_write(
    text: str, expected: list[tuple[str, str, str | None]]
) -> None:
    assert found(text) == expected


def test_hours_that_cannot_be_read_are_refused() -> None:
    with pytest.raises(HoursError):
        lint("kadang-kadang", 2026)


def test_a_random_expression_without_a_finding_is_read_alike_and_a_rewritten_one_means_the_same() -> None:
    chance, window = random.Random(11), _year(2026)
    start, end = window.start.astimezone(WIB), window.end.astimezone(WIB)
    clean = rewritten = 0
    for _ in range(150):
        rules = random_rules(chance)
        text = str(rules[0]) + "".join(f"{', ' if r.adds else '; '}{r}" for r in rules[1:])
        findings, ours = lint(text, 2026), parse(text, 2026).intervals(window)
        plain = _merged([(a, b, s) for a, b, s, _ in read(text).intervals(start, end)])
        assert (plain == ours) is not bool(findings), text
        clean += not findings
        for offered in {f.rewritten for f in findings if f.rewritten}:
            assert lint(offered, 2026) == []
            assert _merged([(a, b, s) for a, b, s, _ in read(offered).intervals(start, end)]) == ours, (text, offered)
            rewritten += 1
    assert clean > 10
    assert rewritten > 30


def _merged(spans: list[tuple[object, object, State]]) -> list[tuple[object, object, State]]:
    found: list[tuple[object, object, State]] = []
    for a, b, state in spans:
        if found and found[-1][2] == state:
            found[-1] = found[-1][0], b, state
        else:
            found.append((a, b, state))
    return found
