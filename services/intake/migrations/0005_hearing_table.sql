-- migrate:up
-- What only a hearing writes gets a table of its own: simple cases, which are most, have no row in it, and each entry
-- writes a third of the columns it wrote.
--
-- Nothing need be stopped. The columns stay in docket for a version of intake that does not know the table: before the
-- services are started anew, and after going back. Triggers carry over what either writes, each on what only it writes,
-- so that the new version pays for them in a hearing only. A later version drops columns and triggers.
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

-- What the new version adds has no value here and takes no room; the old one reads that as empty.
ALTER TABLE docket
    ALTER COLUMN offers_consumer DROP NOT NULL, ALTER COLUMN offers_consumer DROP DEFAULT,
    ALTER COLUMN offers_merchant DROP NOT NULL, ALTER COLUMN offers_merchant DROP DEFAULT,
    ALTER COLUMN assignee DROP NOT NULL, ALTER COLUMN assignee DROP DEFAULT,
    ALTER COLUMN rounds_opened DROP NOT NULL, ALTER COLUMN rounds_opened DROP DEFAULT,
    ALTER COLUMN rounds_sealed DROP NOT NULL, ALTER COLUMN rounds_sealed DROP DEFAULT,
    ALTER COLUMN seal_result DROP NOT NULL, ALTER COLUMN seal_result DROP DEFAULT,
    ALTER COLUMN rule_signed DROP NOT NULL, ALTER COLUMN rule_signed DROP DEFAULT,
    ALTER COLUMN round_signed DROP NOT NULL, ALTER COLUMN round_signed DROP DEFAULT,
    ALTER COLUMN draft_signed DROP NOT NULL, ALTER COLUMN draft_signed DROP DEFAULT,
    ALTER COLUMN invest_breached DROP NOT NULL, ALTER COLUMN invest_breached DROP DEFAULT,
    ALTER COLUMN draft_seq DROP NOT NULL, ALTER COLUMN draft_seq DROP DEFAULT,
    ALTER COLUMN draft_author DROP NOT NULL, ALTER COLUMN draft_author DROP DEFAULT,
    ALTER COLUMN draft_id DROP NOT NULL, ALTER COLUMN draft_id DROP DEFAULT,
    ALTER COLUMN draft_liability DROP NOT NULL, ALTER COLUMN draft_liability DROP DEFAULT,
    ALTER COLUMN draft_percent DROP NOT NULL, ALTER COLUMN draft_percent DROP DEFAULT,
    ALTER COLUMN draft_remedy DROP NOT NULL, ALTER COLUMN draft_remedy DROP DEFAULT,
    ALTER COLUMN draft_minor DROP NOT NULL, ALTER COLUMN draft_minor DROP DEFAULT,
    ALTER COLUMN comment_consumer DROP NOT NULL, ALTER COLUMN comment_consumer DROP DEFAULT,
    ALTER COLUMN comment_merchant DROP NOT NULL, ALTER COLUMN comment_merchant DROP DEFAULT,
    ALTER COLUMN comment_reopened DROP NOT NULL, ALTER COLUMN comment_reopened DROP DEFAULT,
    ALTER COLUMN finalise_breaches DROP NOT NULL, ALTER COLUMN finalise_breaches DROP DEFAULT,
    ALTER COLUMN ruling_id DROP NOT NULL, ALTER COLUMN ruling_id DROP DEFAULT,
    ALTER COLUMN appellant DROP NOT NULL, ALTER COLUMN appellant DROP DEFAULT,
    ALTER COLUMN joined DROP NOT NULL, ALTER COLUMN joined DROP DEFAULT,
    ALTER COLUMN remand_used DROP NOT NULL, ALTER COLUMN remand_used DROP DEFAULT,
    ALTER COLUMN election_only DROP NOT NULL, ALTER COLUMN election_only DROP DEFAULT,
    ALTER COLUMN consent_consumer DROP NOT NULL, ALTER COLUMN consent_consumer DROP DEFAULT,
    ALTER COLUMN consent_merchant DROP NOT NULL, ALTER COLUMN consent_merchant DROP DEFAULT,
    ALTER COLUMN arb_ack_breaches DROP NOT NULL, ALTER COLUMN arb_ack_breaches DROP DEFAULT,
    ALTER COLUMN prior_seq DROP NOT NULL, ALTER COLUMN prior_seq DROP DEFAULT,
    ALTER COLUMN rescind_consumer DROP NOT NULL, ALTER COLUMN rescind_consumer DROP DEFAULT,
    ALTER COLUMN rescind_merchant DROP NOT NULL, ALTER COLUMN rescind_merchant DROP DEFAULT,
    ALTER COLUMN rescission_used DROP NOT NULL, ALTER COLUMN rescission_used DROP DEFAULT,
    ALTER COLUMN hold_breaches DROP NOT NULL, ALTER COLUMN hold_breaches DROP DEFAULT,
    ALTER COLUMN acted DROP NOT NULL, ALTER COLUMN acted DROP DEFAULT,
    ALTER COLUMN panel DROP NOT NULL, ALTER COLUMN panel DROP DEFAULT;

