"""抽查事项清单: department lists, the joint list, their items, the lines of the check forms (R-8.x, R-9.1).

Others use `queries`, `rules.may_draw`, `rules.may_use`; `after_publication` is called with the unit and the
list
in the transaction in which a list becomes public.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.kernel.places import Place

after_publication: Place[Callable[[Any, Any], None]] = Place("item_lists.after_publication")
