# shellcheck shell=bash
# The one place that says what each process is told. Everything is KEY=VALUE lines.
# Needs paths.sh, ports.sh (loaded) and kafka.sh.

# What the stand-in of WeChat Pay knows its own key and the merchant's by.
MERCHANT_SERIAL=HESHIMERCHANT01
PLATFORM_SERIAL=PUB_KEY_ID_0119000000012026

# env_service INSTANCE
env_service() {
    local instance=$1 name=${1%-2}
    env_base
    # shellcheck disable=SC2086 # a list
    env_pass ${HESHI_PASS_ENV:-}
    cat <<END
KAFKA_BOOTSTRAP_SERVERS=$(kafka_bootstrap)
KAFKA_GROUP_INSTANCE_ID=$([ "$instance" = "$name" ] && echo "$name-1" || echo "$instance")
DATABASE_URL=postgresql://heshi_${name}_app@127.0.0.1:${PORT[postgres]}/$DATABASE
REDIS_URL=redis://127.0.0.1:${PORT[redis]}/0
ADMIN_LISTEN_ADDR=127.0.0.1:${PORT[${instance}_admin]}
ADMIN_READ_TOKEN_FILE=$RUN/keys/read.token
ADMIN_WRITE_TOKEN_FILE=$RUN/keys/write.token
HESHI_SANDBOX=1
HESHI_CASE_KEY_FILE=$RUN/keys/case.key
LOG_LEVEL=${LOG_LEVEL:-info}
END
    # A user's own cluster may want TLS and SASL settings, which are his.
    [ "$(cat "$RUN/kafka.mode" 2>/dev/null)" != external ] || env_pass KAFKA_PROPERTIES_FILE
    case $name in
    fund) env_fund "${PORT[${instance}_door]}" ;;
    arbitration) env_arbitration "${PORT[${instance}_door]}" ;;
    notification) env_notification ;;
    esac
}

# The same from whichever shell we are started: a process behaves alike, and another PATH is no
# reason to start it anew. HESHI_PASS_ENV names what shall get through all the same (ASAN_OPTIONS).
env_base() {
    cat <<END
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
LANG=C.UTF-8
END
}

env_pass() {
    local name
    for name; do [ -z "${!name:-}" ] || printf '%s=%s\n' "$name" "${!name}"; done
}

# env_fund DOOR_PORT
env_fund() {
    cat <<END
DOOR_LISTEN_ADDR=127.0.0.1:$1
WECHAT_PAY_BASE_URL=http://127.0.0.1:${PORT[wechat_pay]}
WECHAT_PAY_MCHID=1900000001
WECHAT_PAY_APPID=wx8888888888888888
WECHAT_PAY_SERIAL=$MERCHANT_SERIAL
WECHAT_PAY_PRIVATE_KEY_FILE=$RUN/keys/merchant_private.pem
WECHAT_PAY_PLATFORM_SERIAL=$PLATFORM_SERIAL
WECHAT_PAY_PLATFORM_KEY_FILE=$RUN/keys/wechatpay_public.pem
WECHAT_PAY_APIV3_KEY_FILE=$RUN/keys/apiv3.key
WEBHOOK_SECRET_FILE=$RUN/keys/webhook.secret
WECHAT_PAY_NOTIFY_URL=http://127.0.0.1:$1/wechatpay/transfer
END
}

# env_arbitration DOOR_PORT
env_arbitration() {
    cat <<END
DOOR_LISTEN_ADDR=127.0.0.1:$1
INSTITUTION_BASE_URL=http://127.0.0.1:${PORT[institution]}
INSTITUTION_KEY_FILE=$RUN/keys/institution_public.pem
INSTITUTION_CALLBACK_URL=http://127.0.0.1:$1/institution
ARBITRATION_SIGNING_KEY_FILE=$RUN/keys/arbitration_private.pem
END
}

env_notification() {
    cat <<END
MINI_PROGRAM_BASE_URL=http://127.0.0.1:${PORT[mini_program]}
MINI_PROGRAM_APPID=wx8888888888888888
MINI_PROGRAM_SECRET_FILE=$RUN/keys/mini_program.secret
MERCHANT_WEBHOOK_URL=http://127.0.0.1:${PORT[mini_program]}/merchant/webhook
MERCHANT_WEBHOOK_SECRET_FILE=$RUN/keys/webhook.secret
END
}

# For disputectl, tests and people.
env_tools() {
    local name admin='' standins=''
    for name in "${SERVICES[@]}"; do admin+=,$name=127.0.0.1:${PORT[${name}_admin]}; done
    # shellcheck disable=SC2153 # from paths.sh
    for name in "${STANDINS[@]}"; do standins+=,$name=http://127.0.0.1:${PORT[$name]}; done
    cat <<END
HESHI_RUN_DIR=$RUN
KAFKA_BOOTSTRAP_SERVERS=$(kafka_bootstrap)
REDIS_URL=redis://127.0.0.1:${PORT[redis]}/0
HESHI_ADMIN=${admin#,}
HESHI_STANDINS=${standins#,}
HESHI_DOORS=fund=127.0.0.1:${PORT[fund_door]},arbitration=127.0.0.1:${PORT[arbitration_door]}
WEBHOOK_SECRET_FILE=$RUN/keys/webhook.secret
ADMIN_READ_TOKEN_FILE=$RUN/keys/read.token
ADMIN_WRITE_TOKEN_FILE=$RUN/keys/write.token
HESHI_CASE_KEY_FILE=$RUN/keys/case.key
PGHOST=127.0.0.1
PGPORT=${PORT[postgres]}
PGDATABASE=$DATABASE
PGUSER=heshi_ops_ro
PGPASSFILE=$RUN/keys/pgpass
END
    [ "$(cat "$RUN/kafka.mode" 2>/dev/null)" = external ] ||
        printf 'HESHI_OWN_KAFKA=%s\n' "$(kafka_bootstrap)"
}
