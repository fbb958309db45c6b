"""Who has written to which lane: a trigger that only this run's database has. Whoever takes a lane over raises its
epoch, and from then on nobody else's transaction may be taken."""
from __future__ import annotations

from typing import Any

from world import SERVICES, rows

INSTALL = """
CREATE SCHEMA IF NOT EXISTS audit;
CREATE TABLE audit.written (number bigserial PRIMARY KEY, service text, lane int, epoch bigint, raised bool, session int);
CREATE FUNCTION audit.note() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    INSERT INTO audit.written (service, lane, epoch, raised, session)
    VALUES (TG_TABLE_SCHEMA, NEW.lane, NEW.owner_epoch, NEW.owner_epoch <> OLD.owner_epoch, pg_backend_pid());
    RETURN NULL;
END $$;
"""


def install(link: Any) -> None:
    with link.cursor() as cursor:
        cursor.execute(INSTALL)
        for service in SERVICES:
            cursor.execute(f"GRANT USAGE ON SCHEMA audit TO heshi_{service}_app")
            cursor.execute(f"GRANT EXECUTE ON FUNCTION audit.note() TO heshi_{service}_app")
            cursor.execute(f"CREATE TRIGGER audit AFTER UPDATE ON {service}.lane FOR EACH ROW "
                           "EXECUTE FUNCTION audit.note()")


def check(link: Any, doubled: list[str]) -> int:
    """The row lock of the lane puts its transactions into the order of their numbers. How many were looked at."""
    owners: dict[tuple[str, int], int] = {}
    found = rows(link, "SELECT service, lane, epoch, raised, session FROM audit.written ORDER BY number")
    for service, lane, epoch, raised, session in found:
        if raised or (service, lane) not in owners:
            owners[service, lane] = session
        elif owners[service, lane] != session:
            doubled.append(f"{service}, lane {lane}, epoch {epoch}: a transaction of an earlier owner was taken")
    return len(found)
