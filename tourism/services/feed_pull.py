"""Taking a partner's feed: all of it is here before anything is kept, and what is good goes in row by row."""

import logging
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from itertools import islice

from tourism.domain.calendar import WIB
from tourism.domain.feed_rows import FeedReading, read_delivered
from tourism.domain.listing import FIELDS, LISTING
from tourism.domain.sharing import (
    LEASE,
    MOST_FEED_ROWS,
    Delivered,
    Delivery,
    Ending,
    Fate,
    Feed,
    FeedState,
    Run,
    retry_after,
    shrank,
)
from tourism.domain.sheet import Issue, mapping_of
from tourism.errors import ConflictError, FeedError, Message, NotFoundError
from tourism.geo.boundary import outlines_of
from tourism.geo.crs import Point
from tourism.services.feed_batch import ISSUES_KEPT, LONGEST_HEADING, MOST_HEADINGS, NO_RUN, Batch
from tourism.services.office import lies_in
from tourism.services.ports import Ports, UnitOfWork
from tourism.services.reviews import ask_questions

BATCH = 1000
ATTEMPTS = 3
LONGEST_SAMPLE = 60
Progress = Callable[[int, int], object]  # rows done, rows in all
BROKEN_OFF = Message("BROKEN_OFF", "The pull broke off. What was taken stays; the next one takes the rest.")
MOST_BYTES = 8_000_000  # of the cells of a batch


def get_feed(ports: Ports, feed_id: str) -> Feed:
    """Return a feed; raises NotFoundError."""
    with ports.office() as office:
        feeds = {feed.id: feed for feed in office.sharing.list_feeds()}
    if feed_id not in feeds:
        text = "There is no feed {id}. See: tourism feeds list"
        raise NotFoundError(Message("UNKNOWN_FEED", text, id=feed_id))
    return feeds[feed_id]


def due_feeds(ports: Ports) -> list[Feed]:
    """Return the feeds whose time has come."""
    now = ports.now()
    with ports.office() as office:
        return [
            f for f in office.sharing.list_feeds() if f.active == "yes" and office.sharing.state_of(f.id).is_due(now)
        ]


def pull(ports: Ports, feed: Feed, worker: str, progress: Progress = lambda _done, _all: None) -> Run:
    """Take a feed and return the report of it; `worker` names who pulls, for two must not at once.

    Raises ConflictError while somebody else pulls it. A feed that fails is reported, and waits before the next attempt.
    """
    with ports.unit_of_work() as uow:
        state = _leased(ports, uow, feed, worker)
        run = Run(feed.id, ports.now(), worker)
        run = replace(run, id=uow.sharing.add_run(run))
        uow.commit()
    taking = Taking(ports, feed, state, run.id, worker)
    try:
        with ports.feeds.deliver(feed, state) as delivery:
            ending, state = taking.take(delivery, progress)
        problem = None
    except FeedError as error:
        ending, problem = Ending.FAILED, error.message
        state = replace(taking.failed(error.later_s), headings=taking.headings or state.headings)
    except Exception as error:
        # Whatever a feed makes of us: it waits like any that failed, and the others are pulled.
        logging.getLogger("tourism").error("a pull broke off", exc_info=error)
        ending, problem, state = Ending.FAILED, BROKEN_OFF, taking.failed()
    except BaseException:
        taking.leave(run, BROKEN_OFF)
        raise
    taking.leave(run, problem, ending, state)
    if taking.shown:
        ask_questions(ports)
    return taking.report(run, ending, problem)


def _leased(ports: Ports, uow: UnitOfWork, feed: Feed, worker: str) -> FeedState:
    """Take the right to pull a feed; raises ConflictError while somebody else has it."""
    now = ports.now()
    taken = uow.sharing.lease(feed.id, worker, now, now + LEASE)
    state = uow.sharing.state_of(feed.id)
    if not taken:
        raise being_pulled(state)
    return state


def being_pulled(state: FeedState) -> ConflictError:
    """Say who pulls a feed at the moment."""
    text = "{feed} is being pulled by {worker}."
    return ConflictError(Message("BEING_PULLED", text, feed=state.feed, worker=state.locked_by))


