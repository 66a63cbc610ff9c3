#!/usr/bin/env bash
# Sets up what testing needs, then runs every test in Firefox, in Chromium and in WebKitGTK. `tests/run.sh --help` tells more.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"

steps=(format lint-host lint-wasm docs host answers console package package-npm fault-suite package-firefox package-chromium package-webkit firefox chromium webkit js-types js-firefox js-chromium js-webkit tabs-firefox tabs-chromium tabs-webkit interop-firefox interop-chromium page-firefox page-chromium page-webkit frameworks frameworks-firefox frameworks-chromium wasm-pack)

usage() {
  cat <<'HELP'
Usage: tests/run.sh [STEP…]

Installs what is missing, then runs the steps in this order, or only those named.
A name's beginning stands for all that begin with it: `tests/run.sh page` drives
the page in each browser.

  format          cargo fmt --check, and shellcheck where it is installed
  lint-host       clippy on the host, the whole workspace; and a build with the oldest Rust that is promised, if it is installed
  lint-wasm       clippy for wasm32, for each set of features
  docs            rustdoc without a warning, for the host and, with each set of features, for wasm32
  host            the workspace's tests on the host
  answers         the servers of tests/answers (models, MCP, GraphQL) do what they say, and a better-sse server behind the dev
                  server gets its faults
  console         the parts of the page's console that need no browser, in Node
  package         wasm-pack build --target web; and a Rust program gets none of its exports
  package-npm     the npm package's files, manifest, types and README; bundlers, Node and Vitest; examples and the README's
                  program build
  fault-suite     the npm package in Node loses nothing to any of the dev server's faults (docs/fault-suite.md)
  package-firefox the npm package in pages, workers, bundlers and examples, in Firefox
  package-chromium  the same in Chromium
  package-webkit  the same in WebKitGTK, whose engine is Safari's
  firefox         the wasm package's tests in Firefox, against a dev server and tests/answers
  chromium        the same in Chromium
  webkit          the same in WebKitGTK
  js-types        tsc --noEmit on TypeScript that uses the package
  js-firefox      the package's JavaScript beside the browser's own EventSource, in Firefox
  js-chromium     the same in Chromium
  js-webkit       the same in WebKitGTK
  tabs-firefox    many tabs and windows that share a connection, in Firefox
  tabs-chromium   the same in Chromium
  tabs-webkit     the same in WebKitGTK, whose driver can't kill a tab
  interop-firefox the package against nginx with nchan over Redis, better-sse, graphql-sse, MCP's SDK and axum, each
                  killed in mid-stream; from JavaScript and, for nchan, from Rust, in Firefox
  interop-chromium  the same in Chromium
  page-firefox    drives index.html in Firefox
  page-chromium   the same in Chromium
  page-webkit     the same in WebKitGTK
  frameworks      the hooks for Leptos, Dioxus and Yew: format, clippy, on the host, rendered on a server
  frameworks-firefox  the hooks mounted, unmounted and hydrated, and their examples, in Firefox
  frameworks-chromium  the same in Chromium
  wasm-pack       wasm-pack test --headless --firefox, with no server running

Tools go to target/tools; Firefox, Chromium and WebKitGTK with their drivers, Xvfb,
Node, and nginx with nchan and Redis come from apt-get if they are missing and it may be used without asking (root, or sudo
without a password). Tools of the right version on the PATH are used as they are.
Only what the chosen steps need is looked for.

Each step's output is in target/test-logs/STEP.log. The last line is the total of
all tests; a step that runs no tests (format, lint, docs, package, js-types) counts
as one.

  TEST_STEP_LIMIT     seconds after which a step is ended as hung (default 1200)
  EVENTSOURCE_CHAOS   "long": 20,000 events over hundreds of breaks, in place of 1,500
  CONFORMANCE         "write": the steps js-… write the tables of docs/conformance.md, which otherwise have to agree
  TABS_SEED           what the chaos of the steps tabs-… draws; it prints it
HELP
}

