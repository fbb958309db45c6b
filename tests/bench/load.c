/* The load generator of scripts/bench; see usage(). */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "options.h"
#include "sender.h"

static void usage(void)
{
    puts("bench_load disputes --policy FILE --platform ID --mix SC01=1,SC02=1,SC12=1 --window N --warmup S --seconds S "
         "--runs "
         "N\n"
         "           closed loop: disputes a second; with --settle S then an open loop at half of that, measured after "
         "S\n"
         "bench_load open … --rate R        open loop: filings at a fixed rate, marked for the sink\n"
         "bench_load prepare --entries N    a log for one service\n"
         "bench_load drain --topic T --seconds S --warmup S [--entries N]   records a second that appear on a topic\n"
         "--sink HOST:PORT: a dispute is in service until its merchant was told, too.\n"
         "Each phase prints one line of JSON. --watch name=pid,… counts CPU and memory of processes; --drain S waits\n"
         "so long for the disputes that are left. KAFKA_BOOTSTRAP_SERVERS names the brokers.");
}

static void read_options(int argc, char **argv, struct options *options)
{
    static const struct option WORDS[] = {
        {"policy", required_argument, NULL, 'p'},
        {"platform", required_argument, NULL, 'i'},
        {"mix", required_argument, NULL, 'm'},
        {"watch", required_argument, NULL, 'w'},
        {"topic", required_argument, NULL, 't'},
        {"window", required_argument, NULL, 'n'},
        {"rate", required_argument, NULL, 'r'},
        {"warmup", required_argument, NULL, 'u'},
        {"seconds", required_argument, NULL, 's'},
        {"runs", required_argument, NULL, 'R'},
        {"drain", required_argument, NULL, 'd'},
        {"settle", required_argument, NULL, 'S'},
        {"sink", required_argument, NULL, 'k'},
        {"entries", required_argument, NULL, 'e'},
        {NULL, 0, NULL, 0},
    };
    int word;
    while ((word = getopt_long(argc, argv, "", WORDS, NULL)) != -1) {
        switch (word) {
        case 'p':
            options->policy = optarg;
            break;
        case 'i':
            options->platform = optarg;
            break;
        case 'm':
            options->mix = optarg;
            break;
        case 'w':
            options->watch = optarg;
            break;
        case 't':
            options->topic = optarg;
            break;
        case 'n':
            options->window = atoi(optarg);
            break;
        case 'r':
            options->rate = strtod(optarg, NULL);
            break;
        case 'u':
            options->warmup_s = atoi(optarg);
            break;
        case 's':
            options->seconds = atoi(optarg);
            break;
        case 'R':
            options->runs = atoi(optarg);
            break;
        case 'd':
            options->drain_s = atoi(optarg);
            break;
        case 'k':
            options->sink = optarg;
            break;
        case 'S':
            options->settle_s = atoi(optarg);
            break;
        case 'e':
            options->entries = atol(optarg);
            break;
        default:
            usage();
            exit(2);
        }
    }
}

int main(int argc, char **argv)
{
    struct options options = {.mode = argc > 1 ? argv[1] : "",
                              .brokers = getenv("KAFKA_BOOTSTRAP_SERVERS"),
                              .mix = "SC01=1,SC02=1,SC12=1",
                              .watch = "",
                              .window = 1024,
                              .warmup_s = 10,
                              .seconds = 60,
                              .runs = 1};
    if (argc < 2 || strcmp(argv[1], "--help") == 0) {
        usage();
        return argc < 2 ? 2 : 0;
    }
    read_options(argc - 1, argv + 1, &options);
    if (!options.brokers) {
        bench_die("KAFKA_BOOTSTRAP_SERVERS is not set");
    }
    bool open = strcmp(options.mode, "open") == 0;
    if (open || strcmp(options.mode, "disputes") == 0) {
        if (!options.policy || !options.platform || (open && options.rate <= 0)) {
            bench_die("--policy, --platform and for an open loop --rate are needed");
        }
        run_disputes(&options, open);
    } else if (strcmp(options.mode, "prepare") == 0) {
        run_prepare(&options);
    } else if (strcmp(options.mode, "drain") == 0 && options.topic) {
        run_drain(&options);
    } else {
        usage();
        return 2;
    }
    return 0;
}
