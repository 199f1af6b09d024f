"""Boxes that unfold: choices with their parents as a tree."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Node:
    """`open`: something below it is ticked."""

    value: str
    label: str
    checked: bool
    children: list[Node] = field(default_factory=list)

    @property
    def open(self) -> bool:
        return any(child.checked or child.open for child in self.children)


def tree_of(
    choices: Sequence[tuple[str, Any]], parents: Mapping[str, str], ticked: Collection[str]
) -> list[Node]:
    """The roots, in the order of the choices; whose parent is not offered stands as a root."""
    nodes = {value: Node(value, str(label), value in ticked) for value, label in choices}
    roots = []
    for value, node in nodes.items():
        above = nodes.get(parents.get(value, ""))
        (above.children if above is not None else roots).append(node)
    return roots
