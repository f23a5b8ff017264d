"""Two copies of this service that pull from each other, as two real servers with two databases."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from tests.conftest import Clock
from tests.partners import add_feed, desk_of
from tests.servers import serving
from tourism.adapters.feed_files import PartnerFeeds
from tourism.adapters.partner_http import Fetcher, Limits
from tourism.app import create_app, make_ports
from tourism.config import Settings
from tourism.domain.listing import LISTING
from tourism.domain.record import Step
from tourism.domain.sharing import Run
from tourism.services.feed_desk import clear_feed, get_feed_view
from tourism.services.feed_pull import get_feed, pull
from tourism.services.office import Edit, archive, save_listing
from tourism.services.ports import Ports
from tourism.services.setup import initialise
from tourism.services.town import Town

FIELDS = {"kind": "cafe", "lat": "-7.87", "lon": "112.52", "source": "visit"}


class Copy:
    """One copy with its server."""

    def __init__(self, folder: Path, name: str, at: Clock) -> None:
        self.name = name
        settings = Settings(f"sqlite:///{folder}/{name}.sqlite")
        ticks = iter(range(0, 10_000_000, 2))
        self.ports: Ports = replace(make_ports(settings), now=at, ticks=lambda: float(next(ticks)))
        initialise(self.ports, lambda _: None)
        self.app = create_app(replace(settings, workers=1), self.ports, lambda _: None)
        self.address, self.allowed = "", frozenset[str]()

    def follow(self, other: "Copy", trusted: str = "yes", query: str = "") -> None:
        """Pull from another copy from now on."""
        self.allowed |= {other.address.removeprefix("http://")}
        self.ports = replace(self.ports, feeds=PartnerFeeds(Fetcher(Limits(allowed=self.allowed))))
        url = f"{other.address}/api/v1/listings/changes{query}"
        add_feed(self.ports, url, id=other.name, name=other.name, format="changes", municipality="", trusted=trusted)

    def pull(self, other: "Copy") -> Run:
        """Pull from another copy once."""
        run = pull(self.ports, get_feed(self.ports, other.name), "host:1")
        assert run.problem is None
        return run

    def list_(
        self, key: str, name: str, municipality: str = "kota-batu", step: Step | None = None, **changed: str
    ) -> None:
        """Publish a listing here, or change it."""
        with self.ports.office() as office:
            record = office.find_record(LISTING, key)
        fields = {**FIELDS, "name": name, "municipality": municipality, **changed}
        save_listing(desk_of(self.ports), Edit(key, record.version if record else None, fields, step))

    @property
    def shown(self) -> set[str]:
        """The names of everything on its joint map."""
        return {venue.name for venue in Town(self.ports.reader.read()).world.listings}

    @property
    def log(self) -> int:
        """How many changes it has ever written down."""
        with self.ports.office() as office:
            return office.sharing.list_changes(0, "joint", "", True, 1000)[1]


@pytest.fixture
def copies(tmp_path: Path, at: Clock) -> Iterator[tuple[Copy, Copy, Copy]]:
    """Run three copies; each ships with the same data files."""
    with ExitStack() as stack:
        found = [Copy(tmp_path, name, at) for name in ("malang", "batu", "kab")]
        for one in found:
            one.address = stack.enter_context(serving(one.app))
        yield found[0], found[1], found[2]


def test_two_copies_that_pull_from_each_other_for_ten_rounds_stay_stable(copies: tuple[Copy, Copy, Copy]) -> None:
    malang, batu, _ = copies
    malang.list_("kopi-malang", "Kopi Malang", "kota-malang", lat="-7.98", lon="112.63")
    batu.list_("kopi-batu", "Kopi Batu")
    malang.follow(batu, query="?passed-on=yes")
    batu.follow(malang, query="?passed-on=yes")  # even when each asks for all that the other has
    sizes = []
    for _ in range(10):
        malang.pull(batu)
        batu.pull(malang)
        sizes.append((len(malang.shown), len(batu.shown), malang.log, batu.log))
    assert malang.shown == batu.shown >= {"Kopi Malang", "Kopi Batu"}
    assert len(set(sizes[1:])) == 1  # nothing grows any more
    assert len(malang.shown) == 37  # 35 of the data files, which both have, and two
    with malang.ports.office() as office:
        (origin,) = office.sharing.list_origins().values()
    assert (origin.external_id, len(origin.chain.split())) == ("kopi-batu", 1)


def test_changes_and_tombstones_travel_and_identities_stay(copies: tuple[Copy, Copy, Copy]) -> None:
    malang, batu, _ = copies
    batu.list_("kopi-batu", "Kopi Batu")
    malang.follow(batu)
    assert malang.pull(batu).counts["new"] == 1
    with batu.ports.office() as office:
        record = office.find_record(LISTING, "kopi-batu")
    assert record is not None
    with malang.ports.office() as office:
        (origin,) = office.sharing.list_origins().values()
    assert (origin.uuid, origin.external_id) == (record.uuid, "kopi-batu")
    batu.list_("kopi-batu", "Kopi Batu Baru")
    assert dict(malang.pull(batu).counts) == {"changed": 1}
    assert "Kopi Batu Baru" in malang.shown
    archive(desk_of(batu.ports), "kopi-batu", 2, "closed")
    assert dict(malang.pull(batu).counts) == {"gone": 1}
    assert "Kopi Batu Baru" not in malang.shown
    assert dict(malang.pull(batu).counts) == {}


def test_three_copies_in_a_ring_know_their_own_again(copies: tuple[Copy, Copy, Copy]) -> None:
    malang, batu, kab = copies
    malang.list_("kopi-malang", "Kopi Malang", "kota-malang", lat="-7.98", lon="112.63")
    for one, other in ((batu, malang), (kab, batu), (malang, kab)):
        one.follow(other, query="?passed-on=yes")
    for _ in range(4):
        for one, other in ((batu, malang), (kab, batu), (malang, kab)):
            one.pull(other)
    assert "Kopi Malang" in kab.shown
    with kab.ports.office() as office:
        (origin,) = office.sharing.list_origins().values()
        chain = origin.chain.split()
    assert len(chain) == 2  # from Malang by Batu
    with malang.ports.office() as office:
        assert office.sharing.list_origins() == {}
        assert office.sharing.provider == origin.source == chain[0]


def test_what_came_from_elsewhere_is_not_passed_on_unless_asked(copies: tuple[Copy, Copy, Copy]) -> None:
    malang, batu, kab = copies
    malang.list_("kopi-malang", "Kopi Malang", "kota-malang", lat="-7.98", lon="112.63")
    batu.follow(malang)
    batu.pull(malang)
    kab.follow(batu)
    kab.pull(batu)
    assert "Kopi Malang" in batu.shown
    assert "Kopi Malang" not in kab.shown


def test_the_same_record_by_two_ways_is_there_once(copies: tuple[Copy, Copy, Copy]) -> None:
    malang, batu, kab = copies
    malang.list_("kopi-malang", "Kopi Malang", "kota-malang", lat="-7.98", lon="112.63")
    batu.follow(malang)
    batu.pull(malang)
    kab.follow(malang)
    kab.pull(malang)
    kab.follow(batu, query="?passed-on=yes")
    assert kab.pull(batu).counts["ours"] >= 1
    assert len([venue for venue in Town(kab.ports.reader.read()).world.listings if venue.name == "Kopi Malang"]) == 1


def test_a_copy_whose_database_was_put_back_is_read_from_its_beginning(
    copies: tuple[Copy, Copy, Copy], tmp_path: Path, at: Clock
) -> None:
    malang, batu, _ = copies
    batu.list_("kopi-batu", "Kopi Batu")
    malang.follow(batu)
    malang.pull(batu)
    batu.list_("kopi-baru", "Kopi Baru")
    with malang.ports.unit_of_work() as uow:  # as if batu's cursor were of another database
        uow.sharing.put_state(replace(uow.sharing.state_of("batu"), cursor="kk-other.999"))
        uow.commit()
    run = malang.pull(batu)
    assert run.counts["new"] == 1
    assert run.counts["unchanged"] == 1
    assert "Kopi Baru" in malang.shown


def test_ogc_api_features_of_a_copy_keep_identities_too(copies: tuple[Copy, Copy, Copy]) -> None:
    malang, batu, _ = copies
    batu.list_("kopi-batu", "Kopi Batu")
    malang.follow(batu)
    url = f"{batu.address}/ogc/collections/venues/items?passed-on=yes&limit=20"
    add_feed(malang.ports, url, id="ogc", format="ogc", municipality="", trusted="yes")
    run = pull(malang.ports, get_feed(malang.ports, "ogc"), "host:1")
    assert dict(run.counts) == {"new": 1, "ours": 35}
    with malang.ports.office() as office:
        (origin,) = office.sharing.list_origins().values()
        provider = origin.source
    assert (origin.external_id, origin.chain) == ("kopi-batu", provider)
    assert malang.pull(batu).counts["ours"] == 36  # the same by the other way


def test_revisions_of_a_copy_wait_for_clearance(copies: tuple[Copy, Copy, Copy]) -> None:
    malang, batu, _ = copies
    batu.list_("kopi-batu", "Kopi Batu")
    malang.follow(batu, trusted="no", query="?of=kota-batu")
    malang.pull(batu)
    assert "Kopi Batu" not in malang.shown
    assert clear_feed(desk_of(malang.ports), "batu", get_feed_view(desk_of(malang.ports), "batu").seal) == 1
    batu.list_("kopi-batu", "Kopi Batu Dua", step=Step.SUBMIT)  # its own office has not cleared it either
    malang.pull(batu)
    assert "Kopi Batu" in malang.shown
    with malang.ports.office() as office:
        (waiting,) = office.list_waiting("batu")
    assert (waiting.proposed or {})["name"] == "Kopi Batu Dua"
