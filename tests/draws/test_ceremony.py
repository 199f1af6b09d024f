"""A draw from the freeze to the bundle, through the services, on the demo."""

from __future__ import annotations

import pytest

from app.draws.queries import bundle, by_no
from app.verifier import verify


@pytest.mark.rule("R-24.1")
def test_the_full_bundle_of_a_drawn_task_is_verified(session, ceremony) -> None:
    drawn = ceremony.to_the_draw()
    draw = by_no(session, drawn.draw_no)
    report = verify.verify(bundle(session, draw))
    assert report["verdict"] == "ok", [c for c in report["checks"] if c["status"] == "FAIL"]
    open_checks = {c["name"] for c in report["checks"] if c["status"] == "not checked"}
    assert not {c for c in open_checks if not c.startswith("matching")}, open_checks
