"""What people do about feeds: name columns and categories, agree to one that shrank, clear revisions, say on top."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from tourism.domain.account import OFFICE, Verb, Whose
from tourism.domain.listing import KINDS, LISTING, SAME_PLACE_M, canonical, point_of, reworded
from tourism.domain.record import Fields, Line, Record, Step, changes
from tourism.domain.sharing import Ending, Feed, FeedState, Origin, Run
from tourism.domain.sheet import COLUMNS, mapping_of
from tourism.errors import ConflictError, Message, OutOfRangeError
from tourism.geo.conflation import LIKE_NAME, similarity
from tourism.geo.crs import distance_m
from tourism.services.feed_pull import Taking, being_pulled, get_feed
from tourism.services.office import Desk, check_version, checked_reason, match_again, unknown_record
from tourism.services.ports import Office, UnitOfWork
from tourism.services.reviews import ask_questions

CLEARED_AT_ONCE = 1000
REVISIONS_SHOWN = 20
LAYERED = (
    "name", "kind", "address", "phone", "hours", "lat", "lon", "note", "toilet", "prayer_room", "indoor", "seats",
)  # fmt: skip


@dataclass(frozen=True)
class FeedView:
    """A feed with what is remembered of it: pulls, categories that wait, and revisions that wait for clearance."""

    feed: Feed
    state: FeedState
    runs: Sequence[Run]
    categories: Mapping[str, int]
    listings: int
    waiting: int
    seal: str

    @cached_property
    def columns(self) -> Mapping[str, str]:
        """Which field each heading stands for."""
        return mapping_of(list(self.state.headings), self.state.columns)


def list_feeds(desk: Desk) -> list[FeedView]:
    """Return the feeds that the user may see: the office's editors all, partners their municipality's."""
    desk.require(Verb.SHARE)
    with desk.ports.office() as office:
        feeds = [feed for feed in office.sharing.list_feeds() if desk.user.may(Verb.SHARE, whose_feed(feed))]
        return [_view(office, feed, 1) for feed in feeds]


def whose_feed(feed: Feed) -> Whose:
    """Return whose a feed is."""
    return Whose(feed.municipality or OFFICE)


def _view(office: Office, feed: Feed, runs: int) -> FeedView:
    kept = office.sharing
    return FeedView(
        feed, kept.state_of(feed.id), kept.list_runs(feed.id, runs), kept.queued_categories(feed.id),
        kept.count_origins(feed.id), office.count_waiting(feed.id),
        office.waiting_seal(feed.id),
    )  # fmt: skip


def get_feed_view(desk: Desk, feed_id: str) -> FeedView:
    """Return a feed with its last pulls; raises NotFoundError, ForbiddenError."""
    feed = get_feed(desk.ports, feed_id)
    desk.require(Verb.SHARE, whose_feed(feed))
    with desk.ports.office() as office:
        return _view(office, feed, 10)


def row_of_feed(desk: Desk, feed_id: str) -> str:
    """Return the key of a feed's row among the office's tables."""
    with desk.ports.office() as office:
        return next(r.key for r in office.list_records("feeds") if (r.live or {}).get("id") == feed_id)


def list_revisions(desk: Desk, feed_id: str) -> list[tuple[Record, list[tuple[str, str, str]]]]:
    """Return the first revisions of a feed that wait, the oldest first, each with what it changes."""
    with desk.ports.office() as office:
        found = office.list_waiting(feed_id, REVISIONS_SHOWN)
    return [(record, changes(record.published or {}, record.proposed or {})) for record in found]


def _changing(desk: Desk, feed_id: str) -> Feed:
    feed = get_feed(desk.ports, feed_id)
    desk.require(Verb.SHARE, whose_feed(feed))
    return feed


def _note(desk: Desk, uow: UnitOfWork, feed: Feed, step: str, change: tuple[Fields, Fields]) -> None:
    uow.office.add_line(Line(desk.now, desk.by, "feed", feed.id, 0, step, *change, "", desk.request_id))


def name_columns(desk: Desk, feed_id: str, columns: Mapping[str, str]) -> None:
    """Say which field each heading stands for; all rows are read anew. Raises OutOfRangeError for a field twice."""
    feed = _changing(desk, feed_id)
    with desk.ports.unit_of_work() as uow:
        uow.office.lock(f"feed {feed.id}")
        state = uow.sharing.state_of(feed.id)
        chosen = {heading: name for heading, name in columns.items() if heading in state.headings}
        fields = [name for name in chosen.values() if name]
        if len(set(fields)) < len(fields) or not set(fields) <= set(COLUMNS):
            raise OutOfRangeError({"mapping": Message("FIELD_TWICE", "Each field is taken from one column.")})
        _note(desk, uow, feed, "columns named", (state.columns, chosen))
        uow.sharing.put_state(replace(state, columns=chosen, etag="", last_modified="", next_at=None))
        uow.commit()


def name_category(desk: Desk, feed_id: str, category: str, kind: str) -> int:
    """Say which kind a category is, and take the rows that waited for it; returns how many were."""
    feed = _changing(desk, feed_id)
    if kind not in KINDS:
        text = "There is no such kind. Write one such as café, restaurant or hotel."
        raise OutOfRangeError({"kind": Message("NOT_A_KIND", text)})
    with desk.ports.unit_of_work() as uow:
        uow.office.lock(f"feed {feed.id}")
        state = uow.sharing.state_of(feed.id)
        if state.locked_until and desk.now < state.locked_until:
            raise being_pulled(state)
        state = replace(state, categories={**state.categories, category.casefold(): kind}, etag="", last_modified="")
        _note(desk, uow, feed, "category named", ({}, {category[:80]: kind}))
        uow.sharing.put_state(state)
        uow.commit()
    view = get_feed_view(desk, feed_id)
    taking = Taking(desk.ports, feed, replace(state, columns=view.columns), 0, desk.by)
    taken = 0
    while True:
        with desk.ports.office() as office:
            rows = office.sharing.list_queued(feed.id, category)
        if not rows:
            break
        taking.take_batch([row.row for row in rows])
        with desk.ports.unit_of_work() as uow:  # also those that can't be kept for another reason: they were looked at
            uow.sharing.drop_queued(feed.id, [row.external_id for row in rows])
            uow.commit()
        taken += len(rows)
    with desk.ports.unit_of_work() as uow:  # a report of its own: what is wrong with these rows was not said before
        run = Run(feed.id, desk.now, desk.by)
        run = replace(run, id=uow.sharing.add_run(run))
        uow.sharing.end_run(taking.report(run, Ending.DONE, None))
        uow.commit()
    if taking.shown:
        ask_questions(desk.ports)
    return taken


def agree_to_shrink(desk: Desk, feed_id: str) -> None:
    """Agree that a feed has so few rows now; the next pull takes them and drops the rest. Raises ConflictError."""
    feed = _changing(desk, feed_id)
    desk.require(Verb.REVIEW)
    with desk.ports.unit_of_work() as uow:
        uow.office.lock(f"feed {feed.id}")
        state = uow.sharing.state_of(feed.id)
        if state.held is None:
            raise ConflictError(Message("NOTHING_HELD", "This feed does not wait for anybody."))
        _note(desk, uow, feed, "agreed to shrink", ({"rows": str(state.rows)}, {"rows": str(state.held)}))
        uow.sharing.put_state(replace(state, accepted=state.held, next_at=None, etag="", last_modified=""))
        uow.commit()


def pull_soon(desk: Desk, feed_id: str) -> None:
    """Let the next round of pulls take a feed, whatever its schedule says."""
    feed = _changing(desk, feed_id)
    with desk.ports.unit_of_work() as uow:
        uow.office.lock(f"feed {feed.id}")
        uow.sharing.put_state(replace(uow.sharing.state_of(feed.id), next_at=None))
        uow.commit()


def clear_feed(desk: Desk, feed_id: str, seal: str) -> int:
    """Clear every revision of a feed that waited when the officer looked, as `FeedView.seal` says; returns how many.

    Raises ForbiddenError, and ConflictError when others wait by now.
    """
    feed = _changing(desk, feed_id)
    desk.require(Verb.REVIEW)
    pairs, more = list[tuple[Record, Record]](), True
    with desk.ports.office() as office:
        if office.waiting_seal(feed.id) != seal:
            raise ConflictError(Message("OTHERS_WAIT", "Others wait by now than were shown. Look at it again."))
        seen, until = office.count_waiting(feed.id), desk.now
    while more:
        with desk.ports.unit_of_work() as uow:
            waiting = uow.office.list_waiting(feed.id, min(CLEARED_AT_ONCE, seen - len(pairs)))
            waiting = [one for one in waiting if one.proposed_at and one.proposed_at <= until]
            cleared = [(one, one.with_published(one.proposed or {})) for one in waiting]
            lines = [desk.line(before, after, Step.PUBLISH, feed.name) for before, after in cleared]
            origins = uow.sharing.origins_by_key([one.key for one in waiting])
            uow.office.put_records([(*pair, line) for pair, line in zip(cleared, lines, strict=True)], origins)
            uow.commit()
        pairs += cleared
        more = bool(waiting) and len(pairs) < seen
    match_again(desk, pairs)
    return len(pairs)


def find_origin(desk: Desk, key: str) -> Origin | None:
    """Return where a listing came from, None for one that is kept here."""
    with desk.ports.office() as office:
        return office.sharing.find_origin(key)


def save_layer(desk: Desk, key: str, version: int, layer: Fields, reason: str) -> Record:
    """Keep what the office says on top of a partner's listing; the partner's own words stay as they are.

    `layer` has a value for each field that the office says otherwise, and who says so as `source`. Raises
    OutOfRangeError, StaleError, NotFoundError, ForbiddenError.
    """
    desk.require(Verb.REVIEW)
    why = checked_reason(reason)
    with desk.ports.unit_of_work() as uow:
        before = uow.office.find_record(LISTING, key)
        if before is None or before.cleared is None:
            raise unknown_record(key)
        if before.municipality == OFFICE and uow.sharing.find_origin(key) is None:
            raise ConflictError(Message("OWN_LISTING", "This is the office's own. Change it itself."))
        check_version(uow.office, before, version, before.newest)
        said = {name: value for name, value in layer.items() if value and name in (*LAYERED, "source")}
        after = before.layered(_difference(desk, key, before.cleared, said))
        uow.office.put_record(before, after, desk.line(before, after, Step.LAYER, why))
        uow.commit()
    match_again(desk, [(before, after)])
    return after


def _difference(desk: Desk, key: str, theirs: Fields, said: Fields) -> dict[str, str]:
    """Return the fields of a layer as they are kept: those that say something else."""
    own = {name: value for name, value in theirs.items() if name not in ("source", "as_of")}
    dated = {"as_of": desk.now.date().isoformat()} if said.get("source") else {}
    both = canonical(key, reworded(theirs, {**own, **said, **dated}, desk.now.date()))
    kept = {name: value for name, value in both.items() if value != theirs.get(name)}
    return kept if kept.keys() - {"source", "as_of"} else {}


def alike(desk: Desk, key: str, fields: Fields) -> list[str]:
    """Return the ids of live listings near a proposal that may be the same place, to be seen before it is cleared."""
    here = point_of(fields)
    if here is None:
        return []
    near = [v for v in desk.town.world.listings if v.id != key and distance_m(here, v.point) <= 2 * SAME_PLACE_M]
    return [venue.id for venue in near if similarity(fields.get("name", ""), venue.name) >= LIKE_NAME]
