// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The recurrence at one token, of a scan whose plan takes tokens one by one: each update of the state and each read of it is a pass over
// the state's entries, as they lie in memory. Decoding a token is this, and moves little but the state.
#pragma once

#include "RecurrenceChunk.h"

namespace mixc {

/// What y and the state are after a token.
struct TokenResult {
  llvm::SmallVector<Tile> ys; ///< [t, h, p], or with c over P [t, h, n]
  llvm::SmallVector<Tile> states;
};

TokenResult stepToken(TileBuilder &b, SpecValues &values, const Recurrence &recurrence, TokenScope &tokens, llvm::ArrayRef<Tile> states);

} // namespace mixc
