"""OSM from files of every format, whole and broken, and from an Overpass server on this machine."""

import bz2
import json
import threading
import urllib.parse
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from pathlib import Path
from typing import Any, ClassVar

import osmium
import pytest

from tourism.adapters.osm_file import read_file
from tourism.adapters.overpass import Overpass
from tourism.errors import OsmImportError
from tourism.geo.osm import Extract

SHIPPED = Path(str(files("tourism.data").joinpath("kayutangan.osm")))


def quiet(done: int) -> None:
    assert done >= 0


def test_the_shipped_extract_has_all_its_streets_and_places() -> None:
    extract = read_file(str(SHIPPED), quiet)
    assert (len(extract.streets), len(extract.places)) == (682, 83)
    assert len({node for street in extract.streets for node in street.node_ids}) == 1097
    assert extract.places[0].tags == {"name": "Taman Trunojoyo", "leisure": "park"}
    assert extract.places[0].osm_type == "node"


@pytest.mark.parametrize("ending", [".osm.bz2", ".osm.pbf"])
def test_every_format_gives_the_same_extract(ending: str, tmp_path: Path) -> None:
    target = tmp_path / f"extract{ending}"
    if ending == ".osm.bz2":
        target.write_bytes(bz2.compress(SHIPPED.read_bytes()))
    else:
        with osmium.SimpleWriter(str(target)) as writer:
            for element in osmium.FileProcessor(str(SHIPPED)):
                writer.add(element)
    plain, packed = read_file(str(SHIPPED), quiet), read_file(str(target), quiet)
    assert packed.streets == plain.streets
    assert packed.places == plain.places


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("truncated.osm", SHIPPED.read_bytes()[:100_000]),
        ("empty.osm", b""),
        ("words.osm", b"Good morning, Malang"),
        ("words.osm.pbf", b"Good morning, Malang"),
        ("half.osm.bz2", bz2.compress(SHIPPED.read_bytes())[:5000]),
    ],
)
def test_a_broken_file_is_refused(name: str, content: bytes, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(OsmImportError, match="not a complete OSM file"):
        read_file(str(tmp_path / name), quiet)


def test_a_missing_file_and_another_format_are_refused(tmp_path: Path) -> None:
    with pytest.raises(OsmImportError, match="no file"):
        read_file(str(tmp_path / "nowhere.osm"), quiet)
    (tmp_path / "map.shp").write_bytes(b"x")
    with pytest.raises(OsmImportError, match="not one of"):
        read_file(str(tmp_path / "map.shp"), quiet)


def test_a_way_cut_at_the_border_keeps_its_located_part(tmp_path: Path) -> None:
    nodes = "".join(f'<node id="{i}" version="1" lat="-7.9{i}" lon="112.6"/>' for i in (1, 2))
    way = '<way id="9" version="1"><nd ref="1"/><nd ref="2"/><nd ref="3"/><tag k="highway" v="path"/></way>'
    lost = '<way id="8" version="1"><nd ref="3"/><nd ref="1"/><tag k="highway" v="path"/></way>'
    (tmp_path / "cut.osm").write_text(f'<osm version="0.6">{nodes}{lost}{way}</osm>')
    extract = read_file(str(tmp_path / "cut.osm"), quiet)
    assert [street.node_ids for street in extract.streets] == [(1, 2)]


# Overpass ---------------------------------------------------------------------------------------------------------


def elements() -> list[dict[str, Any]]:
    """Return three streets and a café as Overpass would, one street against its direction."""
    where = {1: (-7.980, 112.630), 2: (-7.980, 112.631), 3: (-7.981, 112.631), 4: (-7.9805, 112.6305)}
    nodes = [{"type": "node", "id": i, "lat": lat, "lon": lon} for i, (lat, lon) in where.items()]
    nodes[3]["tags"] = {"amenity": "cafe", "name": "Kopi Overpass", "opening_hours": "24/7"}
    ways = [
        {"type": "way", "id": 11, "nodes": [1, 2], "tags": {"highway": "primary", "oneway": "-1"}},
        {"type": "way", "id": 12, "nodes": [2, 3], "tags": {"highway": "residential"}},
        {"type": "way", "id": 13, "nodes": [3, 1], "tags": {"highway": "footway"}},
    ]
    return nodes + ways


class Server(BaseHTTPRequestHandler):
    """An Overpass server for one test."""

    mode: ClassVar[str] = "good"
    protocol_version = "HTTP/1.0"

    def do_POST(self) -> None:
        """Answer any query with everything, or badly."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        assert b"data" in body
        assert urllib.parse.urlparse(self.path).path == "/api/interpreter"
        answers = {
            "good": (200, json.dumps({"elements": elements()}).encode()),
            "empty": (200, b'{"elements": []}'),
            "html": (200, b"<html>busy</html>"),
            "error": (500, b"out of memory"),
            "remark": (200, b'{"elements": [], "remark": "runtime error: Query timed out"}'),
        }
        status, answer = answers[self.mode]
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        """Keep the test's output clean."""


@pytest.fixture
def reader() -> Iterator[Overpass]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Server)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield Overpass(f"http://127.0.0.1:{server.server_port}/api", 5)
    server.shutdown()
    thread.join()
    server.server_close()


def download(reader: Overpass) -> Extract:
    return reader.bbox(112.62, -7.99, 112.64, -7.97)


def test_overpass_gives_streets_and_places(reader: Overpass) -> None:
    Server.mode = "good"
    extract = download(reader)
    streets = {s.osm_id: s for s in extract.streets}
    assert set(streets) == {11, 12, 13}
    assert streets[11].node_ids == (2, 1)  # turned round, with its direction kept
    assert streets[11].tags == {"highway": "primary", "oneway": "yes"}
    assert "oneway" not in streets[12].tags
    cafe = next(p for p in extract.places if p.osm_id == 4)
    assert (cafe.lat, cafe.lon, cafe.tags["opening_hours"]) == (-7.9805, 112.6305, "24/7")


@pytest.mark.parametrize("mode", ["empty", "html", "error", "remark"])
def test_a_bad_overpass_answer_is_an_import_error(reader: Overpass, mode: str) -> None:
    Server.mode = mode
    with pytest.raises(OsmImportError, match="no usable answer"):
        download(reader)
