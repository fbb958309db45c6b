/* Asks a running service of this machine how it is: the health check of a container, which needs neither shell
 * nor curl. Blocks; for a process that does nothing else. */
#ifndef DSP_PROBE_H
#define DSP_PROBE_H

/* Asks `path` ("/readyz", "/livez") at `address`, which is ADMIN_LISTEN_ADDR as the service has it: one that listens
 * everywhere is asked on loopback. Returns the exit status: 0 = answered with 200, 1 = not, 2 = the address is no
 * host:port. Says on stderr what was wrong. */
int dsp_probe(const char *address, const char *path);

#endif