export CARGO_TERM_COLOR=never
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$root/target}
case $CARGO_TARGET_DIR in /*) ;; *) CARGO_TARGET_DIR=$root/$CARGO_TARGET_DIR ;; esac
tools=$CARGO_TARGET_DIR/tools
logs=$CARGO_TARGET_DIR/test-logs
limit=${TEST_STEP_LIMIT:-1200}
PATH=$tools/bin:$tools/node_modules/.bin:$PATH

passed=0
failed=0
failures=()
step_pid=
server_pid=
answers_pid=
interop_pid=
building_pid=
scratch=

# ---------------------------------------------------------------- which steps

chosen=()
for name in "$@"; do
  case $name in
    -h | --help) usage; exit 0 ;;
  esac
done
if [ $# -eq 0 ]; then
  chosen=("${steps[@]}")
else
  for name in "$@"; do
    found=
    for step in "${steps[@]}"; do
      case $step in "$name"*) found=1 ;; esac
    done
    if [ -z "$found" ]; then
      printf 'tests/run.sh: there is no step "%s". There are: %s\n' "$name" "${steps[*]}" >&2
      exit 2
    fi
  done
  for step in "${steps[@]}"; do
    for name in "$@"; do
      case $step in "$name"*) chosen+=("$step"); break ;; esac
    done
  done
fi

# ------------------------------------------------------------ start and finish

# Drivers killed in mid-run leave their browsers behind, in process groups of their own: all that
# was started from here carries this mark in its environment and is found by it.
export EVENTSOURCE_TEST_RUN="$$-$RANDOM$RANDOM"

end_leftovers() {
  local pids
  [ -d /proc/self ] || return 0
  pids=$(grep -lzsx "EVENTSOURCE_TEST_RUN=$EVENTSOURCE_TEST_RUN" /proc/[0-9]*/environ | cut -d/ -f3 || true)
  # shellcheck disable=SC2086 # one word for each process
  [ -z "$pids" ] || kill -9 $pids 2>/dev/null || true
}

end_group() { # the process group of a background job
  [ -z "$1" ] || kill -9 -- "-$1" 2>/dev/null || true
}

