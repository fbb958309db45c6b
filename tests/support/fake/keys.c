#include "support/fake/keys.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "support/cmocka_all.h"

static char private_file[] = "/tmp/heshi-test-private-XXXXXX";
static char public_file[] = "/tmp/heshi-test-public-XXXXXX";

static void forget(void)
{
    unlink(private_file);
    unlink(public_file);
}

/* A file of its own per program, since tests run side by side; gone at its end. */
static void make_pair(void)
{
    EVP_PKEY *key = EVP_RSA_gen(2048);
    FILE *secret = fdopen(mkstemp(private_file), "w");
    FILE *open = fdopen(mkstemp(public_file), "w");
    assert_true(key && secret && open);
    assert_int_equal(PEM_write_PrivateKey(secret, key, NULL, NULL, 0, NULL, NULL), 1);
    assert_int_equal(PEM_write_PUBKEY(open, key), 1);
    fclose(secret);
    fclose(open);
    EVP_PKEY_free(key);
    atexit(forget);
}

/* Those of the servers (scripts/env) are settings of no service's own table. */
static void unset_common(void)
{
    for (char **at = environ; *at;) {
        char name[64];
        snprintf(name, sizeof name, "%.*s", (int)strcspn(*at, "="), *at);
        if (strncmp(name, "HESHI_", 6) == 0) {
            unsetenv(name);
            at = environ;
        } else {
            at++;
        }
    }
}

void fake_keys_export(void)
{
    static const char *const VALUES[][2] = {
        {"WECHAT_PAY_BASE_URL", "http://127.0.0.1:9"},
        {"WECHAT_PAY_MCHID", "1900009191"},
        {"WECHAT_PAY_APPID", "wx0123456789abcdef"},
        {"WECHAT_PAY_SERIAL", "1DDE55AD98ED71D6EDD4A4A16996DE7B47773A8C"},
        {"WECHAT_PAY_PLATFORM_SERIAL", "PUB_KEY_ID_0119000091912026"},
        {"WECHAT_PAY_APIV3_KEY", "0123456789abcdef0123456789abcdef"},
        {"WECHAT_PAY_NOTIFY_URL", "https://example.invalid/wechatpay/"},
        {"WEBHOOK_SECRET", "settlement"},
        {"INSTITUTION_BASE_URL", "http://127.0.0.1:9"},
        {"INSTITUTION_CALLBACK_URL", "https://example.invalid/institution"},
        {"MINI_PROGRAM_BASE_URL", "http://127.0.0.1:9"},
        {"MINI_PROGRAM_APPID", "wx0123456789abcdef"},
        {"MINI_PROGRAM_SECRET", "secret"},
        {"MERCHANT_WEBHOOK_URL", "http://127.0.0.1:9/webhook"},
        {"MERCHANT_WEBHOOK_SECRET", "webhook"},
    };
    static int made;
    if (!made++) {
        make_pair();
        unset_common();
    }
    for (size_t i = 0; i < sizeof VALUES / sizeof *VALUES; i++) {
        char file[64];
        snprintf(file, sizeof file, "%s_FILE", VALUES[i][0]);
        unsetenv(file);
        setenv(VALUES[i][0], VALUES[i][1], 1);
    }
    setenv("WECHAT_PAY_PRIVATE_KEY_FILE", private_file, 1);
    setenv("WECHAT_PAY_PLATFORM_KEY_FILE", public_file, 1);
    setenv("INSTITUTION_KEY_FILE", public_file, 1);
    setenv("ARBITRATION_SIGNING_KEY_FILE", private_file, 1);
}
