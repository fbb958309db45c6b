#include "people.h"

#include <stdio.h>

#include "common/base/clock.h"
#include "common/service/message.h"
#include "disputes/gateway/v1/command.pb-c.h"
#include "disputes/notification/v1/finding.pb-c.h"

/* Marketplaces have many merchants: what few of them owe would meet limits, and all rows would be one row. */
#define MERCHANTS 10000
/* What the payment side is asked about: few payments, so that the sink need not sign each answer anew. A proof counts
 * once per order line, and each case here has its own. */
#define PAYMENTS 500

typedef Disputes__Gateway__V1__Command Command;

static char *text(char *into, size_t size, const char *prefix, uint64_t number)
{
    snprintf(into, size, "%s%llu", prefix, (unsigned long long)number);
    return into;
}

static Disputes__Common__V1__Money *money(Disputes__Common__V1__Money *into, int64_t minor)
{
    disputes__common__v1__money__init(into);
    into->amount_minor = minor;
    into->currency = (char *)(uintptr_t) "CNY";
    return into;
}

static Disputes__Common__V1__Text *words(Disputes__Common__V1__Text *into, const char *plain)
{
    disputes__common__v1__text__init(into);
    into->form_case = DISPUTES__COMMON__V1__TEXT__FORM_PLAIN;
    into->plain = (char *)(uintptr_t)plain;
    return into;
}

static void send_command(struct sender *sender, const struct bench_case *item, Command *command,
                         Disputes__Common__V1__Role role)
{
    static char id[32];
    static Disputes__Common__V1__Actor actor;
    disputes__common__v1__actor__init(&actor);
    actor.role = role;
    actor.id = role == DISPUTES__COMMON__V1__ROLE__ROLE_CONSUMER ? text(id, sizeof id, "c", item->number)
                                                                 : text(id, sizeof id, "m", item->number % MERCHANTS);
    command->actor = &actor;
    sender_send(sender,
                &(struct sending){.topic = "disputes.gateway.command.v1",
                                  .source = "/gateway",
                                  .type = "cn.example.disputes.gateway.command.v1",
                                  .schema = "urn:proto:disputes.gateway.v1.Command",
                                  .key = item->order,
                                  .case_id = &item->id,
                                  .partition = -1},
                &command->base);
    command->actor = NULL;
}

void people_file(struct sender *sender, const char *platform_id, const struct bench_case *item)
{
    char consumer[32];
    char merchant[32];
    char transaction[48];
    char openid[48];
    int reason = 0;
    int64_t now_ms = dsp_real_ms();
    Command command = DISPUTES__GATEWAY__V1__COMMAND__INIT;
    Disputes__Gateway__V1__FileComplaint filing = DISPUTES__GATEWAY__V1__FILE_COMPLAINT__INIT;
    Disputes__Gateway__V1__OrderFacts order = DISPUTES__GATEWAY__V1__ORDER_FACTS__INIT;
    Disputes__Common__V1__Money paid;
    Disputes__Common__V1__Text open;
    Disputes__Common__V1__Text told;
    if (!dsp_enum_value(&disputes__common__v1__reason__descriptor, item->shape->reason, &reason)) {
        bench_die("no reason %s", item->shape->reason);
    }
    order.order_line = 1;
    order.consumer_id = text(consumer, sizeof consumer, "c", item->number);
    order.merchant_id = text(merchant, sizeof merchant, "m", item->number % MERCHANTS);
    order.paid = money(&paid, BENCH_AMOUNT_MINOR);
    order.paid_time_millis = now_ms - 6 * DSP_DAY_MS;
    order.shipped_time_millis = now_ms - 5 * DSP_DAY_MS;
    order.promised_time_millis = now_ms - DSP_DAY_MS;
    order.received_time_millis = item->shape->received ? now_ms - 2 * DSP_DAY_MS : 0;
    order.transaction_id = text(transaction, sizeof transaction, "42", item->number % PAYMENTS);
    order.consumer_openid = words(&open, text(openid, sizeof openid, "oBench", item->number));
    filing.platform_id = (char *)(uintptr_t)platform_id;
    filing.order = &order;
    filing.reason = (Disputes__Common__V1__Reason)reason;
    filing.remedy = DISPUTES__COMMON__V1__REMEDY__REMEDY_REFUND;
    filing.amount = &paid;
    filing.description = words(&told, "壶盖送到时已经裂开，商家一直没有答复。");
    filing.channel = (char *)(uintptr_t) "mini-program";
    command.act_case = DISPUTES__GATEWAY__V1__COMMAND__ACT_FILE_COMPLAINT;
    command.file_complaint = &filing;
    send_command(sender, item, &command, DISPUTES__COMMON__V1__ROLE__ROLE_CONSUMER);
}

