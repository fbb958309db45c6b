-- migrate:up
-- The accounts of the fund itself, among those of cases and merchants, which only grow: for the gauge.
SET LOCAL lock_timeout = '5s';

CREATE INDEX account_fund ON account (account) WHERE account NOT LIKE '%[%';
