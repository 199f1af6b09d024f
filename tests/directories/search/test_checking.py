"""The day of a target's last check."""

from __future__ import annotations

from datetime import date

from app.db import db
from app.directories.targets.models import Target
from app.directories.targets.services.checking import note_checked


def test_the_day_of_a_check_stands_and_no_form_turns_stale(act_as_system):
    with act_as_system() as unit:
        target = unit.session.query(Target).order_by(Target.id).first()
        version, target_id = target.version, target.id
        assert note_checked(unit, target_id, date(2026, 11, 20))
        assert target.last_checked_on == date(2026, 11, 20)
        assert target.version == version


def test_an_earlier_day_changes_nothing(act_as_system):
    with act_as_system() as unit:
        target_id = unit.session.query(Target.id).order_by(Target.id).limit(1).scalar()
        note_checked(unit, target_id, date(2026, 11, 20))
        assert not note_checked(unit, target_id, date(2025, 1, 1))
        assert not note_checked(unit, target_id, date(2026, 11, 20))
        assert note_checked(unit, target_id, date(2026, 11, 21))
        assert unit.session.get(Target, target_id, populate_existing=True).last_checked_on == date(
            2026, 11, 21
        )


def test_the_scope_of_whoever_approves_is_left_as_it_was(act_as):
    with act_as("police_clerk") as unit:
        before = unit.session.info["scope"]
        target_id = unit.session.query(Target.id).limit(1).scalar()
        note_checked(unit, target_id, date(2026, 11, 20))
        assert unit.session.info["scope"] is before
        db.session.flush()
