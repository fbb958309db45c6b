/* A message climbs down its ladder: push after push, the in-app docket always beside them. */
#include "common/base/clock.h"
#include "notification/domain.h"

/* Pushing rungs in their order (docs/MACHINE.md, 7.7). The docket is no push. */
#define LADDER_RUNGS 3
static const enum ntf_rung LADDERS[NTF_SIDE_MERCHANT + 1][LADDER_RUNGS] = {
    [NTF_SIDE_CONSUMER] = {NTF_RUNG_SUBSCRIPTION, NTF_RUNG_CUSTOMER_SERVICE, NTF_RUNG_SMS},
    [NTF_SIDE_MERCHANT] = {NTF_RUNG_WEBHOOK, NTF_RUNG_SMS, NTF_RUNG_CALL},
};

/* What stands in no cell changes nothing: a late answer about a message that was read meanwhile. */
static const bool ALLOWED[NTF_STATE_COUNT][NTF_INPUT_COUNT] = {
    [NTF_STATE_QUEUED] =
        {
            [NTF_INPUT_START] = true,
            [NTF_INPUT_TAKEN] = true,
            [NTF_INPUT_REFUSE] = true,
            [NTF_INPUT_FAIL] = true,
            [NTF_INPUT_READ] = true,
        },
    [NTF_STATE_SENT] =
        {
            [NTF_INPUT_REFUSE] = true, /* a channel that takes it back */
            [NTF_INPUT_READ] = true,
        },
    [NTF_STATE_DEAD] =
        {
            [NTF_INPUT_READ] = true, /* the docket keeps it */
        },
};

enum ntf_rung ntf_next_rung(enum ntf_side side, enum ntf_rung after, ntf_rungs usable)
{
    bool below = after == NTF_RUNG_NONE;
    for (size_t i = 0; i < LADDER_RUNGS; i++) {
        enum ntf_rung rung = LADDERS[side][i];
        if (below && (usable & NTF_BIT(rung))) {
            return rung;
        }
        below = below || rung == after;
    }
    return NTF_RUNG_NONE;
}

static void serve(struct ntf_delivery *delivery, enum ntf_rung rung, int64_t now_ms, struct ntf_effect *effect)
{
    delivery->state = NTF_STATE_SERVED;
    delivery->rung = rung;
    delivery->served_ms = now_ms;
    effect->proved = delivery->paper || delivery->acknowledgement;
}

/* The next rung, or the end of the ladder. */
static void climb(struct ntf_delivery *delivery, ntf_rungs usable, int64_t now_ms, struct ntf_effect *effect)
{
    enum ntf_rung next = ntf_next_rung(delivery->side, delivery->rung, usable);
    if (next != NTF_RUNG_NONE) {
        delivery->state = NTF_STATE_QUEUED;
        delivery->rung = next;
        effect->push = true;
    } else if (delivery->acknowledgement) { /* it stands in the docket: that is handing over */
        serve(delivery, NTF_RUNG_DOCKET, now_ms, effect);
    } else {
        delivery->state = NTF_STATE_DEAD;
        effect->failed = delivery->paper;
    }
}

struct ntf_effect ntf_decide(struct ntf_delivery *delivery, enum ntf_input input, enum ntf_rung rung, ntf_rungs usable,
                             int64_t now_ms)
{
    struct ntf_effect effect = {0};
    if (!ALLOWED[delivery->state][input]) {
        return effect;
    }
    effect.changed = true;
    switch (input) {
    case NTF_INPUT_START:
        climb(delivery, usable, now_ms, &effect);
        break;
    case NTF_INPUT_TAKEN:
        delivery->sent_ms = now_ms;
        delivery->state = NTF_STATE_SENT;
        if (delivery->acknowledgement) {
            serve(delivery, delivery->rung, now_ms, &effect);
        }
        break;
    case NTF_INPUT_REFUSE:
        delivery->state = NTF_STATE_REFUSED;
        climb(delivery, usable, now_ms, &effect);
        break;
    case NTF_INPUT_FAIL:
        effect.changed = false;
        effect.retry = true;
        break;
    case NTF_INPUT_READ:
        serve(delivery, rung, now_ms, &effect);
        break;
    case NTF_INPUT_COUNT:
    default:
        break;
    }
    return effect;
}