static void inbound(struct sender *sender, const struct bench_case *item, enum bench_act act, int64_t sequence)
{
    Disputes__Notification__V1__Inbound in = DISPUTES__NOTIFICATION__V1__INBOUND__INIT;
    Disputes__Notification__V1__Opened opened = DISPUTES__NOTIFICATION__V1__OPENED__INIT;
    Disputes__Notification__V1__MerchantAcknowledged seen = DISPUTES__NOTIFICATION__V1__MERCHANT_ACKNOWLEDGED__INIT;
    if (act == BENCH_OPEN) {
        in.message_case = DISPUTES__NOTIFICATION__V1__INBOUND__MESSAGE_OPENED;
        opened.side = DISPUTES__COMMON__V1__ROLE__ROLE_CONSUMER;
        opened.sequence = (uint64_t)sequence;
        in.opened = &opened;
    } else {
        in.message_case = DISPUTES__NOTIFICATION__V1__INBOUND__MESSAGE_MERCHANT_ACKNOWLEDGED;
        seen.sequence = (uint64_t)sequence;
        in.merchant_acknowledged = &seen;
    }
    sender_send(sender,
                &(struct sending){.topic = "disputes.notification.inbound.v1",
                                  .source = "/gateway",
                                  .type = "cn.example.disputes.notification.inbound.v1",
                                  .schema = "urn:proto:disputes.notification.v1.Inbound",
                                  .key = item->order,
                                  .case_id = &item->id,
                                  .partition = -1},
                &in.base);
}

static void perform(struct sender *sender, const struct bench_case *item)
{
    char number[64];
    Command command = DISPUTES__GATEWAY__V1__COMMAND__INIT;
    Disputes__Gateway__V1__DutyPerformed performed = DISPUTES__GATEWAY__V1__DUTY_PERFORMED__INIT;
    Disputes__Common__V1__Money paid;
    performed.amount = money(&paid, item->shape->sum_minor);
    snprintf(number, sizeof number, "R%lld-%llu", (long long)item->shape->sum_minor,
             (unsigned long long)(item->number % PAYMENTS));
    performed.payment_number = number;
    command.act_case = DISPUTES__GATEWAY__V1__COMMAND__ACT_DUTY_PERFORMED;
    command.duty_performed = &performed;
    send_command(sender, item, &command, DISPUTES__COMMON__V1__ROLE__ROLE_MERCHANT);
}

static void accept_claim(struct sender *sender, const struct bench_case *item)
{
    Command command = DISPUTES__GATEWAY__V1__COMMAND__INIT;
    Disputes__Gateway__V1__AcceptClaim accept = DISPUTES__GATEWAY__V1__ACCEPT_CLAIM__INIT;
    Disputes__Common__V1__Money sum;
    accept.remedy = DISPUTES__COMMON__V1__REMEDY__REMEDY_REFUND;
    accept.amount = money(&sum, item->shape->sum_minor);
    command.act_case = DISPUTES__GATEWAY__V1__COMMAND__ACT_ACCEPT_CLAIM;
    command.accept_claim = &accept;
    send_command(sender, item, &command, DISPUTES__COMMON__V1__ROLE__ROLE_MERCHANT);
}

static void reply(struct sender *sender, const struct bench_case *item, bool by_person)
{
    Command command = DISPUTES__GATEWAY__V1__COMMAND__INIT;
    Disputes__Gateway__V1__Reply said = DISPUTES__GATEWAY__V1__REPLY__INIT;
    Disputes__Common__V1__Text told;
    said.author = by_person ? DISPUTES__GATEWAY__V1__AUTHOR__AUTHOR_PERSON : DISPUTES__GATEWAY__V1__AUTHOR__AUTHOR_BOT;
    said.text = words(&told, by_person ? "灯光下颜色会有差别，我们愿意商量。" : "您好，客服将尽快与您联系。");
    command.act_case = DISPUTES__GATEWAY__V1__COMMAND__ACT_REPLY;
    command.reply = &said;
    send_command(sender, item, &command, DISPUTES__COMMON__V1__ROLE__ROLE_MERCHANT);
}

