#!/usr/bin/env bash
# clang-tidy over one file, unless it found nothing the last time and nothing that it reads has changed since.
#   check_tidy.sh BUILD_DIR FILE
set -euo pipefail
build=$1 file=$2
root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd -P)

# The file's own command, to preprocess instead of compile.
command=$(jq -r --arg file "$file" 'first(.[] | select(.file == $file)) | .command' "$build/compile_commands.json")
command=${command%% -o *}
key=$({
    cat "$root/.clang-tidy" "$root/tests/.clang-tidy"
    printf '%s\n' "$command"
    # shellcheck disable=SC2086 # cmake quotes nothing that we use but defined texts
    eval "cc -E -C ${command#*cc } \"\$file\""
} 2>/dev/null | sha256sum | cut -c1-40)
[ ! -e "$build/tidy/$key" ] || exit 0
if clang-tidy --quiet -p "$build" "$file" 2>/dev/null; then
    : >"$build/tidy/$key"
fi
