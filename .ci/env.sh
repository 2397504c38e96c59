# shellcheck shell=bash
# Sourced by the scripts beside it: where things are cached, which toolchain is
# used, and how the scripts speak. Sourcing it twice changes nothing.

set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/gatehouse
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$CACHE/target}
export PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1
WASM=wasm32-unknown-unknown
# Debian's Rust with a sysroot of our own: made by .ci/wasm-debian where rustup can't fetch the target.
DEBIAN_TOOLCHAIN=$CACHE/rust-debian
cd "$ROOT"

say() { printf '==> %s\n' "$*"; }
die() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}
have() { command -v "$1" >/dev/null 2>&1; }

# Runs a command as root: directly, through sudo, or not at all with the line to type.
as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif have sudo; then
    say "needs root: sudo $*"
    sudo "$@"
  else
    die "root is needed and sudo is not here. As root, run:  $*"
  fi
}

# Installs Debian packages; elsewhere it says which ones are wanted.
apt_install() {
  have apt-get || die "please install, with this system's package manager: $*"
  as_root apt-get update -qq
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

rust_has_wasm() { have rustc && [ -d "$(rustc --print sysroot)/lib/rustlib/$WASM" ]; }

# One toolchain for the server and the page, so that proc macros are compiled once.
use_toolchain() {
  [ -e "$DEBIAN_TOOLCHAIN/complete" ] || return 0
  if [ "${GATEHOUSE_WASM_TOOLCHAIN:-}" = debian ] || ! rust_has_wasm; then
    case $PATH in "$DEBIAN_TOOLCHAIN"/*) ;; *) export PATH=$DEBIAN_TOOLCHAIN/bin:$PATH ;; esac
  fi
}
use_toolchain

# Checkouts share the target folder, and cargo tells fresh from stale by file times alone: after another checkout has
# built there, this one's older files would pass for built. So a change of checkout makes our sources new.
own_target() {
  local owner=$CARGO_TARGET_DIR/.checkout
  [ "$(cat "$owner" 2>/dev/null)" = "$ROOT" ] && return 0
  mkdir -p "$CARGO_TARGET_DIR"
  find app crates frontend server migrations \( -name '*.rs' -o -name '*.sql' \) -exec touch {} +
  printf '%s' "$ROOT" >"$owner"
}
own_target
