import re
def forms(html):
    return html
def test_walk(app, client_as, session):
    c = client_as("police_admin")
    assert c.get("/plans/").status_code == 200
    r = c.post("/plans/new", data={"year": "2026", "name": "计划"}); assert r.status_code == 302, r.data.decode()[-3000:]
    url = r.location; print(url)
    r = c.get(url); assert r.status_code == 200
    r = c.get(url + "/entries/new"); assert r.status_code == 200
    t = r.data.decode()
    joint = re.search(r'joint=(\d+)"', t).group(1)
    r = c.get(url + "/entries/new?joint=" + joint); assert r.status_code == 200, r.data.decode()[-2000:]
    open("/tmp/form.html","wb").write(r.data)
