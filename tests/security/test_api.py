"""The REST resources: described, tried on a page, answered within the scope, with a token or a session."""

from __future__ import annotations


def test_the_description_names_the_resources(client_as):
    answer = client_as("police_clerk").get("/api/v1/_openapi")
    assert answer.status_code == 200
    assert any(path.startswith("/api/v1/targets") for path in answer.json["paths"])


def test_the_page_to_try_offers_every_resource_and_its_request_works(client_as):
    client = client_as("police_clerk")
    page = client.get("/api/")
    assert 'action="/api/v1/targets/"' in page.text
    answer = client.get("/api/v1/targets/?q=(page_size:5)")
    assert answer.status_code == 200
    assert len(answer.json["result"]) == 5


def test_a_token_opens_the_resources_of_its_account(client_as, home):
    client = client_as(None)
    password = (home / "demo_password").read_text()
    login = {"username": "police_clerk", "password": password, "provider": "db"}
    token = client.post("/api/v1/security/login", json=login).json["access_token"]
    answer = client.get("/api/v1/targets/?q=(page_size:3)", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200
    assert len(answer.json["result"]) == 3


def test_without_token_or_session_nothing_is_answered(client_as):
    assert client_as(None).get("/api/v1/targets/").status_code == 401
    forged = {"Authorization": "Bearer not.a.token"}
    assert client_as(None).get("/api/v1/targets/", headers=forged).status_code in {401, 422}


def test_the_three_administrators_see_no_business_data(client_as):
    for name in ("sysadmin", "secadmin", "auditadmin"):
        assert client_as(name).get("/api/v1/targets/").status_code in {403, 404}
