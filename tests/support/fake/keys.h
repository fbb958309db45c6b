/* Settings of services under test: keys made once a program, addresses that nobody calls. */
#ifndef DSP_TEST_KEYS_H
#define DSP_TEST_KEYS_H

/* Sets the environment variables of all services. */
void fake_keys_export(void);

#endif
