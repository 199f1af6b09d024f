"""The draw's rules: its life as a table, strata, what may be voided and replaced."""

from __future__ import annotations

import itertools

import pytest

from app.draws.rules import (
    EDGES,
    Act,
    DrawState,
    every_class_has_a_ratio,
    may_confirm_void,
    may_freeze,
    may_replace,
    may_take_bundle,
    neutral_strata,
    next_state,
    void_words,
)


@pytest.mark.rule("R-24.1")
@pytest.mark.parametrize(("state", "act"), list(itertools.product(DrawState, Act)))
def test_every_pair_of_state_and_act_is_an_edge_or_refused(state, act) -> None:
    answer = next_state(state, act)
    if (state, act) in EDGES:
        assert answer and answer.facts["state"] is EDGES[state, act]
    else:
        assert not answer and answer.code in {"draw_act_not_now", "draw_list_fixed"}


@pytest.mark.rule("R-24.1")
def test_the_way_from_freeze_to_opening_skips_nothing() -> None:
    state = DrawState.PREPARED
    for act in (Act.FREEZE, Act.COMMIT, Act.COMMIT, Act.CLOSE, Act.REVEAL, Act.REVEAL, Act.DRAW, Act.OPEN):
        state = next_state(state, act).require().facts["state"]
    assert state is DrawState.OPENED


@pytest.mark.rule("R-24.3")
@pytest.mark.parametrize("state", [DrawState.DRAWN, DrawState.OPENED])
def test_what_is_drawn_is_never_voided_or_drawn_again(state) -> None:
    for act in (Act.VOID, Act.DRAW, Act.FREEZE):
        assert next_state(state, act).code == "draw_list_fixed"


@pytest.mark.rule("R-24.2")
def test_strata_are_neutral_and_only_of_classes_that_are_there() -> None:
    assert neutral_strata(["N", "A", "D"]) == {"A": "S1", "D": "S2", "N": "S3"}
    assert neutral_strata([]) == {}
    assert every_class_has_a_ratio("AB", "ABC")
    assert every_class_has_a_ratio("AD", "A").facts["classes"] == "D"


@pytest.mark.rule("R-24.1")
def test_a_void_takes_two_people() -> None:
    assert may_confirm_void(None, "u2").code == "draw_void_not_asked"
    assert may_confirm_void("u2", "u2").code == "draw_void_same_person"
    assert may_confirm_void("u1", "u2")
    assert void_words("x", "y")
    assert not void_words("", "y")
    assert not void_words("x" * 301, "y")


@pytest.mark.rule("R-24.1")
def test_what_stands_against_a_freeze() -> None:
    assert may_freeze("ready", False, 5, 1)
    assert may_freeze("ready", True, 5, 1).code == "draw_exists"
    assert may_freeze("pushed", False, 5, 1).code == "draw_task_not_ready"
    assert may_freeze("ready", False, 0, 1).code == "draw_library_empty_for_draw"
    assert may_freeze("ready", False, 5, 0).code == "draw_no_outside_witness"


@pytest.mark.rule("R-24.3")
def test_a_target_is_replaced_once_on_a_ground_with_evidence() -> None:
    grounds = ("MOVED",)
    assert may_replace("drawn", "MOVED", grounds, "paper", False)
    assert not may_replace("drawn", "MOVED", grounds, "paper", True)
    assert not may_replace("drawn", "NOT_FOUND", grounds, "paper", False)
    assert not may_replace("drawn", "MOVED", grounds, " ", False)
    assert not may_replace("frozen", "MOVED", grounds, "paper", False)


def test_the_full_bundle_is_for_those_of_the_task() -> None:
    assert may_take_bundle(1, [1, 2], False, False)
    assert may_take_bundle(9, [1, 2], True, False)
    assert may_take_bundle(9, [1, 2], False, True)
    assert not may_take_bundle(9, [1, 2], False, False)
