"""The organisation: regions, lines of business, agencies, joint meetings, accounts and memberships."""

from __future__ import annotations

from datetime import date, datetime

from flask_appbuilder.security.sqla.models import Role, User
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base, UtcDateTime, pk
from app.security.protection import Encrypted, keep_digests, number_digest, number_tail


class Region(Base):
    """A node of the tree: GB/T 2260 region, or a functional zone that stands in the region it lies in.

    `path` joins the codes from the root, `640000/640100/640104`: below and above are prefixes.
    """

    __tablename__ = "region"
    __table_args__ = (
        CheckConstraint("level IN ('region', 'city', 'county', 'zone')", name="level_known"),
        CheckConstraint("(level = 'region') = (parent_id IS NULL)", name="root_has_no_parent"),
    )
    id: Mapped[int] = pk()
    code: Mapped[str] = mapped_column(String(20), unique=True, nullable=False)
    name: Mapped[str] = mapped_column(String(80), nullable=False)
    name_en: Mapped[str] = mapped_column(String(120), nullable=False, default="")
    level: Mapped[str] = mapped_column(String(10), nullable=False)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("region.id"), index=True)
    path: Mapped[str] = mapped_column(String(120), nullable=False, unique=True)
    parent: Mapped[Region | None] = relationship(remote_side="Region.id")

    def __str__(self) -> str:
        return self.name


class LineOfBusiness(Base):
    """业务条线: links an agency to the same agency on other levels."""

    __tablename__ = "line_of_business"
    code: Mapped[str] = mapped_column(String(30), primary_key=True)
    name: Mapped[str] = mapped_column(String(60), nullable=False, unique=True)
    short_name: Mapped[str] = mapped_column(String(20), nullable=False)
    name_en: Mapped[str] = mapped_column(String(80), nullable=False, default="")

    def __str__(self) -> str:
        return self.name


class Agency(Base):
    """A member of a joint meeting, or (`is_office`) the office of one."""

    __tablename__ = "agency"
    __table_args__ = (
        Index(
            "uq_agency_one_office", "region_id", unique=True, postgresql_where=text("is_office AND active")
        ),
    )
    id: Mapped[int] = pk()
    code: Mapped[str] = mapped_column(String(40), unique=True, nullable=False)
    name: Mapped[str] = mapped_column(String(120), nullable=False)
    name_en: Mapped[str] = mapped_column(String(160), nullable=False, default="")
    region_id: Mapped[int] = mapped_column(ForeignKey("region.id"), nullable=False, index=True)
    line_code: Mapped[str] = mapped_column(ForeignKey("line_of_business.code"), nullable=False, index=True)
    is_office: Mapped[bool] = mapped_column(Boolean, nullable=False, default=False)
    active: Mapped[bool] = mapped_column(Boolean, nullable=False, default=True)
    region: Mapped[Region] = relationship()
    line: Mapped[LineOfBusiness] = relationship()

    def __str__(self) -> str:
        return self.name


class MeetingMember(Base):
    """Membership of an agency in the joint meeting whose office is `office_id` (R-5.1)."""

    __tablename__ = "meeting_member"
    __table_args__ = (
        UniqueConstraint("office_id", "agency_id", "joined_on", name="uq_meeting_member_term"),
        CheckConstraint("left_on IS NULL OR left_on >= joined_on", name="leaves_after_joining"),
    )
    id: Mapped[int] = pk()
    office_id: Mapped[int] = mapped_column(ForeignKey("agency.id"), nullable=False, index=True)
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"), nullable=False, index=True)
    joined_on: Mapped[date] = mapped_column(Date, nullable=False)
    left_on: Mapped[date | None] = mapped_column(Date)
    office: Mapped[Agency] = relationship(foreign_keys=[office_id])
    agency: Mapped[Agency] = relationship(foreign_keys=[agency_id])


class Account(User):
    """A person's account: Flask-AppBuilder's user with what an office needs."""

    __tablename__ = "ab_user"
    display_name: Mapped[str] = mapped_column(String(60), nullable=False, default="", server_default="")
    phone: Mapped[str | None] = mapped_column(Encrypted("ab_user.phone"))
    phone_digest: Mapped[bytes | None] = number_digest("ab_user.phone", unique=True)
    phone_tail: Mapped[bytes | None] = number_tail("ab_user.phone")
    locale: Mapped[str] = mapped_column(String(10), nullable=False, default="zh_CN", server_default="zh_CN")
    must_change_password: Mapped[bool] = mapped_column(
        Boolean, nullable=False, default=False, server_default="false"
    )
    password_changed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    locked_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    left_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    def get_full_name(self) -> str:
        return self.display_name or self.username


keep_digests(Account)


class Membership(Base):
    """One hat of a person: an agency and the roles held there. A person acts under one at a time."""

    __tablename__ = "membership"
    __table_args__ = (UniqueConstraint("user_id", "agency_id", name="uq_membership_person_agency"),)
    id: Mapped[int] = pk()
    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"), nullable=False, index=True)
    agency_id: Mapped[int | None] = mapped_column(ForeignKey("agency.id"), index=True)
    title: Mapped[str] = mapped_column(String(60), nullable=False, default="")
    active: Mapped[bool] = mapped_column(Boolean, nullable=False, default=True)
    user: Mapped[Account] = relationship(foreign_keys=[user_id])
    agency: Mapped[Agency | None] = relationship()
    roles: Mapped[list[MembershipRole]] = relationship(
        back_populates="membership", cascade="all, delete-orphan", lazy="selectin"
    )


