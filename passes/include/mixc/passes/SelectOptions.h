// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include "mixc/dialect/Mixer.h"
#include <optional>

namespace mixc {

/// The most that `variants` may be.
inline constexpr int64_t kMaxVariants = 16;

struct SelectOptions {
  std::optional<mixer::Algorithm> algorithm; ///< null: the cost model decides
  bool all = false;                          ///< one plan for each algorithm that the transition has
  int64_t chunk = 0;                         ///< tokens of a chunk; 0: the cost model decides
  int64_t heads = 0;                         ///< heads of a block; 0: the cost model decides
  int64_t variants = 0;                      ///< plans of a family at most; 0: the usual numbers
  int64_t batch = 0, length = 0;             ///< 0: not known
  /// Of products of f32 operands; null: tf32 on a GPU. A CPU has f32 alone.
  std::optional<mixer::Precision> precision;
};

} // namespace mixc
