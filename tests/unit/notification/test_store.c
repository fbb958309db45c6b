/* Every table of notification: the same cases in memory and on PostgreSQL. */
#include "support/fake/store_suite.h"

int notification_main(int argc, char **argv);

int main(void)
{
    return store_suite_run(notification_main);
}
