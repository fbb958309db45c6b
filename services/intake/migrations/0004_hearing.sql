-- migrate:up
-- What guards of the hearing read: offers, rounds, drafts, appeals, consents, people, acts that wait.
SET LOCAL lock_timeout = '5s';

ALTER TABLE docket
    ADD COLUMN offers_consumer int NOT NULL DEFAULT 0,
    ADD COLUMN offers_merchant int NOT NULL DEFAULT 0,
    ADD COLUMN assignee text NOT NULL DEFAULT '',
    ADD COLUMN rounds_opened int NOT NULL DEFAULT 0,
    ADD COLUMN rounds_sealed int NOT NULL DEFAULT 0,
    ADD COLUMN seal_result int NOT NULL DEFAULT 0,
    ADD COLUMN rule_signed boolean NOT NULL DEFAULT false,
    ADD COLUMN round_signed boolean NOT NULL DEFAULT false,
    ADD COLUMN draft_signed boolean NOT NULL DEFAULT false,
    ADD COLUMN invest_breached boolean NOT NULL DEFAULT false,
    ADD COLUMN draft_seq bigint NOT NULL DEFAULT 0,
    ADD COLUMN draft_author text NOT NULL DEFAULT '',
    ADD COLUMN draft_id text NOT NULL DEFAULT '',
    ADD COLUMN draft_liability int NOT NULL DEFAULT 0,
    ADD COLUMN draft_percent int NOT NULL DEFAULT 0,
    ADD COLUMN draft_remedy int NOT NULL DEFAULT 0,
    ADD COLUMN draft_minor bigint NOT NULL DEFAULT 0,
    ADD COLUMN comment_consumer int NOT NULL DEFAULT 0,
    ADD COLUMN comment_merchant int NOT NULL DEFAULT 0,
    ADD COLUMN comment_reopened boolean NOT NULL DEFAULT false,
    ADD COLUMN finalise_breaches int NOT NULL DEFAULT 0,
    ADD COLUMN ruling_id text NOT NULL DEFAULT '',
    ADD COLUMN merchant_percent int NOT NULL DEFAULT 0,
    ADD COLUMN appellant int NOT NULL DEFAULT 0,
    ADD COLUMN joined boolean NOT NULL DEFAULT false,
    ADD COLUMN remand_used boolean NOT NULL DEFAULT false,
    ADD COLUMN election_only boolean NOT NULL DEFAULT false,
    ADD COLUMN consent_consumer text NOT NULL DEFAULT '',
    ADD COLUMN consent_merchant text NOT NULL DEFAULT '',
    ADD COLUMN arb_ack_breaches int NOT NULL DEFAULT 0,
    ADD COLUMN prior_seq bigint NOT NULL DEFAULT 0,
    ADD COLUMN performed boolean NOT NULL DEFAULT false,
    ADD COLUMN rescind_consumer boolean NOT NULL DEFAULT false,
    ADD COLUMN rescind_merchant boolean NOT NULL DEFAULT false,
    ADD COLUMN rescission_used boolean NOT NULL DEFAULT false,
    ADD COLUMN hold_breaches int NOT NULL DEFAULT 0,
    ADD COLUMN waits text NOT NULL DEFAULT '', -- one "sequence kind side time_ms" per line
    ADD COLUMN acted text NOT NULL DEFAULT '', -- one staff id per line
    ADD COLUMN panel text NOT NULL DEFAULT '';
