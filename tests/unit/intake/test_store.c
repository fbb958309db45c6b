/* Every table of intake: the same cases in memory and on PostgreSQL. */
#include "support/fake/store_suite.h"

int intake_main(int argc, char **argv);

int main(void)
{
    return store_suite_run(intake_main);
}
