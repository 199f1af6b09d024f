"""What stands in the detail column of the security log, in words."""

from __future__ import annotations

import pytest
from flask import Flask
from flask_babel import force_locale

from app.ops.security_log.details import log_detail
from app.security.models import SecurityLog

LINES = (
    ("log_in", "ok", "password, totp", "密码, 动态验证码"),
    ("log_in", "ok", "password (api)", "密码 (api)"),
    ("log_in", "refused", "wrong_password", "密码不正确"),
    ("factor_added", "ok", "webauthn: totp of mine", "安全密钥: totp of mine"),
    ("role_granted", "ok", "reviewer @ A-1 until 2026-12-03: 代理", "审核人员 @ A-1 至 2026-12-03: 代理"),
    ("role_granted", "ok", "custom_7 @ A-1: until @ 明天", "custom_7 @ A-1: until @ 明天"),
    ("account_invited", "ok", "slip @ A-1: 新进", "打印初始密码条 @ A-1: 新进"),
    (
        "role_granted",
        "refused",
        "not_in_scope,no_such_code",
        "该记录不存在，或不在您的权限范围内。, no_such_code",
    ),
    ("personal_data_shown", "ok", "password, 核实", "password, 核实"),
    ("recovery_code_used", "ok", "9 left", "还有 9 个未使用。"),
    ("log_out", "ok", "", ""),
)


@pytest.mark.parametrize(("action", "outcome", "written", "shown"), LINES)
def test_codes_are_read_as_words_and_what_a_person_wrote_stays(
    app: Flask, action: str, outcome: str, written: str, shown: str
) -> None:
    line = SecurityLog(action=action, outcome=outcome, detail=written)
    with app.test_request_context(), force_locale("zh_CN"):
        assert log_detail(line) == shown


def test_a_refusal_whose_sentence_has_gaps_keeps_its_code(app: Flask) -> None:
    line = SecurityLog(action="account_invited", outcome="refused", detail="person_known")
    with app.test_request_context(), force_locale("zh_CN"):
        assert log_detail(line) == "person_known"
