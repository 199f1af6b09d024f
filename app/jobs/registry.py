"""What can be done later: jobs by kind, schedules by name. Domains register in their `jobs.py`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Literal, Protocol

from app.db import Unit

Every = Literal["minute", "hour", "day"]


class Progress(Protocol):
    def __call__(self, done: int, total: int | None = None) -> None:
        """Say how far the job is; seen at once, whatever becomes of the job's own transaction."""
        ...


JobFunction = Callable[[Unit, dict[str, Any], Progress], None]
PeriodFunction = Callable[[Unit, str], None]


class GiveUp(Exception):
    """The job says that another attempt cannot help; its text is shown to a person."""


@dataclass(frozen=True)
class Job:
    kind: str
    run: JobFunction


@dataclass(frozen=True)
class Schedule:
    """`at` is `HH:MM` for a day, `MM` for an hour, in Asia/Shanghai. `missed` "latest" leaves out what a
    later period of the same sweep does as well.
    """

    name: str
    every: Every
    at: str
    missed: Literal["all", "latest"]
    run: PeriodFunction

    @property
    def kind(self) -> str:
        return f"schedule.{self.name}"


_jobs: dict[str, Job] = {}
_schedules: dict[str, Schedule] = {}


def job(kind: str) -> Callable[[JobFunction], JobFunction]:
    """Register `fn(unit, args, progress)` as the work of `kind`. It may run twice with the same effect.

    :raises ValueError: when another function holds the kind
    """

    def register(function: JobFunction) -> JobFunction:
        _add(Job(kind, function))
        return function

    return register


def periodic(
    name: str, every: Every, at: str = "", missed: Literal["all", "latest"] = "all"
) -> Callable[[PeriodFunction], PeriodFunction]:
    """Register `fn(unit, period)` as a schedule whose periods are neither missed nor doubled.

    `period` is `2026-11-23`, `2026-11-23T09` or `2026-11-23T09:05`, in Asia/Shanghai.

    :raises ValueError: when `at` does not fit, or another function holds the name
    """
    _check_at(every, at)

    def register(function: PeriodFunction) -> PeriodFunction:
        schedule = Schedule(name, every, at, missed, function)
        known = _schedules.get(name)
        if known is not None and not _same(known.run, function):
            raise ValueError(f"the schedule {name!r} is registered twice")

        def run(unit: Unit, args: dict[str, Any], progress: Progress) -> None:
            function(unit, args["period"])

        _schedules[name] = schedule
        _jobs[schedule.kind] = Job(schedule.kind, run)
        return function

    return register


def _add(new: Job) -> None:
    known = _jobs.get(new.kind)
    if known is not None and not _same(known.run, new.run):
        raise ValueError(f"the job {new.kind!r} is registered twice")
    _jobs[new.kind] = new


def _same(one: Any, other: Any) -> bool:
    return (one.__module__, one.__qualname__) == (other.__module__, other.__qualname__)


def _check_at(every: Every, at: str) -> None:
    hour, _, minute = at.rpartition(":")
    fits = {
        "minute": at == "",
        "hour": at == "" or (hour == "" and minute.isdecimal() and int(minute) < 60),
        "day": at == "" or (hour.isdecimal() and minute.isdecimal() and int(hour) < 24 and int(minute) < 60),
    }
    if not fits[every]:
        raise ValueError(f"{at!r} is no time within every {every}")


def import_jobs(modules: Iterable[ModuleType]) -> None:
    """Take in the domains' `jobs` modules, which register themselves when they are imported.

    :raises ValueError: when one of them registers nothing: a job that nobody can run
    """
    known = {function.__module__ for function in _functions()}
    for module in modules:
        if module.__name__ not in known:
            raise ValueError(f"{module.__name__} registers no job")


def _functions() -> list[Any]:
    return [j.run for j in _jobs.values()] + [s.run for s in _schedules.values()]


def find_job(kind: str) -> Job | None:
    return _jobs.get(kind)


def schedules() -> list[Schedule]:
    return sorted(_schedules.values(), key=lambda schedule: schedule.name)
