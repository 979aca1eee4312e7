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

/// Whether a chunk of the recurrence, with that read, is its scores times one decay for each pair of tokens and head (ChunkMath). With
/// read = pre rows have the decays of the tokens before theirs, which are loaded once more, one token earlier.
bool hasPlainChunks(mixer::SemiseparableOp op, mixer::Read read);
/// The same in its direction, or both.
bool hasPlainChunks(mixer::SemiseparableOp op);

} // namespace mixc
