/* What the files of the engine share. Nobody else includes this.
 *   engine.c   life, tick, report                       consumer.c  group membership, reading
 *   own.c      taking lanes over                        inbox.c     what waits to be taken into a turn
 *   turn.c     one turn from start to end               collect.c   order, duplicates, decoding, quarantine
 *   emit.c     what services call while they decide     spans.c     the turn's records as spans
 *   write.c    the pipeline of a turn                   publish.c   producer, watermark
 *   pack.c     records of the outbox in few rows        upkeep.c    offsets for tooling, old rows of the outbox
 *   timers.c   Redis index, sweep, rebuild              jobs.c      outside calls
 *   rebuild.c  folding the log into an empty schema     gauges.c    what /metrics shows of it
 *   release.c  what a person decides about held records
 *   count.c    what a turn adds to the metrics */
#ifndef DSP_ENGINE_INTERNAL_H
#define DSP_ENGINE_INTERNAL_H

#include "common/io/engine.h"
#include "common/io/pack.h"
#include "common/io/pg.h"
#include "common/io/row_cache.h"
#include "lane_queries.h"

#define TOPICS_MAX 12
#define OUT_TOPICS_MAX 24
#define INBOX_MAX 4096  /* records in memory that may wait, shared out to partitions: each pauses above its part */
#define READ_AHEAD 1024 /* records in memory that wait for nothing: no more are read until a turn took some */
#define INBOX_BYTES (64u << 20)  /* the same in bytes */
#define TIMERS_MAX 2048          /* firings in memory: no further ones are asked for */
#define UNPUBLISHED_MAX 16384    /* outbox rows of a lane on their way: no new turn above */
#define LEFTOVERS_MAX 64         /* outbox rows of a lane read at once after a take-over */
#define ARENA_BYTES (64u << 20)  /* one turn */
#define SCRATCH_BYTES (1u << 20) /* parameters of statements outside turns */

/* Read position of a lane in one input topic. All of it goes back when a turn is undone. */
struct position {
    int64_t next_offset; /* -1: nothing read yet, starts at the beginning */
    int64_t last_lanesequence;
    int64_t stamp_read; /* highest broker stamp taken; memory only */
    bool gap;           /* a lane sequence is missing: reads on, dropping; memory only */
};

struct lane_topic {
    struct position done; /* as of the last commit, or of the last turn that changed nothing */
    struct position work; /* inside the turn */
    bool unsaved;         /* done is ahead of PostgreSQL */
    bool blocked;         /* inside a collect: an earlier record of it waits */
    bool alarmed;         /* records are missing here and that has been said */
    bool paused;          /* librdkafka fetches nothing of it */
    size_t count;         /* records in the inbox */
    size_t bytes;
};

struct out_topic {
    char *name;
    int64_t done;
    int64_t work;
};

struct held {
    size_t topic;
    struct dsp_uuid case_id;
};

struct lane {
    bool owned;
    int64_t epoch;
    int64_t out_done; /* last outbox number */
    int64_t out_work;
    int64_t sent;            /* handed to the producer: below out_done while leftovers are read */
    int64_t published;       /* watermark in memory */
    int64_t published_saved; /* in PostgreSQL */
    struct lane_topic topics[TOPICS_MAX];
    struct out_topic out[OUT_TOPICS_MAX];
    size_t out_count;
    struct held *held; /* cases with a record in quarantine */
    size_t held_count;
    size_t held_capacity;
    /* Last: lanes that were never owned do not touch these. */
    uint8_t acked[UNPUBLISHED_MAX];  /* ring: number n stands at n % size once acknowledged */
    int32_t sent_s[UNPUBLISHED_MAX]; /* the same ring: monotonic second at which it went to the producer */
};

enum outcome { OUTCOME_OK, OUTCOME_DUPLICATE, OUTCOME_PARKED, OUTCOME_DEAD };

#define TYPE_BYTES 48 /* longer names of types are cut */

