"""The states of a record, and what two who edit the same one keep."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.worlds import clock
from tourism.domain.record import NEXT, Record, State, Step, changed_names, decided, differences, merged
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
    after = decided(record, dict.fromkeys(no, "why"))
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
