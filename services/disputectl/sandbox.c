/* clock, rest: the movable clock of a sandbox, and whether everything is at rest. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/codes.h"
#include "disputectl/commands.h"
#include "disputectl/ctl_clock.h"
#include "disputectl/ctl_text.h"

static void print_state(const struct ctl_rest_state *state)
{
    char now[CTL_TIME_TEXT_BYTES];
    char due[CTL_TIME_TEXT_BYTES];
    char away[CTL_TIME_TEXT_BYTES];
    ctl_format_local(state->now_ms, now);
    printf("clock    %s Asia/Shanghai%s\n", now, state->pairs ? "" : " (never moved: it follows the machine's clock)");
    if (state->next_due_ms) {
        ctl_format_local(state->next_due_ms, due);
        ctl_format_duration(state->next_due_ms - state->now_ms, away);
        printf("next due %s (in %s)\n", due, away);
    } else {
        printf("next due nothing\n");
    }
}

/* --- clock --- */

static int clock_show(struct ctl *ctl)
{
    struct ctl_rest_state state = {0};
    struct ctl_rest *rest = ctl_use_rest(ctl);
    int64_t now_ms;
    int64_t pairs;
    if (!rest) {
        return (int)ctl_use_status(ctl);
    }
    struct dsp_err err = ctl_clock_now(ctl_use_admin(ctl), &now_ms, &pairs);
    if (dsp_failed(err)) {
        return ctl_fail(err);
    }
    (void)ctl_rest_look(rest, &state); /* shown whether at rest or not */
    print_state(&state);
    return CTL_EXIT_OK;
}

static void on_stop(void *arg, int64_t now_ms, bool final)
{
    char text[CTL_TIME_TEXT_BYTES];
    int *stops = arg;
    ctl_format_local(now_ms, text);
    printf("%s %s\n", final ? "to      " : "stop at ", text);
    fflush(stdout);
    *stops += !final;
}

static int clock_move(struct ctl *ctl, bool advance, const char *word, const char *to)
{
    struct ctl_rest_state state = {0};
    int64_t instant_ms = 0;
    int64_t pairs = 0;
    int stops = 0;
    struct ctl_rest *rest = ctl_use_rest(ctl);
    if (!rest) {
        return (int)ctl_use_status(ctl);
    }
    struct ctl_kafka *kafka = ctl_use_kafka(ctl);
    struct ctl_admin *admin = ctl_use_admin(ctl);
    struct dsp_err err = dsp_ok();
    if (advance && word) {
        int64_t duration_ms;
        if (!ctl_parse_duration(word, &duration_ms)) {
            return ctl_usage("\"%s\" is no duration such as 48h or 1d12h", word);
        }
        err = ctl_clock_now(admin, &instant_ms, &pairs);
        instant_ms += duration_ms;
    } else if (!ctl_parse_time(advance ? to : word, &instant_ms)) {
        return ctl_usage("\"%s\" is no RFC 3339 time such as 2026-04-13T10:00:00+08:00", advance ? to : word);
    }
    if (!dsp_failed(err)) {
        err = advance ? ctl_clock_advance(kafka, admin, rest, instant_ms, on_stop, &stops, &state)
                      : ctl_clock_set(kafka, admin, rest, instant_ms, &state);
    }
    if (dsp_failed(err)) {
        return ctl_fail(err);
    }
    print_state(&state);
    return CTL_EXIT_OK;
}

static int run_clock(struct ctl *ctl, int argc, char **argv)
{
    const char *to = NULL;
    const struct ctl_option options[] = {CTL_VALUE("to", to, "TIME"), CTL_OPTIONS_END};
    int words = ctl_options(options, argc, argv);
    if (words < 0) {
        return CTL_EXIT_USAGE;
    }
    if (words == 1 && strcmp(argv[0], "show") == 0 && !to) {
        return clock_show(ctl);
    }
    if (words == 2 && strcmp(argv[0], "set") == 0 && !to) {
        return clock_move(ctl, false, argv[1], NULL);
    }
    if (words >= 1 && strcmp(argv[0], "advance") == 0 && (words == 2) == !to && words <= 2) {
        return clock_move(ctl, true, words == 2 ? argv[1] : NULL, to);
    }
    return ctl_usage("clock show | set TIME | advance DURATION | advance --to TIME");
}

const struct ctl_subcommand CLOCK_SUBCOMMAND = {
    .name = "clock",
    .arguments = "show | set TIME | advance DURATION | advance --to TIME",
    .summary = "the movable clock of a sandbox",
    .help = "  show                where it stands and what is due next\n"
            "  set TIME            moves it there, forward or back, without stopping on the way\n"
            "  advance DURATION    goes on by 48h, 1d12h, 90m, from due instant to due instant: at each it stops\n"
            "                      1 ms later and waits until everything is at rest\n"
            "  advance --to TIME   the same up to an instant, 2026-04-13T10:00:00+08:00\n\n"
            "The clock stands still between moves. Services that were not started as a sandbox (HESHI_SANDBOX=1)\n"
            "do not take it: that is an error.\n",
    .run = run_clock,
};

/* --- rest --- */

static int run_rest(struct ctl *ctl, int argc, char **argv)
{
    const char *wait = NULL;
    int64_t wait_ms = CTL_REST_MS;
    struct ctl_rest_state state = {0};
    const struct ctl_option options[] = {CTL_VALUE("wait", wait, "DURATION"), CTL_OPTIONS_END};
    int words = ctl_options(options, argc, argv);
    if (words != 0) {
        return words < 0 ? CTL_EXIT_USAGE : ctl_usage("rest takes options only");
    }
    if (wait && (!ctl_parse_duration(wait, &wait_ms) || wait_ms > DSP_DAY_MS)) {
        return ctl_usage("--wait: \"%s\" is no duration such as 10s", wait);
    }
    struct ctl_rest *rest = ctl_use_rest(ctl);
    if (!rest) {
        return (int)ctl_use_status(ctl);
    }
    struct dsp_err err = ctl_rest_wait(rest, (int)wait_ms, &state);
    if (dsp_failed(err)) {
        if (state.why[0]) {
            fprintf(stderr, "not at rest: %s\n", state.why);
        }
        return state.why[0] ? CTL_EXIT_FAILED : ctl_fail(err);
    }
    printf("at rest  after %lld ms and %d rounds\n", (long long)state.waited_ms, state.rounds);
    print_state(&state);
    return CTL_EXIT_OK;
}

const struct ctl_subcommand REST_SUBCOMMAND = {
    .name = "rest",
    .arguments = "[--wait DURATION]",
    .summary = "waits until everything is at rest",
    .help = "At rest: every service of HESHI_ADMIN has read every record of its input topics, has nothing to publish,\n"
            "nothing in hand, nothing due, and knows the newest position of the sandbox clock; two rounds in a row.\n"
            "After 10 s it says who is not at rest.\n\n"
            "  --wait DURATION     how long, 90s; exit status 1 when that was not enough\n",
    .run = run_rest,
};
