-- migrate:up
-- The ledger is append-only for the service itself, too.
REVOKE UPDATE, DELETE ON posting_group, leg, posting_entry FROM heshi_fund_app;
