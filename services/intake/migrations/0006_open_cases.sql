-- migrate:up
-- Open cases by stage, for the gauge and for people who ask. Merged, closed and archived ones, which only grow, are not
-- in it.
SET LOCAL lock_timeout = '5s';

CREATE INDEX docket_open ON docket (lane, stage) WHERE stage NOT IN (4, 14, 15);
