def test_the_application_starts(app):
    assert app
