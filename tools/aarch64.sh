#!/usr/bin/env bash
# tools/aarch64.sh [TARGET...]: cross-compiles for 64-bit ARM and runs the tests of the targets (such as
# test_array; all without one) under qemu-user. The target's libraries are unpacked into
# build/aarch64-sysroot: nothing on this system changes but its packages of the compiler and the emulator.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source tools/setup.sh
packages+=(g++-aarch64-linux-gnu qemu-user)
ensure_packages

# The target's own packages; header-only libraries are the host's.
libraries=(libpcre2-dev libpcre2-8-0 libutf8proc-dev libutf8proc2 libedit-dev libedit2 libbsd0 libmd0
  libtinfo6 libncurses-dev libncurses6 libgtest-dev libgmock-dev)
sysroot=$PWD/build/aarch64-sysroot
if [ ! -f "$sysroot/.packages" ] || [ "$(cat "$sysroot/.packages")" != "${libraries[*]}" ]; then
  echo "Unpacking arm64 libraries ..." >&2
  rm -rf "$sysroot"
  apt=$sysroot/apt
  mkdir -p "$apt/lists/partial" "$apt/archives/partial"
  # An index and a cache of their own, so that dpkg need not know a second architecture.
  options=(-qq -o APT::Architecture=arm64 -o APT::Architectures=arm64 -o Dir::State::Lists="$apt/lists"
    -o Dir::State::status=/dev/null -o Dir::Cache="$apt" -o APT::Sandbox::User=root)
  apt-get "${options[@]}" update
  (cd "$apt/archives" && apt-get "${options[@]}" download "${libraries[@]}" >/dev/null)
  for package in "$apt"/archives/*.deb; do dpkg-deb -x "$package" "$sysroot"; done
  rm -rf "$apt"
  echo "${libraries[*]}" >"$sysroot/.packages"
fi

[ -f build/aarch64/build.ninja ] || cmake --preset aarch64
ninja -C build/aarch64 ${MLXA_JOBS:+-j "$MLXA_JOBS"} "${@:-all}"
chosen=()
if [ $# -gt 0 ]; then
  layers=$(printf '|%s' "${@#test_}")
  chosen=(-R "^(${layers:1})\\.")
fi
ctest --test-dir build/aarch64 --output-on-failure -j "$(nproc)" "${chosen[@]}"
