import pytest
from sqlalchemy import select
from app.db import Actor, db, unit_of_work
from app.security.scope import Scope
from app.inspections import services
from app.inspections.models import ResultVocabulary, Visit
from tests.conftest import _unit_as
from tests.inspections.world import make_world, form_of, entry_for
@pytest.mark.parametrize("i", range(6))
def test_b(own_app, clock, i):
    with unit_of_work(Actor.system(), Scope.system("t"), clock) as u:
        w = make_world(u)
    with _unit_as("police_clerk", clock) as u:
        services.set_up_visits(u, w.draw_id)
    with _unit_as("police_reviewer", clock) as u:
        n = services.approve_visits(u, w.task_id)
    s = db.session()
    s.info["scope"] = Scope.system("t")
    res = {r.code: r.id for r in s.scalars(select(ResultVocabulary).where(ResultVocabulary.scheme=="second_generation"))}
    form = form_of(s, w, "POLICE-640100", 1)
    print(n, s.execute(select(Visit.__table__.c.id, Visit.__table__.c.approved_at)).all(), form.visit.approved_at, form.visit.__dict__.get("approved_at","-"))
    with _unit_as(w.people["POLICE-640100"][0], clock) as u:
        services.submit_form(u, form.id, entry_for(form, res["G"], problem_text="未按规定登记旅客身份信息", disposition_code="3"))
