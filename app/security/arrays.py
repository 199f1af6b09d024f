"""Ids of a scope as one array each instead of one parameter per id.

An office's scope holds some hundred and thirty regions and agencies. As single parameters they are rendered,
handed over and parsed in every statement; `column = ANY(array)` means the same, is planned the same, and is one.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ARRAY, BinaryExpression, BindParameter, ColumnElement, any_, bindparam
from sqlalchemy.sql import operators, visitors


def as_arrays(criterion: ColumnElement[bool]) -> ColumnElement[bool]:
    """The criterion with every `column IN (values)` as `column = ANY(array)`, in its subselects as well."""
    return visitors.replacement_traverse(criterion, {}, _as_array)


def _as_array(element: Any, **_: Any) -> Any:
    if not isinstance(element, BinaryExpression) or element.operator is not operators.in_op:
        return None
    values = element.right
    if not isinstance(values, BindParameter) or not values.expanding or values.value is None:
        return None
    # In order, so that the same scope is the same parameter.
    array = bindparam(None, sorted(values.value), type_=ARRAY(element.left.type))
    return element.left == any_(array)
