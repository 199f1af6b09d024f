import threading
from werkzeug.serving import make_server
from sqlalchemy import select
from app.db import Actor, db, unit_of_work
from app.security.scope import Scope
from app.security.models import Account
from app.inspections import services
from app.inspections.models import CheckForm, ResultVocabulary, FollowUp
from tests.conftest import _unit_as
from tests.inspections.world import make_world, form_of, entry_for

def test_shots(own_app, clock):
    app = own_app
    with unit_of_work(Actor.system(), Scope.system("t"), clock) as u:
        w = make_world(u)
    with _unit_as("police_clerk", clock) as u:
        services.set_up_visits(u, w.draw_id)
    with _unit_as("police_reviewer", clock) as u:
        services.approve_visits(u, w.task_id)
    db.session().info["scope"] = Scope.system("t")
    s = db.session()
    res = {r.code: r.id for r in s.scalars(select(ResultVocabulary).where(ResultVocabulary.scheme=="second_generation"))}
    form = form_of(s, w, "POLICE-640100", 1)
    fid = form_of(s, w, "POLICE-640100", 0).id
    with _unit_as(w.people["POLICE-640100"][0], clock) as u:
        services.submit_form(u, form.id, entry_for(form, res["G"], problem_text="未按规定登记旅客身份信息", disposition_code="3"))
    form2 = form_of(s, w, "AMR-640100", 1)
    with _unit_as(w.people["AMR-640100"][0], clock) as u:
        services.submit_form(u, form2.id, entry_for(form2, res["D"], problem_text="价目表未公示", disposition_code="3"))
    with _unit_as("amr_reviewer", clock) as u:
        services.approve_form(u, form2.id)
    s.info["scope"] = Scope.system("t")
    case = s.scalars(select(FollowUp)).one().id
    ids = {a.username: a.id for a in s.scalars(select(Account))}
    secret = app.session_interface.get_signing_serializer(app)
    def cookie(name): return secret.dumps({"_user_id": str(ids[name]), "_fresh": True, "locale": "zh_CN"})
    db.session.remove()
    server = make_server("127.0.0.1", 18765, app, threaded=False)
    t = threading.Thread(target=server.serve_forever, daemon=True); t.start()
    from playwright.sync_api import sync_playwright
    insp = w.people["POLICE-640100"][0]
    with sync_playwright() as p:
        b = p.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        def shot(user, path, name, width=1440, height=900, act=None):
            c = b.new_context(viewport={"width": width, "height": height})
            c.add_cookies([{"name": "portal", "value": cookie(user), "url": "http://127.0.0.1:18765"}])
            pg = c.new_page(); pg.on("console", lambda m: print(path, m.type, m.text)); pg.goto("http://127.0.0.1:18765"+path)
            if act: act(pg)
            pg.screenshot(path=f"/tmp/insp/{name}.png", full_page=True)
            print(path, pg.evaluate("document.documentElement.scrollWidth"), pg.evaluate("innerWidth"))
            c.close()
        shot(insp, "/visits/", "list", 390, 844)
        shot(insp, f"/visits/forms/{fid}", "form", 390, 844)
        def bad(pg):
            pg.get_by_text("发现问题", exact=True).first.click()
            pg.get_by_role("button", name="提交审核").click(); pg.wait_for_load_state()
        shot(insp, f"/visits/forms/{fid}", "form_bad", 390, 844, bad)
        shot("police_reviewer", f"/reviews/{form.id}", "review")
        shot("police_reviewer", "/reviews/", "reviews")
        shot("police_clerk", f"/visits/?task={w.task_id}", "visits")
        shot("police_clerk", f"/visits/{form.visit_id}", "visit")
        shot("police_clerk", f"/visits/papers/notice/{form.visit_id}", "notice")
        shot("police_clerk", f"/visits/papers/sheet/{form.visit_id}", "sheet")
        shot("police_clerk", f"/tasks/{w.task_id}", "task")
        shot("amr_clerk", f"/follow-ups/{case}", "case")
        b.close()
    server.shutdown()
