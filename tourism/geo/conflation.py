"""Which records of two lists are the same place? By name, distance and telephone number.

Model: a record is compared with those within `NEAR_M` metres of it, more where a position is rough. What is common
to many names (warung, kopi, cafe) says nothing, so names are compared by the words that remain. Three outcomes:
*same* where name and place, or the telephone, leave no doubt; *different* where the names do; *ask* a person for
the rest: a branch of a chain next door, a name that changed, two candidates for one place.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache

import numpy as np
import phonenumbers
from rapidfuzz import fuzz
from scipy.spatial import cKDTree

from tourism.geo.crs import to_metres

NEAR_M = 150.0
NEXT_DOOR_M = 60.0
MOST_CANDIDATES = 8  # for one record
SAME_NAME, LIKE_NAME, LIKE_WORD = 90.0, 72.0, 80.0  # similarity from 0 to 100
# Words that many names share, by what they say about the place; two kinds that differ are worth a question.
KINDS = {
    "cafe": "kopi coffee cafe caffe kafe kopitiam kedai eatery bakery bar lounge",
    "warung": "warung warunk wr wrg depot rumah makan rm",
    "restaurant": "resto restoran restaurant",
    "shop": "toko",
    "food court": "food court foodcourt pujasera",
    "lodging": "hotel hostel homestay penginapan guest house guesthouse",
    "mall": "mall plaza",
    "park": "taman",
    "": "the dan and di n by malang mlg",
}
KIND_OF = {word: kind for kind, words in KINDS.items() for word in words.split()}


class Outcome(StrEnum):
    """What a comparison says."""

    SAME = "same"
    DIFFERENT = "different"
    ASK = "ask"


@dataclass(frozen=True)
class Record:
    """A place as one list has it; `uncertainty_m` says how rough its position is."""

    id: str
    name: str
    lat: float
    lon: float
    uncertainty_m: float = 0.0
    phone: str = ""


@dataclass(frozen=True)
class Match:
    """Two records that are the same, or may be: the similarity of their names (0 to 100) and metres between them."""

    left: str
    right: str
    outcome: Outcome
    similarity: float
    distance_m: float


@lru_cache(maxsize=65_536)
def words_of(name: str) -> tuple[str, ...]:
    """Return the words of a name without accents, marks and upper case."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    return tuple(re.findall(r"[^\W_]+", "".join(c for c in plain if not unicodedata.combining(c)).replace("'", "")))


@lru_cache(maxsize=65_536)
def core(name: str) -> str:
    """Return the words that tell a name from others; empty when all are common ones."""
    return " ".join(word for word in words_of(name) if word not in KIND_OF)


@lru_cache(maxsize=65_536)
def telephone(written: str) -> str:
    """Return a telephone number in the international form, read as Indonesian; "" for none or an impossible one."""
    try:
        number = phonenumbers.parse(written, "ID")
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_possible_number(number):
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def similarity(left: str, right: str) -> float:
    """Compare two names, 0 to 100; words written together count as words written apart."""
    a, b = core(left), core(right)
    if not (a and b):
        return float(fuzz.ratio(" ".join(words_of(left)), " ".join(words_of(right)))) * (0.9 if a or b else 1.0)
    together = fuzz.ratio(a.replace(" ", ""), b.replace(" ", ""))
    return float(max(fuzz.token_sort_ratio(a, b), together))


def _part_of(left: str, right: str) -> bool:
    """Tell whether the words of one name are all in the other: a branch, or a name cut short."""
    a, b = set(core(left).split()), set(core(right).split())
    return bool(a and b) and (a <= b or b <= a)


def _every_word_found(left: str, right: str) -> bool:
    """Tell whether each word of the shorter name has its like in the other: one other word is another name.

    Short words, often of persons, have no likes: Bu Nur is not Bu Nuri.
    """
    a, b = sorted((core(left).split(), core(right).split()), key=len)
    if "".join(a) == "".join(b):
        return True
    return all(word in b if len(word) <= 4 else max(fuzz.ratio(word, w) for w in b) >= LIKE_WORD for word in a)


def _numbers(name: str) -> set[str]:
    return {word for word in words_of(name) if word.isdigit()}


def _kinds(name: str) -> set[str]:
    return {KIND_OF[word] for word in words_of(name) if KIND_OF.get(word)}


