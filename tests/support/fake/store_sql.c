#include "support/fake/store_sql.h"

#include <ctype.h>
#include <string.h>

#include "support/cmocka_all.h"
#include "support/fake/store_table.h"

struct dsp_str sql_view(const char *from, const char *to)
{
    while (from < to && isspace((unsigned char)*from)) {
        from++;
    }
    while (to > from && isspace((unsigned char)to[-1])) {
        to--;
    }
    return (struct dsp_str){from, (size_t)(to - from)};
}

/* A column as it is called: without the name of its table and without a cast. */
struct dsp_str sql_column_name(struct dsp_str item)
{
    const char *end = item.ptr + item.len;
    const char *cast = memmem(item.ptr, item.len, "::", 2);
    const char *dot = memchr(item.ptr, '.', item.len);
    return sql_view(dot ? dot + 1 : item.ptr, cast ? cast : end);
}

/* Items of a list up to `end`. */
size_t sql_names(const char *from, const char *end, struct dsp_str *ret_names)
{
    size_t count = 0;
    while (from < end) {
        const char *comma = memchr(from, ',', (size_t)(end - from));
        const char *stop = comma ? comma : end;
        assert_true(count < STORE_COLUMNS_MAX);
        ret_names[count++] = sql_view(from, stop);
        from = stop + 1;
    }
    return count;
}

struct dsp_str sql_word(const char *at)
{
    const char *end;
    while (isspace((unsigned char)*at)) {
        at++;
    }
    for (end = at; isalnum((unsigned char)*end) || *end == '_'; end++) {
    }
    return (struct dsp_str){at, (size_t)(end - at)};
}

/* Names in the parentheses that follow. */
size_t sql_in_parentheses(const char *at, struct dsp_str *ret_names)
{
    const char *open = strchr(at, '(');
    const char *close = open ? strchr(open, ')') : NULL;
    assert_non_null(close);
    return sql_names(open + 1, close, ret_names);
}

const char *sql_after(const char *sql, const char *what)
{
    const char *at = strstr(sql, what);
    return at ? at + strlen(what) : NULL;
}

void sql_not_understood(const char *sql)
{
    fail_msg("the fake does not understand this statement: %.80s ... %.400s", sql,
             strstr(sql, "INSERT") ? strstr(sql, "INSERT") : "");
}
