/* Posting of balanced groups on the locked accounts of a turn. Part of the handlers. */
#ifndef FUND_BOOKS_H
#define FUND_BOOKS_H

#include "fund/codec.h"

/* One group to post. */
struct fund_posting {
    enum fund_step step;
    struct dsp_str party; /* who owes; empty: nobody */
    struct dsp_str other;
    int64_t amount_minor;
    struct dsp_uuid group_id;
    int64_t sequence; /* log entry; 0: named later by fund_books_name */
    int64_t time_ms;
};

/* The id of a group: the same whenever the same entry is read. */
struct dsp_uuid fund_books_id(const struct fund_case_row *row, const char *step, int64_t number);
/* Posts whole or not at all. REJECT: a floor, or an account that was not asked for; FATAL: the books would no
 * longer balance, which is a mistake of ours. */
DSP_MUST_USE struct dsp_err fund_books_post(struct dsp_turn *turn, const struct fund_case_row *row,
                                            const struct fund_posting *posting);
/* Says which entry a group belongs to that posted before the log showed it. */
DSP_MUST_USE struct dsp_err fund_books_name(struct dsp_turn *turn, const struct fund_case_row *row,
                                            struct dsp_str group_id, int64_t sequence);
/* Posts the opening books of the platform that have not posted yet; nothing when its accounts are not loaded. */
DSP_MUST_USE struct dsp_err fund_books_open(struct dsp_turn *turn, const struct dsp_platforms *platforms,
                                            const struct fund_case_row *row, int64_t time_ms);
/* All that was put into the fund, and what is free of it now. */
int64_t fund_books_opening(const struct dsp_platforms *platforms, struct dsp_str platform_id, int64_t time_ms);
int64_t fund_books_balance(struct dsp_turn *turn, const struct fund_case_row *row, enum fund_account account,
                           struct dsp_str sub);

#endif