finish() {
  local status=$? name
  trap - EXIT
  trap '' INT TERM
  end_group "$step_pid"
  end_group "$building_pid"
  [ -z "$server_pid" ] || kill "$server_pid" 2>/dev/null || true
  [ -z "$answers_pid" ] || kill "$answers_pid" 2>/dev/null || true
  [ -z "$interop_pid" ] || kill "$interop_pid" 2>/dev/null || true
  end_leftovers
  [ -z "$scratch" ] || rm -rf "$scratch"
  if [ "$status" -ne 0 ] && [ "$failed" -eq 0 ]; then failed=1; fi
  # Once more at the end, in brief: of a long run often only that is seen.
  for name in ${failures[@]+"${failures[@]}"}; do
    printf '\n%s:\n' "$name"
    tail -n 20 "$logs/$name.log" | cut -c1-300 | sed 's/^/    /'
  done
  [ ${#failures[@]} -eq 0 ] || printf '\nFailed: %s. The whole output is in %s/.\n' "${failures[*]}" "$logs"
  printf '\n%d passed, %d failed\n' "$passed" "$failed"
  exit "$status"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

say() { printf '%s\n' "$*"; }

fail() { # what is missing, how to get it
  printf '\ntests/run.sh: %s\n' "$1" >&2
  shift
  for line in "$@"; do printf '  %s\n' "$line" >&2; done
  exit 1
}

mkdir -p "$logs" "$tools"
scratch=$(mktemp -d "${TMPDIR:-/tmp}/eventsource-tests.XXXXXX")

# ----------------------------------------------------------------------- set up

# shellcheck source=tests/tools.sh
. tests/tools.sh

set_up() {
  local done_already=' ' step need
  : >"$logs/setup.log"
  for step in "${chosen[@]}"; do
    for need in $(needs "$step"); do
      case $done_already in *" $need "*) continue ;; esac
      "need_$need"
      done_already="$done_already$need "
    done
  done
  # What the tools were built from is large, and of no more use.
  rm -rf "$tools/build"
}

# --------------------------------------------------------------------- the steps

on_wasm() { # a cargo command, a set of features, more arguments
  local features
  case $2 in
    none) features=() ;;
    all) features=(--all-features) ;;
    *) features=(--features "$2") ;;
  esac
  # Tests that need servers are given their addresses when they are compiled; lints need none that answers.
  EVENTSOURCE_TEST_SERVER=${EVENTSOURCE_TEST_SERVER:-http://127.0.0.1:9} \
    EVENTSOURCE_TEST_ANSWERS=${EVENTSOURCE_TEST_ANSWERS:-http://127.0.0.1:9} \
    cargo "$1" --locked -p eventsource-wasm --target wasm32-unknown-unknown \
    --no-default-features ${features[@]+"${features[@]}"} "${@:3}"
}

step_format() {
  cargo fmt --all --check
  if have shellcheck; then shellcheck tests/run.sh tests/tools.sh tests/webkit-driver.sh .ci/run; fi
}

step_lint-host() {
  local oldest
  cargo clippy --locked --workspace --all-targets --all-features -- -D warnings
  # The workflow's job msrv does the same everywhere. Cargo would install a compiler that is missing.
  oldest=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
  if have rustup && rustup toolchain list | grep -q "^$oldest"; then
    cargo "+$oldest" check --locked -p eventsource-wasm -p dev-server --target-dir "$CARGO_TARGET_DIR/msrv"
  else
    echo "Rust $oldest, the oldest that is promised, is not installed: nothing was built with it."
  fi
}

step_lint-wasm() {
  local features
  for features in none list fetch json share js all; do
    echo "features: $features"
    on_wasm clippy "$features" --all-targets -- -D warnings
  done
}

step_docs() {
  export RUSTDOCFLAGS='-D warnings'
  local features
  cargo doc --locked --workspace --no-deps --all-features
  # Whoever has the package among their dependencies documents it with the features that they chose.
  for features in none list fetch json share js all; do
    echo "features: $features"
    on_wasm doc "$features" --no-deps
  done
}

step_host() { cargo test --locked --workspace --no-fail-fast; }

install_answers() { # once in a run
  [ ! -e "$scratch/answers-installed" ] || return 0
  npm --prefix tests/answers ci --no-audit --no-fund && : >"$scratch/answers-installed"
}

install_upstream() { # once in a run
  [ ! -e "$scratch/upstream-installed" ] || return 0
  npm --prefix tests/upstream ci --no-audit --no-fund && : >"$scratch/upstream-installed"
}

step_answers() {
  install_answers
  node tests/answers/server.test.js
  install_upstream
  cargo build --locked -p dev-server
  DEV_SERVER=$CARGO_TARGET_DIR/debug/dev-server node tests/upstream/upstream.test.js
}

build_package() { # once in a run
  [ -s "$scratch/pkg/eventsource_wasm_bg.wasm" ] || wasm-pack build --target web --out-dir "$scratch/pkg"
}

# What this package has for JavaScript, by which it would be known elsewhere.
js_names='listMessages|MessageList|SourceState|SourceHandle|ListHandle|Opener|EventSourceOptions|RetryContext|class EventSource|EventSource2'

step_package() {
  local out=$scratch/pkg file size
  build_package
  for file in eventsource_wasm.js eventsource_wasm_bg.wasm eventsource_wasm.d.ts package.json; do
    [ -s "$out/$file" ] || { echo "wasm-pack build left no $file" >&2; return 1; }
  done
  size=$(find "$out" -name '*.js' -o -name '*.wasm' | sort | xargs cat | gzip -9 | wc -c)
  echo "the package, its JavaScript as it is: $size bytes, gzipped"
  # A Rust program that depends on this package without its default features exports none of it.
  cargo build --locked --release -p consumer --target wasm32-unknown-unknown
  wasm-bindgen --target web --out-dir "$scratch/consumer" \
    "$CARGO_TARGET_DIR/wasm32-unknown-unknown/release/consumer.wasm"
  # Its exports are its own, its functions and classes are not this package's, and it imports no module.
  if grep -E '^(import|export) ' "$scratch/consumer/consumer.js" | grep -vxE 'export function start\(\) \{|export \{ initSync, __wbg_init as default \};' \
    || grep -iE "$js_names" "$scratch/consumer/consumer.d.ts" "$scratch/consumer/consumer.js" \
    || [ -e "$scratch/consumer/snippets" ]; then
    echo "the exports for JavaScript leak into a package that wants none" >&2
    return 1
  fi
  # The same names are in the package itself, so this looks for what exists.
  [ "$(grep -oiE "$js_names" "$out/eventsource_wasm.d.ts" "$out/eventsource_wasm.js" | cut -d: -f2 | sort -fu | wc -l)" -ge 9 ]
}

build_npm_package() { # once in a run
  [ -s "$scratch/npm/package.json" ] || node npm/build.mjs "$scratch/npm"
}

# A package of its own, outside the workspace. So is its target folder: to Cargo this repository's package is the same in
# all of them, and in a shared one it may take what was built with another's dependencies.
in_example() { # its name, a cargo command, more arguments
  env CARGO_TARGET_DIR="$CARGO_TARGET_DIR/examples/$1" \
    cargo "$2" --locked --manifest-path "examples/$1/Cargo.toml" "${@:3}"
}

build_examples() { # once in a run
  local out=$scratch/examples manifest
  [ ! -s "$out/yew/index.html" ] || return 0
  for manifest in examples/rust-plain/Cargo.toml examples/yew/Cargo.toml; do cargo fmt --manifest-path "$manifest" --check; done
  in_example rust-plain build --target wasm32-unknown-unknown
  in_example yew build --target wasm32-unknown-unknown --features hydration
  wasm-bindgen --target web --out-dir "$out/rust-plain/pkg" \
    "$CARGO_TARGET_DIR/examples/rust-plain/wasm32-unknown-unknown/debug/rust_plain.wasm"
  wasm-bindgen --target web --out-dir "$out/yew/pkg" \
    "$CARGO_TARGET_DIR/examples/yew/wasm32-unknown-unknown/debug/yew-example.wasm"
  cp examples/rust-plain/index.html "$out/rust-plain/"
  # It has the dependencies of rust-plain, and takes them from there.
  node tests/package/readme_program.js "$out/readme"
  CARGO_TARGET_DIR="$CARGO_TARGET_DIR/examples/rust-plain" \
    cargo build --manifest-path "$out/readme/Cargo.toml" --target wasm32-unknown-unknown
  wasm-bindgen --target web --out-dir "$out/readme/pkg" \
    "$CARGO_TARGET_DIR/examples/rust-plain/wasm32-unknown-unknown/debug/readme_program.wasm"
  in_example yew run --features ssr >"$scratch/yew.html"
  mv "$scratch/yew.html" "$out/yew/index.html"
}

on_package() { # "checks", or the browser
  build_npm_package
  build_examples
  # What wasm-pack builds when it is told nothing.
  [ -s "$scratch/bundler/package.json" ] || wasm-pack build --out-dir "$scratch/bundler"
  PACKAGE=$scratch/npm BUNDLER_PACKAGE=$scratch/bundler EXAMPLES=$scratch/examples WORK=$scratch/project \
    node tests/package/run.js "$1"
}

step_package-npm() {
  local status=0
  on_package checks || status=1
  in_example yew test --features ssr --no-fail-fast || status=1
  return "$status"
}

# The other clients need their packages, and are put through it by hand.
step_fault-suite() {
  local status=0
  build_npm_package
  cargo build --locked -p dev-server
  export DEV_SERVER=$CARGO_TARGET_DIR/debug/dev-server PACKAGE=$scratch/npm
  node tests/fault-suite/suite.test.js || status=1
  node tests/fault-suite/run.js --strict --client eventsource-wasm || status=1
  return "$status"
}

on_package_in() { # the browser
  local status=0 published=$scratch/published
  cargo build --locked -p dev-server
  export DEV_SERVER=$CARGO_TARGET_DIR/debug/dev-server
  on_package "$1" || status=1
  # The class is the same in the package as where it is tested in full.
  rm -rf "$published"
  cp -R "$scratch/npm" "$published"
  echo 'export * from "./sync.js"; export { default } from "./sync.js";' >"$published/eventsource_wasm.js"
  PACKAGE=$published node tests/js/run.js "$1" class options iteration lists || status=1
  return "$status"
}

step_package-firefox() { GECKODRIVER=$geckodriver on_package_in firefox; }
step_package-chromium() { CHROMEDRIVER=$chromedriver on_package_in chromium; }
step_package-webkit() { on_package_in webkit; }

# Started here, not in the step, so that the browsers' tests are compiled once, for one address.
start_server() {
  local binary=$CARGO_TARGET_DIR/debug/dev-server out=$logs/dev-server.log
  [ -z "$server_pid" ] || return 0
  cargo build --locked -p dev-server >"$out" 2>&1 || return 1
  "$binary" --port 0 --no-build --no-watch >"$out" 2>&1 </dev/null &
  server_pid=$!
  until EVENTSOURCE_TEST_SERVER=$(grep -m 1 -oE 'http://[0-9a-z.:]+' "$out") && [ -n "$EVENTSOURCE_TEST_SERVER" ]; do
    kill -0 "$server_pid" 2>/dev/null || { server_pid=; return 1; }
    sleep 0.05
  done
  export EVENTSOURCE_TEST_SERVER
}

stop_server() {
  [ -n "$server_pid" ] || return 0
  kill "$server_pid" 2>/dev/null || true
  wait "$server_pid" 2>/dev/null || true
  server_pid=
}

# Started here for the same reason. What runs in tests/js takes it too, and would start one for each step.
start_answers() {
  local out=$logs/answers-server.log
  [ -z "$answers_pid" ] || return 0
  install_answers >"$out" 2>&1 </dev/null || return 1
  : >"$out" # no address but this server's is looked for
  node tests/answers/server.js >"$out" 2>&1 </dev/null &
  answers_pid=$!
  until EVENTSOURCE_TEST_ANSWERS=$(grep -m 1 -oE 'http://[0-9a-z.:]+' "$out") && [ -n "$EVENTSOURCE_TEST_ANSWERS" ]; do
    kill -0 "$answers_pid" 2>/dev/null || { answers_pid=; return 1; }
    sleep 0.05
  done
  export EVENTSOURCE_TEST_ANSWERS
}

stop_answers() {
  [ -n "$answers_pid" ] || return 0
  kill "$answers_pid" 2>/dev/null || true
  wait "$answers_pid" 2>/dev/null || true
  answers_pid=
  # The steps js-… would take it for one that runs.
  unset EVENTSOURCE_TEST_ANSWERS
}

# Started here, so that the Rust test is compiled once, for one address. It kills and restarts the servers that it starts.
start_interop() {
  local out=$logs/interop-servers.log
  [ -z "$interop_pid" ] || return 0
  { install_answers && install_upstream && cargo build --locked -p dev-server --example plain_sse; } >"$out" 2>&1 </dev/null || return 1
  : >"$out"
  NCHAN_MODULES=$nchan_modules PLAIN_SSE=$CARGO_TARGET_DIR/debug/examples/plain_sse \
    node tests/interop/control.js >"$out" 2>&1 </dev/null &
  interop_pid=$!
  until EVENTSOURCE_TEST_INTEROP=$(grep -m 1 -oE '^listening on http://[0-9a-z.:]+' "$out" | cut -d' ' -f3) && [ -n "$EVENTSOURCE_TEST_INTEROP" ]; do
    kill -0 "$interop_pid" 2>/dev/null || { interop_pid=; return 1; }
    sleep 0.05
  done
  export EVENTSOURCE_TEST_INTEROP
}

stop_interop() {
  [ -n "$interop_pid" ] || return 0
  kill "$interop_pid" 2>/dev/null || true
  wait "$interop_pid" 2>/dev/null || true
  interop_pid=
}

# A workspace of its own. examples/yew is a member of it, which has been built there before.
in_frameworks() { # a cargo command, more arguments
  env CARGO_TARGET_DIR="$CARGO_TARGET_DIR/examples/yew" cargo "$1" --locked --manifest-path frameworks/Cargo.toml "${@:2}"
}

test_frameworks() { # what runs on the host; more arguments
  in_frameworks test --no-fail-fast -p eventsource-wasm-hooks -p eventsource-wasm-leptos -p eventsource-wasm-dioxus \
    -p eventsource-wasm-yew --all-features "$@" || return 1
  in_frameworks test -p frameworks-tests --test on_server "$@"
}

lint_frameworks() {
  in_frameworks clippy --workspace --all-targets -- -D warnings || return 1
  in_frameworks clippy -p frameworks-tests --all-targets --target wasm32-unknown-unknown -- -D warnings
}

# What the steps below build.
build_frameworks() {
  in_frameworks build -p leptos-example -p dioxus-example --target wasm32-unknown-unknown
  in_frameworks build -p dioxus-example --target wasm32-unknown-unknown --features hydration
  in_frameworks build -p dioxus-example --features ssr
  in_frameworks test -p frameworks-tests --test in_browser --target wasm32-unknown-unknown --no-run
  test_frameworks --no-run
  lint_frameworks
}

# To build three frameworks takes minutes, and browsers leave a third of the machine idle: it is done beside their steps, with
# what nobody else wants. Cargo's lock has the steps that need it wait for its end; they show its errors.
begin_frameworks() { # once in a run
  case " ${chosen[*]} " in *' frameworks'*) ;; *) return 0 ;; esac
  [ -z "$building_pid" ] || return 0
  (
    export CARGO_BUILD_JOBS=1
    export -f in_frameworks test_frameworks lint_frameworks build_frameworks
    # Linux may share the machine out among sessions before it looks at how nice their processes are.
    exec setsid bash -c '! [ -w /proc/self/autogroup ] || echo 19 >/proc/self/autogroup
      renice -n 19 $$ >/dev/null
      build_frameworks'
  ) >"$logs/frameworks-build.log" 2>&1 </dev/null &
  building_pid=$!
}

