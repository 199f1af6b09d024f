"""Item lists that came into force with the reference rows reach the public like those that a person publishes."""

from __future__ import annotations

from sqlalchemy import exists, select
from sqlalchemy.orm import joinedload

from app.db import Unit
from app.item_lists.models import ItemList
from app.item_lists.rules import ListState
from app.publicity.models import Publication
from app.publicity.rules import PublicKind
from app.publicity.services import publish_list


def load_reference_rows(unit: Unit) -> None:
    """Queue every published list that has no publication yet; a withdrawn one has, and stays withdrawn."""
    queued = exists().where(Publication.kind == PublicKind.LIST.value, Publication.subject_id == ItemList.id)
    lists = (
        select(ItemList)
        .where(ItemList.state == ListState.PUBLISHED.value, ~queued)
        .options(joinedload(ItemList.agency))
        .order_by(ItemList.id)
    )
    for item_list in unit.session.scalars(lists):
        publish_list(unit, item_list)
