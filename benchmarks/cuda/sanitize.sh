#!/bin/sh
# Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# Runs cuda_cases under compute-sanitizer, in the folder that pack-cuda made, and prints a line a spec:
#
#     ./sanitize.sh [SPEC ...]      # default: those below; status 1 if a tool reports anything, or finds no race where there is one
#
# Every spec must be clean under memcheck, racecheck and synccheck. Kernels from which a wait was taken must not be, under racecheck:
# that shows that it sees the kind of race that a wait prevents.
cd "$(dirname "$0")" || exit 1
if [ $# = 0 ]; then
  racing=$(./cuda_cases --list --only _without_wait) && drawn=$(./cuda_cases --list --only _drawn) || exit 1
  [ -n "$racing" ] && [ -n "$drawn" ] || { echo "expected drawn specs and some without a wait in cuda_cases" >&2; exit 1; }
  # shellcheck disable=SC2086  # lists of words
  set -- $drawn $racing
fi
failed=0
for spec; do
  line=
  case $spec in *without_wait*) tools=racecheck ;; *) tools='memcheck racecheck synccheck' ;; esac
  for tool in $tools; do
    log=$(timeout "${MIXC_SANITIZE_SECONDS:-120}" compute-sanitizer --tool "$tool" --error-exitcode 9 ./cuda_cases --only "$spec" 2>&1)
    status=$?
    found=$(printf '%s\n' "$log" | sed -n 's/^=* \(ERROR SUMMARY\|RACECHECK SUMMARY\): *//p' | tail -n 1)
    cases=$(printf '%s\n' "$log" | tail -n 3 | sed -n 's/^\([0-9]* passed, [0-9]* failed\).*/\1/p')
    case $spec in
    *without_wait*) [ $status = 9 ] || failed=1 ;;
    *) [ $status = 0 ] || failed=1 ;;
    esac
    line="$line | $tool: ${found:-status $status}"
  done
  echo "$spec${cases:+: $cases}$line"
done
exit $failed