step_frameworks() {
  local status=0
  cargo fmt --manifest-path frameworks/Cargo.toml --all --check
  lint_frameworks || status=1
  test_frameworks || status=1
  return "$status"
}

bind_framework_example() { # its package, the folder
  wasm-bindgen --target web --out-dir "$scratch/frameworks/$2/pkg" \
    "$CARGO_TARGET_DIR/examples/yew/wasm32-unknown-unknown/debug/$1.wasm"
}

build_framework_examples() { # once in a run
  local out=$scratch/frameworks name
  [ ! -s "$out/dioxus-hydrated/index.html" ] || return 0
  in_frameworks build -p leptos-example -p dioxus-example --target wasm32-unknown-unknown
  for name in leptos dioxus; do
    bind_framework_example "$name-example" "$name"
    # As trunk and dx lay it out.
    printf '<!doctype html>\n<meta charset="utf-8">\n<div id="main"></div>\n<script type="module">import init from "./pkg/%s-example.js"; init();</script>\n' \
      "$name" >"$out/$name/index.html"
  done
  in_frameworks build -p dioxus-example --target wasm32-unknown-unknown --features hydration
  bind_framework_example dioxus-example dioxus-hydrated
  in_frameworks run -p dioxus-example --features ssr >"$scratch/dioxus.html"
  sed 's|^<script type="module">|<script>globalThis.rendered = document.querySelector("h1");</script>\n&|' "$scratch/dioxus.html" \
    >"$out/dioxus-hydrated/index.html"
}

