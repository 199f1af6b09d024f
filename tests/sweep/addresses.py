"""From a route to the addresses that stand for it: with real keys, with another city's, with ones that are not there."""

from __future__ import annotations

from werkzeug.routing import Rule

from tests.sweep.world import Ids

# The kind of key by the beginning of the path and the name of the parameter; the longest beginning wins.
KINDS: dict[tuple[str, str], str] = {
    ("/api/v1/inspectors", "pk"): "inspector",
    ("/api/v1/targets", "pk"): "target",
    ("/api/v1/targets/code", "code"): "target_code",
    ("/bulk-edits", "pk"): "bulk_edit",
    ("/designer", "slug"): "slug",
    ("/exports", "pk"): "export",
    ("/undos", "pk"): "undo",
    ("/directories", "view_id"): "saved_view",
    ("/dossiers", "pk"): "dossier",
    ("/dossiers/build", "pk"): "task",
    ("/dossiers/close", "pk"): "task",
    ("/draws", "draw_no"): "draw_no",
    ("/draws", "pk"): "drawn",
    ("/draws/freeze", "pk"): "task",
    ("/experts", "pk"): "expert",
    ("/follow-ups", "follow_up_id"): "follow_up",
    ("/imports", "run_id"): "import_run",
    ("/inspectors", "inspector_id"): "inspector",
    ("/inspectors", "certificate_id"): "certificate",
    ("/inspectors", "leave_id"): "leave",
    ("/inspectors/transfers", "transfer_id"): "transfer",
    ("/institutions", "pk"): "institution",
    ("/items", "list_id"): "item_list",
    ("/items/item", "item_id"): "item",
    ("/items/joint", "item_id"): "joint_item",
    ("/jobs", "pk"): "job",
    ("/libraries", "library_id"): "library",
    ("/libraries", "target_id"): "target",
    ("/libraries", "inspector_id"): "inspector",
    ("/lists", "slug"): "slug",
    ("/lists", "pk"): "record",
    ("/matching", "draw_no"): "draw_no",
    ("/matching/recuse", "pk"): "assignment",
    ("/me/factors/keys", "key_id"): "security_key",
    ("/me/sessions", "session_id"): "login_session",
    ("/messages", "pk"): "message",
    ("/national/contradictions", "conflict_id"): "national_conflict",
    ("/national/results", "result_id"): "national_result",
    ("/national/tasks", "task_id"): "national_task",
    ("/outside", "mark_id"): "outside_mark",
    ("/people", "agency_id"): "agency",
    ("/people", "batch_id"): "invite_batch",
    ("/people", "invitation_id"): "invitation",
    ("/people", "membership_id"): "membership",
    ("/people", "request_id"): "move_request",
    ("/people", "role_id"): "person_role",
    ("/people", "session_id"): "person_session",
    ("/people", "user_id"): "person",
    ("/merging", "gone_id"): "other_target",
    ("/merging", "kept_id"): "target",
    ("/merging", "merge_id"): "merge",
    ("/merging", "target_id"): "target",
    ("/permits", "row_id"): "permit",
    ("/permits", "target_id"): "target",
    ("/premises", "row_id"): "premises",
    ("/premises", "target_id"): "target",
    ("/personal", "record_id"): "target",
    ("/plans", "plan_id"): "plan",
    ("/plans/entries", "entry_id"): "entry",
    ("/public/draws", "no"): "draw_no",
    ("/public/draws", "key"): "draw_no",
    ("/public/results", "key"): "result",
    ("/public/lists", "key"): "public_list",
    ("/public/plans", "key"): "public_plan",
    ("/public/targets", "code"): "target_code",
    ("/publications", "pk"): "publication",
    ("/recusals", "recusal_id"): "recusal",
    ("/recusals/evidence", "evidence_id"): "evidence",
    ("/recusals/requests", "request_id"): "recusal_request",
    ("/recusals/ties", "tie_id"): "tie",
    ("/reviews", "form_id"): "form",
    ("/roles", "role_id"): "role",
    ("/roles/explain", "user_id"): "explained",
    ("/security-alerts", "pk"): "alert",
    ("/security-log/exports", "pk"): "log_export",
    ("/targets", "history_id"): "version",
    ("/targets", "target_id"): "target",
    ("/security-policy/locked", "user_id"): "locked",
    ("/sources", "system_id"): "source_system",
    ("/sources/conflicts", "conflict_id"): "source_conflict",
    ("/sources/pushes", "push_id"): "source_push",
    ("/tasks", "pk"): "task",
    ("/tasks", "participant"): "participant",
    ("/visits", "visit_id"): "visit",
    ("/visits", "task_id"): "task",
    ("/visits/forms", "form_id"): "form",
}
# Parameters that are no keys of rows: a value that is offered.
WORDS = {
    "locale": "en",
    "version": "v1",
    "page": "clerk",
    "kind": "targets",
    "export_type": "csv",
    "filename": "css/tokens.css",
    "name": "none",
    "subject": "target",
    "token": "x" * 43,
    "word": "lists",
    "listing": "targets",
    "field": "address",
    "key": "none",
    "code": "none",
}
VOCABULARY = {
    "agencies": "1",
    "calendar": "2026-01-01",
    "industries": "6110",
    "permit-kinds": "food_business",
    "premises-kinds": "warehouse",
    "regions": "1",
    "specialties": "public_security",
}
ABSENT = {"int": "987654321", "text": "nothing-here"}
STRANGE = (
    "0",
    "-1",
    "9" * 30,
    "1e3",
    "%00",
    "%ED%A0%80",
    "..%2F..%2Fetc",
    "<script>",
    "'%20OR%201=1--",
    "{{7*7}}",
)


def kind_of(rule: Rule, name: str) -> str | None:
    """The kind of key that a parameter is, None where it is a word."""
    fitting = [head for head, parameter in KINDS if parameter == name and rule.rule.startswith(head)]
    return KINDS[max(fitting, key=len), name] if fitting else None


def values(rule: Rule, keys: dict[str, object]) -> dict[str, object] | None:
    """The parameters with these keys; None where the keys have none of a kind that the route needs."""
    found: dict[str, object] = {}
    for name in rule.arguments:
        kind = kind_of(rule, name)
        if kind is not None:
            if keys.get(kind) is None:
                return None
            found[name] = keys[kind]
        elif name == "pk" and rule.rule.startswith("/vocabulary/"):
            found[name] = VOCABULARY.get(rule.rule.split("/")[2], "enterprise")
        else:
            found[name] = WORDS[name]
    for name in rule.arguments:
        converter = rule._converters[name]
        offered = getattr(converter, "items", None)
        if offered:
            found[name] = sorted(offered)[0]
    return found


def is_about_a_row(rule: Rule) -> bool:
    return any(kind_of(rule, name) for name in rule.arguments)


def absent(rule: Rule, ids: Ids) -> dict[str, object] | None:
    """Keys of the same shape that no row has."""
    real = values(rule, ids.own)
    if real is None:
        return None
    found = dict(real)
    for name in rule.arguments:
        if kind_of(rule, name):
            is_number = not isinstance(found[name], str)
            found[name] = ABSENT["int" if is_number else "text"]
    return found
