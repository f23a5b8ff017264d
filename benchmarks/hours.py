"""Reading and evaluating 10,000 opening hours over a night, against opening_hours.js from npm on the same strings.

Both answer *open for the whole window?* in one pass over strings not seen before. Every difference is listed under its
reason; one without a reason would be a fault and fails the run.
"""

import gc
import json
import os
import random
import shutil
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from datetime import date, datetime
from datetime import time as clock
from pathlib import Path
from statistics import median

from opening_hours import State

from benchmarks.result import Result
from tests.domain.test_hours import random_rules
from tourism.domain import hours
from tourism.domain.calendar import Calendar, Window, at
from tourism.errors import HoursError

COUNT, ROUNDS = 10_000, 7
LIBRARY = "opening_hours@3.15.0"
NIGHT = date(2026, 12, 26)  # the night that begins on Christmas, a Friday
WINDOW = Window(at(NIGHT, clock(22)), at(NIGHT, clock(0, 34)))
PEER = """
const OpeningHours = require("opening_hours");
const { texts, start, end } = JSON.parse(require("fs").readFileSync(0, "utf8"));
const place = { lat: -7.98, lon: 112.63, address: { country_code: "id", state: "Jawa Timur" } };
const from = new Date(start), to = new Date(end);
function answer(text) {
  let spans;
  try { spans = new OpeningHours(text, place, { locale: "en" }).getOpenIntervals(from, to); }
  catch { return "unreadable"; }
  if (spans.some(([, , unknown]) => unknown)) return "unknown";
  if (!spans.length || spans[0][0] > from) return "closed";
  return spans[0][1] < to ? `closes ${spans[0][1].toISOString()}` : "open";
}
const began = process.hrtime.bigint();
const answers = texts.map(answer);
console.log(JSON.stringify({ answers, seconds: Number(process.hrtime.bigint() - began) / 1e9 }));
"""


def venues() -> list[str]:
    """Return the hours of 10,000 venues, as an assumption: four in five times on the hour, weekends much like weeks."""
    chance = random.Random(10)

    def clock_of(first: int, last: int) -> str:
        half = 30 if chance.random() < 0.2 else 0
        return f"{chance.randint(first, last) % 24:02}:{half:02}"

    def day() -> str:
        return f"{clock_of(7, 11)}-{clock_of(19, 23)}"

    def late() -> str:
        return f"{clock_of(14, 18)}-{clock_of(24, 28)}"

    def two(join: str, kind: Callable[[], str]) -> str:
        week = kind()
        start, end = week.split("-")
        other = kind().split("-")
        weekend = f"{start}-{other[1]}" if chance.random() < 0.5 else f"{other[0]}-{end}"
        return f"{week}{join}{weekend}"

    def rules() -> str:
        made = random_rules(chance)
        return str(made[0]) + "".join(f"{', ' if r.adds else '; '}{r}" for r in made[1:])

    shapes = {
        (lambda: f"Mo-Su {day()}"): 25, (lambda: f"Mo-Su {late()}"): 20, (lambda: f"Mo-Fr {two('; Sa-Su ', day)}"): 15,
        (lambda: f"Mo-Th {two(', Fr-Su ', late)}"): 10, (lambda: f"Mo-Sa {day()}; Su off"): 8,
        (lambda: f"Mo-Fr {two('; Sa-Su ', late)}"): 5, (lambda: f"Mo-Su {day()}; PH off"): 5,
        (lambda: f"Mo-Su {clock_of(6, 8)}-11:00,{late()}"): 5, (lambda: f"Mo-Su {day()}+"): 2, rules: 5,
    }  # fmt: skip
    return [shape() for shape in chance.choices(list(shapes), list(shapes.values()), k=COUNT)]


def said(text: str) -> str:
    """Answer in the peer's words."""
    try:
        hours.parse(text, WINDOW.end.year)
    except HoursError:
        return "unreadable"
    found = hours.over(text, WINDOW)
    if found.opening is hours.Opening.CLOSES and found.until:
        return f"closes {found.until.timestamp():.0f}"
    return found.opening.value


def as_osm(text: str) -> str:
    """Answer by OSM's own reading, day by day, in the peer's words."""
    spans = list(hours.read(text).intervals(WINDOW.start, WINDOW.end))
    if spans[0][2] != State.OPEN:
        return "closed"
    return f"closes {spans[0][1].timestamp():.0f}" if spans[0][1] < WINDOW.end else "open"


def install(folder: Path) -> None:
    """Get the npm library into a folder."""
    command = ["npm", "install", "--silent", "--no-audit", "--no-fund", LIBRARY]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    (folder / "peer.js").write_text(PEER)


def peer(texts: list[str], folder: Path) -> tuple[list[str], float]:
    """Run the npm library once over all; returns its answers and seconds."""
    asked = {"texts": texts, "start": WINDOW.start.isoformat(), "end": WINDOW.end.isoformat()}
    out = subprocess.run(
        ["node", "peer.js"], cwd=folder, input=json.dumps(asked), capture_output=True, text=True, check=True,
        env={**os.environ, "TZ": "Asia/Jakarta"},
    ).stdout  # fmt: skip
    found = json.loads(out)
    return [_seconds(answer) for answer in found["answers"]], found["seconds"]


def _seconds(answer: str) -> str:
    word, _, instant = answer.partition(" ")
    return f"{word} {datetime.fromisoformat(instant).timestamp():.0f}" if instant else answer


def reason(text: str, theirs: str) -> str:
    """Say why two answers differ."""
    if "PH" in text and theirs == "unreadable":
        return "the peer knows no holidays of Indonesia"
    if text.endswith("+"):
        return "an open end: we say unknown until 06:00, the peer says closed"
    if as_osm(text) == theirs:
        return "small hours: we count them to the evening before, the peer to the day"
    return "NOT EXPLAINED"


def ours(texts: list[str]) -> float:
    """Return the seconds we need."""
    calendar = Calendar()  # a new one, so that no string of an earlier round is known
    began = time.perf_counter()
    for text in texts:
        hours.over(text, WINDOW, calendar)
    return time.perf_counter() - began


def measure() -> list[Result]:
    """Measure both in turn; raises RuntimeError without node, or for a difference without a reason."""
    if not (shutil.which("node") and shutil.which("npm")):
        raise RuntimeError("this benchmark needs node and npm: apt-get install nodejs npm")
    gc.freeze()  # as a web worker does
    texts, pairs = venues(), []
    with tempfile.TemporaryDirectory() as name:
        install(Path(name))
        for _ in range(ROUNDS):
            theirs, seconds = peer(texts, Path(name))
            pairs.append((ours(texts), seconds))
    differences = [(t, a, b) for t, a, b in zip(texts, map(said, texts), theirs, strict=True) if a != b]
    counts = Counter(reason(text, theirs) for text, _, theirs in differences)
    print(f"hours: {COUNT - len(differences)} of {COUNT} answers are the same; differences by reason:")
    for why, count in counts.most_common():
        text, own, other = next(d for d in differences if reason(d[0], d[2]) == why)
        print(f"  {count:5} {why}; for example {text!r}: ours {own}, theirs {other}")
    if "NOT EXPLAINED" in counts:
        raise RuntimeError("differences without a reason")
    mine, seconds = (median(side) for side in zip(*pairs, strict=True))
    what = f"{COUNT} hours ({len(set(texts))} different) over a night, against {LIBRARY}"
    return [Result(what, median(b / a for a, b in pairs), 10, COUNT / mine, COUNT / seconds, "a second")]
