"""Verbs of plans: agencies' plans, their entries, the joint plan."""

from app.plans.services.agency import open_plan, publish_agency_plan, report_plan, return_plan
from app.plans.services.entries import add_entry, change_entry, note_progress, remove_entry
from app.plans.services.joint import (
    approve_joint,
    override_coverage,
    publish_joint,
    return_joint,
    submit_joint,
    take_into_joint,
)
from app.plans.services.reopening import ask_change, deny_change, grant_change

__all__ = [
    "add_entry",
    "approve_joint",
    "ask_change",
    "change_entry",
    "deny_change",
    "grant_change",
    "note_progress",
    "open_plan",
    "override_coverage",
    "publish_agency_plan",
    "publish_joint",
    "remove_entry",
    "report_plan",
    "return_joint",
    "return_plan",
    "submit_joint",
    "take_into_joint",
]
