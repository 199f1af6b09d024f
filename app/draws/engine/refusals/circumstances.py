"""What the terms alone do not tell, handed in by the service."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Circumstances:
    """`witness_agencies`: every witness who may be named, with the agency that sends him (itself for an
    agency).

    `risk_based`: strata or weights come from risk classes. `frozen_at`: the moment of the freeze, UTC with
    seconds.
    """

    witness_agencies: Mapping[str, str]
    risk_based: bool
    frozen_at: str
