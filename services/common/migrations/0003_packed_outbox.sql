-- migrate:up
-- The outbox keeps few rows with many records each (services/common/io/pack.h). A service of before cannot write it:
-- its batches fail, and nothing is lost, until it is replaced.
SET LOCAL lock_timeout = '5s';

ALTER TABLE outbox RENAME TO outbox_single;
ALTER INDEX outbox_pkey RENAME TO outbox_single_pkey;

CREATE TABLE outbox (
    lane       int NOT NULL,
    last_seq   bigint NOT NULL,
    first_seq  bigint NOT NULL,
    created_ms bigint NOT NULL,
    records    bytea NOT NULL,
    PRIMARY KEY (lane, last_seq)
) WITH (toast_tuple_target = 8160);
ALTER TABLE outbox ALTER records SET STORAGE EXTERNAL; -- a row up to a page stays where it is and is not compressed

INSERT INTO outbox (lane, last_seq, first_seq, created_ms, records)
SELECT lane, seq, seq, created_ms,
       CASE WHEN tombstone THEN '\x02'::bytea ELSE '\x00'::bytea END
       || int4send(octet_length(topic)) || convert_to(topic, 'UTF8')
       || int4send(octet_length(record_key)) || record_key
       || int4send(octet_length(headers)) || headers
       || CASE WHEN tombstone THEN ''::bytea ELSE int4send(octet_length(payload)) || payload END
  FROM outbox_single;

DROP TABLE outbox_single;
