"""Small vocabularies of the regulation that several domains share. Labels are message ids."""

from __future__ import annotations

from app.kernel.states import StateEnum
from app.regulation.registry import implements


class RiskClass(StateEnum):
    """Credit-risk class (article 7): the score runs from 0 to 1000, high is risky; N is not classified."""

    A = "A", "Low credit risk", "ok"
    B = "B", "General credit risk", "info"
    C = "C", "Rather high credit risk", "warn"
    D = "D", "High credit risk", "bad"
    N = "N", "Not classified", "mute"

    @property
    def bounds(self) -> tuple[int, int] | None:
        """Lowest and highest score of the class, both included; None for N."""
        return _BOUNDS.get(self.value)

    @classmethod
    def of_score(cls, score: int | None) -> RiskClass:
        """The class of a score of 0 to 1000; N without a score. Raises `ValueError` for any other."""
        if score is None:
            return cls.N
        for code, (low, high) in _BOUNDS.items():
            if low <= score <= high:
                return cls(code)
        raise ValueError(f"a credit-risk score is a whole number from 0 to 1000, not {score!r}")


_BOUNDS = {"A": (0, 250), "B": (251, 500), "C": (501, 750), "D": (751, 1000)}


class TargetKind(StateEnum):
    """The kinds that article 4 names. The directory starts with them; an office adds more without code."""

    ENTERPRISE = "enterprise", "Enterprise"
    FARMERS_COOPERATIVE = "farmers_cooperative", "Farmers' cooperative"
    INDIVIDUAL_BUSINESS = "individual_business", "Individual business"
    SOCIAL_ORGANISATION = "social_organisation", "Social organisation"
    OTHER = "other", "Other target"


class ItemCategory(StateEnum):
    """Article 9: a key item has no upper ratio, a general item has one."""

    KEY = "key", "Key item", "info"
    GENERAL = "general", "General item"

    @property
    def has_ratio_cap(self) -> bool:
        return self is ItemCategory.GENERAL


@implements("R-10.1")
class CheckMethod(StateEnum):
    """How an item is checked (article 10). The method decides what is asked of the inspectors."""

    ON_SITE = "on_site", "On-site check"
    WRITTEN = "written", "Written check"
    ONLINE = "online", "Online monitoring"
    OTHER = "other", "Other method"

    @property
    def needs_certified_inspectors(self) -> bool:
        """Article 15: only the check on site is reserved to certified inspectors."""
        return self is CheckMethod.ON_SITE


class MemberLevel(StateEnum):
    """The level of a joint meeting, its office and its members (article 5)."""

    REGION = "region", "Region level"
    CITY = "city", "City level"
    COUNTY = "county", "County level"

    @property
    def depth(self) -> int:
        """Steps below the region: 0, 1, 2."""
        return list(MemberLevel).index(self)

    def is_above(self, other: MemberLevel) -> bool:
        return self.depth < other.depth