def compare(left: Record, right: Record, distance_m: float) -> tuple[Outcome, float]:
    """Compare two records `distance_m` apart; returns the outcome and the similarity of the names."""
    alike = similarity(left.name, right.name)
    rough_m = left.uncertainty_m + right.uncertainty_m
    related = alike >= LIKE_NAME or _part_of(left.name, right.name)
    phones = telephone(left.phone), telephone(right.phone)
    if all(phones) and phones[0] == phones[1] and distance_m <= NEAR_M + rough_m:
        return (Outcome.SAME if related else Outcome.ASK), alike
    numbers = _numbers(left.name), _numbers(right.name)
    if not related or (all(numbers) and numbers[0] != numbers[1]):
        return Outcome.DIFFERENT, alike
    kinds = _kinds(left.name), _kinds(right.name)
    doubts = (
        all(phones),  # two numbers that differ
        numbers[0] != numbers[1],
        all(kinds) and kinds[0].isdisjoint(kinds[1]),
        not (core(left.name) and core(right.name)),
        alike < SAME_NAME or not _every_word_found(left.name, right.name),
        distance_m > NEXT_DOOR_M + rough_m,
    )
    return (Outcome.ASK if any(doubts) else Outcome.SAME), alike


def _near(left: Sequence[Record], right: Sequence[Record]) -> Iterator[tuple[Record, Record, float]]:
    """Yield the pairs that are near enough to be compared, with the metres between them."""
    if not left or not right:
        return
    a, b = (to_metres(lat=[r.lat for r in side], lon=[r.lon for r in side]) for side in (left, right))
    tree = cKDTree(b)
    roughest = max(record.uncertainty_m for record in right)
    reach = [NEAR_M + record.uncertainty_m + roughest for record in left]
    for i, found in enumerate(tree.query_ball_point(a, reach)):
        far = np.hypot(*(b[found] - a[i]).T).tolist() if found else []
        for j, distance_m in zip(found, far, strict=True):
            if distance_m <= NEAR_M + left[i].uncertainty_m + right[j].uncertainty_m:
                yield left[i], right[j], distance_m


def conflate(
    left: Sequence[Record], right: Sequence[Record], decided: Mapping[tuple[str, str], Outcome] | None = None
) -> list[Match]:
    """Return the pairs that are the same and those to ask about; a person's decision stands above the rules.

    A record is the same as at most one of the other list; where two are equally good, a person is asked.
    """
    decisions = decided or {}
    found = []
    for a, b, distance_m in _near(left, right):
        outcome, alike = compare(a, b, distance_m)
        outcome = decisions.get((a.id, b.id), outcome)
        if outcome is not Outcome.DIFFERENT:
            found.append(Match(a.id, b.id, outcome, round(alike, 1), round(distance_m, 1)))
    found = _few(found)
    here = {(match.left, match.right) for match in found}
    return _one_to_one(found, {pair for pair in here if decisions.get(pair) is Outcome.SAME})


def _few(found: Sequence[Match]) -> list[Match]:
    """Keep the best few for each record: among hundreds of one name at one place nobody could judge."""
    counts: dict[str, int] = defaultdict(int)
    kept = set[tuple[str, str]]()
    for match in sorted(found, key=lambda m: (m.outcome is not Outcome.SAME, -m.similarity, m.distance_m)):
        if all(counts[side] < MOST_CANDIDATES for side in _sides(match)):
            kept.add((match.left, match.right))
            for side in _sides(match):
                counts[side] += 1
    return [match for match in found if (match.left, match.right) in kept]


def _one_to_one(found: Sequence[Match], certain: set[tuple[str, str]]) -> list[Match]:
    """Keep one match a record: the certain one, else the clearly better one, else ask about each."""
    settled = {f"left {a}" for a, _ in certain} | {f"right {b}" for _, b in certain}
    open_still = [m for m in found if (m.left, m.right) in certain or settled.isdisjoint(_sides(m))]
    rivals: dict[str, list[Match]] = defaultdict(list)
    for match in open_still:
        if match.outcome is Outcome.SAME:
            for side in _sides(match):
                rivals[side].append(match)
    kept = []
    for match in open_still:
        against = [rival for side in _sides(match) for rival in rivals[side] if rival != match]
        if any(_better(rival, match) or match.outcome is Outcome.ASK for rival in against):
            continue
        doubtful = match.outcome is Outcome.ASK or bool(against and not all(_better(match, rival) for rival in against))
        kept.append(replace(match, outcome=Outcome.ASK if doubtful else Outcome.SAME))
    return kept


def _sides(match: Match) -> tuple[str, str]:
    return f"left {match.left}", f"right {match.right}"


def _better(match: Match, rival: Match) -> bool:
    """Tell whether a match is clearly better than another for the same record."""
    return match.similarity - rival.similarity >= 8 or (
        match.similarity >= rival.similarity and match.distance_m * 2 < rival.distance_m
    )