struct item {
    enum dsp_record_kind kind;
    int32_t lane;
    size_t topic;
    rd_kafka_message_t *message;
    struct dsp_timer timer;   /* TIMER: name owned by the item */
    struct dsp_answer answer; /* ANSWER: number, kind and body owned by the item */
    struct dsp_uuid case_id;
    struct dsp_err refused; /* decided in an earlier try of the turn: goes to the dead letters */
    int64_t later_ms;       /* monotonic: a timer or answer that failed by itself is not tried before */
    bool taken;
    /* For metrics. */
    enum outcome outcome;      /* as the last collect saw it */
    struct dsp_record *record; /* while its turn lasts; NULL: nothing was to be decided */
    char type[TYPE_BYTES];     /* record->type, kept for the turn after one that refused it */
    struct item *next;
    struct item **back; /* what points here */
};

struct inbox {
    struct item *first;
    struct item **last;
    size_t count;
    size_t bytes; /* of messages */
    size_t timers;
    size_t waiting; /* items that the last collect left behind */
    char waiting_for[96];
};

/* What a turn will write, beside rows and outbox. Columns of these structs are arrays of the statements. */
struct timer_row {
    struct dsp_timer timer;
    int32_t lane;
};

struct quarantine_row {
    int32_t lane;
    struct dsp_str topic;
    int64_t offset;
    struct dsp_uuid case_id;
    struct dsp_str code, detail;
    int64_t stamp_ms;
    struct dsp_str key, headers, payload;
    int32_t state;
    int64_t created_ms;
    size_t topic_index;
};

struct vector {
    void **items;
    size_t count;
    size_t capacity;
};

/* A record of the quarantine on its way back, alone in its turn. */
struct release {
    bool active;
    struct dsp_record record; /* key, value and texts in the turn's arena */
    struct dsp_str topic, packed;
    rd_kafka_headers_t *headers;
    int32_t state; /* as it stood: 0 open, 1 parked */
    int32_t wish;
    struct dsp_err refused; /* cannot be applied now either */
    int64_t left;           /* records of the case that still wait */
};

enum phase { PHASE_IDLE, PHASE_LOADING, PHASE_COMMITTING };

struct turn {
    struct dsp_turn open; /* what services see */
    enum phase phase;
    bool abandoned; /* its lanes are gone: ignore what comes back */
    bool in_transaction;
    int64_t began_ms;         /* monotonic */
    struct vector records;    /* struct dsp_record */
    struct vector items;      /* struct item, same order */
    struct vector spans;      /* struct dsp_span of records, same order; none without a collector */
    struct vector outbox;     /* struct outbox_row: records */
    struct vector set;        /* struct timer_row */
    struct vector dropped;    /* struct timer_row */
    struct vector quarantine; /* struct quarantine_row */
    struct vector jobs;       /* struct dsp_job, ready after the commit */
    struct vector counts;     /* struct count */
    struct item *collecting;  /* what a collect that failed had in hand */
    struct release release;
};

struct wish;  /* release.c */
struct redis; /* timers.c */
struct calls; /* jobs.c */

struct dsp_engine {
    struct dsp_engine_options options;
    const struct dsp_app *app;
    struct dsp_pg *pg;
    rd_kafka_t *consumer;
    rd_kafka_t *producer;
    int consumer_fd, producer_fd;
    struct event *consumer_event, *producer_event, *tick, *collect;
    struct lane lanes[LANES_MAX];
    int32_t partitions;
    rd_kafka_topic_partition_list_t *assignment; /* what the group gave us; NULL = nothing */
    uint64_t round;       /* changes with every assignment: answers of an older one are ignored */
    bool owning;          /* own statements are on their way, or wait for the end of an abandoned turn */
    bool own_waits;       /* the latter */
    size_t own_in_flight; /* groups of own statements: answers of all but the last are old */
    size_t own_expected;  /* lanes of the last one */
    bool owned_before;    /* inside this assignment: the epoch is raised only where it is still ours */
    bool leftovers_asked;
    uint64_t leftovers_round;
    int64_t held_ms; /* monotonic: since when nothing more is read; 0 = reading */
    bool rejoin;     /* leave the group, come back */
    int64_t rejoin_ms;
    bool stopping;
    bool single_step; /* one record per turn until the one that data broke is found */
    size_t single_left;
    int64_t next_try_ms;     /* monotonic: no turn before, after a failure */
    int64_t next_flush_ms;   /* monotonic: positions and watermark of an idle lane */
    int64_t next_offsets_ms; /* monotonic: offsets to Kafka for tooling */
    int64_t next_trim_ms;
    struct inbox inbox;
    struct turn turn;
    struct dsp_row_cache *cache;
    struct dsp_arena *arena;   /* the turn's: nobody else may touch it, an abandoned turn still uses it */
    struct dsp_arena *scratch; /* parameters outside turns: borrowed until the statement is queued */
    struct redis *redis;
    struct calls *calls;
    size_t direct_in_flight;
    size_t quarantined;             /* records of this process, parked ones too */
    int64_t rebuild_end[LANES_MAX]; /* offset at which a rebuild ends */
    char session[128];              /* options of the PostgreSQL session */
    struct wish *wishes;            /* asked for, not in PostgreSQL yet */
    size_t wish_count;
    int64_t next_release_ms; /* monotonic: not before */
    int64_t release_passed;  /* held records that cannot go on yet, in this round */
    void (*on_stopped)(void *arg);
    void *stopped_arg;
};

