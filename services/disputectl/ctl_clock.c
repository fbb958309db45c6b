#include "disputectl/ctl_clock.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "common/base/clock.h"
#include "common/base/codes.h"
#include "disputectl/ctl_command.h"
#include "disputes/sandbox/v1/clock.pb-c.h"

#define ANSWER_MS 5000
#define TAKEN_MS 60000 /* a service or the broker may be starting again */
#define INSTANCES_MAX 64

/* --- what the services say --- */

static struct dsp_err ask_pairs(struct ctl_admin *admin, int64_t *ret_least_pairs, int64_t *ret_now_ms)
{
    struct ctl_answer answers[INSTANCES_MAX];
    struct dsp_err err = dsp_ok();
    int64_t least = INT64_MAX;
    DSP_TRY(ctl_admin_require(admin));
    ctl_admin_get_all(admin, "/rest", ANSWER_MS, answers);
    for (size_t i = 0; i < ctl_admin_count(admin); i++) {
        int64_t pairs = (int64_t)json_integer_value(json_object_get(answers[i].body, "pairs"));
        if (answers[i].status == 200 && !json_is_true(json_object_get(answers[i].body, "sandbox"))) {
            err = dsp_reject(DSP_CODE_CONFIG_INVALID, "not started as a sandbox (HESHI_SANDBOX=1): %s",
                             json_string_value(json_object_get(answers[i].body, "service")));
        } else if (answers[i].status != 200 && !dsp_failed(err)) {
            err = dsp_retry(DSP_CODE_SYSTEM_FAILED, "%s", answers[i].why);
        } else if (pairs < least) {
            least = pairs;
            *ret_now_ms = (int64_t)json_integer_value(json_object_get(answers[i].body, "now_ms"));
        }
        ctl_answer_fini(&answers[i]);
    }
    *ret_least_pairs = least;
    return err;
}

struct dsp_err ctl_clock_now(struct ctl_admin *admin, int64_t *ret_now_ms, int64_t *ret_pairs)
{
    return ask_pairs(admin, ret_pairs, ret_now_ms);
}

/* --- moving --- */

static struct dsp_err publish_pair(struct ctl_kafka *kafka, int64_t instant_ms, int64_t *ret_pairs)
{
    Disputes__Sandbox__V1__ClockPair pair = DISPUTES__SANDBOX__V1__CLOCK_PAIR__INIT;
    uint8_t bytes[32];
    struct ctl_ce_storage headers;
    struct ctl_position position;
    pair.sandbox_time_millis = instant_ms;
    size_t size = disputes__sandbox__v1__clock_pair__pack(&pair, bytes);
    DSP_TRY(ctl_ce_headers(&(struct ctl_ce){.source = "/disputectl",
                                            .type = "cn.example.disputes.sandbox.clock.v1",
                                            .schema = "urn:proto:disputes.sandbox.v1.ClockPair"},
                           &headers));
    DSP_TRY(ctl_kafka_produce(kafka,
                              &(struct ctl_record){.topic = CTL_CLOCK_TOPIC,
                                                   .partition = 0,
                                                   .headers = headers.headers,
                                                   .header_count = headers.count,
                                                   .value = {(const char *)bytes, size}},
                              &position));
    *ret_pairs = position.offset + 1;
    return dsp_ok();
}

/* A service that was not started as a sandbox reads no pairs. */
static struct dsp_err await_taken(struct ctl_admin *admin, int64_t pairs)
{
    int64_t give_up_ms = dsp_monotonic_ms() + TAKEN_MS;
    int64_t least = 0;
    int64_t now_ms;
    struct dsp_err err = dsp_ok();
    while (dsp_monotonic_ms() < give_up_ms) {
        err = ask_pairs(admin, &least, &now_ms);
        if (err.kind == DSP_ERR_REJECT || (!dsp_failed(err) && least >= pairs)) {
            return err;
        }
        nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL);
    }
    DSP_TRY(err);
    return dsp_retry(DSP_CODE_NOT_READY, "the clock was not taken by every service in %d s", TAKEN_MS / 1000);
}

/* At rest, and every service follows the clock: one that is no sandbox would never come to rest. */
static struct dsp_err ready_to_move(struct ctl_kafka *kafka, struct ctl_admin *admin, struct ctl_rest *rest,
                                    struct ctl_rest_state *ret_state)
{
    struct ctl_offset end = {.topic = CTL_CLOCK_TOPIC};
    DSP_TRY(ctl_admin_require(admin));
    DSP_TRY(ctl_kafka_ends(kafka, &end, 1, TAKEN_MS));
    DSP_TRY(await_taken(admin, end.next));
    return ctl_rest_wait(rest, CTL_REST_MS, ret_state);
}

static struct dsp_err move(struct ctl_kafka *kafka, struct ctl_admin *admin, struct ctl_rest *rest, int64_t instant_ms,
                           struct ctl_rest_state *ret_state)
{
    int64_t pairs;
    DSP_TRY(publish_pair(kafka, instant_ms, &pairs));
    DSP_TRY(await_taken(admin, pairs));
    return ctl_rest_wait(rest, CTL_REST_MS, ret_state);
}

struct dsp_err ctl_clock_set(struct ctl_kafka *kafka, struct ctl_admin *admin, struct ctl_rest *rest,
                             int64_t instant_ms, struct ctl_rest_state *ret_state)
{
    struct ctl_rest_state state;
    DSP_TRY(ready_to_move(kafka, admin, rest, &state));
    return move(kafka, admin, rest, instant_ms, ret_state);
}

struct dsp_err ctl_clock_advance(struct ctl_kafka *kafka, struct ctl_admin *admin, struct ctl_rest *rest,
                                 int64_t target_ms, ctl_on_stop *on_stop, void *arg, struct ctl_rest_state *ret_state)
{
    struct ctl_rest_state state;
    DSP_TRY(ready_to_move(kafka, admin, rest, &state));
    if (target_ms < state.now_ms) {
        return dsp_reject(DSP_CODE_FIELD_INVALID, "the target lies before the services' clock; clock set goes back");
    }
    int64_t now_ms = state.now_ms;
    while (now_ms < target_ms || state.pairs == 0) {
        int64_t next_ms = target_ms;
        if (state.next_due_ms >= now_ms && state.next_due_ms && state.next_due_ms + 1 < target_ms) {
            next_ms = state.next_due_ms + 1; /* due at D fires when the time is past D */
        }
        if (on_stop) {
            on_stop(arg, next_ms, next_ms == target_ms);
        }
        DSP_TRY(move(kafka, admin, rest, next_ms, &state));
        now_ms = next_ms;
    }
    *ret_state = state;
    return dsp_ok();
}
