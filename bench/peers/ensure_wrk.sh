#!/bin/sh
# Find or install the load generator of bench/collect.py.
command -v wrk >/dev/null 2>&1 && exit 0
as_root=""
[ "$(id -u)" = 0 ] || as_root="sudo -n"
echo "Installing wrk"
$as_root apt-get update -qq >/dev/null && $as_root apt-get install -y -qq --no-install-recommends wrk >/dev/null && exit 0
echo "wrk could not be installed: bench/collect.py needs it." >&2
exit 1
