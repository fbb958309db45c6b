-- migrate:up
-- The case log is append-only for the service itself, too.
REVOKE UPDATE, DELETE ON case_log FROM heshi_intake_app;
