#!/usr/bin/env bash
# WebKitWebDriver with what its browser needs where there is no desktop. Takes that driver's arguments: --port=N.
set -euo pipefail

# The display ends with the driver, however that ends: exec keeps this process, whose death it is told of.
exec {shown}< <(exec setpriv --pdeathsig TERM Xvfb -displayfd 1 -screen 0 1280x1024x24 -nolisten tcp 2>/dev/null)
read -r number <&"$shown" || { echo 'webkit-driver.sh: Xvfb ended before it had a display' >&2; exit 1; }
exec {shown}<&-

export DISPLAY=:$number
# Containers and root have no sandbox to offer, and no graphics card. Drawn by the processor a page has ten frames a second
# in place of sixty; only whoever takes pictures needs that, and sets this to 0.
export WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS=1 LIBGL_ALWAYS_SOFTWARE=1
export WEBKIT_DISABLE_COMPOSITING_MODE=${WEBKIT_DISABLE_COMPOSITING_MODE-1}
exec WebKitWebDriver "$@"
