-- migrate:up
-- The lane protocol (docs/ARCHITECTURE.md): one row per lane is fence, counter and watermark.
SET LOCAL lock_timeout = '5s';

CREATE TABLE lane (
    lane          int PRIMARY KEY,
    owner_epoch   bigint NOT NULL DEFAULT 0, -- raised by each new owner
    out_seq       bigint NOT NULL DEFAULT 0, -- last outbox row given out
    published_seq bigint NOT NULL DEFAULT 0  -- everything up to here is acknowledged by Kafka
) WITH (fillfactor = 10);

CREATE TABLE lane_cursor (
    lane              int NOT NULL,
    topic             text NOT NULL,
    next_offset       bigint NOT NULL,
    last_lanesequence bigint NOT NULL,
    PRIMARY KEY (lane, topic)
) WITH (fillfactor = 10);

CREATE TABLE lane_out (
    lane              int NOT NULL,
    topic             text NOT NULL,
    last_lanesequence bigint NOT NULL,
    PRIMARY KEY (lane, topic)
) WITH (fillfactor = 10);

CREATE TABLE outbox (
    lane       int NOT NULL,
    seq        bigint NOT NULL,
    topic      text NOT NULL,
    record_key bytea NOT NULL,
    headers    bytea NOT NULL,
    payload    bytea NOT NULL,
    tombstone  boolean NOT NULL,
    created_ms bigint NOT NULL,
    PRIMARY KEY (lane, seq)
);

CREATE TABLE timer (
    case_id    uuid NOT NULL,
    name       text NOT NULL,
    cause      bigint NOT NULL,
    generation int NOT NULL,
    lane       int NOT NULL,
    due_ms     bigint NOT NULL,
    PRIMARY KEY (case_id, name, cause)
);
CREATE INDEX timer_due ON timer (lane, due_ms);

CREATE TABLE job (
    case_id    uuid NOT NULL,
    number     text NOT NULL, -- made once, reused on every attempt
    kind       text NOT NULL,
    lane       int NOT NULL,
    state      int NOT NULL,  -- 0 ready: the call is to be made now; 1 waiting for a timer; 2 done
    attempts   int NOT NULL,
    mode       int NOT NULL,  -- what the next call is, by the service's own list
    order_id   text NOT NULL,
    reference  bigint NOT NULL,
    argument   bytea NOT NULL,
    PRIMARY KEY (case_id, number)
);
CREATE INDEX job_ready ON job (lane) WHERE state = 0;

CREATE TABLE quarantine (
    lane          int NOT NULL,
    topic         text NOT NULL,
    record_offset bigint NOT NULL,
    case_id       uuid NOT NULL,  -- zero: the record held nothing
    code          text NOT NULL,
    detail        text NOT NULL,
    stamp_ms      bigint NOT NULL,
    record_key    bytea NOT NULL,
    headers       bytea NOT NULL,
    payload       bytea NOT NULL,
    state         int NOT NULL,   -- 0 open, 1 parked behind an open one, 2 applied, 3 skipped
    created_ms    bigint NOT NULL,
    PRIMARY KEY (lane, topic, record_offset)
);

-- Raises unless every lane still has the epoch of its owner: an UPDATE of no row is no error by itself.
CREATE FUNCTION lane_fence(lanes int[], epochs bigint[], adds bigint[], published bigint[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE hit int;
BEGIN
    PERFORM 1 FROM lane WHERE lane = ANY (lanes) ORDER BY lane FOR UPDATE;
    UPDATE lane l SET out_seq = l.out_seq + i.add, published_seq = greatest(l.published_seq, i.pub)
      FROM unnest(lanes, epochs, adds, published) AS i (lane, epoch, add, pub)
     WHERE l.lane = i.lane AND l.owner_epoch = i.epoch;
    GET DIAGNOSTICS hit = ROW_COUNT;
    IF hit <> cardinality(lanes) THEN
        RAISE EXCEPTION 'lane is owned by another instance' USING ERRCODE = 'HS001';
    END IF;
END $$;

-- Raises when a statement touched another number of rows than it was given.
CREATE FUNCTION expect_rows(actual bigint, expected int) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF actual <> expected THEN
        RAISE EXCEPTION 'row version changed: % of % rows', actual, expected USING ERRCODE = 'HS002';
    END IF;
END $$;
