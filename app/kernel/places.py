"""Named places in which higher domains register: facts travel down by calls, screens are put together by registration."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Generic, TypeVar

T = TypeVar("T")


class Place(Generic[T]):
    """An ordered register of one kind of thing. Registering the same thing twice keeps it once."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._things: list[tuple[int, T]] = []

    def add(self, thing: T, order: int = 100) -> T:
        if all(known is not thing for _, known in self._things):
            self._things.append((order, thing))
            self._things.sort(key=lambda pair: pair[0])
        return thing

    def __iter__(self) -> Iterator[T]:
        return iter([thing for _, thing in self._things])
