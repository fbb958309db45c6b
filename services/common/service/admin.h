/* The admin port: health, metrics, rest reports, case views, faults of a sandbox. */
#ifndef DSP_ADMIN_H
#define DSP_ADMIN_H

#include <event2/http.h>

/* `service` is a struct dsp_service. */
void admin_handle(void *service, struct evhttp_request *request, const char *path);

#endif
