#!/bin/bash
# Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# footprint.sh SHARED STATIC: fails if the runtime is larger than 1 MB, needs another library than libc (with its loader), libm,
# libdl and threads, exports a name without the prefix mixc_, or refers to what it must not call.
set -euo pipefail
shared=$1 static=$2 failed=0
complain() { echo "$1"; failed=1; }
nm=$(command -v nm || command -v llvm-nm-22)
readelf=$(command -v readelf || command -v llvm-readelf-22)

for file in "$shared" "$static"; do
  bytes=$(stat -L -c %s "$file")
  [ "$bytes" -le 1000000 ] || complain "$file: expected at most 1000000 bytes, got $bytes"
done

needed=$("$readelf" -d "$shared" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p')
[ -n "$needed" ] || complain "$shared: expected NEEDED entries, got none"
for library in $needed; do
  case $library in
    ld-linux-x86-64.so.*|libc.so.*|libm.so.*|libdl.so.*|libpthread.so.*) ;;
    *san*) echo "sanitizer build: $library"; exit 77 ;;
    *) complain "$shared: expected only libc, libm, libdl and libpthread, got $library" ;;
  esac
done

for symbol in $("$nm" -D --defined-only "$shared" | awk '{print $3}' | sed 's/@.*//'); do
  [[ $symbol == mixc_* ]] || complain "$shared: expected only mixc_ names exported, got $symbol"
done

for symbol in $("$nm" -u "$static" | awk '$1 == "U" {print $2}' | sort -u); do
  case $symbol in
    *printf*|abort|exit|_exit|__assert_fail|puts|fputs|fwrite|perror|__cxa_*|_Unwind_*|_Z*)
      complain "$static: expected no reference to $symbol" ;;
  esac
done
exit $failed
