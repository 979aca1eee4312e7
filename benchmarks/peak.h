// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef MIXC_BENCHMARKS_PEAK_H
#define MIXC_BENCHMARKS_PEAK_H

// Flop/s of multiply-adds that all CPUs of this process reach together, one thread pinned to each, over about 10 ms from now: what the
// machine gives at this moment, where others share it. Negative if the threads cannot be had.
double peak_now(void);

#endif // MIXC_BENCHMARKS_PEAK_H
