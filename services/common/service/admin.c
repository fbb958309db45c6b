#include "common/service/admin.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/codes.h"
#include "common/io/rows.h"
#include "common/service/process.h"
#include "common/service/service_internal.h"
#include "lane_queries.h"

#define VIEW_ARENA_BYTES (1u << 20)

static bool bearer(struct evhttp_request *request, const char *token)
{
    struct dsp_str header = dsp_http_header(request, "Authorization");
    size_t size = strlen(token);
    return header.len == size + 7 && strncmp(header.ptr, "Bearer ", 7) == 0 &&
           CRYPTO_memcmp(header.ptr + 7, token, size) == 0;
}

static void answer_live(struct evhttp_request *request)
{
    dsp_http_answer_text(request, 200, "text/plain", DSP_STR_LITERAL("ok\n"));
}

static void answer_ready(struct dsp_service *service, struct evhttp_request *request)
{
    char text[256];
    bool store = dsp_engine_store_up(service->engine);
    bool redis = dsp_engine_redis_up(service->engine);
    bool lanes = dsp_engine_ready(service->engine);
    bool ready = store && lanes && !service->stopping; /* without Redis timers are late, not lost */
    snprintf(text, sizeof text, "[%c]postgres %s\n[%c]redis %s\n[%c]lanes %s\n%s\n", store ? '+' : '-',
             store ? "ok" : "down", redis ? '+' : '-', redis ? "ok" : "down", lanes ? '+' : '-',
             lanes ? "ok" : "none owned", ready ? "ready" : "not ready");
    dsp_http_answer_text(request, ready ? 200 : 503, "text/plain", dsp_str_from(text));
}

static void answer_metrics(struct dsp_service *service, struct evhttp_request *request)
{
    size_t size = 0;
    dsp_engine_show(service->engine);
    dsp_process_show(service->metrics, service->definition->name);
    char *text = dsp_metrics_render(service->metrics, &size);
    dsp_http_answer_text(request, text ? 200 : 500, "text/plain; version=0.0.4",
                         (struct dsp_str){text, text ? size : 0});
    free(text);
}

/* --- answers that need PostgreSQL: one group of statements, then the reply --- */

struct view {
    struct dsp_service *service;
    struct evhttp_request *request;
    struct dsp_arena *arena;
    json_t *body;
    struct view_part {
        struct view *view;
        const struct dsp_table *table;
    } parts[24];
    size_t part_count;
};

static void view_free(struct view *view)
{
    dsp_arena_free(view->arena);
    free(view);
}

static struct view *view_new(struct dsp_service *service, struct evhttp_request *request)
{
    struct view *view = calloc(1, sizeof *view);
    struct dsp_arena *arena = dsp_arena_new(VIEW_ARENA_BYTES);
    if (!view || !arena) {
        dsp_arena_free(arena);
        free(view);
        dsp_http_answer_error(request, 503, DSP_CODE_SYSTEM_FAILED, "out of memory");
        return NULL;
    }
    *view = (struct view){.service = service, .request = request, .arena = arena, .body = json_object()};
    return view;
}

static void on_rows(void *arg, const PGresult *result)
{
    struct view_part *part = arg;
    json_object_set_new(part->view->body, part->table->name, dsp_rows_json(part->table, result));
}

static void on_view(void *arg, struct dsp_err err)
{
    struct view *view = arg;
    if (dsp_failed(err)) {
        json_decref(view->body);
        dsp_http_answer_error(view->request, 503, err.code, err.detail);
    } else {
        dsp_http_answer_json(view->request, 200, view->body);
    }
    view_free(view);
}

/* Read statements join the queue of the connection; the lock of a shared row is not wanted here, so tables
 * that lock when they load are shown through platform_tables instead. */
static bool show_tables(struct view *view, const struct dsp_table *tables, size_t count, enum dsp_key_kind kind,
                        struct dsp_str key)
{
    struct dsp_param param;
    if (dsp_failed(dsp_param_keys(view->arena, kind, &key, 1, &param))) {
        on_view(view, dsp_retry(DSP_CODE_ARENA_FULL, "no room"));
        return false;
    }
    for (size_t i = 0; i < count && view->part_count < 24; i++) {
        if (tables[i].key == kind && tables[i].load_sql && !tables[i].ensure_sql && !tables[i].unseen) {
            struct view_part *part = &view->parts[view->part_count++];
            *part = (struct view_part){view, &tables[i]};
            dsp_pg_exec(dsp_engine_pg(view->service->engine), tables[i].load_sql, &param, 1, on_rows, part);
        }
    }
    return true;
}

