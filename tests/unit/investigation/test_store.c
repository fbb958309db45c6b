/* Every table of investigation: the same cases in memory and on PostgreSQL. */
#include "support/fake/store_suite.h"

int investigation_main(int argc, char **argv);

int main(void)
{
    return store_suite_run(investigation_main);
}