on_frameworks() { # the browser
  local status=0
  build_framework_examples
  EXAMPLES=$scratch/frameworks DEV_SERVER=$CARGO_TARGET_DIR/debug/dev-server node tests/package/examples.js "$1" leptos dioxus dioxus-hydrated || status=1
  as_wasm_tests
  in_frameworks test -p frameworks-tests --test in_browser --target wasm32-unknown-unknown || status=1
  return "$status"
}

step_frameworks-firefox() { unset CHROMEDRIVER; GECKODRIVER=$geckodriver on_frameworks firefox; }
step_frameworks-chromium() { unset GECKODRIVER; CHROMEDRIVER=$chromedriver on_frameworks chromium; }

on_interop() { # the browser
  local status=0
  build_package
  cargo build --locked -p dev-server
  PACKAGE=$scratch/pkg DEV_SERVER=$CARGO_TARGET_DIR/debug/dev-server INTEROP=$EVENTSOURCE_TEST_INTEROP \
    node tests/interop/run.js "$1" || status=1
  as_wasm_tests
  on_wasm test fetch,list,json,share,_server,_interop --test interop || status=1
  return "$status"
}

step_interop-firefox() { unset CHROMEDRIVER; GECKODRIVER=$geckodriver on_interop firefox; }
step_interop-chromium() { unset GECKODRIVER; CHROMEDRIVER=$chromedriver on_interop chromium; }

