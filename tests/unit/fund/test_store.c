/* Every table of fund: the same cases in memory and on PostgreSQL. */
#include "support/fake/store_suite.h"

int fund_main(int argc, char **argv);

int main(void)
{
    return store_suite_run(fund_main);
}
