#!/bin/sh
# Janus from Debian's package, for `make bench` to compare with. Does nothing when it is there.
set -eu
command -v janus >/dev/null 2>&1 && exit 0
if ! command -v apt-get >/dev/null 2>&1; then
    echo "Janus is not installed, and this is no Debian: the comparison is left out." >&2
    echo "Install Janus 1.1 or later with its videoroom and websockets plugins to have it." >&2
    exit 0
fi
echo "installing Janus"
root=""
[ "$(id -u)" = 0 ] || root="sudo"
$root env DEBIAN_FRONTEND=noninteractive apt-get update -qq
# RUNLEVEL: Debian would start it as a service; the benchmark starts its own.
$root env RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
    --no-install-recommends janus
