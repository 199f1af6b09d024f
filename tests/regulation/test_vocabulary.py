import pickle

import pytest

from app.kernel.states import StateEnum
from app.regulation.vocabulary import CheckMethod, ItemCategory, MemberLevel, RiskClass, TargetKind


def test_the_bounds_of_the_classes_leave_no_score_out():
    classes = "".join(RiskClass.of_score(score).value for score in range(1001))
    assert classes == "A" * 251 + "B" * 250 + "C" * 250 + "D" * 250
    assert RiskClass.B.bounds == (251, 500)
    assert (RiskClass.of_score(None), RiskClass.N.bounds) == (RiskClass.N, None)


@pytest.mark.parametrize("score", [-1, 1001])
def test_a_score_off_the_scale_has_no_class(score):
    with pytest.raises(ValueError, match="0 to 1000"):
        RiskClass.of_score(score)


def test_article_4_names_five_kinds_of_targets():
    assert [kind.value for kind in TargetKind] == [
        "enterprise",
        "farmers_cooperative",
        "individual_business",
        "social_organisation",
        "other",
    ]


@pytest.mark.rule("R-10.1")
def test_only_the_check_on_site_needs_certified_inspectors():
    assert [method for method in CheckMethod if method.needs_certified_inspectors] == [CheckMethod.ON_SITE]
    assert {method.value for method in CheckMethod} == {"on_site", "written", "online", "other"}


def test_only_general_items_have_a_cap():
    assert not ItemCategory.KEY.has_ratio_cap
    assert ItemCategory.GENERAL.has_ratio_cap


def test_the_levels_stand_above_each_other():
    assert MemberLevel.REGION.is_above(MemberLevel.CITY)
    assert MemberLevel.CITY.is_above(MemberLevel.COUNTY)
    assert not MemberLevel.CITY.is_above(MemberLevel.CITY)
    assert not MemberLevel.COUNTY.is_above(MemberLevel.REGION)


def test_a_state_is_its_code_its_label_and_its_colour():
    assert RiskClass("D") is RiskClass.D
    assert f"{RiskClass.D}" == "D"
    assert (RiskClass.D.label, RiskClass.D.colour) == ("High credit risk", "bad")
    assert pickle.loads(pickle.dumps(RiskClass.C)) is RiskClass.C


def test_a_colour_that_does_not_exist_stops_the_start():
    with pytest.raises(ValueError, match="pink"):
        StateEnum("Faulty", {"ONE": ("one", "One", "pink")})


def test_every_label_of_the_vocabulary_has_words():
    vocabularies: list[type[StateEnum]] = [RiskClass, TargetKind, ItemCategory, CheckMethod, MemberLevel]
    assert all(" " in member.label or member.label.istitle() for words in vocabularies for member in words)
