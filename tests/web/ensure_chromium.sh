#!/bin/sh
# Find or install the Chromium that the browser tests drive. Never fails: without a browser those tests say why they skip.
for name in chromium chromium-browser google-chrome; do
    command -v "$name" >/dev/null 2>&1 && exit 0
done
if command -v apt-get >/dev/null 2>&1; then
    as_root=""
    [ "$(id -u)" = 0 ] || as_root="sudo -n"
    echo "Installing Chromium for the browser tests"
    if $as_root apt-get update -qq >/dev/null 2>&1 &&
        $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null 2>&1; then
        exit 0
    fi
fi
"${PYTHON:-python3}" -m playwright install chromium >/dev/null 2>&1 && exit 0
echo "No Chromium could be installed: the browser tests will be skipped."
exit 0
