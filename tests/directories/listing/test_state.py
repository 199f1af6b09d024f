"""The state of a list in its URL, and in a saved view."""

from __future__ import annotations

import base64
from datetime import date, datetime, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

import app.directories.inspectors.listing
import app.directories.recusals.listing  # noqa: F401
from app.directories.listing.listing import listings
from app.directories.listing.state import ListState, Place, place_of, token
from app.directories.targets.listing import LISTING


def read(**args):
    pairs = [(k, v) for k, vs in args.items() for v in (vs if isinstance(vs, list) else [vs])]
    return ListState.from_args(LISTING, MultiDict(pairs))


def test_a_state_survives_its_own_url():
    state = read(
        q="酒店",
        kind=["enterprise", "school"],
        region="640100",
        sort="-last_checked_on",
        cols="name,address,code",
        after=token(Place(date(2026, 1, 2), 7)),
        size="100",
        view="3",
    )
    assert state.filters == {"kind": ("enterprise", "school"), "region": ("640100",)}
    assert (state.sort, state.descending, state.size, state.view) == ("last_checked_on", True, 100, 3)
    assert ListState.from_args(LISTING, MultiDict(state.to_args())) == state


def test_a_state_survives_a_saved_view_without_its_place():
    state = read(q="x", status="active", sort="-code", cols="name,tags", after=token(Place("a", 1)))
    again = ListState.from_json(LISTING, state.to_json())
    assert again == state.first_page()


def test_what_the_list_does_not_offer_is_left_out():
    state = read(sort="phone", cols="name,password,code", colour="red", size="1000000", view="-1")
    assert (state.sort, state.columns, state.filters) == ("name", ("name", "code"), {})
    assert (state.size, state.view) == (50, None)


def test_fixed_columns_stay_first():
    assert read(cols="code,kind").columns == ("name", "code", "kind")


def test_sorting_by_the_same_column_turns_it_round():
    once = read().sorted_by("code")
    assert (once.order, once.sorted_by("code").order, once.sorted_by("name").order) == (
        "code",
        "-code",
        "name",
    )


@pytest.mark.parametrize(
    "value", ["甲" * 200, None, 3, True, date(2026, 2, 28), datetime(2026, 1, 1, tzinfo=timezone.utc)]
)
def test_a_place_survives_its_token(value):
    assert place_of(token(Place(value, 12))) == Place(value, 12)


@given(st.text(max_size=60))
def test_nonsense_shows_the_first_page(text):
    found = place_of(text)
    assert found is None or place_of(token(found)) == found


@pytest.mark.parametrize(
    "text",
    ['["v","x"]', '["d","2026-99-99",1]', '["v",{},1]', '["v","x",-1]', '["v","\\u0000",1]', "[" * 900],
)
def test_a_forged_place_shows_the_first_page(text):
    assert place_of(base64.urlsafe_b64encode(text.encode()).decode()) is None


@given(
    st.dictionaries(
        st.sampled_from(["q", "sort", "cols", "after", "before", "view", "size", "kind", "region", "x"]),
        st.text(max_size=50),
    )
)
def test_no_url_breaks_a_list(args):
    state = ListState.from_args(LISTING, MultiDict(args))
    assert ListState.from_args(LISTING, MultiDict(state.to_args())) == state


def test_an_inspector_is_offered_no_risk_class():
    seen = LISTING.as_seen_by({"inspector"})
    assert seen.column("risk_class") is None
    assert seen.filter("risk_class") is None
    state = ListState.from_args(seen, MultiDict({"risk_class": "D", "sort": "risk_class"}))
    assert (state.filters, state.sort) == ({}, "name")


def test_every_list_is_ordered_by_a_column_that_it_offers():
    assert {"targets", "inspectors", "experts"} <= set(listings)
    for listing in listings.values():
        assert listing.order.removeprefix("-") in listing.sortable
        assert not {f.key for f in listing.filters} & {
            "q",
            "sort",
            "cols",
            "after",
            "before",
            "view",
            "size",
            "ids",
            "all",
        }
