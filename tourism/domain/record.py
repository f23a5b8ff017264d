"""Records that people keep: their states, the steps between them, and what differs when two edit the same.

A record's fields are text, as in a cell of a table; what they mean is read by `tables.py` and `listing.py`.
What is published stays public while a change waits for review.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from tourism.errors import ConflictError, Message

Fields = Mapping[str, str]


WORD_OF_HOURS = ("source", "as_of")  # who says the hours and the rest, and when


class State(StrEnum):
    """Where a record stands."""

    NEW = "new"
    DRAFT = "draft"
    SUBMITTED = "submitted"
    PUBLISHED = "published"
    CHANGED = "changed"
    REJECTED = "rejected"
    ARCHIVED = "archived"


class Step(StrEnum):
    """What somebody does with a record."""

    DRAFT = "draft"
    SUBMIT = "submit"
    PUBLISH = "publish"
    REJECT = "reject"
    ARCHIVE = "archive"
    REVERT = "revert"
    LAYER = "layer"


_S = State
NEXT: Mapping[tuple[State, Step], State] = {
    (_S.NEW, Step.DRAFT): _S.DRAFT,
    (_S.NEW, Step.SUBMIT): _S.SUBMITTED,
    (_S.NEW, Step.PUBLISH): _S.PUBLISHED,
    (_S.DRAFT, Step.DRAFT): _S.DRAFT,
    (_S.DRAFT, Step.SUBMIT): _S.SUBMITTED,
    (_S.DRAFT, Step.PUBLISH): _S.PUBLISHED,
    (_S.DRAFT, Step.ARCHIVE): _S.ARCHIVED,
    (_S.SUBMITTED, Step.SUBMIT): _S.SUBMITTED,
    (_S.SUBMITTED, Step.PUBLISH): _S.PUBLISHED,
    (_S.SUBMITTED, Step.REJECT): _S.REJECTED,
    (_S.REJECTED, Step.DRAFT): _S.DRAFT,
    (_S.REJECTED, Step.SUBMIT): _S.SUBMITTED,
    (_S.REJECTED, Step.PUBLISH): _S.PUBLISHED,
    (_S.REJECTED, Step.ARCHIVE): _S.ARCHIVED,
    (_S.PUBLISHED, Step.SUBMIT): _S.CHANGED,
    (_S.PUBLISHED, Step.PUBLISH): _S.PUBLISHED,
    (_S.PUBLISHED, Step.ARCHIVE): _S.ARCHIVED,
    (_S.PUBLISHED, Step.REVERT): _S.PUBLISHED,
    (_S.CHANGED, Step.SUBMIT): _S.CHANGED,
    (_S.CHANGED, Step.PUBLISH): _S.PUBLISHED,
    (_S.CHANGED, Step.REJECT): _S.PUBLISHED,
    (_S.ARCHIVED, Step.REVERT): _S.PUBLISHED,
    (_S.PUBLISHED, Step.LAYER): _S.PUBLISHED,
    (_S.CHANGED, Step.LAYER): _S.CHANGED,
}


@dataclass(frozen=True)
class Record:
    """One record; version 0 is as it was loaded from `data/`, and each step raises it.

    `published` is what was cleared last, `proposed` what waits for review or is a draft; `remarks` say why fields of
    the last proposal were rejected. `given` is what its owner gives out, cleared or not; `layer` is what the office
    says on top of it; `uuid` is its name wherever it travels.
    """

    kind: str
    key: str
    version: int = 0
    state: State = State.NEW
    published: Fields | None = None
    proposed: Fields | None = None
    proposed_by: str = ""
    proposed_at: datetime | None = None
    remarks: Fields = field(default_factory=dict)
    given: Fields | None = None
    layer: Fields = field(default_factory=dict)
    uuid: str = ""

    @property
    def municipality(self) -> str:
        """Whose it is: what is published decides, so that a proposal moves nothing; empty for the office's tables."""
        return (self.published or self.proposed or {}).get("municipality", "")

    @property
    def newest(self) -> Fields:
        """The fields an editor goes on from: what is proposed, else what is published."""
        return self.proposed if self.proposed is not None else self.published or {}

    @property
    def waits(self) -> bool:
        """Tell whether it waits for review."""
        return self.state in (State.SUBMITTED, State.CHANGED)

    def _step(self, step: Step) -> "Record":
        after = NEXT.get((self.state, step))
        if after is None:
            text = "A record that is {state} can't take the step “{step}”."
            raise ConflictError(Message("NO_SUCH_STEP", text, state=self.state, step=step))
        return replace(self, state=after, version=self.version + 1)

    def _proposed(self, step: Step, fields: Fields, by: str, at: datetime) -> "Record":
        given = dict(fields) if step is Step.SUBMIT else self.given
        return replace(
            self._step(step), proposed=dict(fields), proposed_by=by, proposed_at=at, remarks={}, given=given
        )  # fmt: skip

    def drafted(self, fields: Fields, by: str, at: datetime) -> "Record":
        """Return it with a draft that nobody reviews yet; raises ConflictError, as every step does that can't be."""
        return self._proposed(Step.DRAFT, fields, by, at)

    def submitted(self, fields: Fields, by: str, at: datetime) -> "Record":
        """Return it with a proposal that waits for review."""
        return self._proposed(Step.SUBMIT, fields, by, at)

    def with_published(self, fields: Fields, remarks: Fields | None = None) -> "Record":
        """Return it with fields that everybody sees, and nothing that waits."""
        return replace(
            self._step(Step.PUBLISH), published=dict(fields), proposed=None, proposed_by="", proposed_at=None,
            remarks=dict(remarks or {}), given=dict(fields),
        )  # fmt: skip

    def rejected(self, remarks: Fields) -> "Record":
        """Return it without its proposal; one that was never published keeps it, to be mended."""
        after = self._step(Step.REJECT)
        kept = self.proposed if after.state is State.REJECTED else None
        return replace(after, proposed=kept, remarks=dict(remarks))

    def archived(self) -> "Record":
        """Return it out of everybody's sight; what was published stays for a way back."""
        kept = None if self.published is not None else self.proposed  # a draft is not lost by being put away
        return replace(self._step(Step.ARCHIVE), proposed=kept, proposed_by="", proposed_at=None, remarks={})

    def reverted(self, fields: Fields) -> "Record":
        """Return it with fields it had before, as a new change."""
        after = self._step(Step.REVERT)
        return replace(
            after, published=dict(fields), proposed=None, proposed_by="", proposed_at=None, remarks={},
            given=dict(fields),
        )  # fmt: skip

    def layered(self, layer: Fields) -> "Record":
        """Return it with other words of the office on top of what its owner says; the owner's stay as they are."""
        return replace(self._step(Step.LAYER), layer=dict(layer))

    def anew(self) -> "Record":
        """Return an archived one as if nobody had seen it yet: its source has changed it since, or given it again."""
        return replace(self, state=State.NEW, published=None, proposed=None, given=None)

    def restored(self) -> "Record":
        """Return it as it was before it was archived; raises ConflictError for one that is not."""
        if self.state is not State.ARCHIVED or self.published is None:
            raise ConflictError(Message("NOT_ARCHIVED", "This is not archived, or was never published."))
        return replace(self.reverted(self.published), given=self.given or self.published)

    @property
    def cleared(self) -> Fields | None:
        """The owner's words that were cleared last, None when it is not shown."""
        return None if self.state is State.ARCHIVED else self.published

    @property
    def live(self) -> Fields | None:
        """What everybody sees, None when it is not shown: the cleared words, and the office's on top."""
        return {**self.cleared, **self.layer} if self.cleared is not None else None

    @property
    def outgoing(self) -> Fields | None:
        """What its owner gives out, whether cleared or not; None when that is nothing."""
        if self.state in (State.NEW, State.ARCHIVED):
            return None
        return self.given if self.given is not None else self.published


