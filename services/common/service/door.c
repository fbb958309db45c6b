#include "common/service/door.h"

#include <event2/keyvalq_struct.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/codes.h"
#include "common/base/log.h"
#include "common/service/service_internal.h"

#define DOOR_ARENA_BYTES (8u << 20)

static const struct dsp_metric DOORS = {
    "dispute_door_requests_total", DSP_METRIC_COUNTER, "Requests at the doors.", {"path", "result"}};

struct pending {
    struct evhttp_request *request;
    int status; /* answered once the record is acknowledged */
    const char *code;
    char detail[DSP_ERR_DETAIL_BYTES];
};

static void on_produced(void *arg, struct dsp_err err)
{
    struct pending *pending = arg;
    if (dsp_failed(err)) {
        dsp_http_answer_error(pending->request, 503, err.code, err.detail); /* the sender tries again */
    } else if (pending->status >= 300) {
        dsp_http_answer_error(pending->request, pending->status, pending->code, pending->detail);
    } else {
        dsp_http_answer_json(pending->request, pending->status, json_pack("{s:s}", "code", "SUCCESS"));
    }
    free(pending);
}

static struct pending *pend(struct evhttp_request *request, int status, struct dsp_err err)
{
    struct pending *pending = calloc(1, sizeof *pending);
    if (pending) {
        pending->request = request;
        pending->status = status;
        pending->code = err.code;
        memcpy(pending->detail, err.detail, sizeof pending->detail);
    } else {
        dsp_http_answer_error(request, 503, DSP_CODE_SYSTEM_FAILED, "out of memory");
    }
    return pending;
}

static void let_in(struct dsp_service *service, struct dsp_arena *arena, struct evhttp_request *request,
                   const struct dsp_door_record *record)
{
    struct dsp_str headers = {0};
    /* The id is the sender's own, so that a repeated call is known as one. */
    struct dsp_out_headers out = {.id_text = record->id,
                                  .type = record->type,
                                  .schema = record->schema,
                                  .case_id = record->case_id,
                                  .order_id = record->order_id,
                                  .time_ms = dsp_real_ms()};
    struct dsp_str source = dsp_arena_copy(arena, record->source);
    out.source = source.ptr ? source.ptr : "";
    struct dsp_err err = dsp_headers_pack(arena, &out, &headers);
    struct pending *pending = dsp_failed(err) ? NULL : pend(request, 200, dsp_ok());
    if (dsp_failed(err)) {
        dsp_http_answer_error(request, 503, err.code, err.detail);
    }
    if (pending) {
        dsp_engine_produce(service->engine, service->definition->inbound_topic,
                           dsp_lane_of(service->engine, record->order_id), record->order_id, headers, record->value,
                           on_produced, pending);
    }
}

/* What failed a check is kept as it came: body and headers untouched, the reason beside them. */
static void keep_out(struct dsp_service *service, struct dsp_arena *arena, struct evhttp_request *request,
                     const char *path, struct dsp_err reason)
{
    char topic[160];
    struct dsp_str headers = {0};
    struct dsp_err err = dsp_ok();
    struct evkeyval *item;
    struct evkeyvalq *in = evhttp_request_get_input_headers(request);
    snprintf(topic, sizeof topic, "dlq.%s.%s", service->definition->name, service->definition->inbound_topic);
    for (item = in->tqh_first; item && !dsp_failed(err); item = item->next.tqe_next) {
        err = dsp_headers_pack_one(arena, headers, item->key, dsp_str_from(item->value), &headers);
    }
    err = dsp_failed(err)
              ? err
              : dsp_headers_pack_one(arena, headers, "x-dispute-dlq-code", dsp_str_from(reason.code), &headers);
    err = dsp_failed(err)
              ? err
              : dsp_headers_pack_one(arena, headers, "__dlq.errors.message", dsp_str_from(reason.detail), &headers);
    dsp_log(DSP_LOG_ERROR, "kept out at the door", DSP_F_TEXT("url.path", path), DSP_F_TEXT("error.code", reason.code),
            DSP_F_TEXT("error.message", reason.detail));
    int status = dsp_err_is(&reason, DSP_CODE_SIGNATURE_INVALID) ? 401 : 400;
    struct pending *pending = dsp_failed(err) ? NULL : pend(request, status, reason);
    if (dsp_failed(err)) {
        dsp_http_answer_error(request, 503, err.code, err.detail);
    }
    if (pending) {
        dsp_engine_produce(service->engine, topic, -1, dsp_str_from(path), headers, dsp_http_body(request), on_produced,
                           pending);
    }
}

static void serve(struct dsp_service *service, const struct dsp_door *door, struct evhttp_request *request,
                  const char *path)
{
    struct dsp_arena *arena = dsp_arena_new(DOOR_ARENA_BYTES);
    struct dsp_door_record record = {0};
    if (!arena) {
        dsp_http_answer_error(request, 503, DSP_CODE_SYSTEM_FAILED, "out of memory");
        return;
    }
    struct dsp_err err = door->accept(service->definition->self, arena, request,
                                      dsp_str_from(path + strlen(door->path)), dsp_http_body(request), &record);
    struct dsp_str labels[] = {dsp_str_from(door->path),
                               dsp_failed(err) ? dsp_str_from(err.code) : DSP_STR_LITERAL("ok")};
    dsp_metric_add(service->metrics, &DOORS, 1, labels);
    if (err.kind == DSP_ERR_RETRY || err.kind == DSP_ERR_FATAL) {
        dsp_http_answer_error(request, 503, err.code, err.detail);
    } else if (dsp_failed(err)) {
        keep_out(service, arena, request, path, err);
    } else {
        let_in(service, arena, request, &record);
    }
    dsp_arena_free(arena); /* producing copies */
}

void door_handle(void *arg, struct evhttp_request *request, const char *path)
{
    struct dsp_service *service = arg;
    if (!dsp_engine_ready(service->engine)) {
        dsp_http_answer_error(request, 503, DSP_CODE_NOT_READY, "not ready");
        return;
    }
    for (size_t i = 0; i < service->definition->door_count; i++) {
        const struct dsp_door *door = &service->definition->doors[i];
        if (strncmp(path, door->path, strlen(door->path)) == 0 &&
            evhttp_request_get_command(request) == EVHTTP_REQ_POST) {
            serve(service, door, request, path);
            return;
        }
    }
    dsp_http_answer_error(request, 404, "NOT_FOUND", "no such path");
}
