#include "disputectl/play.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/codes.h"
#include "disputectl/ctl_clock.h"
#include "disputectl/ctl_text.h"
#include "disputectl/play_gather.h"
#include "disputectl/play_match.h"
#include "disputectl/play_print.h"

struct options {
    bool quiet, json, keep_going, list, timeline;
};

struct run {
    struct options options;
    struct play_world world;
    struct play_watch watch;
    struct play_story **stories;
    size_t count;
    size_t *next;       /* input that each story waits to do; input_count: its end; past it: done */
    bool *broken;       /* an input could not be done: the story goes no further */
    bool terminal;      /* progress on one line */
    size_t done, total; /* steps, for the progress */
    int64_t now_ms;     /* where the clock was set or advanced to */
};

/* --- progress --- */

static void progress(const struct run *run, int64_t now_ms, const char *what)
{
    char time[CTL_TIME_TEXT_BYTES];
    if (run->options.quiet) {
        return;
    }
    ctl_format_local(now_ms, time);
    fprintf(stderr, run->terminal ? "\r\033[K[%zu/%zu] %s  %s" : "[%zu/%zu] %s  %s\n", run->done, run->total, time,
            what);
    fflush(stderr);
}

static void progress_end(const struct run *run)
{
    if (!run->options.quiet && run->terminal) {
        fputs("\r\033[K", stderr);
    }
}

static void on_stop(void *arg, int64_t now_ms, bool final)
{
    const struct run *run = arg;
    if (!final && run->terminal) {
        progress(run, now_ms, "something falls due");
    }
}

/* --- the timeline of all stories --- */

static int64_t instant_of(const struct play_story *story, size_t next)
{
    return next < story->input_count ? story->inputs[next].at_ms : story->until_ms + 999; /* the whole second */
}

/* The story whose turn it is; count = all are done. Equal instants: the order of the command line. */
static size_t turn_of(const struct run *run)
{
    size_t best = run->count;
    for (size_t s = 0; s < run->count; s++) {
        const struct play_story *story = run->stories[s];
        bool left = run->next[s] <= story->input_count && !run->broken[s];
        if (left &&
            (best == run->count || instant_of(story, run->next[s]) < instant_of(run->stories[best], run->next[best]))) {
            best = s;
        }
    }
    return best;
}

/* To the instant of the next step, at rest there. A clock that stands some milliseconds past a due instant is
 * in time for what happens in that second. */
static struct dsp_err go_to(struct run *run, int64_t at_ms, bool hurry)
{
    struct ctl_rest_state state;
    if (at_ms > run->now_ms) {
        DSP_TRY(ctl_clock_advance(run->world.kafka, run->world.admin, run->world.rest, at_ms, on_stop, run, &state));
        run->now_ms = at_ms;
        return dsp_ok();
    }
    if (run->now_ms - at_ms >= 1000) {
        return dsp_reject(DSP_CODE_FIELD_INVALID, "the clock stands later than this step");
    }
    return hurry ? dsp_ok() : ctl_rest_wait(run->world.rest, CTL_REST_MS, &state);
}

/* What the log has shown so far becomes labels. */
static struct dsp_err look(struct run *run, struct play_story *story)
{
    DSP_TRY(play_watch_log(&run->watch, run->stories, run->count));
    play_match(story, NULL);
    play_match_details(story, NULL);
    return dsp_ok();
}

static struct dsp_err do_input(struct run *run, struct play_story *story, const struct play_input *input)
{
    char what[256] = "";
    play_do_text(story, input, what, sizeof what);
    progress(run, input->at_ms, what);
    if (play_labels_hold(input->body, "entry") || play_labels_hold(input->body, "seen")) {
        DSP_TRY(look(run, story));
    }
    return play_do(&run->world, story, input);
}

/* A step that cannot be done is a difference of its story; only when nothing answers any more does all end. */
static struct dsp_err step(struct run *run, size_t s)
{
    struct play_story *story = run->stories[s];
    size_t next = run->next[s]++;
    char where[64];
    bool input = next < story->input_count;
    run->done++;
    struct dsp_err err = go_to(run, instant_of(story, next), input && story->inputs[next].hurry);
    if (!dsp_failed(err) && input) {
        err = do_input(run, story, &story->inputs[next]);
    }
    if (!dsp_failed(err) && input && story->inputs[next].kind == PLAY_CLOCK) {
        (void)play_parse_local(play_text(story->inputs[next].body, "set"), story->year, &run->now_ms);
    }
    if (err.kind == DSP_ERR_REJECT) {
        snprintf(where, sizeof where, input ? "inputs[%zu]" : "until", next);
        play_diff(&story->diffs, where, "done", err.detail);
        run->broken[s] = !run->options.keep_going;
        return dsp_ok();
    }
    return err;
}

