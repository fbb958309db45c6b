# shellcheck shell=bash
# The sandbox's keys and secrets in .run/keys, made once. Each appears whole or not at all, so an
# interrupted start leaves nothing half made. Secrets have no line end.

# keys_rsa_pair NAME
keys_rsa_pair() {
    local base=$RUN/keys/$1
    [ ! -s "${base}_private.pem" ] || [ ! -s "${base}_public.pem" ] || return 0
    openssl genpkey -quiet -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out "${base}_private.pem.new" \
        2>/dev/null
    openssl pkey -in "${base}_private.pem.new" -pubout -out "${base}_public.pem.new"
    mv "${base}_public.pem.new" "${base}_public.pem"
    mv "${base}_private.pem.new" "${base}_private.pem"
}

keys_write() {
    [ ! -s "$RUN/keys/$1" ] || return 0
    printf %s "$2" >"$RUN/keys/$1.new"
    mv "$RUN/keys/$1.new" "$RUN/keys/$1"
}

keys_ensure() (
    umask 077
    pairs=()
    for name in merchant wechatpay institution arbitration; do
        keys_rsa_pair "$name" &
        pairs+=($!)
    done
    keys_write apiv3.key "$(openssl rand -hex 16)" # 32 ASCII characters, used as they are
    keys_write case.key "$(openssl rand -hex 32)"  # 32 bytes as 64 hex digits
    for name in mini_program.secret webhook.secret read.token write.token postgres.password; do
        keys_write "$name" "$(openssl rand -hex 32)"
    done
    for pair in "${pairs[@]}"; do wait "$pair"; done
)

# Quick answer for the second start.
keys_complete() {
    local name
    for name in merchant_private.pem wechatpay_private.pem institution_private.pem arbitration_private.pem \
        apiv3.key case.key mini_program.secret webhook.secret read.token write.token postgres.password; do
        [ -s "$RUN/keys/$name" ] || return 1
    done
}