/* Fatal: logs and tells the service, which stops. */
void engine_fatal(struct dsp_engine *engine, struct dsp_err err);
/* A turn begins soon: collects for two milliseconds first. */
void engine_wake(struct dsp_engine *engine);
bool engine_owns_any(const struct dsp_engine *engine);

/* consumer.c. Its client, a member of no group yet; joining; leaving, in bounded time. */
bool consumer_start(struct dsp_engine *engine);
void consumer_subscribe(struct dsp_engine *engine);
void consumer_close(struct dsp_engine *engine);
/* Takes records out of librdkafka's queue, as many as may wait here. */
void engine_read(struct dsp_engine *engine);
/* The lanes are lost to somebody else: forget them, leave the group and join again. */
void engine_rejoin(struct dsp_engine *engine);

/* own.c. Inside an assignment that has owned before, the epoch is raised only where it is still ours (the
 * connection was lost); else blindly. Waits for the end of an abandoned turn: on the same connection it would
 * else run inside that turn's transaction. */
void engine_own(struct dsp_engine *engine);
/* The abandoned turn has ended. */
void engine_own_waiting(struct dsp_engine *engine);
/* Publishes what is left of a take-over, a piece at a time; no turn begins before all is on its way. */
void engine_leftovers(struct dsp_engine *engine);
bool engine_has_leftovers(const struct dsp_engine *engine);
void engine_forget_lane(struct lane *lane);
void engine_forget_lanes(struct dsp_engine *engine);

/* A copy on the heap, ended by a zero byte that is not counted; and its end. For what outlives a turn. */
struct dsp_str engine_text_own(struct dsp_str from);
void engine_text_drop(struct dsp_str text);

void inbox_init(struct inbox *inbox);
/* Takes ownership of the message. */
void inbox_add_message(struct dsp_engine *engine, rd_kafka_message_t *message);
/* Copies; a firing that already waits is not added again. */
void inbox_add_timer(struct dsp_engine *engine, int32_t lane, const struct dsp_timer *timer);
void inbox_add_answer(struct dsp_engine *engine, int32_t lane, const struct dsp_uuid *case_id,
                      const struct dsp_answer *answer);
void inbox_remove(struct dsp_engine *engine, struct item *item);
/* Forgets everything of lanes that are not owned; `all`: everything. */
void inbox_clear(struct dsp_engine *engine, bool all);

/* Starts a turn if one can start; otherwise does nothing. */
void turn_try(struct dsp_engine *engine);
void turn_abandon(struct dsp_engine *engine);
/* collect.c: fills the turn with what can be decided now. */
struct dsp_err turn_collect(struct dsp_engine *engine);
bool lane_holds(const struct lane *lane, size_t topic, const struct dsp_uuid *case_id);
/* Repeating it changes nothing. */
void lane_hold(struct lane *lane, size_t topic, const struct dsp_uuid *case_id);
/* write.c: the fence alone (`adds`: it also takes the turn's outbox numbers), positions alone, everything. */
struct dsp_err turn_write_fence(struct dsp_engine *engine, bool adds);
struct dsp_err turn_write_positions(struct dsp_engine *engine);
struct dsp_err turn_write_all(struct dsp_engine *engine);
bool vector_add(struct dsp_arena *arena, struct vector *vector, void *item);
/* Ends an open transaction; a session that cannot even do that is replaced. */
void turn_roll_back(struct dsp_engine *engine);

