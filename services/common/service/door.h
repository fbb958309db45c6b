/* Doors: what arrives over HTTP is checked, written to the inbound topic with acks=all, then answered. */
#ifndef DSP_DOOR_H
#define DSP_DOOR_H

#include <event2/http.h>

/* `service` is a struct dsp_service. */
void door_handle(void *service, struct evhttp_request *request, const char *path);

#endif
