/* Reading the text of a statement, for store_fake.c. Views into it. */
#ifndef DSP_TEST_STORE_SQL_H
#define DSP_TEST_STORE_SQL_H

#include "common/base/str.h"

/* Without the blanks around it. */
struct dsp_str sql_view(const char *from, const char *to);
/* A column as it is called: without the name of its table and without a cast. */
struct dsp_str sql_column_name(struct dsp_str item);
/* Items of a list up to `end`; how many. */
size_t sql_names(const char *from, const char *end, struct dsp_str *ret_names);
struct dsp_str sql_word(const char *at);
/* Names in the parentheses that follow. */
size_t sql_in_parentheses(const char *at, struct dsp_str *ret_names);
/* NULL: it is not there. */
const char *sql_after(const char *sql, const char *what);
/* Fails the test. */
void sql_not_understood(const char *sql);

#endif
