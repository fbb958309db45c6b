#include "disputectl/ctl_rest.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/base/clock.h"
#include "common/base/codes.h"

#define ROUND_MS 5000
#define PAUSE_LEAST_MS 1
#define PAUSE_MOST_MS 20

/* A round asks Kafka and all services at the same time. That is sound: a record that was written after the
 * first round's ends were asked for changes the ends of the second round, which begins when the first is
 * complete. */
struct ctl_rest {
    struct ctl_kafka *kafka;
    struct ctl_admin *admin;
    struct ctl_offsets ends;   /* every partition of every topic that a service has named so far */
    struct ctl_offsets before; /* the ends of the round before */
    struct ctl_answer *answers;
    bool *covered; /* per member of `ends`: reported by the service in hand */
    size_t covered_room;
    struct dsp_err ends_err;
};

struct ctl_rest *ctl_rest_new(struct ctl_kafka *kafka, struct ctl_admin *admin)
{
    struct ctl_rest *rest = calloc(1, sizeof *rest);
    size_t count = ctl_admin_count(admin);
    struct ctl_answer *answers = calloc(count ? count : 1, sizeof *answers);
    if (!rest || !answers) {
        free(rest);
        free(answers);
        return NULL;
    }
    *rest = (struct ctl_rest){.kafka = kafka, .admin = admin, .answers = answers};
    return rest;
}

void ctl_rest_free(struct ctl_rest *rest)
{
    if (!rest) {
        return;
    }
    ctl_offsets_fini(&rest->ends);
    ctl_offsets_fini(&rest->before);
    free(rest->answers);
    free(rest->covered);
    free(rest);
}

__attribute__((format(printf, 2, 3))) static void complain(struct ctl_rest_state *state, const char *format, ...)
{
    va_list arguments;
    size_t used = strlen(state->why);
    if (used + 4 >= sizeof state->why) {
        return; /* the first ones tell enough */
    }
    if (used) {
        used += (size_t)snprintf(state->why + used, sizeof state->why - used, "; ");
    }
    va_start(arguments, format);
    vsnprintf(state->why + used, sizeof state->why - used, format, arguments);
    va_end(arguments);
}

/* --- asking --- */

static void *ask_ends(void *arg)
{
    struct ctl_rest *rest = arg;
    rest->ends_err = ctl_kafka_ends(rest->kafka, rest->ends.items, rest->ends.count, ROUND_MS);
    return NULL;
}

static void ask_everybody(struct ctl_rest *rest)
{
    pthread_t thread;
    bool apart = pthread_create(&thread, NULL, ask_ends, rest) == 0;
    ctl_admin_get_all(rest->admin, "/rest", ROUND_MS, rest->answers);
    if (apart) {
        pthread_join(thread, NULL);
    } else {
        ask_ends(rest);
    }
}

/* Topics that reports name and that are not known yet: true when there were any (then ends must be asked anew). */
static bool learn_topics(struct ctl_rest *rest, struct ctl_rest_state *state)
{
    bool news = false;
    for (size_t i = 0; i < ctl_admin_count(rest->admin); i++) {
        const char *topic;
        json_t *parts;
        json_t *positions = json_object_get(rest->answers[i].body, "positions");
        json_object_foreach(positions, topic, parts) {
            if (!ctl_offsets_find(&rest->ends, topic, 0)) {
                struct dsp_err err = ctl_offsets_add_topic(rest->kafka, &rest->ends, topic, 0);
                if (dsp_failed(err)) {
                    complain(state, "%s reads %s: %s", ctl_admin_name(rest->admin, i), topic, err.detail);
                }
                news = news || !dsp_failed(err);
            }
        }
    }
    return news;
}

/* --- judging --- */

static int64_t number(const json_t *report, const char *name)
{
    return (int64_t)json_integer_value(json_object_get(report, name));
}

/* Nothing in hand. Held cases wait for a person, not for a service: their records lie in the quarantine and not in
 * the inbox, so they are at rest; the report's `held` says how many there are. */