def drop_listings(ports: Ports, feed: Feed, by: str) -> None:
    """Make tombstones for every listing of a feed that is removed; it gives them anew when it comes back.

    Raises ConflictError while it is being pulled.
    """
    with ports.unit_of_work() as uow:
        state = _leased(ports, uow, feed, by)
        uow.commit()
    taking = Taking(ports, feed, state, NO_RUN, by)
    taking.bury_unseen()
    with ports.unit_of_work() as uow:
        uow.sharing.put_state(replace(FeedState(feed.id), columns=state.columns, categories=state.categories))
        uow.commit()
    if taking.shown:
        ask_questions(ports)


@dataclass
class Taking:
    """One pull under way, or rows that waited for their category; counts what becomes of each row."""

    ports: Ports
    feed: Feed
    state: FeedState
    run: int
    worker: str
    counts: Counter[Fate] = field(default_factory=Counter)
    issues: list[Issue] = field(default_factory=list)
    headings: Mapping[str, str] = field(default_factory=dict)
    shown: bool = False  # whether anything that everybody sees has changed

    def __post_init__(self) -> None:
        with self.ports.office() as office:
            corners = office.sharing.list_outlines()
        outlines = outlines_of((corner.municipality, Point(corner.lat, corner.lon)) for corner in corners)
        columns = {name: name for name in FIELDS} if self.feed.format == "changes" else self.state.columns
        today = self.ports.now().astimezone(WIB).date()
        self.how = FeedReading(self.feed, columns, self.state.categories, today, partial(lies_in, outlines))
        self._last: dict[tuple[str, str], int] = {}
        self.incremental = self.feed.format == "changes" or not self.run

    def failed(self, later_s: int = 0) -> FeedState:
        """Return what to remember of a pull that failed; its server may want us later than we would come."""
        failures = self.state.failures + 1
        wait = max(retry_after(failures), timedelta(seconds=min(later_s, 86_400)))
        return replace(self.state, failures=failures, next_at=self.ports.now() + wait)

    def take(self, delivery: Delivery, progress: Progress) -> tuple[Ending, FeedState]:
        """Take what was delivered; returns how it ended and what to remember."""
        now = self.ports.now()
        done = replace(self.state, failures=0, next_at=now + timedelta(hours=self.feed.every_h))
        if delivery.not_modified:
            return Ending.NOT_MODIFIED, done
        found, there, gone = self._survey(delivery)
        with self.ports.office() as office:
            had = office.sharing.count_origins(self.feed.id)
        left = there if delivery.whole else had - gone
        if self._is_doubtful(had, left):
            return Ending.HELD, replace(done, held=left, headings=self.headings)
        self._name_columns(delivery)
        if delivery.whole:
            with self.ports.unit_of_work() as uow:
                uow.sharing.clear_queued(self.feed.id)
                uow.commit()
        at, whole = 0, delivery.whole and found <= MOST_FEED_ROWS
        for batch in self._batches(islice(delivery.rows(), MOST_FEED_ROWS)):
            self.take_batch(batch)
            at += len(batch)
            progress(at, min(found, MOST_FEED_ROWS))
        if found > MOST_FEED_ROWS:
            text = "A feed has at most {most} rows; from here on they are not taken. Give the rest as another feed."
            self._reject(Issue(at + 1, "row", Message("TOO_MANY_FEED_ROWS", text, most=MOST_FEED_ROWS)), found - at)
        if whole:
            with self.ports.office() as office:
                left = had - office.sharing.count_unseen(self.feed.id, self.run)
            if self._is_doubtful(had, left):  # rows came, but the known ones are not among them
                return Ending.HELD, replace(done, held=left, headings=self.headings)
            self.bury_unseen()
        return Ending.DONE, replace(
            done, etag=delivery.etag, last_modified=delivery.last_modified, cursor=delivery.cursor, held=None,
            headings=self.headings, rows=found if delivery.whole else 0, accepted=None,
        )  # fmt: skip

    def _name_columns(self, delivery: Delivery) -> None:
        """Say which field each heading stands for; raises FeedError when no row could have an id."""
        if self.feed.format == "changes":
            return
        columns = mapping_of(list(self.headings), self.state.columns)
        if (
            self.headings
            and "id" not in columns.values()
            and not any(r.external_id for r in islice(delivery.rows(), 1))
        ):
            text = "No column is read as the id of a row. Choose one under Columns on the page of the feed."
            raise FeedError(Message("NO_ID_COLUMN", text))
        self.how = replace(self.how, columns=columns)

    def _is_doubtful(self, had: int, left: int) -> bool:
        return shrank(had, left) and (self.state.accepted is None or left < self.state.accepted)

    def _survey(self, delivery: Delivery) -> tuple[int, int, int]:
        """Read everything once, with the headings and a sample of each; returns how many rows there are.

        Of a list of changes the last word about each record counts: how many are there in the end, and how many gone.
        """
        found, gone = 0, dict[tuple[str, str], bool]()
        headings: dict[str, str] = {}
        for row in delivery.rows():
            found += 1
            if self.feed.format == "changes":
                gone[row.source, row.external_id] = row.gone
                self._last[row.source, row.external_id] = row.line
            if len(headings) < MOST_HEADINGS:
                for name, value in islice(row.cells.items(), MOST_HEADINGS):
                    if not headings.get(name) and len(name) <= LONGEST_HEADING:
                        headings[name] = value[:LONGEST_SAMPLE]
        self.headings, dropped = headings, sum(gone.values())
        return found, len(gone) - dropped if gone else found, dropped

    def _batches(self, rows: Iterator[Delivered]) -> Iterator[list[Delivered]]:
        """Cut rows into pieces; of several changes of one record the last counts."""
        batch, size = list[Delivered](), 0
        for row in rows:
            if self._last.get((row.source, row.external_id), row.line) != row.line:
                continue
            batch.append(row)
            size += sum(map(len, row.cells.values()))
            if len(batch) == BATCH or size > MOST_BYTES:
                yield batch
                batch, size = [], 0
        if batch:
            yield batch

    def take_batch(self, rows: Sequence[Delivered]) -> None:
        """Keep the good ones of some rows in one transaction."""
        reads, told = [read_delivered(row, self.how) for row in rows], len(self.issues)
        for left in reversed(range(ATTEMPTS)):
            try:
                with self.ports.unit_of_work() as uow:
                    self._go_on(uow)
                    batch = Batch(self, uow, reads)
                    counts = Counter(map(batch.take, reads))
                    batch.write()
                    uow.commit()
                break
            except ConflictError:  # an officer was faster with one of them
                del self.issues[told:]
                if not left:
                    raise
        self.counts += counts
        self.shown |= batch.shown

    def _go_on(self, uow: UnitOfWork) -> None:
        now = self.ports.now()
        if self.run and not uow.sharing.lease(self.feed.id, self.worker, now, now + LEASE):
            raise FeedError(Message("LEASE_LOST", "Another host has taken over this feed."))

    def bury_unseen(self) -> None:
        """Make tombstones for what this provider has given before and does not any more."""
        while True:
            with self.ports.unit_of_work() as uow:
                self._go_on(uow)
                gone = uow.sharing.unseen(self.feed.id, self.run)
                if not gone:
                    return
                batch = Batch(self, uow, [])
                batch.records = uow.office.records_of(LISTING, [origin.key for origin in gone])
                for origin in gone:
                    batch.bury(origin)
                    self.counts[Fate.GONE] += 1
                batch.write()
                uow.commit()
            self.shown |= batch.shown

    def _reject(self, issue: Issue, rows: int) -> None:
        self.issues.append(issue)
        self.counts[Fate.REJECTED] += rows

    def report(self, run: Run, ending: Ending, problem: Message | None) -> Run:
        """Return the report as it stands."""
        counts = {fate.value: self.counts[fate] for fate in Fate if self.counts[fate]}
        return replace(
            run, ended_at=self.ports.now(), ending=ending, counts=counts, issues=tuple(self.issues[:ISSUES_KEPT]),
            problem=problem,
        )  # fmt: skip

    def leave(
        self, run: Run, problem: Message | None, ending: Ending = Ending.FAILED, state: FeedState | None = None
    ) -> None:
        """Write the report and let others pull; what a person has said meanwhile about columns stays."""
        with self.ports.unit_of_work() as uow:
            now = uow.sharing.state_of(self.feed.id)
            kept = replace(state or now, columns=now.columns, categories=now.categories)
            if (now.columns, now.categories) != (self.state.columns, self.state.categories):
                kept = replace(kept, etag="", last_modified="", next_at=None)  # to be read anew
            if now.locked_by == self.worker:
                uow.sharing.put_state(replace(kept, locked_by="", locked_until=None))
            uow.sharing.end_run(self.report(run, ending, problem))
            uow.commit()
