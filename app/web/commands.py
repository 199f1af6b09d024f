"""Command groups of this package."""

from app.web.demo.commands import demo_group
from app.web.regulation import regulation_group

GROUPS = [regulation_group, demo_group]