/* The merchant offers half of what the consumer then asks for. */
static void make_offer(struct sender *sender, const struct bench_case *item, bool counter)
{
    char offer_id[BENCH_OFFER_BYTES];
    Command command = DISPUTES__GATEWAY__V1__COMMAND__INIT;
    Disputes__Gateway__V1__MakeOffer make = DISPUTES__GATEWAY__V1__MAKE_OFFER__INIT;
    Disputes__Gateway__V1__CounterOffer against = DISPUTES__GATEWAY__V1__COUNTER_OFFER__INIT;
    Disputes__Gateway__V1__OfferTerms terms = DISPUTES__GATEWAY__V1__OFFER_TERMS__INIT;
    Disputes__Common__V1__Money sum;
    Disputes__Common__V1__Text told;
    terms.remedy = DISPUTES__COMMON__V1__REMEDY__REMEDY_PART_REFUND;
    terms.amount = money(&sum, counter ? item->shape->sum_minor : item->shape->sum_minor / 2);
    terms.text = words(&told, counter ? "退一半。" : "退四分之一，衣服您留着。");
    text(offer_id, sizeof offer_id, counter ? "b2-" : "b1-", item->number);
    if (counter) {
        against.offer_id = (char *)(uintptr_t)item->offer;
        against.new_offer_id = offer_id;
        against.terms = &terms;
        command.act_case = DISPUTES__GATEWAY__V1__COMMAND__ACT_COUNTER_OFFER;
        command.counter_offer = &against;
    } else {
        make.offer_id = offer_id;
        make.terms = &terms;
        command.act_case = DISPUTES__GATEWAY__V1__COMMAND__ACT_MAKE_OFFER;
        command.make_offer = &make;
    }
    send_command(sender, item, &command,
                 counter ? DISPUTES__COMMON__V1__ROLE__ROLE_CONSUMER : DISPUTES__COMMON__V1__ROLE__ROLE_MERCHANT);
}

static void accept_offer(struct sender *sender, const struct bench_case *item)
{
    Command command = DISPUTES__GATEWAY__V1__COMMAND__INIT;
    Disputes__Gateway__V1__AcceptOffer accept = DISPUTES__GATEWAY__V1__ACCEPT_OFFER__INIT;
    accept.offer_id = (char *)(uintptr_t)item->offer;
    command.act_case = DISPUTES__GATEWAY__V1__COMMAND__ACT_ACCEPT_OFFER;
    command.accept_offer = &accept;
    send_command(sender, item, &command, DISPUTES__COMMON__V1__ROLE__ROLE_MERCHANT);
}

static void feedback(struct sender *sender, const struct bench_case *item, bool consumer)
{
    Command command = DISPUTES__GATEWAY__V1__COMMAND__INIT;
    Disputes__Gateway__V1__AnswerFeedback answer = DISPUTES__GATEWAY__V1__ANSWER_FEEDBACK__INIT;
    answer.score = 5;
    command.act_case = DISPUTES__GATEWAY__V1__COMMAND__ACT_ANSWER_FEEDBACK;
    command.answer_feedback = &answer;
    send_command(sender, item, &command,
                 consumer ? DISPUTES__COMMON__V1__ROLE__ROLE_CONSUMER : DISPUTES__COMMON__V1__ROLE__ROLE_MERCHANT);
}

void people_act(struct sender *sender, const struct bench_case *item, enum bench_act act, int64_t sequence)
{
    switch (act) {
    case BENCH_ACCEPT:
        accept_claim(sender, item);
        break;
    case BENCH_REPLY_BOT:
    case BENCH_REPLY_PERSON:
        reply(sender, item, act == BENCH_REPLY_PERSON);
        break;
    case BENCH_MAKE_OFFER:
    case BENCH_COUNTER_OFFER:
        make_offer(sender, item, act == BENCH_COUNTER_OFFER);
        break;
    case BENCH_ACCEPT_OFFER:
        accept_offer(sender, item);
        break;
    case BENCH_PERFORM:
        perform(sender, item);
        break;
    case BENCH_FEEDBACK_CONSUMER:
    case BENCH_FEEDBACK_MERCHANT:
        feedback(sender, item, act == BENCH_FEEDBACK_CONSUMER);
        break;
    case BENCH_ACKNOWLEDGE:
    case BENCH_OPEN:
        inbound(sender, item, act, sequence);
        break;
    case BENCH_END:
    case BENCH_CLOCK:
    case BENCH_HAPPENS:
    default:
        break;
    }
}