-- The old version writes: it names these columns in each statement.
CREATE FUNCTION hearing_from_docket() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO hearing (case_id, offers_consumer, offers_merchant, assignee, rounds_opened, rounds_sealed,
                         seal_result, rule_signed, round_signed, draft_signed, invest_breached, draft_seq,
                         draft_author, draft_id, draft_liability, draft_percent, draft_remedy, draft_minor,
                         comment_consumer, comment_merchant, comment_reopened, finalise_breaches, ruling_id,
                         appellant, joined, remand_used, election_only, consent_consumer, consent_merchant,
                         arb_ack_breaches, prior_seq, rescind_consumer, rescind_merchant, rescission_used,
                         hold_breaches, acted, panel)
    VALUES (NEW.case_id, NEW.offers_consumer, NEW.offers_merchant, NEW.assignee, NEW.rounds_opened,
            NEW.rounds_sealed, NEW.seal_result, NEW.rule_signed, NEW.round_signed, NEW.draft_signed,
            NEW.invest_breached, NEW.draft_seq, NEW.draft_author, NEW.draft_id, NEW.draft_liability,
            NEW.draft_percent, NEW.draft_remedy, NEW.draft_minor, NEW.comment_consumer, NEW.comment_merchant,
            NEW.comment_reopened, NEW.finalise_breaches, NEW.ruling_id, NEW.appellant, NEW.joined, NEW.remand_used,
            NEW.election_only, NEW.consent_consumer, NEW.consent_merchant, NEW.arb_ack_breaches, NEW.prior_seq,
            NEW.rescind_consumer, NEW.rescind_merchant, NEW.rescission_used, NEW.hold_breaches, NEW.acted, NEW.panel)
    ON CONFLICT (case_id) DO UPDATE
       SET offers_consumer = excluded.offers_consumer, offers_merchant = excluded.offers_merchant,
           assignee = excluded.assignee, rounds_opened = excluded.rounds_opened,
           rounds_sealed = excluded.rounds_sealed, seal_result = excluded.seal_result,
           rule_signed = excluded.rule_signed, round_signed = excluded.round_signed,
           draft_signed = excluded.draft_signed, invest_breached = excluded.invest_breached,
           draft_seq = excluded.draft_seq, draft_author = excluded.draft_author, draft_id = excluded.draft_id,
           draft_liability = excluded.draft_liability, draft_percent = excluded.draft_percent,
           draft_remedy = excluded.draft_remedy, draft_minor = excluded.draft_minor,
           comment_consumer = excluded.comment_consumer, comment_merchant = excluded.comment_merchant,
           comment_reopened = excluded.comment_reopened, finalise_breaches = excluded.finalise_breaches,
           ruling_id = excluded.ruling_id, appellant = excluded.appellant, joined = excluded.joined,
           remand_used = excluded.remand_used, election_only = excluded.election_only,
           consent_consumer = excluded.consent_consumer, consent_merchant = excluded.consent_merchant,
           arb_ack_breaches = excluded.arb_ack_breaches, prior_seq = excluded.prior_seq,
           rescind_consumer = excluded.rescind_consumer, rescind_merchant = excluded.rescind_merchant,
           rescission_used = excluded.rescission_used, hold_breaches = excluded.hold_breaches,
           acted = excluded.acted, panel = excluded.panel;
    RETURN NULL;
END $$;

-- The new version writes: for an old one that comes back.
CREATE FUNCTION hearing_to_docket() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE docket d
       SET offers_consumer = NEW.offers_consumer, offers_merchant = NEW.offers_merchant, assignee = NEW.assignee,
           rounds_opened = NEW.rounds_opened, rounds_sealed = NEW.rounds_sealed, seal_result = NEW.seal_result,
           rule_signed = NEW.rule_signed, round_signed = NEW.round_signed, draft_signed = NEW.draft_signed,
           invest_breached = NEW.invest_breached, draft_seq = NEW.draft_seq, draft_author = NEW.draft_author,
           draft_id = NEW.draft_id, draft_liability = NEW.draft_liability, draft_percent = NEW.draft_percent,
           draft_remedy = NEW.draft_remedy, draft_minor = NEW.draft_minor, comment_consumer = NEW.comment_consumer,
           comment_merchant = NEW.comment_merchant, comment_reopened = NEW.comment_reopened,
           finalise_breaches = NEW.finalise_breaches, ruling_id = NEW.ruling_id, appellant = NEW.appellant,
           joined = NEW.joined, remand_used = NEW.remand_used, election_only = NEW.election_only,
           consent_consumer = NEW.consent_consumer, consent_merchant = NEW.consent_merchant,
           arb_ack_breaches = NEW.arb_ack_breaches, prior_seq = NEW.prior_seq,
           rescind_consumer = NEW.rescind_consumer, rescind_merchant = NEW.rescind_merchant,
           rescission_used = NEW.rescission_used, hold_breaches = NEW.hold_breaches, acted = NEW.acted,
           panel = NEW.panel
     WHERE d.case_id = NEW.case_id;
    RETURN NULL;
