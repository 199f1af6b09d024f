"""The Chinese catalogue: fragments per area in `app/translations/*.zh.po`, merged and compiled.

The compiled catalogue is not kept in the repository; `upgrade` and the tests make it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

FOLDER = Path(__file__).resolve().parent.parent / "translations"


class TranslationConflict(RuntimeError):
    """Two fragments translate the same sentence differently."""


def fragments() -> Iterator[tuple[str, Catalog]]:
    for path in sorted(FOLDER.glob("*.zh.po")):
        with path.open("rb") as file:
            yield path.name, read_po(file, locale="zh_CN", abort_invalid=True)


def merged(strict: bool = True) -> Catalog:
    """One catalogue of all fragments; where two differ the first wins, unless `strict`.

    :raises TranslationConflict: naming the sentence and both fragments
    """
    catalog = Catalog(locale="zh_CN", project="evenhand", charset="utf-8")
    origin: dict[tuple[str | None, str], str] = {}
    for name, part in fragments():
        for message in part:
            if not message.id or not message.string:
                continue
            key = (message.context, str(message.id))
            known = catalog.get(message.id, message.context)
            if known is not None and known.string != message.string:
                if not strict:
                    continue
                raise TranslationConflict(
                    f"{message.id!r}: {origin[key]} says {known.string!r}, {name} says {message.string!r}"
                )
            origin.setdefault(key, name)
            catalog.add(message.id, message.string, context=message.context)
    return catalog


def compile_catalogue() -> int:
    """Write `zh/LC_MESSAGES/messages.mo`; returns the number of sentences.

    Babel calls the locale `zh_CN` by its full name `zh_Hans_CN` when it looks for a catalogue; gettext finds
    the folder `zh` from it, but not `zh_CN`.
    """
    catalog = merged(strict=False)
    target = FOLDER / "zh" / "LC_MESSAGES" / "messages.mo"
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_suffix(f".{os.getpid()}.part")
    with part.open("wb") as file:
        write_mo(file, catalog)
    part.replace(target)
    return len(catalog)
