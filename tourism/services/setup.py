"""Make a database ready: tables, data files that changed, and a first OSM snapshot."""

from collections.abc import Callable, Iterator, Sequence

from tourism.domain.closures import scopes_of
from tourism.domain.corridor import Leg, Place, known_scopes
from tourism.domain.hours import TemporaryHours
from tourism.domain.hours_lint import lint
from tourism.domain.itinerary import NEEDED
from tourism.domain.venue import Venue
from tourism.domain.world import LoadedFile
from tourism.errors import DataError, Message
from tourism.services.language import Language
from tourism.services.osm_import import import_extract
from tourism.services.ports import DataFiles, Ports
from tourism.services.reviews import ask_questions


def initialise(ports: Ports, tell: Callable[[str], None]) -> None:
    """Migrate, load what changed, and import the packaged OSM extract when there is no snapshot yet.

    Doing it again changes nothing.
    """
    ports.migrate()
    files = ports.data_files
    with ports.unit_of_work() as uow:
        loaded = uow.file_digests()
        changed = [files.load(name) for name in files.names() if loaded.get(name) != files.digest(name)]
        if changed:
            _check_scopes(files)
            _check_operations(files)
            uow.replace(changed, ports.now())
            uow.commit()
        for file in changed:
            tell(f"{file.name}: {len(file.rows)}")
            for finding in _lint(file, ports.now().year):
                tell(finding)
        empty = uow.snapshot_digest() is None
    if empty:
        report = import_extract(ports, ports.osm.file(files.osm_extract(), lambda _: None), "data/kayutangan.osm")
        tell(str(report))
    elif changed:
        ask_questions(ports)


def _check_scopes(files: DataFiles) -> None:
    """Raise DataError for a closure of something that does not exist: it would shut nothing, unseen."""
    places: Sequence[Place] = files.load("bromo_places.csv").rows
    legs: Sequence[Leg] = files.load("corridor_legs.csv").rows
    named = scopes_of(files.load("closures.csv").rows, files.load("alert_levels.csv").rows)
    known = known_scopes(places, legs)
    if named - known:
        text = "closures.csv or alert_levels.csv: there is no place, area or approach {names}"
        raise DataError(Message("UNKNOWN_SCOPE", text, names=", ".join(sorted(named - known))))


def _check_operations(files: DataFiles) -> None:
    """Raise DataError when a time that every plan needs is missing."""
    missing = set(NEEDED) - {operation.what for operation in files.load("operations.csv").rows}
    if missing:
        text = "operations.csv: there is no row {names}"
        raise DataError(Message("MISSING_OPERATION", text, names=", ".join(sorted(missing))))


def _lint(file: LoadedFile, year: int) -> Iterator[str]:
    """Report hours that others would read otherwise, with the rule to write instead."""
    words = Language("en")
    for row in file.rows:
        if isinstance(row, Venue | TemporaryHours) and row.opening_hours:
            for finding in lint(row.opening_hours, year):
                name = row.id if isinstance(row, Venue) else row.venue
                offered = f" Write: {finding.rewritten}" if finding.rewritten else ""
                yield f"  {name}: {row.opening_hours}: {words.say(finding.message)}{offered}"
