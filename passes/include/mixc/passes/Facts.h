// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include "mixc/dialect/Mixer.h"
#include "llvm/ADT/SmallVector.h"

namespace mixc {

/// What plans and their cost depend on of a spec. Counts are per token of one sequence, all heads together, or where heads are free those
/// of a band: tensors that bands share count as much less as there are bands.
struct SpecFacts {
  int64_t heads = 1, groups = 1, n = 1, p = 1;
  bool freeHeads = false;            ///< a call has any number of bands of heads
  int64_t bands = 1;                 ///< those of a call that one expects
  int64_t updates = 1;               ///< of the state a token
  int64_t headsOfGroup = 1;          ///< heads that are of one group in every tensor
  int64_t columns = 1;               ///< of the state: P, and one for each x without P
  int64_t recurrences = 1;           ///< with b, c and transitions of their own
  bool decays = false;               ///< a decay, for each head or for each entry of the state
  bool decaysEntries = false;        ///< for each entry
  bool hasSigns = false;             ///< factors of the state that may be negative
  bool corrects = false;             ///< a rank-1 correction
  bool bothDirections = false;       ///< two passes over the tokens
  bool readsOtherTokens = false;     ///< values of tokens before the one that is computed
  bool readsColumns = false;         ///< a c over P
  bool sumsColumns = false;          ///< that, or a sum over P of operands: a block has all columns
  bool sumsResults = false;          ///< one of results: such a block adds them up, else a kernel after it
  bool plain = true;                 ///< all steps are S -> a S + u with a number a for each head, read after the step
  int64_t ioBytes = 4;               ///< of an element of an `io` tensor
  int64_t stateBytes = 4;            ///< of an element of initial and final states, the fewest
  bool columnsInRows = false;        ///< P is the last dimension of some state: columns lie side by side in memory
  int64_t tilesIn = 0, tilesOut = 0; ///< arguments and results over tokens and P
  /// Whether b, c and x are `io` arguments, at most times a number for each token; x has heads; a token updates the state once.
  bool operandsLoaded = true;
  /// Bytes of each argument and result over tokens, one that a call may leave out, or without tokens, 0.
  llvm::SmallVector<double> bytesToken;
  double bytesSequence = 0; ///< initial and final states, those too that a call may leave out

  /// Heads that may share a block: those of one group of each kind; one where b, c, l or r are not shared.
  int64_t headsPerGroup() const { return heads / groups; }
};

/// Sizes must be bound. Emits a diagnostic on the spec otherwise.
mlir::FailureOr<SpecFacts> collectFacts(mixer::SpecOp spec);

} // namespace mixc
