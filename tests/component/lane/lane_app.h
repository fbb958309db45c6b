/* A tiny service on the engine, run as a process of its own by tests: one case row with a counter, one numbered
 * input topic, one stamped one, one output topic. What a record does stands in its value:
 *   add N      counts, says the new count on the output topic
 *   quiet      changes nothing at all
 *   bad        is refused by decode
 *   refuse     is refused by the database (a CHECK)
 *   sleep MS   counts 1 and holds the turn between load and commit
 *   nap MS     the same, but once only: whoever takes the record up again goes on at once
 *   timer MS   sets a timer; its firing is written down
 *   fault      sets a timer whose firing the handler refuses
 *   job        makes an outside call to HTTP_URL; its answer is written down */
#ifndef DSP_TEST_LANE_APP_H
#define DSP_TEST_LANE_APP_H

/* Settings come from the environment: APP_NAME, APP_URL, APP_REDIS, APP_HTTP, APP_BATCH, APP_SHARED (every turn
 * also adds to a row that all lanes share, so that its transaction is open from the load on), APP_REBUILD (a schema: the
 * numbered topic is folded into it, then the app ends; status 3: not all records could be applied),
 * KAFKA_BOOTSTRAP_SERVERS. Topics are <name>.numbered, <name>.command and <name>.out. The exit status. */
int lane_app_main(void);

#endif