static struct dsp_err play_all(struct run *run)
{
    struct ctl_rest_state state;
    int64_t start_ms = INT64_MAX;
    for (size_t s = 0; s < run->count; s++) {
        start_ms = run->stories[s]->start_ms < start_ms ? run->stories[s]->start_ms : start_ms;
        run->total += run->stories[s]->input_count + 1;
    }
    DSP_TRY(ctl_clock_set(run->world.kafka, run->world.admin, run->world.rest, start_ms, &state));
    run->now_ms = start_ms;
    DSP_TRY(play_watch_init(&run->watch, &run->world));
    for (size_t s = 0; s < run->count; s++) {
        DSP_TRY(play_do_platform(&run->world, run->stories[s]));
    }
    DSP_TRY(ctl_rest_wait(run->world.rest, CTL_REST_MS, &state));
    for (size_t s; (s = turn_of(run)) < run->count;) {
        DSP_TRY(step(run, s));
    }
    DSP_TRY(ctl_rest_wait(run->world.rest, CTL_REST_MS, &state));
    DSP_TRY(play_watch_log(&run->watch, run->stories, run->count));
    return play_watch_letters(&run->watch, &run->world);
}

/* --- the verdict --- */

static void compare(struct run *run, struct play_story *story, struct play_facts *facts)
{
    play_check_refusals_first(story);
    play_match(story, &story->diffs);
    play_match_details(story, &story->diffs);
    play_gather(&run->watch, &run->world, story, facts);
    play_check_answers(story, facts);
    play_check_clocks(story, facts);
    play_check_money(story, facts);
    play_check_offers(story, facts);
    play_check_told(story, facts);
    play_check_standins(story, facts);
    play_check_views(story, facts);
    play_check_end(story, facts);
}

static int report(struct run *run)
{
    size_t passed = 0;
    int64_t balance = 0;
    json_t *stories = json_array();
    progress_end(run);
    for (size_t s = 0; s < run->count; s++) {
        struct play_facts facts;
        struct play_story *story = run->stories[s];
        compare(run, story, &facts);
        balance += llabs(play_trial_balance(&facts));
        bool good = play_diffs_count(&story->diffs) == 0;
        passed += good;
        if (run->options.json) {
            json_array_append_new(stories, play_print_json(story));
        } else {
            if (!run->options.quiet) {
                play_print_timeline(stdout, story, &facts);
            }
            if (!run->options.quiet || !good) {
                play_print_diffs(stdout, story);
            }
        }
        play_facts_fini(&facts);
    }
    size_t broken = play_watch_broken_chains(&run->watch);
    size_t strays = play_watch_strays(&run->watch, run->stories, run->count);
    size_t failed = run->count - passed;
    if (strays) {
        fprintf(stderr, "disputectl: %zu dead letter%s belong to none of these stories\n", strays,
                strays == 1 ? "" : "s");
    }
    if (run->options.json) {
        json_t *all = json_pack("{s:I, s:I, s:I, s:I, s:o}", "passed", (json_int_t)passed, "failed", (json_int_t)failed,
                                "trial_balance", (json_int_t)balance, "broken_chains", (json_int_t)broken, "stories",
                                stories);
        json_dumpf(all, stdout, JSON_INDENT(2));
        fputc('\n', stdout);
        json_decref(all);
    } else {
        json_decref(stories);
        fputs(run->options.quiet ? "" : "\n", stdout);
        printf("samples: %zu passed, %zu failed; trial balance %lld; hash chains %s\n", passed, failed,
               (long long)balance, broken ? "broken" : "ok");
    }
    return failed || balance || broken ? CTL_EXIT_FAILED : CTL_EXIT_OK;
}

/* --- the command line --- */

static struct options chosen;

