# Functions of ./run and ./test: Debian packages and the release build. Sourced, not run.

packages=(g++ cmake ninja-build pkg-config ccache python3 nlohmann-json3-dev libpcre2-dev
  libutf8proc-dev libcli11-dev libedit-dev libgtest-dev libgmock-dev)

# Installs what is missing, with sudo only if needed; where it cannot, names the packages and stops.
ensure_packages() {
  local stamp=build/.packages wanted="${packages[*]}"
  [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ] && return 0
  local missing=()
  if command -v dpkg-query >/dev/null; then
    local package
    for package in "${packages[@]}"; do
      dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' ||
        missing+=("$package")
    done
  else
    echo "This is not a Debian-like system. Install the counterparts of these Debian packages," >&2
    echo "then build with: cmake --preset release && cmake --build --preset release" >&2
    echo "  ${packages[*]}" >&2
    exit 1
  fi
  if [ ${#missing[@]} -gt 0 ]; then
    local sudo=()
    if [ "$(id -u)" -ne 0 ]; then
      if ! command -v sudo >/dev/null; then
        echo "These Debian packages are missing, and there is no right to install them:" >&2
        echo "  ${missing[*]}" >&2
        exit 1
      fi
      sudo=(sudo)
    fi
    echo "Installing Debian packages: ${missing[*]}" >&2
    if ! { "${sudo[@]}" apt-get update -qq &&
      DEBIAN_FRONTEND=noninteractive "${sudo[@]}" apt-get install -y -qq --no-install-recommends \
        "${missing[@]}"; } >&2; then
      echo "Installing failed. These packages are needed: ${missing[*]}" >&2
      exit 1
    fi
  fi
  mkdir -p build
  echo "$wanted" >"$stamp"
}

# ensure_build TARGET: configures and builds build/release. Silent when nothing is to be done; on a
# terminal a single progress line; output is shown in full only where something fails.
ensure_build() {
  local target=$1 log=build/build.log
  mkdir -p build
  if [ ! -f build/release/build.ninja ]; then
    echo "Configuring ..." >&2
    cmake --preset release >"$log" 2>&1 || { cat "$log" >&2; exit 1; }
  fi
  # A dry run costs a fraction of a second and keeps the second call quick.
  if ninja -C build/release -n "$target" 2>/dev/null | grep -q 'no work to do'; then return 0; fi
  echo "Building ..." >&2
  if [ -t 2 ]; then
    local status=0  # the callers set pipefail
    ninja -C build/release "$target" 2>&1 | tee "$log" |
      while IFS= read -r line; do
        case $line in '['*) printf '\r\033[K%.100s' "$line" >&2 ;; esac
      done || status=$?
    printf '\r\033[K' >&2
    [ "$status" -eq 0 ] || { cat "$log" >&2; exit 1; }
  else
    ninja -C build/release "$target" >"$log" 2>&1 || { cat "$log" >&2; exit 1; }
  fi
}
