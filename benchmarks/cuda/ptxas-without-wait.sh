#!/bin/sh
# Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# The real ptxas, given kernels from which a wait is missing: the one with number MIXC_WITHOUT_WAIT, counted from 1, of every main
# kernel whose warps have roles. What it makes has a race, for tools that look for races to find.
for arg; do
  case $arg in
  *.ptx)
    awk -v missing="${MIXC_WITHOUT_WAIT:?}" '
      /\.entry / { main = /__main/; waits = 0 }
      /mbarrier\.try_wait/ { drop = main && ++waits == missing; any = 1; dropped += drop }
      drop && /mbarrier\.try_wait|bra/ { if (/bra/) drop = 0; next }
      { print }
      END { if (any && !dropped) exit 1 }' "$arg" >"$arg.less" && mv "$arg.less" "$arg" ||
      { echo "no wait $MIXC_WITHOUT_WAIT in $arg" >&2; exit 1; }
    ;;
  esac
done
exec ptxas "$@"
