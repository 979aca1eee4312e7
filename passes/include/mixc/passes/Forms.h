// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Which of the specs that the dialect can state have an algorithm. What is asked of a spec here is the same for all algorithms and
// machines.
#pragma once

#include "mixc/dialect/Mixer.h"
#include <optional>
#include <string>

namespace mixc {

/// Something in a spec that no algorithm computes yet, where it is written, and what works instead.
struct MissingForm {
  mlir::Location where;
  std::string text;
};

/// The first one of the spec; none if the spec can be compiled.
std::optional<MissingForm> findMissingForm(mixer::SpecOp spec);

/// Emits it as an error.
mlir::LogicalResult checkForms(mixer::SpecOp spec);

} // namespace mixc
