#include "support/cmocka_all.h"

#include <string.h>

#include "disputectl/ctl_topics.h"

static struct dsp_err read_list(const char *text, const char *partitions, struct ctl_topic_list *ret_list)
{
    return ctl_topic_list_from(json_loads(text, 0, NULL), partitions, ret_list);
}

static void the_list_of_the_repository_is_read(void **state)
{
    (void)state;
    struct ctl_topic_list list;
    assert_ok(ctl_topic_list_read(HESHI_SOURCE_DIR "/deploy/kafka/topics.json", NULL, &list));
    assert_true(list.count > 10);
    ctl_topic_list_fini(&list);
}

static void partitions_of_the_environment_go_over_the_shared_number(void **state)
{
    (void)state;
    static const char TEXT[] =
        "{\"partitions\": 2, \"topics\": [{\"name\": \"a\"}, {\"name\": \"b\", \"partitions\": 1}]}";
    struct ctl_topic_list list;
    assert_ok(read_list(TEXT, NULL, &list));
    assert_int_equal(list.topics[0].partitions, 2);
    assert_int_equal(list.topics[1].partitions, 1);
    ctl_topic_list_fini(&list);
    assert_ok(read_list(TEXT, "12", &list));
    assert_int_equal(list.topics[0].partitions, 12);
    assert_int_equal(list.topics[1].partitions, 1);
    ctl_topic_list_fini(&list);
}

static void settings_get_their_kafka_names(void **state)
{
    (void)state;
    struct ctl_topic_list list;
    assert_ok(read_list(
        "{\"partitions\": 1, \"topics\": [{\"name\": \"a\", \"retention_ms\": -1, \"cleanup\": \"compact\"}]}", NULL,
        &list));
    assert_int_equal(list.topics[0].config_count, 2);
    assert_string_equal(list.topics[0].configs[0].name, "cleanup.policy");
    assert_string_equal(list.topics[0].configs[0].value, "compact");
    assert_string_equal(list.topics[0].configs[1].name, "retention.ms");
    assert_string_equal(list.topics[0].configs[1].value, "-1");
    ctl_topic_list_fini(&list);
}

static void a_wrong_list_is_refused(void **state)
{
    (void)state;
    struct ctl_topic_list list;
    assert_err(read_list("{}", NULL, &list), DSP_ERR_REJECT, "FIELD_INVALID");
    assert_err(read_list("{\"topics\": [{\"name\": \"a\"}]}", NULL, &list), DSP_ERR_REJECT, "FIELD_INVALID");
    assert_err(read_list("{\"topics\": [{\"name\": \"a\"}]}", "none", &list), DSP_ERR_REJECT, "FIELD_INVALID");
    assert_err(read_list("{\"partitions\": 1, \"topics\": [{}]}", NULL, &list), DSP_ERR_REJECT, "FIELD_INVALID");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_list_of_the_repository_is_read),
        cmocka_unit_test(partitions_of_the_environment_go_over_the_shared_number),
        cmocka_unit_test(settings_get_their_kafka_names),
        cmocka_unit_test(a_wrong_list_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
