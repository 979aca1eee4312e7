// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a scan multiplies its states by at a token.
#pragma once

#include "RecurrenceChunk.h"

namespace mixc {

/// factor + excess: null without a decay; an excess only where one number would round it away.
struct ScanDecay {
  Tile factor, excess;
};

/// The axes of a scan's decays: those of tile.scan's operand.
llvm::SmallVector<Axis> scanDecayAxes(const TileBuilder &b, const Recurrence &recurrence);

/// Past the last token nothing decays.
ScanDecay scanDecay(TileBuilder &b, SpecValues &values, const Recurrence &recurrence, TokenScope &tokens);

/// The decay times what the state keeps of itself.
ScanDecay withKept(TileBuilder &b, SpecValues &values, const Recurrence &recurrence, TokenScope &tokens, const ScanDecay &decay);

/// What the decay is the logarithm of, where it is one: that is the factor, to all its bits.
Expr givenFactor(const Recurrence &recurrence);

} // namespace mixc