@dataclass(frozen=True)
class Difference:
    """One field that differs: as it was, and as two have it."""

    name: str
    base: str
    theirs: str
    mine: str

    @property
    def clashes(self) -> bool:
        """Tell whether both changed it, to something else."""
        return len({self.base, self.theirs, self.mine}) == 3


def differences(base: Fields, theirs: Fields, mine: Fields) -> Iterator[Difference]:
    """Yield the fields in which three states of one record differ, in the order of their names' first appearance."""
    for name in {**base, **theirs, **mine}:
        three = Difference(name, base.get(name, ""), theirs.get(name, ""), mine.get(name, ""))
        if len({three.base, three.theirs, three.mine}) > 1:
            yield three


def merged(base: Fields, theirs: Fields, mine: Fields) -> dict[str, str]:
    """Return theirs with what only I changed; where both did, mine, for nothing that was typed is lost."""
    found = dict(theirs)
    for one in differences(base, theirs, mine):
        found[one.name] = one.mine if one.mine != one.base else one.theirs
    return {name: value for name, value in found.items() if value}


def changed_names(before: Fields, after: Fields) -> list[str]:
    """Return the names of the fields that differ."""
    return [one.name for one in differences(before, after, after)]


def changes(before: Fields, after: Fields) -> list[tuple[str, str, str]]:
    """Return the fields that differ, each as it was and as it became."""
    return [(name, before.get(name, ""), after.get(name, "")) for name in changed_names(before, after)]