as_wasm_tests() { # how tests of the wasm are run
  export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER=wasm-bindgen-test-runner
  # Tests with no word on where they run would run in Node.
  export WASM_BINDGEN_USE_BROWSER=1
  # An isolated page (Cross-Origin-Embedder-Policy) may not even ask whether a server of another origin is there.
  export WASM_BINDGEN_TEST_NO_ORIGIN_ISOLATION=1
}

in_browser() { # the driver's variable, its path
  unset GECKODRIVER CHROMEDRIVER
  export "$1=$2"
  as_wasm_tests
  # What Rust users have. The classes' modules, which the steps js-… test, would be loaded by each page here, and the
  # runner's server may leave a page's sixth connection waiting until the browser closes another, minutes later.
  # Figures are printed by passing tests too.
  # shellcheck disable=SC2086 # no word, or two
  on_wasm test fetch,list,json,share,_server --no-fail-fast ${EVENTSOURCE_CHAOS:+-- --nocapture}
}

step_firefox() { in_browser GECKODRIVER "$geckodriver"; }
step_chromium() { in_browser CHROMEDRIVER "$chromedriver"; }
# The runner knows no driver of WebKitGTK's; it understands what is said to geckodriver.
step_webkit() { in_browser GECKODRIVER "$webkitdriver"; }

