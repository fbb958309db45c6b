/* Every table of arbitration: the same cases in memory and on PostgreSQL. */
#include "support/fake/store_suite.h"

int arbitration_main(int argc, char **argv);

int main(void)
{
    return store_suite_run(arbitration_main);
}