static const struct ctl_option OPTIONS[] = {
    CTL_FLAG("quiet", chosen.quiet), CTL_FLAG("json", chosen.json),         CTL_FLAG("keep-going", chosen.keep_going),
    CTL_FLAG("list", chosen.list),   CTL_FLAG("timeline", chosen.timeline), CTL_OPTIONS_END,
};

static struct dsp_err load_all(struct run *run, int count, char **files)
{
    int64_t now_ms = dsp_real_ms();
    run->stories = calloc((size_t)count, sizeof *run->stories);
    run->next = calloc((size_t)count, sizeof *run->next);
    run->broken = calloc((size_t)count, sizeof *run->broken);
    if (!run->stories || !run->next || !run->broken) {
        return dsp_fatal(DSP_CODE_SYSTEM_FAILED, "out of memory");
    }
    for (int i = 0; i < count; i++) {
        struct dsp_err err = play_story_load(files[i], now_ms, (size_t)i, &run->stories[run->count]);
        if (dsp_failed(err)) {
            fprintf(stderr, "disputectl: %s\n", files[i]);
            return err;
        }
        run->count++;
    }
    return dsp_ok();
}

static void print_list(const struct run *run)
{
    char start[CTL_TIME_TEXT_BYTES];
    char until[CTL_TIME_TEXT_BYTES];
    for (size_t s = 0; s < run->count; s++) {
        const struct play_story *story = run->stories[s];
        ctl_format_local(story->start_ms, start);
        ctl_format_local(story->until_ms, until);
        printf("%-10s %s to %s, %zu inputs, %zu entries: %s %s\n", story->id, start, until, story->input_count,
               story->expected_count, story->title_en, story->title_zh);
    }
}

static void run_fini(struct run *run)
{
    play_watch_fini(&run->watch);
    for (size_t s = 0; s < run->count; s++) {
        play_story_free(run->stories[s]);
    }
    free(run->stories);
    free(run->next);
    free(run->broken);
}

static int play_them(struct ctl *ctl, struct run *run)
{
    run->world.kafka = ctl_use_kafka(ctl);
    run->world.admin = run->world.kafka ? ctl_use_admin(ctl) : NULL;
    run->world.rest = run->world.admin ? ctl_use_rest(ctl) : NULL;
    if (!run->world.rest) {
        return ctl_use_status(ctl);
    }
    struct dsp_err err = play_all(run);
    if (dsp_failed(err)) {
        progress_end(run);
        return ctl_fail(err);
    }
    return report(run);
}

static int play_run(struct ctl *ctl, int argc, char **argv)
{
    int words = ctl_options(OPTIONS, argc, argv);
    if (words < 0) {
        return CTL_EXIT_USAGE;
    }
    if (words == 0) {
        return ctl_usage("play: which story files?");
    }
    struct run run = {.options = chosen, .terminal = isatty(STDERR_FILENO) == 1};
    struct dsp_err err = load_all(&run, words, argv);
    int status = CTL_EXIT_OK;
    if (dsp_failed(err)) {
        status = ctl_fail(err);
    } else if (chosen.list) {
        print_list(&run);
    } else {
        status = play_them(ctl, &run);
    }
    run_fini(&run);
    return status;
}

const struct ctl_subcommand PLAY_SUBCOMMAND = {
    .name = "play",
    .arguments = "FILE… [--quiet | --json] [--keep-going] [--list]",
    .summary = "plays story files against the running services of a sandbox and reports every difference",
    .help = "The files (docs/SAMPLES.md) are merged into one timeline. The sandbox clock goes to the earliest start,\n"
            "each input is done at its instant and at rest, then log, services, stand-ins and dead letters are\n"
            "compared with what the stories tell. Every run makes platforms and ids of its own.\n\n"
            "  --quiet       only differences and the last line\n"
            "  --json        the result as JSON instead of the timelines\n"
            "  --keep-going  go on with a story although one of its inputs cannot be done\n"
            "  --list        say what the files hold and play nothing\n"
            "  --timeline    the timelines as well as the verdict (what it does anyway)\n\n"
            "HESHI_DOORS (fund=host:port) and WEBHOOK_SECRET_FILE are needed for settlements.\n"
            "Last line: samples: 3 passed, 0 failed; trial balance 0; hash chains ok\n",
    .run = play_run,
};
