// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Which of the specs that the dialect can state have an algorithm, the same on all machines.
#pragma once

#include "mixc/dialect/Mixer.h"
#include <optional>
#include <string>

namespace mixc {

/// Something in a spec that an algorithm does not compute yet.
struct MissingForm {
  mlir::Location where;
  std::string text;   ///< what is expected, and what is there
  std::string advice; ///< what works instead
};

/// The first one of the spec; none if the algorithm computes it.
std::optional<MissingForm> findMissingForm(mixer::SpecOp spec, mixer::Algorithm algorithm);

/// Emits an error where no algorithm computes the spec, or not the one that is asked for, with one that does.
mlir::LogicalResult checkForms(mixer::SpecOp spec, std::optional<mixer::Algorithm> asked = std::nullopt);

} // namespace mixc
