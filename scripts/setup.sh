# Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# Sourced by scripts/demo and scripts/test: installs what is missing, finds or fetches ptxas, builds. Each step is skipped
# when there is nothing to do.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
preset=${MIXC_PRESET:-dev}
build=$root/build/$preset
packages=(cmake ninja-build ccache gcc g++ clang-22 clang-format-22 lld-22 libclang-rt-22-dev llvm-22-dev llvm-22-tools libmlir-22-dev mlir-22-tools
  libgtest-dev libgmock-dev libzstd-dev zlib1g-dev python3)

fail() {
  printf '\n%s\n' "$@" >&2
  exit 1
}

# Prints those of the given packages that are not installed.
missing_packages() {
  local name
  for name in "$@"; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$name" 2>/dev/null)" = installed ] || printf '%s ' "$name"
  done
}

install_packages() {
  command -v dpkg-query >/dev/null ||
    fail "mixc: expected Debian 12 or a relative of it, got a system without dpkg; install these yourself (their Debian names):" \
      "  ${packages[*]}" "then: cmake --preset dev && cmake --build --preset dev && ctest --preset dev"
  local missing
  missing=$(missing_packages "$@")
  [ -n "$missing" ] || return 0
  local advice="  apt-get update && apt-get install $missing"
  [ "$(id -u)" = 0 ] || fail "mixc: these packages are missing, and installing them needs root; as root, run:" "$advice"
  echo "mixc: installing $missing"
  apt-get -qq -o Acquire::Retries=2 update || fail "mixc: apt-get update failed (no network?); with a network, run:" "$advice"
  # shellcheck disable=SC2086  # a list of words
  DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends $missing >/dev/null ||
    fail "mixc: apt-get install failed (LLVM 22 is in Debian 12's security archive); once that is reachable, run:" "$advice"
}

# Puts ptxas on PATH where one is installed; else fetches NVIDIA's own package of it, 37 MB, into the build tree.
# Without ptxas everything works but the cubins: objects then carry PTX, which the driver compiles when it loads it.
find_ptxas() {
  PATH=$PATH:${CUDA_HOME:-/usr/local/cuda}/bin:$build/cuda/bin
  command -v ptxas >/dev/null && return 0
  [ "${MIXC_FETCH_PTXAS:-1}" = 1 ] || { no_ptxas "MIXC_FETCH_PTXAS=0"; return 0; }
  echo "mixc: no CUDA toolkit here, fetching ptxas from PyPI (nvidia-cuda-nvcc; MIXC_FETCH_PTXAS=0 forgoes it)"
  local pip=(python3 -m pip)
  "${pip[@]}" --version >/dev/null 2>&1 || { [ "$(id -u)" = 0 ] && (install_packages python3-pip); }
  local dir=$build/cuda
  mkdir -p "$dir/bin"
  if "${pip[@]}" download -q --disable-pip-version-check --no-deps --only-binary :all: -d "$dir" 'nvidia-cuda-nvcc==13.0.*' &&
    python3 -m zipfile -e "$dir"/nvidia_cuda_nvcc-*.whl "$dir/wheel" &&
    install -m 755 "$(find "$dir/wheel" -name ptxas -type f | head -n 1)" "$dir/bin/ptxas"; then
    echo "mixc: $("$dir/bin/ptxas" --version | tail -n 1)"
  else
    no_ptxas "the download failed"
  fi
  rm -rf "$dir/wheel" "$dir"/nvidia_cuda_nvcc-*.whl
}

no_ptxas() {
  echo "mixc: no ptxas ($1): GPU kernels are kept as PTX only, which the CUDA driver compiles at load"
}

has_gpu() {
  command -v nvidia-smi >/dev/null && nvidia-smi -L 2>/dev/null | grep -q '^GPU'
}

build_all() {
  install_packages "${packages[@]}"
  find_ptxas
  cd "$root" && mkdir -p build || exit 1
  [ -f "$build/build.ninja" ] || cmake --preset "$preset" >"$build.configure.log" 2>&1 ||
    { cat "$build.configure.log" >&2; fail "mixc: cmake --preset $preset failed"; }
  cmake --build "$build" || fail "mixc: the build failed; the messages are above"
}
