"""Pages of second factors; here they are put into the places that log-in keeps for them."""

from __future__ import annotations

from typing import Any

from flask_login import user_logged_in

from app.security.login.factors.queries import factors_of
from app.security.login.factors.views.office import FactorsOffice
from app.security.login.factors.views.own import OwnFactors
from app.security.login.factors.views.second import SecondStep, check_code, tell
from app.security.login.places import one_time_codes, second_factors


def register(appbuilder: Any) -> None:
    second_factors.add(factors_of)
    one_time_codes.add(check_code)
    user_logged_in.connect(tell)
    appbuilder.add_view_no_menu(OwnFactors)
    appbuilder.add_view_no_menu(FactorsOffice)
    step = appbuilder.add_view_no_menu(SecondStep)
    sm = appbuilder.sm
    if sm.is_auth_limited:
        sm.limiter.limit(sm.auth_rate_limit, methods=["POST"])(step.blueprint)
