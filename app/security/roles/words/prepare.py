"""Permissions of the stage “preparing an inspection”, in plain words."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

PREPARE = {
    "TargetView": {
        "can_list": _l("Look for inspection targets and list them"),
        "can_show": _l("Open the page of an inspection target"),
        "can_keep": _l("Enter, change and close inspection targets"),
    },
    "ListingView": {
        "can_use": _l("Keep views and columns of lists of one's own"),
    },
    "BulkEditView": {
        "can_use": _l("Change many records of a directory at once, and take it back"),
    },
    "UndoView": {
        "can_see": _l("See what became of taking an act back"),
    },
    "ExportView": {
        "can_export": _l("Take a list as it is shown as a file"),
    },
    "PermitView": {
        "can_list": _l("List permits"),
        "can_show": _l("Open the page of a permit"),
        "can_keep": _l("Enter, change and take out permits"),
    },
    "PremisesView": {
        "can_list": _l("List premises"),
        "can_show": _l("Open the page of premises"),
        "can_keep": _l("Enter, change and take out premises"),
    },
    "MergeView": {
        "can_show": _l("See which targets were merged"),
        "can_merge": _l("Merge two codes of one enterprise, and part them again"),
    },
    "PersonalDataView": {
        "can_ask": _l("See personal data that is covered, with a reason"),
    },
    "TargetApi": {
        "can_get": _l("Read inspection targets by program"),
        "can_info": _l("Read the fields of inspection targets by program"),
    },
    "ConflictView": {
        "can_list": _l("See where sources contradict the directory of targets"),
        "can_decide": _l("Decide between what stands in the directory and what a source says"),
    },
    "SyncApi": {
        "can_push": _l("Push changes of inspection targets by program"),
    },
    "InspectorView": {
        "can_list": _l("List inspectors"),
        "can_show": _l("Open the page of an inspector"),
        "can_keep": _l("Enter and change inspectors, their leave and their exclusion"),
        "can_export": _l("Take the inspectors of the own unit with their telephone numbers as a file"),
    },
    "InspectorApi": {
        "can_get": _l("Read inspectors by program"),
        "can_info": _l("Read the fields of inspectors by program"),
    },
    "ImportView": {
        "can_import": _l("Import targets, inspectors and items from a spreadsheet"),
    },
    "LibraryView": {
        "can_list": _l("List the libraries of targets"),
        "can_show": _l("Open a library of targets"),
        "can_keep": _l("Set up and change libraries of targets"),
    },
    "OutsideView": {
        "can_list": _l("List what lies outside random selection"),
        "can_show": _l("Open a mark outside random selection"),
        "can_ask": _l("Ask to take a target or an item out of random selection, and end it"),
        "can_judge": _l("Approve or return what is to lie outside random selection"),
    },
    "RecusalView": {
        "can_list": _l("See declared recusals"),
        "can_declare": _l("Declare a recusal, a former employer or a relative"),
        "can_withdraw": _l("Withdraw a recusal, answer what targets declare"),
        "can_rules": _l("Set the rules of the own unit that make recusals"),
    },
    "PastView": {
        "can_list": _l("See visits from before the portal"),
    },
    "ItemListView": {
        "can_read": _l("Read lists of inspection items"),
        "can_edit": _l("Draw up, submit and publish lists of inspection items"),
        "can_judge": _l("Approve or return lists of inspection items"),
    },
    "ItemView": {
        "can_read": _l("Read a single inspection item"),
        "can_edit": _l("Enter and change inspection items"),
    },
    "PlanView": {
        "can_decide": _l("Decide whether a frozen plan is changed, as the second person"),
        "can_read": _l("Read plans of the year"),
        "can_edit": _l("Draw up, report and publish plans"),
        "can_judge": _l("Approve or return plans"),
    },
    "PlanEntryView": {
        "can_read": _l("Read the entries of a plan"),
        "can_edit": _l("Enter and change entries of a plan"),
    },
    "DesignerView": {
        "can_index": _l("See which lists were designed"),
        "can_define": _l("Design lists and change their fields"),
    },
}
