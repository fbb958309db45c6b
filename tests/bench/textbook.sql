-- Tables of the textbook consumer; the driver makes them anew for each benchmark.
DROP SCHEMA IF EXISTS textbook CASCADE;
CREATE SCHEMA textbook;
CREATE TABLE textbook.inbox (message_id text PRIMARY KEY, received timestamptz NOT NULL DEFAULT now());
CREATE TABLE textbook.state (case_id uuid PRIMARY KEY, last_seq bigint NOT NULL, state bytea NOT NULL);
CREATE TABLE textbook.outbox (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    record_key bytea NOT NULL,
    headers bytea NOT NULL,
    payload bytea NOT NULL
);
GRANT USAGE ON SCHEMA textbook TO heshi_sla_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA textbook TO heshi_sla_app;
