"""The states of a record, and what two who edit the same one keep."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.worlds import clock
from tourism.domain.record import NEXT, Line, Record, State, Step, changed_names, decided, differences, merged, undone
from tourism.errors import ConflictError

NOW = clock("21:00")
FIELDS = st.dictionaries(st.sampled_from("abcde"), st.sampled_from(["1", "2", "3"]))


def take(record: Record, step: Step) -> Record:
    """Take a step."""
    if step is Step.DRAFT:
        return record.drafted({"a": "2"}, "x", NOW)
    if step is Step.SUBMIT:
        return record.submitted({"a": "2"}, "x", NOW)
    if step is Step.PUBLISH:
        return record.with_published({"a": "2"})
    if step is Step.REJECT:
        return record.rejected({"a": "no"})
    if step is Step.LAYER:
        return record.layered({})
    return record.archived() if step is Step.ARCHIVE else record.reverted({"a": "0"})


@pytest.mark.parametrize(("state", "step"), list(product(State, Step)))
def test_every_step_is_in_the_table_and_every_other_one_is_refused(state: State, step: Step) -> None:
    shown = {"a": "1"} if state in (State.PUBLISHED, State.CHANGED, State.ARCHIVED) else None
    record = Record("listing", "x", 3, state, published=shown, proposed={"a": "9"})
    if (state, step) not in NEXT:
        with pytest.raises(ConflictError):
            take(record, step)
        return
    after = take(record, step)
    assert (after.state, after.version) == (NEXT[state, step], 4)
    if after.state is State.CHANGED:
        assert after.live == shown  # the old version stays public


def test_a_rejected_change_leaves_what_was_and_a_rejected_new_one_can_be_mended() -> None:
    change = Record("listing", "x", 1, State.CHANGED, published={"a": "1"}, proposed={"a": "2"}).rejected({"a": "no"})
    assert (change.state, change.live, change.proposed, change.remarks) == (
        State.PUBLISHED, {"a": "1"}, None, {"a": "no"},
    )  # fmt: skip
    new = Record("listing", "x", 1, State.SUBMITTED, proposed={"a": "2"}).rejected({"a": "no"})
    assert (new.state, new.live, new.newest) == (State.REJECTED, None, {"a": "2"})


@given(FIELDS, FIELDS, st.sets(st.sampled_from("abcde")))
def test_a_review_takes_over_what_is_accepted_and_nothing_else(
    was: dict[str, str], new: dict[str, str], no: set[str]
) -> None:
    record = Record("listing", "x", 1, State.CHANGED, published=was, proposed=new)
    after, step = decided(record, dict.fromkeys(no, "why"))
    changed = {name for name in "abcde" if was.get(name) != new.get(name)}
    assert (step is Step.REJECT) == bool(changed and changed <= no)
    assert after.live is not None
    for name in "abcde":
        assert after.live.get(name) == (was if name in no else new).get(name)


@given(FIELDS, FIELDS, FIELDS)
def test_nothing_that_i_changed_and_nothing_that_only_they_changed_is_lost(
    base: dict[str, str], theirs: dict[str, str], mine: dict[str, str]
) -> None:
    both = merged(base, theirs, mine)
    for name in "abcde":
        three = base.get(name, ""), theirs.get(name, ""), mine.get(name, "")
        assert both.get(name, "") == (three[2] if three[2] != three[0] else three[1])
    clashing = {one.name for one in differences(base, theirs, mine) if one.clashes}
    assert clashing <= set(changed_names(base, mine)) & set(changed_names(base, theirs))


def line(step: Step, before: dict[str, str] | None, after: dict[str, str] | None) -> Line:
    """Return a line of the audit."""
    return Line(NOW, "x", "listing", "x", 1, step, before, after)


def test_undoing_a_change_leaves_what_others_changed_since() -> None:
    record = Record("listing", "x", 3, State.PUBLISHED, published={"a": "2", "b": "2"})
    after, step = undone(record, line(Step.PUBLISH, {"a": "1", "b": "1"}, {"a": "2", "b": "1"}))
    assert (after.live, step) == ({"a": "1", "b": "2"}, Step.REVERT)
    with pytest.raises(ConflictError):
        undone(after, line(Step.PUBLISH, {"a": "1"}, {"a": "2"}))  # it is undone already


def test_undoing_knows_making_and_taking_away() -> None:
    made = Record("listing", "x", 1, State.PUBLISHED, published={"a": "1"})
    gone, step = undone(made, line(Step.PUBLISH, None, {"a": "1"}))
    assert (gone.live, step) == (None, Step.ARCHIVE)
    back, step = undone(gone, line(Step.ARCHIVE, {"a": "1"}, None))
    assert (back.live, step) == ({"a": "1"}, Step.REVERT)
    later = back.with_published({"a": "2"})
    for step in (Step.ARCHIVE, Step.SUBMIT, Step.REJECT):
        with pytest.raises(ConflictError):  # it was brought back and edited since; or nobody saw it
            undone(later, line(step, {"a": "1"}, None))
    with pytest.raises(ConflictError):  # a field of what is archived is not undone: that would show it again
        undone(gone, line(Step.PUBLISH, {"a": "0"}, {"a": "1"}))


def test_what_waits_is_not_lost_by_undoing() -> None:
    waiting = Record("listing", "x", 2, State.CHANGED, published={"a": "2"}, proposed={"a": "3"})
    with pytest.raises(ConflictError):
        undone(waiting, line(Step.PUBLISH, {"a": "1"}, {"a": "2"}))


@pytest.mark.parametrize("state", [state for state in State if state not in (State.SUBMITTED, State.CHANGED)])
def test_nothing_is_published_by_review_that_does_not_wait(state: State) -> None:
    with pytest.raises(ConflictError):
        decided(Record("listing", "x", 2, state, published={"a": "1"}, proposed={"a": "2"}), {})


def test_a_proposal_moves_nothing_to_another_municipality() -> None:
    record = Record("listing", "x", 1, State.PUBLISHED, published={"municipality": "kota-malang"})
    assert record.submitted({"municipality": "kota-batu"}, "x", NOW).municipality == "kota-malang"