static void judge_idle(const char *name, const json_t *report, struct ctl_rest_state *state)
{
    static const struct {
        const char *field, *clause;
    } COUNTS[] = {{"unpublished", "unpublished records"},
                  {"in_flight", "outside calls in flight"},
                  {"inbox", "records in the inbox"}};
    const char *waiting_for = json_string_value(json_object_get(report, "waiting_for"));
    if (!json_is_true(json_object_get(report, "ready"))) {
        complain(state, "%s is not ready", name);
    }
    for (size_t i = 0; i < sizeof COUNTS / sizeof *COUNTS; i++) {
        int64_t count = number(report, COUNTS[i].field);
        bool inbox = strcmp(COUNTS[i].field, "inbox") == 0;
        if (count > (inbox ? number(report, "waiting") : 0)) {
            complain(state, "%s has %lld %s", name, (long long)count, COUNTS[i].clause);
        }
    }
    if (number(report, "waiting")) {
        complain(state, "%s has %lld records waiting: %s", name, (long long)number(report, "waiting"),
                 waiting_for ? waiting_for : "it does not say for what");
    }
    if (json_is_true(json_object_get(report, "in_turn"))) {
        complain(state, "%s is at work", name);
    }
    if (json_is_true(json_object_get(report, "due"))) {
        char text[DSP_TIME_TEXT_BYTES] = "";
        dsp_time_format(number(report, "next_due_ms"), text);
        complain(state, "%s has something due since %s", name, text);
    }
}

/* What one instance says of its positions; marks what it reads. */
static void judge_positions(struct ctl_rest *rest, const char *name, const json_t *report, struct ctl_rest_state *state)
{
    const char *topic;
    const char *partition;
    json_t *parts;
    json_t *position;
    json_t *positions = json_object_get(report, "positions");
    json_object_foreach(positions, topic, parts) {
        json_object_foreach(parts, partition, position) {
            const struct ctl_offset *end = ctl_offsets_find(&rest->ends, topic, (int32_t)atoi(partition));
            if (!end) {
                complain(state, "%s reads %s [%s], which Kafka does not have", name, topic, partition);
                continue;
            }
            rest->covered[end - rest->ends.items] = true;
            if ((int64_t)json_integer_value(position) != end->next) {
                complain(state, "%s has read %s [%s] to %lld of %lld", name, topic, partition,
                         (long long)json_integer_value(position), (long long)end->next);
            }
        }
    }
}

static bool has_topic(const struct ctl_rest *rest, const char *service, const char *topic)
{
    for (size_t i = 0; i < ctl_admin_count(rest->admin); i++) {
        if (strcmp(ctl_admin_name(rest->admin, i), service) == 0 &&
            json_object_get(json_object_get(rest->answers[i].body, "positions"), topic)) {
            return true;
        }
    }
    return false;
}

/* All instances of one name together must read every partition. */
static void judge_coverage(struct ctl_rest *rest, const char *name, struct ctl_rest_state *state)
{
    for (size_t i = 0; i < rest->ends.count && !state->why[0]; i++) { /* who is not ready reads nothing: said already */
        const struct ctl_offset *end = &rest->ends.items[i];
        if (!rest->covered[i] && has_topic(rest, name, end->topic)) {
            complain(state, "no instance of %s reads %s [%d]", name, end->topic, end->partition);
        }
    }
}

static bool is_first_of_name(const struct ctl_rest *rest, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (strcmp(ctl_admin_name(rest->admin, i), ctl_admin_name(rest->admin, index)) == 0) {
            return false;
        }
    }
    return true;
}

static void judge_service(struct ctl_rest *rest, size_t first, struct ctl_rest_state *state)
{
    const char *name = ctl_admin_name(rest->admin, first);
    bool heard = true;
    memset(rest->covered, 0, rest->covered_room * sizeof *rest->covered);
    for (size_t i = first; i < ctl_admin_count(rest->admin); i++) {
        const struct ctl_answer *answer = &rest->answers[i];
        if (strcmp(ctl_admin_name(rest->admin, i), name) != 0) {
            continue;
        }
        if (answer->status != 200 || !json_is_object(answer->body)) {
            complain(state, "%s", answer->why[0] ? answer->why : name);
            heard = false;
            continue;
        }
        judge_idle(name, answer->body, state);
        judge_positions(rest, name, answer->body, state);
    }
    if (heard) {
        judge_coverage(rest, name, state);
    }
}

