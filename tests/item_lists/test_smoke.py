def test_boot(app, client_as):
    c = client_as("amr_admin")
    r = c.get("/items/")
    assert r.status_code == 200, r.data.decode()[:500]
    print(r.data.decode().count("/items/"))
    import re

    for u in sorted(set(re.findall(r'href="(/items/\d+)"', r.data.decode())))[:20]:
        r2 = c.get(u)
        assert r2.status_code == 200, u
        for v in sorted(set(re.findall(r'href="(/items/(?:item|joint)/\d+)"', r2.data.decode())))[:2]:
            assert c.get(v).status_code == 200, v
    assert c.get("/items/new").status_code == 200