class MembershipRole(Base):
    """A role held under a membership; with `until` for a time only, that day included."""

    __tablename__ = "membership_role"
    membership_id: Mapped[int] = mapped_column(
        ForeignKey("membership.id", ondelete="CASCADE"), primary_key=True
    )
    role_id: Mapped[int] = mapped_column(Integer, ForeignKey("ab_role.id"), primary_key=True)
    until: Mapped[date | None] = mapped_column(Date)
    reason: Mapped[str] = mapped_column(String(200), nullable=False, default="", server_default="")
    granted_by: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    granted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    membership: Mapped[Membership] = relationship(back_populates="roles")
    role: Mapped[Role] = relationship(lazy="joined")
    custom: Mapped[CustomRole | None] = relationship(
        primaryjoin="foreign(MembershipRole.role_id) == CustomRole.role_id", viewonly=True, lazy="joined"
    )

    @property
    def names(self) -> frozenset[str]:
        """The standard roles that this one counts as."""
        return frozenset(self.custom.bases) if self.custom else frozenset({self.role.name})

    def holds(self, day: date) -> bool:
        return self.until is None or day <= self.until


class CustomRole(Base):
    """A role that an office composed: some permissions of standard roles, its `bases`, as which it counts.

    Its permissions hang on the row of `ab_role`, like those of every role; that row's name is internal.
    """

    __tablename__ = "custom_role"
    __table_args__ = (
        Index(
            "uq_custom_role_name",
            "office_id",
            "name",
            unique=True,
            postgresql_where=text("archived_at IS NULL"),
        ),
        CheckConstraint(
            "jsonb_typeof(bases) = 'array' AND jsonb_array_length(bases) > 0 AND NOT jsonb_exists_any(bases,"
            " ARRAY['office_admin', 'system_admin', 'security_admin', 'audit_admin'])",
            name="bases_composable",
        ),
    )
    id: Mapped[int] = pk()
    role_id: Mapped[int] = mapped_column(Integer, ForeignKey("ab_role.id"), nullable=False, unique=True)
    office_id: Mapped[int] = mapped_column(ForeignKey("agency.id"), nullable=False)
    name: Mapped[str] = mapped_column(String(40), nullable=False)
    note: Mapped[str] = mapped_column(String(300), nullable=False, default="", server_default="")
    bases: Mapped[list[str]] = mapped_column(JSONB, nullable=False)
    version: Mapped[int] = mapped_column(Integer, nullable=False, default=1, server_default="1")
    created_by: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, nullable=False)
    archived_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    role: Mapped[Role] = relationship()
    office: Mapped[Agency] = relationship()
    __mapper_args__ = {"version_id_col": version}

    def __str__(self) -> str:
        return self.name


class CalendarDay(Base):
    """A day off or a make-up working day of the statutory calendar; `paper_year` names the notice."""

    __tablename__ = "calendar_day"
    __table_args__ = (CheckConstraint("kind IN ('off', 'work')", name="kind_known"),)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    kind: Mapped[str] = mapped_column(String(4), nullable=False)
    name: Mapped[str] = mapped_column(String(40), nullable=False)
    paper_year: Mapped[int] = mapped_column(Integer, nullable=False, index=True)


class SecurityLog(Base):
    """Who, when, from where, what, with what result: log-in, refusal, grant, export. Append-only."""

    __tablename__ = "security_log"
    # Lists go by time, the newest first, under one filter or another: each has an index in that order.
    __table_args__ = (
        Index("ix_security_log_time", "at", "id"),
        Index("ix_security_log_person", "user_id", "at", "id"),
        Index("ix_security_log_agency", "agency_id", "at", "id"),
        Index("ix_security_log_action", "action", "at", "id"),
        Index("ix_security_log_address", "address", "at", "id"),
        Index("ix_security_log_refused", "at", "id", postgresql_where=text("outcome <> 'ok'")),
        Index(
            "ix_security_log_words",
            text("to_tsvector('simple'::regconfig, subject)"),
            postgresql_using="gin",
        ),
    )
    id: Mapped[int] = pk()
    at: Mapped[datetime] = mapped_column(UtcDateTime, nullable=False)
    user_id: Mapped[int | None] = mapped_column(BigInteger)
    agency_id: Mapped[int | None] = mapped_column(BigInteger)
    address: Mapped[str] = mapped_column(String(60), nullable=False, default="")
    agent: Mapped[str] = mapped_column(String(200), nullable=False, default="", server_default="")
    action: Mapped[str] = mapped_column(String(60), nullable=False)
    subject: Mapped[str] = mapped_column(String(200), nullable=False, default="")
    outcome: Mapped[str] = mapped_column(String(20), nullable=False)
    detail: Mapped[str] = mapped_column(Text, nullable=False, default="")
