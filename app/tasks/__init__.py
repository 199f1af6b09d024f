"""抽查任务: scheme, push, response (R-21.x, R-22.1, R-23.x).

Others may import `services`, `queries`, `models`, `rules`, and from here the places where they register:

- `panels: Place[Panel]`: cards of the task page, `panels.add(Panel(title, template, context), order)`;
  `context(session, task)` gives the template's values (there as `panel`, beside `task`), None hides the card
- `next_actions`: `f(session, task, actor) -> NextAction | None`, for the states that a higher domain leads
- `step_notes`: `f(session, task) -> {step: StepNote}`, what stands below a step of the life line
- `documents`, `event_subjects`: papers of the task, and subjects whose events belong to its feed
- `cancel_checks`, `after_cancelled`: whether it may be cancelled, and who is told
"""

from app.tasks.places import (
    Document,
    NextAction,
    Panel,
    StepNote,
    after_cancelled,
    cancel_checks,
    documents,
    event_subjects,
    next_actions,
    panels,
    step_notes,
)

__all__ = [
    "Document",
    "NextAction",
    "Panel",
    "StepNote",
    "after_cancelled",
    "cancel_checks",
    "documents",
    "event_subjects",
    "next_actions",
    "panels",
    "step_notes",
]
