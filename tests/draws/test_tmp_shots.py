import threading
from datetime import timedelta
from contextlib import contextmanager
from sqlalchemy import select
from werkzeug.serving import make_server
from playwright.sync_api import sync_playwright
from app.db import db, unit_of_work
from app.draws.models import Draw
from app.kernel.clock import SystemClock
from app.security.scope import Scope
from app.security.models import Account
from app.matching.models import Assignment
from app.web.lifecycle import demo_password
from tests.conftest import _unit_as
from tests.draws.stage import make_task, Ceremony

def test_shots(own_app, clock):
    app = own_app
    app.config["TESTING"]=True
    s = db.session(); s.info["scope"] = Scope.system("t")
    task = make_task(s, clock.now()); tid=task.id; db.session.remove()
    server = make_server("127.0.0.1", 0, app, threaded=True); port=server.server_port
    threading.Thread(target=server.serve_forever, daemon=True).start()
    base=f"http://127.0.0.1:{port}"
    pw = demo_password(app.extensions["settings"])
    problems=[]
    with sync_playwright() as p:
        b = p.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        def login(name):
            c=b.new_context(viewport={"width":1600,"height":900}, locale="zh-CN"); page=c.new_page()
            page.on("console", lambda m: problems.append((name,m.type,m.text)) if m.type in("error","warning") else None)
            page.on("pageerror", lambda e: problems.append((name,"page",str(e))))
            page.goto(base+"/login/"); page.fill("#username",name); page.fill("#password",pw); page.click("form button[type=submit] >> nth=0"); page.wait_for_load_state()
            return page
        police=login("police_clerk")
        police.goto(f"{base}/draws/freeze/{tid}"); police.screenshot(path="/tmp/x/freeze.png", full_page=True)
        police.click("button:has-text('冻结')"); police.wait_for_load_state(); police.wait_for_timeout(500)
        police.screenshot(path="/tmp/x/wall1.png"); print(police.url)
        no=police.url.rstrip("/").split("/")[-1]
        pages={}
        for n in ("amr_clerk","health_clerk","auditor"):
            pg=login(n); pages[n]=pg
            pg.goto(f"{base}/draws/{no}/contribute")
            pg.fill("#number","骰子 5 3 6 "+n)
            if n=="amr_clerk": pg.screenshot(path="/tmp/x/commit.png", full_page=True)
            pg.click("button:has-text('提交承诺')"); pg.wait_for_load_state(); pg.wait_for_timeout(600)
            if n=="amr_clerk": pg.screenshot(path="/tmp/x/slip.png", full_page=True)
        police.wait_for_timeout(5000); police.screenshot(path="/tmp/x/wall2.png")
        for n,pg in pages.items():
            pg.goto(f"{base}/draws/{no}/contribute"); pg.wait_for_timeout(400)
            if n=="amr_clerk": pg.screenshot(path="/tmp/x/reveal.png", full_page=True)
            pg.click("button:has-text('公开')"); pg.wait_for_load_state(); pg.wait_for_timeout(500)
            print(n, pg.inner_text("main")[:60])
        police.goto(f"{base}/draws/{no}/draw"); police.screenshot(path="/tmp/x/draw.png", full_page=True)
        police.click("button:has-text('抽取')"); police.wait_for_load_state(); police.wait_for_timeout(700)
        police.screenshot(path="/tmp/x/wall3.png")
        police.goto(f"{base}/matching/{no}/"); police.screenshot(path="/tmp/x/board0.png", full_page=True)
        police.click("summary:has-text('匹配')"); police.click(".ask button"); police.wait_for_load_state(); police.wait_for_timeout(500)
        police.screenshot(path="/tmp/x/board1.png", full_page=True)
        police.click("summary:has-text('确认')"); police.click(".ask button"); police.wait_for_load_state(); police.wait_for_timeout(500)
        police.goto(f"{base}/matching/{no}/?agency=AMR-640100"); police.screenshot(path="/tmp/x/board2.png", full_page=True)
        police.goto(f"{base}/draws/{no}/targets"); police.screenshot(path="/tmp/x/targets.png", full_page=True)
        police.goto(f"{base}/draws/"); police.screenshot(path="/tmp/x/list.png", full_page=True)
        police.goto(f"{base}/tasks/{tid}"); police.screenshot(path="/tmp/x/task.png", full_page=True)
        police.goto(f"{base}/draws/{no}/receipt"); police.screenshot(path="/tmp/x/receipt.png", full_page=True)
        b.close()
    print(problems)
    server.shutdown()
