/* The table of outside calls, as every service that makes them lists it. */
#include "common/io/lane.h"
#include "lane_queries.h"

static const struct dsp_column JOB_COLUMNS[] = {
    DSP_COL(struct dsp_job, case_id, DSP_COLUMN_UUID),  DSP_COL(struct dsp_job, number, DSP_COLUMN_TEXT),
    DSP_COL(struct dsp_job, state, DSP_COLUMN_INT),     DSP_COL(struct dsp_job, attempts, DSP_COLUMN_INT),
    DSP_COL(struct dsp_job, mode, DSP_COLUMN_INT),      DSP_COL(struct dsp_job, argument, DSP_COLUMN_BYTES),
    DSP_COL(struct dsp_job, kind, DSP_COLUMN_TEXT),     DSP_COL(struct dsp_job, lane, DSP_COLUMN_INT),
    DSP_COL(struct dsp_job, order_id, DSP_COLUMN_TEXT), DSP_COL(struct dsp_job, reference, DSP_COLUMN_BIG),
};

const struct dsp_table dsp_job_table = {
    .name = "jobs",
    .key = DSP_KEY_CASE,
    .row_bytes = sizeof(struct dsp_job),
    .columns = JOB_COLUMNS,
    .column_count = sizeof JOB_COLUMNS / sizeof *JOB_COLUMNS,
    .saved_count = 6,
    .load_sql = LANE_JOB_LOAD,
    .add_sql = LANE_JOB_ADD,
    .save_sql = LANE_JOB_SAVE,
};

void dsp_job_end(struct dsp_job *job)
{
    job->state = DSP_JOB_DONE;
    job->argument = DSP_STR_LITERAL("");
    job->row.dirty = true;
}