void lane_let_go(struct lane *lane, size_t topic, const struct dsp_uuid *case_id);
/* A dead letter of a record in quarantine. */
struct dsp_err turn_dead_letter(struct dsp_engine *engine, const struct quarantine_row *row, bool tombstone);
/* Text that may quote a record, fit for a text column. */
struct dsp_str turn_clean_text(struct dsp_arena *arena, const char *from);

/* release.c. Begins a turn for a wish or a held record when there is one; true: it did. */
bool release_try(struct dsp_engine *engine);
/* Adds what becomes of the record to what the turn writes. */
struct dsp_err release_write(struct dsp_engine *engine);
/* The turn has committed, or failed (`err`): true when a second turn, that takes the refusal down, has begun. */
void release_succeed(struct dsp_engine *engine);
bool release_fail(struct dsp_engine *engine, struct dsp_err err);
void release_forget(struct release *release);
void release_drop_wishes(struct dsp_engine *engine);

/* turn.c, for release.c: an empty turn; its rows loaded, then decided and committed; committed as it stands. */
struct dsp_err turn_open(struct dsp_engine *engine);
void turn_load(struct dsp_engine *engine);
void turn_commit(struct dsp_engine *engine);
/* What was decided is forgotten, the arena's contents stay. */
void turn_reset(struct dsp_engine *engine);
void turn_fail(struct dsp_engine *engine, struct dsp_err err);
/* Nothing was to be done after all, or the lanes have gone away meanwhile. */
void turn_end_idle(struct dsp_engine *engine);

/* spans.c, only with a collector. What the record leads to goes on below its span. */
struct dsp_err spans_begin(struct dsp_engine *engine, struct dsp_record *record);
/* The calls that this record made ready go on below it, too. */
void spans_mark_jobs(struct dsp_engine *engine, const struct dsp_record *record);
/* The turn has committed. */
void spans_end(struct dsp_engine *engine);

bool publish_start(struct dsp_engine *engine);
void publish_rows(struct dsp_engine *engine, const struct vector *outbox);
void publish_row(struct dsp_engine *engine, const struct outbox_row *row);
int64_t publish_pending(const struct dsp_engine *engine);

/* rebuild.c: reads by plain assignment; whether the lanes taken are fresh (else fatal); whether it is done. */
static inline bool engine_rebuilds(const struct dsp_engine *engine)
{
    return engine->options.rebuild_topic != NULL;
}
struct dsp_err rebuild_start(struct dsp_engine *engine);
bool rebuild_owned(struct dsp_engine *engine);
void rebuild_check(struct dsp_engine *engine);

bool timers_start(struct dsp_engine *engine);
void timers_free(struct dsp_engine *engine);
/* Index entries for timers that are in PostgreSQL now. */
void timers_index(struct dsp_engine *engine, int32_t lane, const struct dsp_timer *timer);
/* Indexes everything that PostgreSQL holds for the owned lanes, a piece at a time. */
void timers_rebuild(struct dsp_engine *engine);
/* Looks for due timers now. */
void timers_poll(struct dsp_engine *engine);
/* The turn that handled it has committed. */
void timers_acknowledge(struct dsp_engine *engine, int32_t lane, const struct dsp_timer *timer);

bool jobs_start(struct dsp_engine *engine);
void jobs_free(struct dsp_engine *engine);
/* Copies the job and makes its call. */
void jobs_call(struct dsp_engine *engine, const struct dsp_job *job);
/* So many calls wait that no turn should bring more. */
bool jobs_crowded(const struct dsp_engine *engine);
size_t jobs_in_flight(const struct dsp_engine *engine);
/* Ready jobs found when lanes were taken over. */
void jobs_take_over(struct dsp_engine *engine, const PGresult *result);

/* count.c: the turn has committed. */
void turn_count(struct dsp_engine *engine);

/* emit.c: one more row for a timer that is set or dropped with this turn. */
struct dsp_err turn_keep_timer(struct dsp_turn *turn, struct vector *vector, int32_t lane,
                               const struct dsp_timer *timer);

/* upkeep.c */
void upkeep_on_offsets(rd_kafka_t *consumer, rd_kafka_resp_err_t err, rd_kafka_topic_partition_list_t *offsets,
                       void *opaque);
void upkeep_commit_offsets(struct dsp_engine *engine);
void upkeep_trim_outbox(struct dsp_engine *engine);

#endif
