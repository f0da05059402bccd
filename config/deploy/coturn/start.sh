#!/bin/sh
# Starts coturn with the secret that it shares with the server: start.sh CONFIG SECRET_FILE [OPTION...]
# coturn reads a secret from its configuration or its command line only; the latter everybody on
# the machine can see. So the configuration is copied, with the secret, to a place in memory.
set -eu
umask 077
config=$1
secret=$(cat "$2")
shift 2
case $secret in
    "" | *[!A-Za-z0-9+/=_-]*) echo "start.sh: the secret must be one line of letters and digits" >&2; exit 2 ;;
esac
folder=${RUNTIME_DIRECTORY:-/run/diemcau-turn}
mkdir -p "$folder"
{ cat "$config"; printf '\nstatic-auth-secret=%s\nuserdb=%s/users.sqlite\n' "$secret" "$folder"; } \
    > "$folder/turnserver.conf"
exec turnserver -c "$folder/turnserver.conf" --pidfile= "$@"
