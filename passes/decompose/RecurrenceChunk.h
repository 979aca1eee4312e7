// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a chunk of tokens makes of a recurrence's states, whatever its transition.
#pragma once

#include "Recurrence.h"

namespace mixc {

/// What the state's exponent lags behind the decays so far (tile.lag), with what rounding has left of it: of a head [h], or of every entry
/// [h, n], at the last token of a tile where it has tokens. Null where states have no exponent.
struct Lag {
  Tile lag, low;
  explicit operator bool() const { return bool(lag); }
};

/// What lies between a chunk's end and the start of later rows.
struct Passed {
  Tile decay;           ///< [h], or [h, n] where entries have their own, the lag apart; null without a decay
  Tile resets;          ///< [h]: tokens that all entries forget; null where the chunks count none
  mlir::Value distance; ///< from the chunk's first token to the first of the rows; null without a mask
};

class RecurrenceChunk {
public:
  virtual ~RecurrenceChunk() = default;

  /// y of the chunk's tokens, from the column's state before them: [h, p, t]
  virtual Tile output(const Tile &state, const Column &) = 0;
  /// The state after them: [h, p, n]
  virtual Tile nextState(const Tile &state, const Column &) = 0;
  /// Rows whose product with the state before the chunk is what `finished` takes: [t, n]
  virtual Tile rows() = 0;
  /// acc + what rows() of a later chunk read of this one's tokens; without corrections, whose later tokens read earlier ones.
  virtual Tile addFar(const Tile &rows, const Column &, const Passed &, Tile acc) = 0; // [h, p, t]
  /// y of the chunk's tokens, from what rows() have read of those before.
  virtual Tile finished(const Tile &read, const Column &) = 0; // [h, p, t]
  /// What the state is multiplied by over the whole chunk, its lag apart: [h] or [h, n]; null without a decay.
  virtual Tile whole() = 0;
  /// How many tokens up to each all entries forget, where whole() is not of all entries: [h, t], else null.
  virtual Tile resetsSoFar() const { return {}; }
  /// The lag after the chunk.
  Lag lag;
};

/// After tokens whose decays have left the lag `before`.
std::unique_ptr<RecurrenceChunk> makeChunk(TileBuilder &b, SpecValues &values, const ProgramBuilder &program, const Recurrence &recurrence,
                                           TokenScope &tokens, const Lag &before);

/// Whether the plan's scan may combine steps before they meet the state.
bool inLogSteps(const ProgramBuilder &program, const Recurrence &recurrence);
/// Whether the plan keeps the recurrence's states with a lag.
bool hasLag(const ProgramBuilder &program, const Recurrence &recurrence);
/// None yet: the start of a loop over chunks.
Lag noLag(TileBuilder &b, const ProgramBuilder &program, const Recurrence &recurrence);
/// S = 2^lag U, and the same of a decay that lags.
Tile withoutLag(TileBuilder &b, const ProgramBuilder &program, const Column &column, const Tile &state, const Lag &lag);
Tile withoutLag(TileBuilder &b, const Recurrence &recurrence, const Tile &decay, const Lag &lag);

/// The decay over no token: [h], or [h, n] where entries have their own, of ones.
Tile noDecay(TileBuilder &b, const Recurrence &recurrence);
/// The decay over what `passed` and `whole` decay over.
Tile timesOver(TileBuilder &b, const Recurrence &recurrence, const Tile &passed, const Tile &whole);
/// What is left of a value after a decay: nothing, NaN neither, where that is 0.
mlir::Value keptOver(TileBuilder &b, mlir::Value value, mlir::Value decay);
/// The least that a decay counts which no reset has made 0 (smaller ones are taken for 0 on a GPU).
mlir::Value atLeastTiny(TileBuilder &b, mlir::Value factor);

/// What a loop over chunks carries of one recurrence: a state for each column, and their lag.
struct States {
  llvm::SmallVector<Tile> tiles;
  Lag lag;
};
/// Of all recurrences in order, as the loop carries them.
llvm::SmallVector<Tile> flatten(llvm::ArrayRef<States> states);
std::vector<States> statesOf(const ProgramBuilder &program, llvm::ArrayRef<Tile> carried);
/// Of all recurrences, without a lag yet.
std::vector<States> initialStates(TileBuilder &b, const ProgramBuilder &program, llvm::function_ref<Tile(const Column &)> stateOf);

} // namespace mixc
