#!/bin/sh
# Debian's programs that the tests drive for real. Does nothing when they are there.
# "test-tools.sh network": those of make network too.
set -eu
missing=""
command -v chromium >/dev/null 2>&1 || missing="$missing chromium"
command -v redis-server >/dev/null 2>&1 || missing="$missing redis-server"
command -v turnserver >/dev/null 2>&1 || missing="$missing coturn"
command -v cc >/dev/null 2>&1 || missing="$missing gcc libc6-dev" # bench/drain.c
if [ "${1:-}" = network ]; then
    command -v firefox-esr >/dev/null 2>&1 || missing="$missing firefox-esr"
    command -v ip >/dev/null 2>&1 || missing="$missing iproute2"
fi
[ -z "$missing" ] && exit 0
echo "installing$missing"
root=""
[ "$(id -u)" = 0 ] || root="sudo"
$root env DEBIAN_FRONTEND=noninteractive apt-get update -qq
# shellcheck disable=SC2086 - a list of packages
# Debian starts some of them as services; RUNLEVEL says that this is not the time for it.
$root env RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing
