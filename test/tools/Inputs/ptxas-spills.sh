#!/bin/sh
# Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# In place of ptxas: for sm_80 every kernel spills until it is allowed more registers, for others one that is allowed them does. Appends
# to the file $LOG what it was asked for.
arch= in= out= limited=no
for arg; do
  case $arg in
  -arch=*) arch=${arg#-arch=} ;;
  *.ptx) in=$arg ;;
  *.cubin) out=$arg ;;
  esac
done
if grep -q '^\.maxnreg' "$in"; then limited=yes; fi
echo "$arch limited=$limited" >>"$LOG"
spilled=8
if [ "$arch" = sm_80 ] && [ $limited = yes ]; then spilled=0; fi
if [ "$arch" != sm_80 ] && [ $limited = no ]; then spilled=0; fi
for kernel in $(sed -n 's/.*\.entry \([A-Za-z0-9_]*\).*/\1/p' "$in"); do
  echo "ptxas info    : Compiling entry function '$kernel' for '$arch'"
  echo "ptxas info    : Function properties for $kernel"
  echo "    0 bytes stack frame, $spilled bytes spill stores, $spilled bytes spill loads"
  echo "ptxas info    : Used 100 registers"
done
echo "cubin for $arch" >"$out"