static void answer_case(struct dsp_service *service, struct evhttp_request *request, const char *id)
{
    const struct dsp_service_definition *def = service->definition;
    struct dsp_uuid case_id;
    if (!dsp_uuid_parse(dsp_str_from(id), &case_id)) {
        dsp_http_answer_error(request, 400, DSP_CODE_FIELD_INVALID, "a case id is a UUID");
        return;
    }
    struct view *view = view_new(service, request);
    if (view) {
        json_object_set_new(view->body, "service", json_string(def->name));
        if (show_tables(view, def->tables, def->table_count, DSP_KEY_CASE, dsp_uuid_str(&case_id)) &&
            show_tables(view, def->views, def->view_count, DSP_KEY_CASE, dsp_uuid_str(&case_id))) {
            dsp_pg_sync(dsp_engine_pg(service->engine), on_view, view);
        }
    }
}

static void answer_platform(struct dsp_service *service, struct evhttp_request *request, const char *id)
{
    const struct dsp_service_definition *def = service->definition;
    struct view *view = view_new(service, request);
    if (view) {
        json_object_set_new(view->body, "service", json_string(def->name));
        if (show_tables(view, def->platform_tables, def->platform_table_count, DSP_KEY_TEXT, dsp_str_from(id))) {
            dsp_pg_sync(dsp_engine_pg(service->engine), on_view, view);
        }
    }
}

static void on_next_due(void *arg, const PGresult *result)
{
    struct view *view = arg;
    int64_t due = PQntuples(result) ? dsp_result_int(result, 0, 0) : 0;
    int64_t now = dsp_clock_now_ms(view->service->clock);
    json_object_set_new(view->body, "next_due_ms", json_integer(due));
    json_object_set_new(view->body, "due", json_boolean(due && due < now));
}

/* What `clock advance` and `play` wait for: positions of all inputs, nothing in hand, the least due time. */
static void answer_rest(struct dsp_service *service, struct evhttp_request *request)
{
    struct view *view = view_new(service, request);
    struct dsp_param lanes;
    if (!view) {
        return;
    }
    json_decref(view->body);
    view->body = dsp_engine_report(service->engine);
    json_object_set_new(view->body, "service", json_string(service->definition->name));
    json_object_set_new(view->body, "sandbox", json_boolean(service->settings.sandbox));
    json_object_set_new(view->body, "pairs", json_integer((json_int_t)dsp_clock_pairs(service->clock)));
    json_object_set_new(view->body, "now_ms", json_integer(dsp_clock_now_ms(service->clock)));
    dsp_plain_report(service->plain, json_object_get(view->body, "positions"));
    if (dsp_failed(dsp_engine_lanes(service->engine, view->arena, &lanes))) {
        on_view(view, dsp_retry(DSP_CODE_ARENA_FULL, "no room"));
        return;
    }
    dsp_pg_exec(dsp_engine_pg(service->engine), LANE_TIMER_NEXT, &lanes, 1, on_next_due, view);
    dsp_pg_sync(dsp_engine_pg(service->engine), on_view, view);
}

/* POST {"call": "transfer", "when": "before" | "after"} */
static void answer_fault(struct dsp_service *service, struct evhttp_request *request)
{
    struct dsp_str body = dsp_http_body(request);
    json_t *wish = json_loadb(body.ptr ? body.ptr : "", body.len, JSON_REJECT_DUPLICATES, NULL);
    const char *call = json_string_value(json_object_get(wish, "call"));
    const char *when = json_string_value(json_object_get(wish, "when"));
    if (!service->settings.sandbox) {
        dsp_http_answer_error(request, 403, "NOT_A_SANDBOX", "faults exist in a sandbox only");
    } else if (!call || !when || (strcmp(when, "before") != 0 && strcmp(when, "after") != 0)) {
        dsp_http_answer_error(request, 400, DSP_CODE_FIELD_INVALID, "call, and when: before or after");
    } else {
        dsp_engine_fault(service->engine, call, strcmp(when, "before") == 0 ? DSP_FAULT_BEFORE : DSP_FAULT_AFTER);
        dsp_http_answer_json(request, 200, json_pack("{s:s}", "armed", call));
    }
    json_decref(wish);
}

/* --- quarantine --- */

static void on_quarantine(void *arg, const PGresult *result)
{
    static const char *const TEXTS[] = {"code", "detail", "wished_by", "reason"};
    static const int TEXT_AT[] = {4, 5, 8, 9};
    static const char *const NUMBERS[] = {"partition",  "offset",    "state",   "wish",
                                          "created_ms", "wished_ms", "replays", "parked"};
    static const int NUMBER_AT[] = {0, 2, 6, 7, 10, 11, 12, 13};
    struct view *view = arg;
    json_t *list = json_array();
    for (int i = 0; i < PQntuples(result); i++) {
        char id[DSP_UUID_TEXT_BYTES];
        struct dsp_uuid case_id = dsp_result_uuid(result, i, 3);
        struct dsp_str topic = dsp_result_str(result, i, 1);
        json_t *row = json_pack("{s:s%}", "topic", topic.ptr, topic.len);
        dsp_uuid_format(&case_id, id);
        json_object_set_new(row, "case_id", dsp_uuid_is_zero(&case_id) ? json_null() : json_string(id));
        for (size_t t = 0; t < 4; t++) {
            struct dsp_str text = dsp_result_str(result, i, TEXT_AT[t]);
            json_object_set_new(row, TEXTS[t], json_stringn(text.ptr, text.len));
        }
        for (size_t n = 0; n < 8; n++) {
            json_object_set_new(row, NUMBERS[n], json_integer(dsp_result_int(result, i, NUMBER_AT[n])));
        }
        json_array_append_new(list, row);
    }
    json_object_set_new(view->body, "records", list);
}

