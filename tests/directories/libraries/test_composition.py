"""The figures of a library: right, kept while they are dear, and counted again on demand."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.directories.libraries import queries, services
from app.directories.libraries.preview import preview
from app.directories.libraries.queries import composition as figures
from app.directories.targets.models import Industry, Target, TargetKind
from app.security.models import Region

RULE = {"status": ["active", "closed"]}


@pytest.fixture
def library(act_as):
    with act_as("police_clerk") as unit:
        return services.create_library(unit, unit.actor.agency_id, "全部对象", "base", RULE).id


@pytest.mark.rule("R-12.1")
def test_the_figures_are_those_of_the_members_one_by_one(act_as, library, clock):
    with act_as("police_clerk") as unit:
        session = unit.session
        found = figures.composition(session, queries.get_library(session, library), clock.now())
        rows = session.execute(
            select(Target.risk_class, TargetKind.name, Region.name, Target.industry_code, Target.status)
            .join(TargetKind, TargetKind.code == Target.kind)
            .join(Region, Region.id == Target.region_id)
            .where(Target.status.in_(RULE["status"]))
        ).all()
        above = dict(session.execute(select(Industry.code, Industry.parent_code)).all())
    assert found.total == len(rows)
    assert found.eligible == sum(row.status != "closed" for row in rows)
    assert {line.code: line.rows for line in found.classes} == Counter(row[0] for row in rows)
    assert {line.name: line.rows for line in found.kinds} == Counter(row[1] for row in rows)
    assert {line.name: line.rows for line in found.regions} == Counter(row[2] for row in rows)
    sections = Counter(above[row[3][:2]] if row[3] else "" for row in rows)
    assert {line.code: line.rows for line in found.sections} == sections
    for part in (found.classes, found.kinds, found.regions, found.sections):
        assert sum(line.rows for line in part) == found.total
        assert sum(line.eligible for line in part) == found.eligible


def test_dear_figures_are_kept_for_ten_minutes_and_counted_anew_on_demand(
    act_as, client_as, library, clock, monkeypatch
):
    monkeypatch.setattr(figures, "DEAR", 0.0)
    monkeypatch.setattr(figures, "_kept", type(figures._kept)())
    client = client_as("police_clerk")
    client.get(f"/libraries/{library}")
    assert len(figures._kept) == 1
    page = client.get(f"/libraries/{library}").text
    assert "anew=1" in page
    with act_as("police_clerk") as unit:
        row = queries.get_library(unit.session, library)
        first = figures.composition(unit.session, row, clock.now())
        assert first.kept
        later = clock.now() + timedelta(minutes=11)
        assert figures.composition(unit.session, row, later).counted_at == later
        target = unit.session.scalars(queries.members(unit.session, row).limit(1)).one()
    clock.advance(seconds=1)
    with act_as("police_clerk") as unit:
        services.pick_target(unit, library, target, included=False, reason="迁出")
        row = queries.get_library(unit.session, library)
        unit.session.refresh(row)
        assert figures.composition(unit.session, row, later).total == first.total - 1


def test_somebody_of_another_city_is_not_shown_figures_that_were_kept_for_this_one(
    act_as, library, monkeypatch, clock
):
    monkeypatch.setattr(figures, "DEAR", 0.0)
    monkeypatch.setattr(figures, "_kept", type(figures._kept)())
    with act_as("police_clerk") as unit:
        mine = figures.composition(unit.session, queries.get_library(unit.session, library), clock.now())
    with act_as("region_office") as unit:
        whole = figures.composition(unit.session, queries.get_library(unit.session, library), clock.now())
    assert whole.total > mine.total
    assert len(figures._kept) == 2


def test_the_preview_of_a_rule_counts_what_the_library_would_hold(act_as, library, clock):
    with act_as("police_clerk") as unit:
        found = preview(unit.session, RULE)
        whole = figures.composition(unit.session, queries.get_library(unit.session, library), clock.now())
    assert (found.rows, found.eligible, found.outside) == (whole.total, whole.eligible, whole.outside)
    assert 0 < len(found.examples) <= 8
