-- migrate:up
-- What only a hearing writes gets a table of its own: simple cases, which are most, have no row in it, and each entry
-- writes a third of the columns it wrote.
--
-- A version of before writes the columns that are dropped here: its batches fail, and nothing is lost, until it is
-- replaced.
SET LOCAL lock_timeout = '5s';

CREATE TABLE hearing (
    case_id           uuid PRIMARY KEY,
    offers_consumer   int NOT NULL,
    offers_merchant   int NOT NULL,
    assignee          text NOT NULL,
    rounds_opened     int NOT NULL,
    rounds_sealed     int NOT NULL,
    seal_result       int NOT NULL,
    rule_signed       boolean NOT NULL,
    round_signed      boolean NOT NULL,
    draft_signed      boolean NOT NULL,
    invest_breached   boolean NOT NULL,
    draft_seq         bigint NOT NULL,
    draft_author      text NOT NULL,
    draft_id          text NOT NULL,
    draft_liability   int NOT NULL,
    draft_percent     int NOT NULL,
    draft_remedy      int NOT NULL,
    draft_minor       bigint NOT NULL,
    comment_consumer  int NOT NULL,
    comment_merchant  int NOT NULL,
    comment_reopened  boolean NOT NULL,
    finalise_breaches int NOT NULL,
    ruling_id         text NOT NULL,
    appellant         int NOT NULL,
    joined            boolean NOT NULL,
    remand_used       boolean NOT NULL,
    election_only     boolean NOT NULL,
    consent_consumer  text NOT NULL,
    consent_merchant  text NOT NULL,
    arb_ack_breaches  int NOT NULL,
    prior_seq         bigint NOT NULL,
    rescind_consumer  boolean NOT NULL,
    rescind_merchant  boolean NOT NULL,
    rescission_used   boolean NOT NULL,
    hold_breaches     int NOT NULL,
    acted             text NOT NULL,
    panel             text NOT NULL
) WITH (fillfactor = 50);

-- Rows that have anything of a hearing. Nobody writes the docket until this file is done.
LOCK TABLE docket IN SHARE ROW EXCLUSIVE MODE;
INSERT INTO hearing (case_id, offers_consumer, offers_merchant, assignee, rounds_opened, rounds_sealed, seal_result,
                     rule_signed, round_signed, draft_signed, invest_breached, draft_seq, draft_author, draft_id,
                     draft_liability, draft_percent, draft_remedy, draft_minor, comment_consumer, comment_merchant,
                     comment_reopened, finalise_breaches, ruling_id, appellant, joined, remand_used, election_only,
                     consent_consumer, consent_merchant, arb_ack_breaches, prior_seq, rescind_consumer,
                     rescind_merchant, rescission_used, hold_breaches, acted, panel)
SELECT case_id, offers_consumer, offers_merchant, assignee, rounds_opened, rounds_sealed, seal_result, rule_signed,
       round_signed, draft_signed, invest_breached, draft_seq, draft_author, draft_id, draft_liability,
       draft_percent, draft_remedy, draft_minor, comment_consumer, comment_merchant, comment_reopened,
       finalise_breaches, ruling_id, appellant, joined, remand_used, election_only, consent_consumer,
       consent_merchant, arb_ack_breaches, prior_seq, rescind_consumer, rescind_merchant, rescission_used,
       hold_breaches, acted, panel
  FROM docket
 WHERE (offers_consumer, offers_merchant, assignee, rounds_opened, rounds_sealed, seal_result, rule_signed,
        round_signed, draft_signed, invest_breached, draft_seq, draft_author, draft_id, draft_liability,
        draft_percent, draft_remedy, draft_minor, comment_consumer, comment_merchant, comment_reopened,
        finalise_breaches, ruling_id, appellant, joined, remand_used, election_only, consent_consumer,
        consent_merchant, arb_ack_breaches, prior_seq, rescind_consumer, rescind_merchant, rescission_used,
        hold_breaches, acted, panel)
       <> (0, 0, '', 0, 0, 0, false, false, false, false, 0, '', '', 0, 0, 0, 0, 0, 0, false, 0, '', 0, false,
           false, false, '', '', 0, 0, false, false, false, 0, '', '');

ALTER TABLE docket
    DROP COLUMN offers_consumer, DROP COLUMN offers_merchant, DROP COLUMN assignee,
    DROP COLUMN rounds_opened, DROP COLUMN rounds_sealed, DROP COLUMN seal_result,
    DROP COLUMN rule_signed, DROP COLUMN round_signed, DROP COLUMN draft_signed,
    DROP COLUMN invest_breached, DROP COLUMN draft_seq, DROP COLUMN draft_author,
    DROP COLUMN draft_id, DROP COLUMN draft_liability, DROP COLUMN draft_percent,
    DROP COLUMN draft_remedy, DROP COLUMN draft_minor, DROP COLUMN comment_consumer,
    DROP COLUMN comment_merchant, DROP COLUMN comment_reopened, DROP COLUMN finalise_breaches,
    DROP COLUMN ruling_id, DROP COLUMN appellant, DROP COLUMN joined,
    DROP COLUMN remand_used, DROP COLUMN election_only, DROP COLUMN consent_consumer,
    DROP COLUMN consent_merchant, DROP COLUMN arb_ack_breaches, DROP COLUMN prior_seq,
    DROP COLUMN rescind_consumer, DROP COLUMN rescind_merchant, DROP COLUMN rescission_used,
    DROP COLUMN hold_breaches, DROP COLUMN acted, DROP COLUMN panel;
