/* disputectl: one program for everything that people do to a running Heshi. */
#include <stdio.h>
#include <string.h>

#include "disputectl/commands.h"
#include "disputectl/ctl_context.h"
#include "disputectl/play.h"

static const struct ctl_subcommand *const SUBCOMMANDS[] = {
    &FILE_SUBCOMMAND,
    &REPLY_SUBCOMMAND,
    &ACCEPT_SUBCOMMAND,
    &REFER_SUBCOMMAND,
    &PERFORMED_SUBCOMMAND,
    &FEEDBACK_SUBCOMMAND,
    &OFFER_SUBCOMMAND,
    &COUNTER_SUBCOMMAND,
    &ACCEPT_OFFER_SUBCOMMAND,
    &REJECT_OFFER_SUBCOMMAND,
    &RETRACT_OFFER_SUBCOMMAND,
    &WITHDRAW_SUBCOMMAND,
    &SAY_SUBCOMMAND,
    &REQUEST_PLATFORM_SUBCOMMAND,
    &CONTEST_SUBCOMMAND,
    &COMMENT_SUBCOMMAND,
    &APPEAL_SUBCOMMAND,
    &SET_ASIDE_SUBCOMMAND,
    &WAIVE_SUBCOMMAND,
    &ELECT_SUBCOMMAND,
    &CONSENT_SUBCOMMAND,
    &ACT_SUBCOMMAND,
    &EVIDENCE_SUBCOMMAND,
    &DECIDE_SUBCOMMAND,
    &FINALISE_SUBCOMMAND,
    &CO_SIGN_SUBCOMMAND,
    &REFUSE_TO_SIGN_SUBCOMMAND,
    &ASSIGN_SUBCOMMAND,
    &TAKE_OVER_SUBCOMMAND,
    &SEAT_OBSERVER_SUBCOMMAND,
    &CLOSE_ROUNDS_SUBCOMMAND,
    &NEXT_ROUND_SUBCOMMAND,
    &DECIDE_APPEAL_SUBCOMMAND,
    &REMAND_SUBCOMMAND,
    &ADMIT_SUBCOMMAND,
    &REFER_DIRECT_SUBCOMMAND,
    &ESCALATE_SUBCOMMAND,
    &CASE_SUBCOMMAND,
    &FUND_SUBCOMMAND,
    &TAIL_SUBCOMMAND,
    &DECODE_SUBCOMMAND,
    &VERIFY_SUBCOMMAND,
    &CLOCK_SUBCOMMAND,
    &REST_SUBCOMMAND,
    &PLAY_SUBCOMMAND,
    &TOPICS_SUBCOMMAND,
    &PLATFORM_SUBCOMMAND,
    &CODES_SUBCOMMAND,
    &DLQ_SUBCOMMAND,
};
#define SUBCOMMAND_COUNT (sizeof SUBCOMMANDS / sizeof *SUBCOMMANDS)

static void print_list(FILE *out)
{
    fputs("disputectl SUBCOMMAND …: what people do to a running Heshi 和事\n\n", out);
    for (size_t i = 0; i < SUBCOMMAND_COUNT; i++) {
        fprintf(out, "  %-16s %s\n", SUBCOMMANDS[i]->name, SUBCOMMANDS[i]->summary);
    }
    fputs("\nEach has its own help: disputectl SUBCOMMAND --help\n\n"
          "Settings come from the environment; for services started by scripts/up: eval \"$(scripts/env)\"\n"
          "  KAFKA_BOOTSTRAP_SERVERS, KAFKA_PROPERTIES_FILE   Kafka\n"
          "  HESHI_ADMIN      intake=host:port,sla=host:port,…  admin ports of the services\n"
          "  HESHI_STANDINS   wechat_pay=http://…,…             stand-ins of a sandbox\n"
          "  ADMIN_READ_TOKEN_FILE, ADMIN_WRITE_TOKEN_FILE      tokens of the admin ports\n\n"
          "Exit status: 0 done, 1 refused, broken or different, 2 wrong use, 3 Kafka or a service does not answer\n",
          out);
}

static void print_help(const struct ctl_subcommand *subcommand)
{
    printf("disputectl %s %s\n\n%s.\n\n%s", subcommand->name, subcommand->arguments, subcommand->summary,
           subcommand->help);
    if (subcommand->options) {
        ctl_options_help(subcommand->options);
    }
}

static const struct ctl_subcommand *find(const char *name)
{
    for (size_t i = 0; i < SUBCOMMAND_COUNT; i++) {
        if (strcmp(SUBCOMMANDS[i]->name, name) == 0) {
            return SUBCOMMANDS[i];
        }
    }
    return NULL;
}

static bool asks_for_help(int argc, char **argv)
{
    for (int i = 0; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            return true;
        }
    }
    return false;
}

static bool is_word(const char *word, const char *a, const char *b, const char *c)
{
    return strcmp(word, a) == 0 || strcmp(word, b) == 0 || strcmp(word, c) == 0;
}

static int run(const struct ctl_subcommand *subcommand, int argc, char **argv)
{
    struct ctl *ctl = ctl_new();
    int status = ctl ? subcommand->run(ctl, argc, argv) : CTL_EXIT_FAILED;
    ctl_free(ctl);
    if (fflush(stdout) != 0 || ferror(stdout)) {
        fputs("disputectl: the output could not be written\n", stderr);
        return status ? status : CTL_EXIT_FAILED;
    }
    return status;
}

int main(int argc, char **argv)
{
    if (argc < 2 || is_word(argv[1], "help", "--help", "-h")) {
        const struct ctl_subcommand *about = argc > 2 ? find(argv[2]) : NULL;
        if (about) {
            print_help(about);
        } else {
            print_list(argc < 2 ? stderr : stdout);
        }
        return argc < 2 ? CTL_EXIT_USAGE : CTL_EXIT_OK;
    }
    if (is_word(argv[1], "version", "--version", "-V")) {
        puts("disputectl " HESHI_VERSION);
        return CTL_EXIT_OK;
    }
    const struct ctl_subcommand *subcommand = find(argv[1]);
    if (!subcommand) {
        return ctl_usage("no such subcommand: %s", argv[1]);
    }
    if (asks_for_help(argc - 2, argv + 2)) {
        print_help(subcommand);
        return CTL_EXIT_OK;
    }
    return run(subcommand, argc - 2, argv + 2);
}
