from dataclasses import replace

import pytest

from tests.worlds import grid
from tourism.app import make_ports
from tourism.config import Settings
from tourism.errors import OsmImportError
from tourism.geo.osm import Extract, PlaceElement
from tourism.services.osm_import import import_extract
from tourism.services.setup import initialise

CAFE = PlaceElement("node", 1, -7.98, 112.63, {"name": "Kopi", "amenity": "cafe"})
EXTRACT = Extract(grid("A(0,0) B(1,0) residential"), [CAFE])


def test_a_new_extract_serves_and_the_same_again_changes_nothing(fresh: Settings) -> None:
    ports = make_ports(fresh)
    first = import_extract(ports, EXTRACT, "test")
    version = ports.reader.version()
    assert (first.streets, first.venues, first.changed) == (1, 1, True)
    again = import_extract(ports, EXTRACT, "test")
    assert not again.changed
    assert "unchanged" in str(again)
    assert ports.reader.version() == version
    assert [p.tags["name"] for p in (ports.reader.read().snapshot or pytest.fail("no snapshot")).places] == ["Kopi"]


def test_an_extract_without_streets_leaves_the_last_snapshot_serving(fresh: Settings) -> None:
    ports = make_ports(fresh)
    before = ports.reader.version()
    with pytest.raises(OsmImportError, match="keeps serving"):
        import_extract(ports, Extract(places=[CAFE]), "test")
    assert ports.reader.version() == before


def test_a_failure_while_storing_leaves_nothing_half_written(fresh: Settings) -> None:
    ports = make_ports(fresh)
    before = ports.reader.read().snapshot
    twice = replace(EXTRACT, places=[CAFE, CAFE])  # the same element twice breaks the primary key
    with pytest.raises(Exception, match="UNIQUE"):
        import_extract(ports, twice, "test")
    after = ports.reader.read().snapshot
    assert before
    assert after
    assert after.digest == before.digest
    assert len(after.places) == 83


def test_initialising_again_changes_nothing(fresh: Settings) -> None:
    ports, said = make_ports(fresh), list[str]()
    version = ports.reader.version()
    initialise(ports, said.append)
    assert said == []
    assert ports.reader.version() == version
