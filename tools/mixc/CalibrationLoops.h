// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Small loops that each keep one part of a core busy, compiled as CPU kernels are.
#pragma once

#include "Calibration.h"
#include "Loader.h"

namespace mixc {

class CalibrationLoops {
public:
  static llvm::Expected<std::unique_ptr<CalibrationLoops>> compile();

  // What so many threads, one on each core, do a second all together, in so many runs.

  /// f32 operations of multiply-adds in registers.
  Runs multiplyAdds(unsigned threads) const;
  /// Exponentials.
  Runs exponentials(unsigned threads) const;
  /// f32 operations of a scan's updates of a state in the first-level cache.
  Runs stateUpdates(unsigned threads) const;
  /// Bytes loaded from the first-level cache.
  Runs cacheLoads(unsigned threads) const;
  /// Bytes read and written by copies of so many bytes of memory, all threads together.
  Runs copies(unsigned threads, size_t bytes) const;
  /// Seconds of a load whose address is the result of the one before, from all over so many bytes.
  Runs dependentLoads(size_t bytes) const;

private:
  using Loop = void (*)(void *memory, int64_t bytes, int64_t rounds);
  CalibrationLoops() = default;
  /// Rounds are as many as take `kRunSeconds`.
  Runs rates(Loop loop, unsigned threads, size_t bytesOfThread, double operationsOfRound) const;

  std::unique_ptr<LoadedObject> code;
  Loop multiplyAdd = nullptr, exponential = nullptr, stateUpdate = nullptr, cacheLoad = nullptr, copy = nullptr, dependentLoad = nullptr;
  double lanes = 8;
};

} // namespace mixc
