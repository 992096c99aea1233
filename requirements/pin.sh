#!/usr/bin/env bash
# Writes NAME.txt from NAME.in: every version pinned, every file hashed, for each Python and platform that the
# packages support. The output names no registry and no folder, so it works with whatever pip is set up to use.
# usage: pin.sh path/to/uv [name…]
set -euo pipefail
uv=$(realpath "$1")
shift
cd "$(dirname "$0")"

declare -A oldest=([runtime]=3.9 [isal]=3.9 [rclone]=3.9 [raster]=3.10 [demo]=3.11 [seaweedfs]=3.11 [dev]=3.11 [bench]=3.11 [corpus]=3.11 [site]=3.11 [changelog]=3.11 [sbom]=3.11 [go]=3.11 [pin]=3.11 [collections]=3.11)
declare -A options=([collections]=--no-deps)
order=(runtime isal rclone raster demo seaweedfs dev bench corpus site changelog sbom go pin collections) # the later ones are constrained by the earlier

for name in "${@:-${order[@]}}"; do
    body=$(env -u PIP_FIND_LINKS -u UV_FIND_LINKS "$uv" pip compile --quiet --no-config --universal --generate-hashes \
        --no-header --no-annotate --no-emit-index-url --no-emit-find-links \
        --python-version "${oldest[$name]}" ${options[$name]:-} "$name.in")
    printf '# Pinned from %s.in by `make pin`; do not edit.\n%s\n' "$name" "$body" >"$name.txt"
    printf '%s.txt: %s packages\n' "$name" "$(grep -c '^[a-zA-Z]' "$name.txt")"
done