int64_t ntf_retry_after_ms(int32_t tries)
{
    static const int64_t WAITS[] = {30 * DSP_SECOND_MS, DSP_MINUTE_MS,      2 * DSP_MINUTE_MS, 5 * DSP_MINUTE_MS,
                                    10 * DSP_MINUTE_MS, 30 * DSP_MINUTE_MS, DSP_HOUR_MS,       6 * DSP_HOUR_MS};
    const int32_t last = (int32_t)(sizeof WAITS / sizeof *WAITS) - 1;
    if (tries >= NTF_TRIES_MAX) {
        return 0;
    }
    return WAITS[tries < 1 ? 0 : tries - 1 < last ? tries - 1 : last];
}

/* --- answers of the outside --- */

enum ntf_outcome ntf_subscription_outcome(int status, bool has_code, int64_t errcode)
{
    if (status != 200 || !has_code) {
        return NTF_OUTCOME_FAILED;
    }
    switch (errcode) { /* WECHAT.md 5.2 */
    case 0:
        return NTF_OUTCOME_TAKEN;
    case 43101: /* no consent, or the one-off consent is used up */
        return NTF_OUTCOME_NO_CONSENT;
    case 40003: /* bad openid */
    case 40037: /* bad template id: our configuration */
    case 41030: /* bad page: our bug */
    case 47003: /* a field breaks a limit: our bug */
        return NTF_OUTCOME_REFUSED;
    case 40001:
    case 40014:
    case 41001:
    case 42001:
        return NTF_OUTCOME_TOKEN;
    default: /* -1, 45009, and what this version does not know */
        return NTF_OUTCOME_FAILED;
    }
}

/* A merchant's system that says no may be mending itself: it is believed the third time. */
#define WEBHOOK_REFUSALS 3

enum ntf_outcome ntf_webhook_outcome(int status, int32_t tries)
{
    if (status >= 200 && status < 300) {
        return NTF_OUTCOME_TAKEN;
    }
    if (status >= 300 && status < 500 && status != 408 && status != 429) {
        return tries >= WEBHOOK_REFUSALS ? NTF_OUTCOME_REFUSED : NTF_OUTCOME_FAILED;
    }
    return NTF_OUTCOME_FAILED;
}

/* --- consents and quiet hours --- */

bool ntf_may_spend(int32_t quota, bool reminder)
{
    return quota == NTF_CONSENT_UNCOUNTED || quota > (reminder ? 1 : 0);
}

int32_t ntf_consent_granted(int32_t quota, int32_t count)
{
    int32_t left = quota > 0 ? quota : 0;
    if (count <= 0) { /* allowed without a number */
        return NTF_CONSENT_UNCOUNTED;
    }
    return left > INT32_MAX - count ? INT32_MAX : left + count;
}

int32_t ntf_consent_spent(int32_t quota)
{
    return quota > 0 ? quota - 1 : quota;
}

static int64_t morning_after(int64_t now_ms)
{
    const int64_t zone_ms = 8 * DSP_HOUR_MS; /* Asia/Shanghai, no summer time since 1991 */
    int64_t day_ms = (now_ms + zone_ms) % DSP_DAY_MS;
    int64_t midnight_ms = now_ms - day_ms;
    if (day_ms < 8 * DSP_HOUR_MS) {
        return midnight_ms + 8 * DSP_HOUR_MS;
    }
    return day_ms >= 22 * DSP_HOUR_MS ? midnight_ms + DSP_DAY_MS + 8 * DSP_HOUR_MS : 0;
}

int64_t ntf_quiet_until(int64_t now_ms, int32_t percent, int64_t due_ms)
{
    int64_t morning_ms = morning_after(now_ms);
    return percent >= 90 || morning_ms >= due_ms ? 0 : morning_ms;
}

const char *ntf_state_name(int state)
{
    static const char *const NAMES[NTF_STATE_COUNT] = {NULL, "QUEUED", "SENT", "SERVED", "REFUSED", "DEAD"};
    return state > 0 && state < NTF_STATE_COUNT ? NAMES[state] : NULL;
}

const char *ntf_rung_name(int rung)
{
    static const char *const NAMES[NTF_RUNG_COUNT] = {NULL,  "DOCKET",  "SUBSCRIPTION", "CUSTOMER_SERVICE",
                                                      "SMS", "WEBHOOK", "CALL"};
    return rung > 0 && rung < NTF_RUNG_COUNT ? NAMES[rung] : NULL;
}
