/* Every table of sla: the same cases in memory and on PostgreSQL. */
#include "support/fake/store_suite.h"

int sla_main(int argc, char **argv);

int main(void)
{
    return store_suite_run(sla_main);
}
