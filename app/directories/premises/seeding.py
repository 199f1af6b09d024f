"""The kinds of premises that come with the product, and the premises of the demo. Idempotent, in bulk."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from app.db import Unit
from app.directories.permits.seeding import insert_children, load_kinds
from app.directories.premises.models import Premises, PremisesKind
from seeds.demo.permits import demo_premises
from seeds.demo.targets import demo_targets
from seeds.reader import reference


def load_reference_rows(unit: Unit) -> None:
    load_kinds(unit.session, PremisesKind, reference("premises_kinds"))


def load_demo_rows(unit: Unit, day: date, user_ids: Mapping[str, int]) -> None:
    insert_children(unit.session, Premises, demo_premises(demo_targets(day)))
