"""Data that would shut nothing, or end before it begins, is refused whole."""

from dataclasses import replace

import pytest

from tourism.adapters.data_files import PackagedData, read_rows
from tourism.app import make_ports
from tourism.config import Settings
from tourism.domain.world import LoadedFile
from tourism.errors import DataError
from tourism.services.setup import initialise

HEAD = "starts_at,ends_at,scope,except,reason,status,note,source\n"


class Edited(PackagedData):
    """The shipped data with one more closure."""

    def __init__(self, row: str) -> None:
        super().__init__()
        self.row = row

    def digest(self, name: str) -> str:
        """Return another digest for the edited file."""
        return super().digest(name) + (self.row if name == "closures.csv" else "")

    def load(self, name: str) -> LoadedFile:
        """Add the row."""
        found = super().load(name)
        added = read_rows(name, HEAD + self.row) if name == "closures.csv" else []
        return replace(found, digest=self.digest(name), rows=[*found.rows, *added])


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("2026-12-01T00:00+07:00,,gate-jemplan,,fire,announced,,made up", "gate-jemplan"),
        ("2026-12-01T00:00+07:00,,park,seruni,fire,announced,,made up", "seruni"),
        ("2026-12-02T00:00+07:00,2026-12-01T00:00+07:00,park,,fire,announced,,made up", "ends after it begins"),
        ("2026-12-01T00:00+07:00,,park,,fire,perhaps,,made up", "closures.csv, line 2, status"),
    ],
)
def test_a_closure_that_can_not_be_is_refused_and_nothing_changes(fresh: Settings, row: str, problem: str) -> None:
    ports = make_ports(fresh)
    version, closures = ports.reader.version(), len(ports.reader.read().almanac.closures)
    with pytest.raises(DataError, match=problem):
        initialise(replace(ports, data_files=Edited(row)), lambda _: None)
    assert ports.reader.version() == version
    assert len(ports.reader.read().almanac.closures) == closures


def test_a_closure_until_further_notice_is_loaded(fresh: Settings) -> None:
    ports = make_ports(fresh)
    row = "2026-12-01T00:00+07:00,,lembah-watangan,,fire,announced,,made up"
    initialise(replace(ports, data_files=Edited(row)), lambda _: None)
    assert [c.ends_at for c in ports.reader.read().almanac.closures if c.reason == "fire"] == [None]
