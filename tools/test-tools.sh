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
promtool="$(command -v promtool || true)"
[ -z "$missing" ] && [ -n "$promtool" ] && exit 0
root=""
[ "$(id -u)" = 0 ] || root="sudo"
$root env DEBIAN_FRONTEND=noninteractive apt-get update -qq
if [ -n "$missing" ]; then
    echo "installing$missing"
    # shellcheck disable=SC2086 - a list of packages
    # Debian starts some of them as services; RUNLEVEL says that this is not the time for it.
    $root env RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing
fi
if [ -z "$promtool" ]; then
    # Of the package prometheus this one program: the rest is a service, and eleven packages of
    # its pages, which would run from the next start of this machine on.
    echo "installing promtool"
    folder="$(mktemp -d)"
    trap 'rm -rf "$folder"' EXIT
    chmod 755 "$folder"
    (cd "$folder" && apt-get download -qq -o APT::Sandbox::User=root prometheus)
    dpkg-deb --fsys-tarfile "$folder"/prometheus_*.deb | tar -x -C "$folder" ./usr/bin/promtool
    $root install "$folder/usr/bin/promtool" /usr/local/bin/promtool
fi
