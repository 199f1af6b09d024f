"""The demo's accounts. The loader gives all of them one password."""

from collections.abc import Iterable, Iterator
from typing import TypedDict

from seeds.demo.inspectors import InspectorRow
from seeds.demo.words import MARK

MAIL_DOMAIN = "example.invalid"


class AccountRow(TypedDict):
    """An account with its one membership. `certificate_no` links an inspector's account to the directory."""

    username: str
    display_name: str
    agency_code: str
    roles: list[str]
    email: str
    certificate_no: str | None


_OFFICES = (
    ("region_office", "自治区联席办管理员", "OFFICE-640000", "office_admin"),
    ("region_reviewer", "自治区联席办审核员", "OFFICE-640000", "reviewer"),
    ("region_reviewer_b", "自治区联席办审核员二", "OFFICE-640000", "reviewer"),
    ("office", "银川市联席办管理员", "OFFICE-640100", "office_admin"),
    ("office_reviewer", "银川市联席办审核员", "OFFICE-640100", "reviewer"),
    ("office_reviewer_b", "银川市联席办审核员二", "OFFICE-640100", "reviewer"),
)
_AGENCIES = (
    ("police", "市公安局", "POLICE-640100"),
    ("amr", "市市场监管局", "AMR-640100"),
    ("health", "市卫生健康委", "HEALTH-640100"),
)
# A second reviewer each: with fewer than two, approvals go to the office above.
_POSTS = (
    ("admin", "管理员", "agency_admin"),
    ("clerk", "经办人", "clerk"),
    ("reviewer", "审核员", "reviewer"),
    ("reviewer_b", "审核员二", "reviewer"),
)
_SYSTEM = (
    ("auditor", "银川市审计监督员", "AUDIT-640100", "auditor"),
    ("sysadmin", "系统管理员", "OFFICE-640000", "system_admin"),
    ("secadmin", "安全管理员", "OFFICE-640000", "security_admin"),
    ("auditadmin", "审计管理员", "OFFICE-640000", "audit_admin"),
)


def demo_accounts() -> Iterator[AccountRow]:
    """The named accounts of offices, agencies, audit and system: 22, user names in lower case."""
    for username, label, agency, role in _OFFICES:
        yield _account(username, label, agency, role)
    for prefix, agency_label, agency in _AGENCIES:
        for post, label, role in _POSTS:
            yield _account(f"{prefix}_{post}", agency_label + label, agency, role)
    for username, label, agency, role in _SYSTEM:
        yield _account(username, label, agency, role)


def inspector_accounts(inspectors: Iterable[InspectorRow]) -> Iterator[AccountRow]:
    """One account per inspector, `i_` and the certificate number in lower case."""
    for row in inspectors:
        number = row["certificate_no"]
        account = _account(f"i_{number}".lower(), row["name"], row["agency_code"], "inspector")
        yield AccountRow({**account, "certificate_no": number})


def _account(username: str, label: str, agency: str, role: str) -> AccountRow:
    return AccountRow(
        username=username,
        display_name=label if label.endswith(MARK) else label + MARK,
        agency_code=agency,
        roles=[role],
        email=f"{username}@{MAIL_DOMAIN}",
        certificate_no=None,
    )
