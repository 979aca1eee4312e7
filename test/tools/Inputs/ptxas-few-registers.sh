#!/bin/sh
# Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# The real ptxas, asked to fit eight blocks in a multiprocessor: 64 registers a thread for blocks of 128.
for arg; do
  case $arg in *.ptx) sed -i 's/^\.maxntid 128/&\n.minnctapersm 8/' "$arg" ;; esac
done
exec ptxas "$@"
