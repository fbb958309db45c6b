#include "support/cmocka_all.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/metrics.h"

static const struct dsp_metric RECORDS = {.name = "dispute_records_total",
                                          .type = DSP_METRIC_COUNTER,
                                          .help = "Records read.",
                                          .labels = {"topic", "result"}};
static const struct dsp_metric LAG = {
    .name = "dispute_lag_seconds", .type = DSP_METRIC_GAUGE, .help = "Behind \\ by\nseconds."};
static const struct dsp_metric COMMIT = {
    .name = "dispute_commit_seconds", .type = DSP_METRIC_HISTOGRAM, .help = "Time of a commit.", .labels = {"lane"}};

#define DROPPED_NONE                                                               \
    "# HELP dispute_metrics_dropped_total Samples of series that found no room.\n" \
    "# TYPE dispute_metrics_dropped_total counter\ndispute_metrics_dropped_total 0\n"

static void assert_rendered(const struct dsp_metrics *metrics, const char *expected)
{
    size_t size = 0;
    char *text = dsp_metrics_render(metrics, &size);
    assert_string_equal(text, expected);
    assert_int_equal(size, strlen(expected));
    free(text);
}

static void count_record(struct dsp_metrics *metrics, const char *topic, const char *result)
{
    const struct dsp_str labels[] = {dsp_str_from(topic), dsp_str_from(result)};
    dsp_metric_add(metrics, &RECORDS, 1, labels);
}

static void an_empty_registry_shows_that_nothing_was_dropped(void **state)
{
    (void)state;
    struct dsp_metrics *metrics = dsp_metrics_new();
    assert_rendered(metrics, DROPPED_NONE);
    dsp_metrics_free(metrics);
    dsp_metrics_free(NULL);
}

static void series_of_a_metric_stand_together(void **state)
{
    (void)state;
    struct dsp_metrics *metrics = dsp_metrics_new();
    count_record(metrics, "case", "ok");
    dsp_metric_set(metrics, &LAG, -3, NULL);
    count_record(metrics, "case", "parked");
    count_record(metrics, "case", "ok");
    dsp_metric_set(metrics, &LAG, 5, NULL);
    dsp_metric_add(metrics, &LAG, -1, NULL);
    assert_rendered(metrics, "# HELP dispute_records_total Records read.\n"
                             "# TYPE dispute_records_total counter\n"
                             "dispute_records_total{topic=\"case\",result=\"ok\"} 2\n"
                             "dispute_records_total{topic=\"case\",result=\"parked\"} 1\n"
                             "# HELP dispute_lag_seconds Behind \\\\ by\\nseconds.\n"
                             "# TYPE dispute_lag_seconds gauge\n"
                             "dispute_lag_seconds 4\n" DROPPED_NONE);
    dsp_metrics_free(metrics);
}

static void a_gauge_that_is_reset_shows_only_what_is_set_again(void **state)
{
    (void)state;
    static const struct dsp_metric OPEN = {
        .name = "dispute_open", .type = DSP_METRIC_GAUGE, .help = "Open.", .labels = {"state"}};
    struct dsp_metrics *metrics = dsp_metrics_new();
    const struct dsp_str filed = DSP_STR_LITERAL("FILED");
    const struct dsp_str decided = DSP_STR_LITERAL("DECIDED");
    dsp_metric_set(metrics, &LAG, 9, NULL);
    dsp_metric_set(metrics, &OPEN, 3, &filed);
    dsp_metric_set(metrics, &OPEN, 4, &decided);
    dsp_metric_reset(metrics, &OPEN);
    dsp_metric_set(metrics, &OPEN, 5, &decided);
    assert_rendered(metrics, "# HELP dispute_lag_seconds Behind \\\\ by\\nseconds.\n"
                             "# TYPE dispute_lag_seconds gauge\n"
                             "dispute_lag_seconds 9\n"
                             "# HELP dispute_open Open.\n"
                             "# TYPE dispute_open gauge\n"
                             "dispute_open{state=\"FILED\"} 0\n"
                             "dispute_open{state=\"DECIDED\"} 5\n" DROPPED_NONE);
    dsp_metrics_free(metrics);
}

static void label_values_are_escaped(void **state)
{
    (void)state;
    struct dsp_metrics *metrics = dsp_metrics_new();
    count_record(metrics, "a\"b\\c\nd", "");
    size_t size = 0;
    char *text = dsp_metrics_render(metrics, &size);
    assert_non_null(strstr(text, "{topic=\"a\\\"b\\\\c\\nd\",result=\"\"} 1\n"));
    free(text);
    dsp_metrics_free(metrics);
}

