"""Permissions of the stage “carrying an inspection out”, in plain words."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

CARRY_OUT = {
    "Tasks": {
        "can_read": _l("Read tasks and their timeline"),
        "can_act": _l("Create, push, accept, decline and cancel tasks"),
    },
    "OverdueResponses": {
        "can_read": _l("See which agencies answer late"),
    },
    "Draws": {
        "can_read": _l("Read draws and follow them on the screen"),
        "can_act": _l("Freeze the frame, run a draw, replace a target"),
        "can_contribute": _l("Give a contribution to the seed as a witness"),
        "can_void": _l("Ask for a draw to be void, or confirm it"),
        "can_take": _l("Take the evidence bundle of a draw"),
    },
    "Matching": {
        "can_read": _l("Read which inspectors were matched"),
        "can_act": _l("Match inspectors and confirm the matching"),
        "can_mine": _l("See the own assignments"),
        "can_recuse": _l("Report a recusal and get a replacement"),
    },
    "VisitView": {
        "can_read": _l("Read visits"),
        "can_enter": _l("Prepare and begin the own visits"),
        "can_approve": _l("Approve the inspections of a task"),
    },
    "FormView": {
        "can_fill": _l("Fill in, sign and submit check forms"),
    },
    "PaperView": {
        "can_print": _l("Print notices and check forms"),
    },
    "ReviewView": {
        "can_review": _l("Review check forms: approve, return, exempt from publication"),
    },
    "NationalSyncApi": {
        "can_push": _l("Push tasks and results of national systems"),
    },
    "NationalTaskView": {
        "can_list": _l("List tasks of national systems"),
        "can_show": _l("Read tasks of national systems"),
    },
    "NationalResultView": {
        "can_list": _l("List results of national systems"),
        "can_show": _l("Read results of national systems"),
        "can_review": _l("Review results of national systems: approve, send back"),
    },
    "NationalConflictView": {
        "can_list": _l("Read where national systems contradict what stands"),
        "can_decide": _l("Decide where national systems contradict what stands"),
    },
    "FollowUpView": {
        "can_read": _l("Read follow-ups"),
        "can_handle": _l("Enter how a problem was dealt with"),
        "can_close": _l("Close follow-ups"),
    },
}
