# shellcheck shell=bash
# Finds what testing needs, and installs what is missing. Sourced by tests/run.sh.

# Folders and functions are that script's, and what is found here is for its steps.
# shellcheck disable=SC2034,SC2154

wasm_pack_version=0.15.1
geckodriver_version=0.37.1
binaryen_version=132
# Older ones do not know what today's rustc emits.
wasm_opt_oldest=120

have() { command -v "$1" >/dev/null 2>&1; }

is_version() { # tool, version
  # All of it is read: a tool whose output nobody takes to the end fails, and would be installed again.
  case $("$1" --version 2>/dev/null || true) in *" $2"*) ;; *) return 1 ;; esac
}

quietly() { # runs an installation; its output is shown only if it fails
  "$@" >>"$logs/setup.log" 2>&1 </dev/null
}

setup_failed() { # what, how to get it
  tail -n 20 "$logs/setup.log" >&2
  fail "$@" "The whole output is in $logs/setup.log."
}

as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo -n "$@"; fi
}

apt_updated=
apt_install() { # true if the packages are installed now
  have apt-get || return 1
  [ "$(id -u)" -eq 0 ] || { have sudo && sudo -n true 2>/dev/null; } || return 1
  say "Installing $* with apt-get."
  if [ -z "$apt_updated" ]; then
    quietly as_root apt-get update || true
    apt_updated=1
  fi
  quietly as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@"
}

cargo_tool() { # crate, version, more arguments
  # A shared build folder builds what the tools have in common once. They do little work: a quick
  # build is worth more than a quick tool.
  env CARGO_TARGET_DIR="$tools/build" CARGO_PROFILE_RELEASE_OPT_LEVEL=1 CARGO_PROFILE_RELEASE_LTO=off \
    CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 CARGO_PROFILE_RELEASE_DEBUG=false \
    cargo install --root "$tools" --force "$1@$2" "${@:3}"
}

install_cargo_tool() { # command, crate, version
  if is_version "$1" "$3"; then return; fi
  say "Installing $2 $3 into target/tools (once; a few minutes)."
  # A registry that lags behind may not have all that the tool's own lock file names.
  quietly cargo_tool "$2" "$3" --locked || quietly cargo_tool "$2" "$3" \
    || setup_failed "$2 $3 could not be installed." "Get it with: cargo install $2@$3"
}

need_rust() {
  have cargo || fail "Rust is missing." "Get it from https://rustup.rs, then run this again."
  have cc || apt_install gcc libc6-dev || fail "A C linker is missing." "On Debian or Ubuntu: apt-get install gcc libc6-dev"
  local component
  for component in fmt clippy; do
    cargo "$component" --version >/dev/null 2>&1 && continue
    case $component in fmt) component=rustfmt ;; esac
    say "Adding $component with rustup."
    quietly rustup component add "$component" \
      || setup_failed "cargo's $component is missing." "Get it with: rustup component add $component"
  done
}

need_wasm() {
  [ ! -d "$(rustc --print sysroot)/lib/rustlib/wasm32-unknown-unknown" ] || return 0
  say "Adding the target wasm32-unknown-unknown with rustup."
  quietly rustup target add wasm32-unknown-unknown \
    || setup_failed "Rust's target wasm32-unknown-unknown is missing." "Get it with: rustup target add wasm32-unknown-unknown"
}

need_wasm-bindgen() {
  local version
  version=$(awk '$0 == "name = \"wasm-bindgen\"" { getline; gsub(/[^0-9.]/, ""); print }' Cargo.lock)
  [ -n "$version" ] || fail "Cargo.lock names no wasm-bindgen, so the version of its command line is unknown."
  install_cargo_tool wasm-bindgen-test-runner wasm-bindgen-cli "$version"
}

need_wasm-pack() { install_cargo_tool wasm-pack wasm-pack "$wasm_pack_version"; }

need_node() {
  have node && have npm && return
  apt_install nodejs npm || fail "Node with npm is missing." "On Debian or Ubuntu: apt-get install nodejs npm" \
    "Elsewhere: https://nodejs.org"
}

need_wasm-opt() {
  local version
  version=$(wasm-opt --version 2>/dev/null | grep -oE '[0-9]+' | head -n 1 || true)
  [ "${version:-0}" -lt "$wasm_opt_oldest" ] || return 0
  need_node
  say "Installing wasm-opt (npm's binaryen $binaryen_version) into target/tools."
  quietly npm install --prefix "$tools" --no-save --no-package-lock --no-audit --no-fund "binaryen@$binaryen_version" \
    || setup_failed "wasm-opt could not be installed." "Get it with: npm install -g binaryen"
}

first_of() { # the first of these commands that exists
  local name
  for name in "$@"; do
    if have "$name"; then command -v "$name"; return; fi
  done
  return 1
}

find_firefox() { first_of firefox firefox-esr /Applications/Firefox.app/Contents/MacOS/firefox; }