# In a copy that says what its files are: a package.json in the folder would be served with the page.
step_console() {
  local site=$scratch/console status=0
  rm -rf "$site"
  mkdir -p "$site/tests"
  cp -R console "$site/"
  cp -R tests/console "$site/tests/"
  echo '{"type":"module"}' >"$site/package.json"
  (cd "$site" && node --test --test-reporter=tap tests/console/*.test.js) || status=1
  awk '/^# pass / { pass = $3 } /^# fail / { fail = $3 } END { print "test result: " pass + 0 " passed; " fail + 0 " failed; 0 ignored" }' "$logs/console.log"
  return "$status"
}

step_js-types() {
  build_npm_package
  npm --prefix tests/js ci --no-audit --no-fund
  # Found as a stranger's project finds it.
  cp -R "$scratch/npm" tests/js/node_modules/eventsource-wasm
  # The oldest that is supported, the last before iterators had a type of their own, and the newest.
  node tests/js/node_modules/typescript-5.0/bin/tsc --project tests/js/types/tsconfig.5.0.json
  node tests/js/node_modules/typescript-5.6/bin/tsc --project tests/js/types
  node tests/js/node_modules/typescript-5.9/bin/tsc --project tests/js/types
  tests/js/node_modules/.bin/tsc --project tests/js/types
}

in_js() { # a program in tests/js, the browser
  build_package
  cargo build --locked -p dev-server
  PACKAGE=$scratch/pkg DEV_SERVER=$CARGO_TARGET_DIR/debug/dev-server node "tests/js/$1" "$2"
}

on_js() { in_js run.js "$1"; } # the browser
on_tabs() { in_js tabs.js "$1"; }

step_js-firefox() { GECKODRIVER=$geckodriver on_js firefox; }
step_js-chromium() { CHROMEDRIVER=$chromedriver on_js chromium; }
step_js-webkit() { on_js webkit; }

step_tabs-firefox() { GECKODRIVER=$geckodriver on_tabs firefox; }
step_tabs-chromium() { CHROMEDRIVER=$chromedriver on_tabs chromium; }
# Fewer messages, as none of its tabs can be killed.
step_tabs-webkit() { TABS_COUNT=${TABS_COUNT:-8000} on_tabs webkit; }

on_page() { # the browser
  # A failure's message says what was waited for; its backtrace says only that a test ran.
  RUST_BACKTRACE=0 cargo test --locked -p page-tests --features browsers --no-fail-fast -- "$1::"
}

step_page-firefox() { GECKODRIVER=$geckodriver on_page firefox; }
step_page-chromium() { CHROMEDRIVER=$chromedriver on_page chromium; }
step_page-webkit() { on_page webkit; }

step_wasm-pack() { wasm-pack test --headless --firefox; }

# ----------------------------------------------------------------- run and count

count() { # passed or failed, a log
  awk -v what="$1" '/^test result: / { for (i = 2; i < NF; i++) if ($(i + 1) == what ";") sum += $i } END { print sum + 0 }' "$2"
}

run_step() {
  local name=$1 log=$logs/$1.log began=$SECONDS status=0 watch ok bad note
  : >"$log"
  printf '%-16s ' "$name"

  case $name in
    firefox | chromium | webkit | frameworks-*) start_server || { cat "$logs/dev-server.log" >>"$log"; echo "The dev server did not start." >>"$log"; status=1; } ;;
    *) stop_server ;;
  esac
  case $name in
    firefox | chromium | webkit | js-firefox | js-chromium | js-webkit | package-npm | package-firefox | package-chromium | package-webkit)
      start_answers || { cat "$logs/answers-server.log" >>"$log"; echo "The servers of tests/answers did not start." >>"$log"; status=1; } ;;
    js-types | fault-suite) ;; # stand between two that need them
    *) stop_answers ;;
  esac

  case $name in
    package-* | frameworks-*) ;; # they build in the same folder themselves
    *firefox | *chromium | *webkit) begin_frameworks ;;
  esac

  case $name in
    interop-*) start_interop || { cat "$logs/interop-servers.log" >>"$log"; echo "The servers of tests/interop did not start." >>"$log"; status=1; } ;;
    *) stop_interop ;;
  esac

  if [ "$status" -eq 0 ]; then
    # In its own process group, to be ended whole: a step that hangs must not hang the run.
    set -m
    ("step_$name") >"$log" 2>&1 </dev/null &
    step_pid=$!
    (sleep "$limit" && echo "Ended after $limit seconds." >>"$log" && kill -9 -- "-$step_pid") >/dev/null 2>&1 &
    watch=$!
    set +m
    { wait "$step_pid" || status=$?; } 2>/dev/null
    { kill -9 -- "-$watch"; wait "$watch" || true; } 2>/dev/null
    end_group "$step_pid"
    step_pid=
  fi

  ok=$(count passed "$log")
  bad=$(count failed "$log")
  note="$ok passed"
  case $name in
    format | lint-* | docs | package | js-types)
      note=
      if [ "$status" -eq 0 ]; then ok=1; fi ;;
    *)
      if [ "$status" -eq 0 ] && [ "$ok" -eq 0 ]; then
        status=1
        echo "No test ran." >>"$log"
      fi ;;
  esac
  if [ "$status" -ne 0 ] && [ "$bad" -eq 0 ]; then bad=1; fi
  passed=$((passed + ok))
  failed=$((failed + bad))

  if [ "$status" -eq 0 ]; then
    printf 'ok      %4d s  %s\n' $((SECONDS - began)) "$note"
  else
    failures+=("$name")
    printf 'FAILED  %4d s  %s\n\n' $((SECONDS - began)) "$log"
    tail -n 60 "$log" | sed 's/^/    /'
    echo
  fi
}

# Long enough for a loaded machine; a test that hangs is ended by them, one that is slow is not.
# webdriver.json closes idle connections after 1 s: the server of wasm-bindgen-test-runner may leave one of
# several opened together waiting until another closes, which takes Firefox 115 s by default.
export WASM_BINDGEN_TEST_TIMEOUT=${WASM_BINDGEN_TEST_TIMEOUT:-300}
export WASM_BINDGEN_TEST_DRIVER_TIMEOUT=${WASM_BINDGEN_TEST_DRIVER_TIMEOUT:-60}

set_up
# Browsers' profiles go here, and are gone with it.
export TMPDIR=$scratch
for step in "${chosen[@]}"; do run_step "$step"; done
stop_server
stop_answers
stop_interop
[ "$failed" -eq 0 ]
