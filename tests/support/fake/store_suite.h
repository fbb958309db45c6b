/* What must hold for every table of every service, on the fake and on PostgreSQL. */
#ifndef DSP_TEST_STORE_SUITE_H
#define DSP_TEST_STORE_SUITE_H

/* Runs the suite over all tables of a service; the number of cases that failed. */
int store_suite_run(int (*service_main)(int argc, char **argv));

#endif
