"""The three administrators apart (三员分立), kept by the database itself: whoever writes, and however.

A person's active memberships, all of them together, hold at most one of the three administrators' roles, and
then no role that does business. Roles that have ended do not count, those for a time do until their end.
"""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.engine import Connection

# The account's row is held first: of two grants at the same moment the second sees the first.
_FUNCTIONS = (
    """
CREATE OR REPLACE FUNCTION check_roles_apart(person integer) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE apart integer; business integer;
BEGIN
  PERFORM 1 FROM ab_user WHERE id = person FOR NO KEY UPDATE;
  SELECT count(DISTINCT r.name) FILTER (WHERE r.name IN ('system_admin', 'security_admin', 'audit_admin')),
         count(*) FILTER (WHERE r.name NOT IN ('system_admin', 'security_admin', 'audit_admin'))
    INTO apart, business
    FROM membership m
    JOIN membership_role mr ON mr.membership_id = m.id
    JOIN ab_role r ON r.id = mr.role_id
   WHERE m.user_id = person AND m.active AND (mr.until IS NULL OR mr.until >= (now() AT TIME ZONE 'Asia/Shanghai')::date);
  IF apart > 1 OR (apart > 0 AND business > 0) THEN
    RAISE EXCEPTION 'account % would hold roles that are kept apart', person
      USING ERRCODE = 'check_violation', CONSTRAINT = 'roles_apart', TABLE = 'membership_role';
  END IF;
END $$
""",
    """
CREATE OR REPLACE FUNCTION membership_role_apart() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM check_roles_apart((SELECT user_id FROM membership WHERE id = NEW.membership_id));
  RETURN NULL;
END $$
""",
    """
CREATE OR REPLACE FUNCTION membership_apart() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM check_roles_apart(NEW.user_id);
  RETURN NULL;
END $$
""",
)
_TRIGGERS = (
    "CREATE CONSTRAINT TRIGGER roles_apart AFTER INSERT OR UPDATE ON membership_role "
    "DEFERRABLE INITIALLY IMMEDIATE FOR EACH ROW EXECUTE FUNCTION membership_role_apart()",
    "CREATE CONSTRAINT TRIGGER roles_apart AFTER UPDATE OF active, user_id ON membership "
    "DEFERRABLE INITIALLY IMMEDIATE FOR EACH ROW EXECUTE FUNCTION membership_apart()",
)


def install(connection: Connection) -> None:
    """Put the constraint on; called at the end of the migration. Safe to repeat."""
    remove(connection)
    for statement in (*_FUNCTIONS, *_TRIGGERS):
        connection.execute(text(statement))


def remove(connection: Connection) -> None:
    for table in ("membership_role", "membership"):
        connection.execute(text(f"DROP TRIGGER IF EXISTS roles_apart ON {table}"))
    connection.execute(text("DROP FUNCTION IF EXISTS membership_role_apart()"))
    connection.execute(text("DROP FUNCTION IF EXISTS membership_apart()"))
    connection.execute(text("DROP FUNCTION IF EXISTS check_roles_apart(integer)"))