find_chromium() {
  first_of chromium chromium-browser google-chrome google-chrome-stable \
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
}

need_firefox() {
  FIREFOX=$(find_firefox) || { apt_install firefox-esr && FIREFOX=$(find_firefox); } \
    || fail "Firefox is missing." "On Debian: apt-get install firefox-esr" "Elsewhere: https://www.firefox.com"
  install_cargo_tool geckodriver geckodriver "$geckodriver_version"
  geckodriver=$(command -v geckodriver)
  export FIREFOX
}

need_chromium() {
  local browser driver
  CHROMIUM=$(find_chromium) || { apt_install chromium && CHROMIUM=$(find_chromium); } \
    || fail "Chromium is missing." "On Debian: apt-get install chromium chromium-driver" "Or install Google Chrome."
  have chromedriver || apt_install chromium-driver || fail "chromedriver is missing." \
    "On Debian: apt-get install chromium-driver" "Elsewhere: the one for your $CHROMIUM, put on the PATH."
  browser=$("$CHROMIUM" --version 2>/dev/null | grep -oE '[0-9]+' | head -n 1 || true)
  driver=$(chromedriver --version | grep -oE '[0-9]+' | head -n 1 || true)
  [ "$browser" = "$driver" ] || fail "chromedriver $driver does not fit $CHROMIUM, which is version ${browser:-unknown}." \
    "Install the driver of the browser's own version and put it first on the PATH."
  chromedriver=$(command -v chromedriver)
  export CHROMIUM
}

# Safari's engine. Only GTK's has a driver that runs anywhere; it wants a display, which Xvfb is.
need_webkit() {
  { have WebKitWebDriver && have Xvfb && have setpriv; } || apt_install webkit2gtk-driver xvfb util-linux \
    || fail "WebKitGTK's driver, Xvfb or setpriv is missing." "On Debian: apt-get install webkit2gtk-driver xvfb util-linux"
  webkitdriver=$root/tests/webkit-driver.sh
}

# nginx with nchan, and Redis: started by the tests, on ports of their own. Debian starts its own ones when it installs them.
need_nchan() {
  local folder
  find_nchan() {
    have nginx && have redis-server || return 1
    for folder in "${NGINX_MODULES:-}" /usr/lib/nginx/modules /usr/lib64/nginx/modules /usr/share/nginx/modules; do
      [ ! -e "$folder/ngx_nchan_module.so" ] || { nchan_modules=$folder; return 0; }
    done
    return 1
  }
  find_nchan || { apt_install nginx-light libnginx-mod-nchan redis-server && find_nchan; } \
    || fail "nginx, its module nchan or Redis is missing." "On Debian or Ubuntu: apt-get install nginx-light libnginx-mod-nchan redis-server" \
      "Elsewhere, name the folder of ngx_nchan_module.so in NGINX_MODULES. Or leave the steps interop-… out."
}

needs() { # of a step
  case $1 in
    format | lint-host) echo rust ;;
    lint-wasm | docs | host) echo rust wasm ;;
    answers | console) echo node ;;
    package) echo rust wasm wasm-bindgen wasm-pack wasm-opt ;;
    package-npm | fault-suite) echo rust wasm wasm-bindgen wasm-pack wasm-opt node ;;
    package-firefox) echo rust wasm wasm-bindgen wasm-pack wasm-opt node firefox ;;
    package-chromium) echo rust wasm wasm-bindgen wasm-pack wasm-opt node chromium ;;
    package-webkit) echo rust wasm wasm-bindgen wasm-pack wasm-opt node webkit ;;
    firefox) echo rust wasm wasm-bindgen node firefox ;;
    chromium) echo rust wasm wasm-bindgen node chromium ;;
    webkit) echo rust wasm wasm-bindgen node webkit ;;
    js-types) echo rust wasm wasm-bindgen wasm-pack wasm-opt node ;;
    js-firefox | tabs-firefox) echo rust wasm wasm-bindgen wasm-pack wasm-opt node firefox ;;
    js-chromium | tabs-chromium) echo rust wasm wasm-bindgen wasm-pack wasm-opt node chromium ;;
    js-webkit | tabs-webkit) echo rust wasm wasm-bindgen wasm-pack wasm-opt node webkit ;;
    interop-firefox) echo rust wasm wasm-bindgen wasm-pack wasm-opt node nchan firefox ;;
    interop-chromium) echo rust wasm wasm-bindgen wasm-pack wasm-opt node nchan chromium ;;
    page-firefox) echo rust wasm firefox ;;
    page-chromium) echo rust wasm chromium ;;
    page-webkit) echo rust wasm webkit ;;
    frameworks) echo rust wasm ;;
    frameworks-firefox) echo rust wasm wasm-bindgen node firefox ;;
    frameworks-chromium) echo rust wasm wasm-bindgen node chromium ;;
    wasm-pack) echo rust wasm wasm-bindgen wasm-pack firefox ;;
  esac
}
