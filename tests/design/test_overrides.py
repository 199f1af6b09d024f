"""Our templates stand over exactly the version of the packages that they were made from."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import version

import pytest

from tests.design import overrides, templates

NOT_USED = {
    "appbuilder": {"chart", "swagger", "navbar", "footer", "_formhelpers", "register", "saml", "carousel"},
    "admin": {"file", "rediscli", "modals", "master", "static"},
}


def _listing(name: str) -> dict:
    return tomllib.loads((templates.TEMPLATES / name / "OVERRIDES.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", overrides.PACKAGES)
def test_the_version_is_the_one_that_the_templates_were_made_from(name: str) -> None:
    listing = _listing(name)
    assert version(listing["package"]) == listing["version"]


@pytest.mark.parametrize("name", overrides.PACKAGES)
def test_the_list_names_every_file_with_the_hash_of_its_original(name: str) -> None:
    listing = _listing(name)
    assert listing["files"] == overrides.covered(name)
    assert listing["own"] == overrides.own(name)


@pytest.mark.parametrize("name", overrides.PACKAGES)
def test_no_original_with_inline_code_is_left_uncovered(name: str) -> None:
    """Except those that the product does not use; they are named above."""
    inline = re.compile(r"<script(?![^>]*\bsrc=)|\bstyle=|\bon[a-z]+=\"|javascript:")
    base, covered = overrides.originals(name), overrides.covered(name)
    left = [
        path.relative_to(base).as_posix()
        for path in base.rglob("*.html")
        if inline.search(path.read_text(encoding="utf-8"))
        and path.relative_to(base).as_posix() not in covered
    ]
    assert [p for p in left if not any(word in p for word in NOT_USED[name])] == []