static void a_histogram_adds_up_its_buckets(void **state)
{
    (void)state;
    struct dsp_metrics *metrics = dsp_metrics_new();
    const struct dsp_str lane[] = {DSP_STR_LITERAL("0")};
    dsp_metric_observe(metrics, &COMMIT, 0.001, lane); /* a bound belongs to its bucket */
    dsp_metric_observe(metrics, &COMMIT, 0.3, lane);
    dsp_metric_observe(metrics, &COMMIT, 61, lane);
    assert_rendered(metrics, "# HELP dispute_commit_seconds Time of a commit.\n"
                             "# TYPE dispute_commit_seconds histogram\n"
                             "dispute_commit_seconds_bucket{lane=\"0\",le=\"0.001\"} 1\n"
                             "dispute_commit_seconds_bucket{lane=\"0\",le=\"0.0025\"} 1\n"
                             "dispute_commit_seconds_bucket{lane=\"0\",le=\"0.005\"} 1\n"
                             "dispute_commit_seconds_bucket{lane=\"0\",le=\"0.01\"} 1\n"
                             "dispute_commit_seconds_bucket{lane=\"0\",le=\"0.025\"} 1\n"
                             "dispute_commit_seconds_bucket{lane=\"0\",le=\"0.05\"} 1\n"
                             "dispute_commit_seconds_bucket{lane=\"0\",le=\"0.1\"} 1\n"
                             "dispute_commit_seconds_bucket{lane=\"0\",le=\"0.25\"} 1\n"
                             "dispute_commit_seconds_bucket{lane=\"0\",le=\"0.5\"} 2\n"
                             "dispute_commit_seconds_bucket{lane=\"0\",le=\"1\"} 2\n"
                             "dispute_commit_seconds_bucket{lane=\"0\",le=\"2.5\"} 2\n"
                             "dispute_commit_seconds_bucket{lane=\"0\",le=\"5\"} 2\n"
                             "dispute_commit_seconds_bucket{lane=\"0\",le=\"10\"} 2\n"
                             "dispute_commit_seconds_bucket{lane=\"0\",le=\"30\"} 2\n"
                             "dispute_commit_seconds_bucket{lane=\"0\",le=\"60\"} 2\n"
                             "dispute_commit_seconds_bucket{lane=\"0\",le=\"+Inf\"} 3\n"
                             "dispute_commit_seconds_sum{lane=\"0\"} 61.301\n"
                             "dispute_commit_seconds_count{lane=\"0\"} 3\n" DROPPED_NONE);
    dsp_metrics_free(metrics);
}

static void negative_and_absurd_times_count_as_none(void **state)
{
    (void)state;
    struct dsp_metrics *metrics = dsp_metrics_new();
    const struct dsp_str lane[] = {DSP_STR_LITERAL("0")};
    dsp_metric_observe(metrics, &COMMIT, -5, lane);
    dsp_metric_observe(metrics, &COMMIT, nan(""), lane);
    size_t size = 0;
    char *text = dsp_metrics_render(metrics, &size);
    assert_non_null(strstr(text, "le=\"0.001\"} 2\n"));
    assert_non_null(strstr(text, "_sum{lane=\"0\"} 0\n"));
    free(text);
    dsp_metrics_free(metrics);
}

static void past_the_limit_new_series_are_dropped_and_counted(void **state)
{
    (void)state;
    struct dsp_metrics *metrics = dsp_metrics_new();
    for (int i = 0; i < DSP_METRIC_SERIES_MAX + 3; i++) {
        char topic[16];
        (void)snprintf(topic, sizeof topic, "t%d", i);
        count_record(metrics, topic, "ok");
    }
    count_record(metrics, "t0", "ok"); /* an old series still counts */
    size_t size = 0;
    char *text = dsp_metrics_render(metrics, &size);
    assert_non_null(strstr(text, "{topic=\"t0\",result=\"ok\"} 2\n"));
    assert_non_null(strstr(text, "{topic=\"t1023\",result=\"ok\"} 1\n"));
    assert_null(strstr(text, "t1024"));
    assert_non_null(strstr(text, "\ndispute_metrics_dropped_total 3\n"));
    free(text);
    dsp_metrics_free(metrics);
}

static void a_counter_at_its_end_stays_there(void **state)
{
    (void)state;
    struct dsp_metrics *metrics = dsp_metrics_new();
    dsp_metric_set(metrics, &LAG, INT64_MAX, NULL);
    dsp_metric_add(metrics, &LAG, 1, NULL);
    size_t size = 0;
    char *text = dsp_metrics_render(metrics, &size);
    assert_non_null(strstr(text, "\ndispute_lag_seconds 9223372036854775807\n"));
    free(text);
    dsp_metrics_free(metrics);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_registry_shows_that_nothing_was_dropped),
        cmocka_unit_test(series_of_a_metric_stand_together),
        cmocka_unit_test(a_gauge_that_is_reset_shows_only_what_is_set_again),
        cmocka_unit_test(label_values_are_escaped),
        cmocka_unit_test(a_histogram_adds_up_its_buckets),
        cmocka_unit_test(negative_and_absurd_times_count_as_none),
        cmocka_unit_test(past_the_limit_new_series_are_dropped_and_counted),
        cmocka_unit_test(a_counter_at_its_end_stays_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
