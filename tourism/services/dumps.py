"""All listings of a day as files to take: GeoPackage, GeoJSON and CSV, each record with its licence."""

from collections.abc import Sequence
from datetime import date

from tourism.domain.calendar import WIB
from tourism.domain.listing import FIELDS
from tourism.domain.sharing import ListingChange
from tourism.errors import Message, NotFoundError
from tourism.services.ogc import shared
from tourism.services.ports import Ports

COLUMNS = ("id", *FIELDS, "uuid", "provider", "external_id", "licence", "chain", "changed_at")


def dump(ports: Ports) -> tuple[date, dict[str, int]]:
    """Keep today's files; returns the day and how large each is. Doing it again the same day replaces them."""
    day = ports.now().astimezone(WIB).date()
    both = [_row(one) for one in shared(ports, passed_on=True)]
    rows = [row for row in both if " " not in row["chain"]]  # nobody has passed it on
    files = {
        "venues.gpkg": ports.write_gpkg(rows), "venues.geojson": ports.write_sheet("geojson", COLUMNS, rows),
        "venues.csv": ports.write_sheet("csv", COLUMNS, rows),
        "venues-passed-on.csv": ports.write_sheet("csv", COLUMNS, both),
        "venues-passed-on.gpkg": ports.write_gpkg(both),
    }  # fmt: skip
    with ports.unit_of_work() as uow:
        uow.sharing.put_dump(day, files)
        uow.commit()
    return day, {name: len(content) for name, content in files.items()}


def _row(one: ListingChange) -> dict[str, str]:
    return {
        "id": one.key, **(one.fields or {}), "uuid": one.uuid, "provider": one.source, "external_id": one.external_id,
        "licence": one.licence, "chain": one.chain, "changed_at": one.at.isoformat(timespec="seconds"),
    }  # fmt: skip


def list_dumps(ports: Ports) -> Sequence[tuple[date, str, int]]:
    """Return the files that can be taken: day, name and bytes, the newest first."""
    with ports.office() as office:
        return office.sharing.list_dumps()


def get_dump(ports: Ports, day: date | None, name: str) -> tuple[date, bytes]:
    """Return a file of a day, of the newest for None; raises NotFoundError."""
    with ports.office() as office:
        days = [one for one, kept, _ in office.sharing.list_dumps() if kept == name and day in (None, one)]
        found = office.sharing.find_dump(days[0], name) if days else None
    if found is None:
        raise NotFoundError(Message("UNKNOWN_DUMP", "There is no such file of that day. See: /dumps/"))
    return days[0], found
