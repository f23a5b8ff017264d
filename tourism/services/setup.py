"""Make a database ready: tables, data files that changed, and a first OSM snapshot."""

from collections.abc import Callable

from tourism.services.osm_import import import_extract
from tourism.services.ports import Ports


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
            uow.replace(changed)
            uow.commit()
        for file in changed:
            tell(f"{file.name}: {len(file.rows)}")
        empty = uow.snapshot_digest() is None
    if empty:
        report = import_extract(ports, ports.osm.file(files.osm_extract(), lambda _: None), "data/kayutangan.osm")
        tell(str(report))
