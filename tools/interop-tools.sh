#!/bin/sh
# GStreamer with WebRTC, for `make interop`. Does nothing when it is there.
set -eu
packages="gstreamer1.0-tools gstreamer1.0-nice gstreamer1.0-plugins-base gstreamer1.0-plugins-good \
gstreamer1.0-plugins-bad gstreamer1.0-plugins-ugly gir1.2-gst-plugins-bad-1.0 python3-gst-1.0"
# shellcheck disable=SC2086 - a list of packages
dpkg -s $packages >/dev/null 2>&1 && exit 0
echo "installing GStreamer"
root=""
[ "$(id -u)" = 0 ] || root="sudo"
$root env DEBIAN_FRONTEND=noninteractive apt-get update -qq
# shellcheck disable=SC2086
$root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $packages