def decided(record: Record, rejected: Fields) -> tuple[Record, Step]:
    """Return a record after review and the step that was: what is not rejected is published, the rest keeps what was.

    `rejected` maps each rejected field to the reason. When nothing is accepted, the proposal is rejected. Raises
    ConflictError for a record that does not wait.
    """
    if not record.waits:
        raise ConflictError(Message("NOTHING_WAITS", "Nothing waits for review here any more."))
    before, after = record.published or {}, record.proposed or {}
    names = changed_names(before, after)
    remarks = {name: rejected[name] for name in names if name in rejected}
    # Whose word was not taken is not named for it.
    fallen = {name for name in WORD_OF_HOURS if "hours" in remarks} | remarks.keys()
    if names and fallen >= set(names):
        return record.rejected(remarks), Step.REJECT
    kept = {name: value for name, value in after.items() if name not in fallen}
    kept |= {name: before[name] for name in fallen if name in before}
    return replace(record.with_published(kept, remarks), given=record.given), Step.PUBLISH


def undone(record: Record, line: "Line") -> tuple[Record, Step]:
    """Return a record without one change of it, as a new change; what others changed since stays.

    Raises ConflictError for a change that nobody saw, that is undone already, or that a waiting one is about to cover.
    """
    if record.waits:
        raise ConflictError(Message("CHANGE_WAITS", "A change of it waits for review. Look at that first."))
    if line.step == Step.ARCHIVE and record.state is State.ARCHIVED:
        return record.restored(), Step.REVERT
    fields = dict(record.cleared or {})
    if line.step not in (Step.PUBLISH, Step.REVERT) or not fields:
        raise ConflictError(Message("NOTHING_TO_UNDO", "There is nothing to undo any more."))
    if line.before is None:
        return record.archived(), Step.ARCHIVE
    # Only what is still as that change left it; what somebody has changed since stays.
    fields |= {name: was for name, was, became in line.changes if fields.get(name, "") == became}
    kept = {name: value for name, value in fields.items() if value}
    if kept == record.cleared:
        raise ConflictError(Message("NOTHING_TO_UNDO", "There is nothing to undo any more."))
    return record.reverted(kept), Step.REVERT


def before_and_after(before: Record, after: Record, step: str) -> tuple[Fields | None, Fields | None]:
    """Return what a step's line tells: what everybody saw where that changes, else what an editor would go on from."""
    if step in (Step.PUBLISH, Step.ARCHIVE, Step.REVERT, Step.LAYER):
        return before.live, after.live or None
    return before.newest or None, after.newest or None


@dataclass(frozen=True)
class Line:
    """One line of the audit: who did what to which record, when, why, and how it was and is."""

    at: datetime
    by: str
    kind: str
    key: str
    version: int
    step: str
    before: Fields | None
    after: Fields | None
    reason: str = ""
    request_id: str = ""
    id: int = 0

    @property
    def changes(self) -> list[tuple[str, str, str]]:
        """The fields that changed, each as it was and as it became."""
        return changes(self.before or {}, self.after or {})