static void answer_quarantine(struct dsp_service *service, struct evhttp_request *request, bool all)
{
    static const char YES = 1;
    static const char NO = 0;
    struct view *view = view_new(service, request);
    if (view) {
        struct dsp_param param = {all ? &YES : &NO, 1};
        json_object_set_new(view->body, "service", json_string(service->definition->name));
        dsp_pg_exec(dsp_engine_pg(service->engine), LANE_HELD_LIST, &param, 1, on_quarantine, view);
        dsp_pg_sync(dsp_engine_pg(service->engine), on_view, view);
    }
}

static void on_wish(void *arg, struct dsp_err err, bool held)
{
    struct evhttp_request *request = arg;
    if (dsp_failed(err)) {
        dsp_http_answer_error(request, err.kind == DSP_ERR_RETRY ? 503 : 404, err.code, err.detail);
    } else {
        dsp_http_answer_json(request, 202, json_pack("{s:b}", "held", held));
    }
}

static struct dsp_str text_of(const json_t *wish, const char *name)
{
    const json_t *text = json_object_get(wish, name);
    return (struct dsp_str){json_string_value(text), json_string_length(text)};
}

/* POST {"topic", "partition", "offset", "wish": "replay" | "skip", "by", "reason"} */
static void answer_wish(struct dsp_service *service, struct evhttp_request *request)
{
    struct dsp_str body = dsp_http_body(request);
    json_t *wish = json_loadb(body.ptr ? body.ptr : "", body.len, JSON_REJECT_DUPLICATES, NULL);
    struct dsp_str what = text_of(wish, "wish");
    const json_t *partition = json_object_get(wish, "partition");
    const json_t *offset = json_object_get(wish, "offset");
    bool skip = what.len && dsp_str_is(what, "skip");
    struct dsp_wish_request asked = {.lane = (int32_t)json_integer_value(partition),
                                     .topic = text_of(wish, "topic"),
                                     .offset = json_integer_value(offset),
                                     .wish = skip ? DSP_WISH_SKIP : DSP_WISH_REPLAY,
                                     .by = text_of(wish, "by"),
                                     .reason = text_of(wish, "reason")};
    if (!asked.topic.len || !json_is_integer(partition) || !json_is_integer(offset) || !asked.by.len ||
        (!skip && !dsp_str_is(what, "replay")) || (skip && !asked.reason.len) || asked.reason.len > 1000 ||
        asked.by.len > 200) {
        dsp_http_answer_error(request, 400, DSP_CODE_FIELD_INVALID,
                              "topic, partition, offset, wish (replay or skip) and by; to skip also reason");
    } else {
        dsp_engine_wish(service->engine, &asked, on_wish, request);
    }
    json_decref(wish);
}

void admin_handle(void *arg, struct evhttp_request *request, const char *path)
{
    struct dsp_service *service = arg;
    bool post = evhttp_request_get_command(request) == EVHTTP_REQ_POST;
    if (strcmp(path, "/livez") == 0) {
        answer_live(request);
    } else if (strcmp(path, "/readyz") == 0) {
        answer_ready(service, request);
    } else if (strcmp(path, "/metrics") == 0) {
        answer_metrics(service, request);
    } else if (!bearer(request, post ? service->settings.write_token : service->settings.read_token)) {
        dsp_http_answer_error(request, 401, "TOKEN_MISSING", "a bearer token is required");
    } else if (post && strcmp(path, "/sandbox/fault") == 0) {
        answer_fault(service, request);
    } else if (post && strcmp(path, "/quarantine") == 0) {
        answer_wish(service, request);
    } else if (!post && (strcmp(path, "/quarantine") == 0 || strcmp(path, "/quarantine/all") == 0)) {
        answer_quarantine(service, request, path[strlen("/quarantine")] != '\0');
    } else if (!post && strcmp(path, "/rest") == 0) {
        answer_rest(service, request);
    } else if (!post && strncmp(path, "/cases/", 7) == 0) {
        answer_case(service, request, path + 7);
    } else if (!post && strncmp(path, "/platforms/", 11) == 0) {
        answer_platform(service, request, path + 11);
    } else {
        dsp_http_answer_error(request, 404, "NOT_FOUND", "no such path");
    }
}