static void judge_clock(const struct ctl_rest *rest, struct ctl_rest_state *state)
{
    const struct ctl_offset *end = ctl_offsets_find(&rest->ends, CTL_CLOCK_TOPIC, 0);
    for (size_t i = 0; i < ctl_admin_count(rest->admin); i++) {
        const json_t *report = rest->answers[i].body;
        int64_t pairs = number(report, "pairs");
        int64_t due = number(report, "next_due_ms");
        if (rest->answers[i].status != 200) {
            continue;
        }
        if (end && pairs != end->next) {
            complain(state, "%s has taken %lld of %lld clock pairs", ctl_admin_name(rest->admin, i), (long long)pairs,
                     (long long)end->next);
        }
        state->pairs = pairs;
        state->now_ms = number(report, "now_ms");
        if (due && (!state->next_due_ms || due < state->next_due_ms)) {
            state->next_due_ms = due;
        }
    }
}

static void make_room(struct ctl_rest *rest)
{
    if (!rest->covered || rest->covered_room < rest->ends.count) {
        free(rest->covered);
        rest->covered = calloc(rest->ends.count + 1, sizeof *rest->covered);
        rest->covered_room = rest->covered ? rest->ends.count : 0;
        if (!rest->covered) {
            abort(); /* some bytes in a command-line tool */
        }
    }
}

bool ctl_rest_look(struct ctl_rest *rest, struct ctl_rest_state *state)
{
    *state = (struct ctl_rest_state){.waited_ms = state->waited_ms, .rounds = state->rounds + 1};
    ask_everybody(rest);
    if (learn_topics(rest, state)) {
        ask_ends(rest); /* later than the reports: stricter, never laxer */
    }
    make_room(rest);
    if (dsp_failed(rest->ends_err)) {
        complain(state, "%s", rest->ends_err.detail);
    } else {
        for (size_t i = 0; i < ctl_admin_count(rest->admin); i++) {
            if (is_first_of_name(rest, i)) {
                judge_service(rest, i, state);
            }
        }
        judge_clock(rest, state);
    }
    for (size_t i = 0; i < ctl_admin_count(rest->admin); i++) {
        ctl_answer_fini(&rest->answers[i]);
    }
    return state->why[0] == '\0';
}

/* --- waiting --- */

static bool same_ends(const struct ctl_rest *rest)
{
    if (rest->before.count != rest->ends.count) {
        return false;
    }
    for (size_t i = 0; i < rest->ends.count; i++) {
        if (rest->before.items[i].next != rest->ends.items[i].next) {
            return false;
        }
    }
    return true;
}

static void keep_ends(struct ctl_rest *rest)
{
    rest->before.count = 0;
    for (size_t i = 0; i < rest->ends.count; i++) {
        const struct ctl_offset *end = &rest->ends.items[i];
        ctl_offsets_add(&rest->before, end->topic, end->partition, end->next);
    }
}

static void pause_ms(int64_t ms)
{
    nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000L}, NULL);
}

struct dsp_err ctl_rest_wait(struct ctl_rest *rest, int max_ms, struct ctl_rest_state *ret_state)
{
    struct ctl_rest_state state = {0};
    int64_t begin_ms = dsp_monotonic_ms();
    int64_t names_ms = CTL_REST_NAMES_MS;
    int64_t wait_ms = PAUSE_LEAST_MS;
    bool rested_before = false;
    DSP_TRY(ctl_admin_require(rest->admin));
    for (;;) {
        bool rested = ctl_rest_look(rest, &state);
        state.waited_ms = dsp_monotonic_ms() - begin_ms;
        if (rested && rested_before && same_ends(rest)) {
            *ret_state = state;
            return dsp_ok();
        }
        if (rested && rested_before) {
            complain(&state, "topics grow");
        }
        if (!rested && state.waited_ms > max_ms) {
            break;
        }
        if (!rested && state.waited_ms > names_ms) {
            fprintf(stderr, "after %lld s not at rest: %s\n", (long long)(state.waited_ms / 1000), state.why);
            names_ms += CTL_REST_NAMES_MS;
        }
        keep_ends(rest);
        if (!rested) {
            pause_ms(wait_ms);
            wait_ms = wait_ms * 2 > PAUSE_MOST_MS ? PAUSE_MOST_MS : wait_ms * 2;
        }
        rested_before = rested;
    }
    *ret_state = state;
    return dsp_retry(DSP_CODE_NOT_READY, "not at rest within %d s: %.90s", max_ms / 1000, state.why);
}
