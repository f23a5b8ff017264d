"""Turn an OSM extract into the snapshot that serves."""

import hashlib
import json
from dataclasses import dataclass

from tourism.domain.venue import from_osm
from tourism.domain.world import Snapshot
from tourism.errors import Message, OsmImportError
from tourism.geo.network import StreetNetwork, build_network
from tourism.geo.osm import Extract
from tourism.services.ports import Ports
from tourism.services.reviews import ask_questions


@dataclass(frozen=True)
class ImportReport:
    """What an import found; `changed` is False when the same content already serves."""

    streets: int
    vertices: int
    edges: int
    walkable: int
    drivable: int
    places: int
    venues: int
    changed: bool

    def __str__(self) -> str:
        counts = (
            f"{self.streets} streets, {self.vertices} nodes, {self.edges} edges"
            f" ({self.walkable} to walk, {self.drivable} to drive), {self.places} named places,"
            f" {self.venues} of them venues to wait in"
        )
        return counts if self.changed else f"{counts}; unchanged, the snapshot that serves is the same"


def import_extract(ports: Ports, extract: Extract, source: str) -> ImportReport:
    """Store an extract as a new snapshot, all or nothing; raises OsmImportError when it has no streets."""
    if not extract.streets:
        text = "{source} has no streets; the last snapshot keeps serving"
        raise OsmImportError(Message("NO_STREETS", text, source=source))
    network = build_network(extract.streets)
    digest = _digest(network, extract)
    with ports.unit_of_work() as uow:
        changed = uow.snapshot_digest() != digest
        if changed:
            uow.add_snapshot(Snapshot(ports.now(), source, digest, network, extract.places))
            uow.commit()
    if changed:
        ask_questions(ports)
    return ImportReport(
        streets=len(extract.streets),
        vertices=len(network.xy),
        edges=len(network.start),
        walkable=int(network.walk.sum()),
        drivable=int(network.usable("drive").sum()),
        places=len(extract.places),
        venues=sum(from_osm(place) is not None for place in extract.places),
        changed=changed,
    )


def _digest(network: StreetNetwork, extract: Extract) -> str:
    """Hash what the snapshot will hold, whatever file format it came in."""
    found = hashlib.sha256(network.xy.round(2).tobytes())
    for array in (network.start, network.end, network.walk, network.forward, network.backward, network.kmh):
        found.update(array.tobytes())
    places = sorted(extract.places, key=lambda p: (p.osm_type, p.osm_id))
    rows = [(p.osm_type, p.osm_id, round(p.lat, 7), round(p.lon, 7), sorted(p.tags.items())) for p in places]
    found.update(json.dumps(rows).encode())
    return found.hexdigest()