END $$;

-- NULL: the new version.
CREATE TRIGGER hearing_added_by_old AFTER INSERT ON docket FOR EACH ROW
    WHEN (NEW.acted IS NOT NULL AND
          (NEW.offers_consumer, NEW.offers_merchant, NEW.assignee, NEW.rounds_opened, NEW.rounds_sealed,
           NEW.seal_result, NEW.rule_signed, NEW.round_signed, NEW.draft_signed, NEW.invest_breached, NEW.draft_seq,
           NEW.draft_author, NEW.draft_id, NEW.draft_liability, NEW.draft_percent, NEW.draft_remedy,
           NEW.draft_minor, NEW.comment_consumer, NEW.comment_merchant, NEW.comment_reopened, NEW.finalise_breaches,
           NEW.ruling_id, NEW.appellant, NEW.joined, NEW.remand_used, NEW.election_only, NEW.consent_consumer,
           NEW.consent_merchant, NEW.arb_ack_breaches, NEW.prior_seq, NEW.rescind_consumer, NEW.rescind_merchant,
           NEW.rescission_used, NEW.hold_breaches, NEW.acted, NEW.panel)
          <> (0, 0, '', 0, 0, 0, false, false, false, false, 0, '', '', 0, 0, 0, 0, 0, 0, false, 0, '', 0, false,
              false, false, '', '', 0, 0, false, false, false, 0, '', ''))
    EXECUTE FUNCTION hearing_from_docket();

CREATE TRIGGER hearing_changed_by_old AFTER UPDATE OF
    offers_consumer, offers_merchant, assignee, rounds_opened, rounds_sealed, seal_result, rule_signed,
    round_signed, draft_signed, invest_breached, draft_seq, draft_author, draft_id, draft_liability, draft_percent,
    draft_remedy, draft_minor, comment_consumer, comment_merchant, comment_reopened, finalise_breaches, ruling_id,
    appellant, joined, remand_used, election_only, consent_consumer, consent_merchant, arb_ack_breaches, prior_seq,
    rescind_consumer, rescind_merchant, rescission_used, hold_breaches, acted, panel
    ON docket FOR EACH ROW
    WHEN (pg_trigger_depth() = 0 AND
          (OLD.offers_consumer, OLD.offers_merchant, OLD.assignee, OLD.rounds_opened, OLD.rounds_sealed,
           OLD.seal_result, OLD.rule_signed, OLD.round_signed, OLD.draft_signed, OLD.invest_breached, OLD.draft_seq,
           OLD.draft_author, OLD.draft_id, OLD.draft_liability, OLD.draft_percent, OLD.draft_remedy,
           OLD.draft_minor, OLD.comment_consumer, OLD.comment_merchant, OLD.comment_reopened, OLD.finalise_breaches,
           OLD.ruling_id, OLD.appellant, OLD.joined, OLD.remand_used, OLD.election_only, OLD.consent_consumer,
           OLD.consent_merchant, OLD.arb_ack_breaches, OLD.prior_seq, OLD.rescind_consumer, OLD.rescind_merchant,
           OLD.rescission_used, OLD.hold_breaches, OLD.acted, OLD.panel)
          IS DISTINCT FROM
          (NEW.offers_consumer, NEW.offers_merchant, NEW.assignee, NEW.rounds_opened, NEW.rounds_sealed,
           NEW.seal_result, NEW.rule_signed, NEW.round_signed, NEW.draft_signed, NEW.invest_breached, NEW.draft_seq,
           NEW.draft_author, NEW.draft_id, NEW.draft_liability, NEW.draft_percent, NEW.draft_remedy,
           NEW.draft_minor, NEW.comment_consumer, NEW.comment_merchant, NEW.comment_reopened, NEW.finalise_breaches,
           NEW.ruling_id, NEW.appellant, NEW.joined, NEW.remand_used, NEW.election_only, NEW.consent_consumer,
           NEW.consent_merchant, NEW.arb_ack_breaches, NEW.prior_seq, NEW.rescind_consumer, NEW.rescind_merchant,
           NEW.rescission_used, NEW.hold_breaches, NEW.acted, NEW.panel))
    EXECUTE FUNCTION hearing_from_docket();

CREATE TRIGGER hearing_by_new AFTER INSERT OR UPDATE ON hearing FOR EACH ROW
    WHEN (pg_trigger_depth() = 0)
    EXECUTE FUNCTION hearing_to_docket();
