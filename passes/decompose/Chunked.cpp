// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "ChunkMath.h"
#include "Segments.h"
#include "mixc/passes/Decompose.h"

using namespace mlir;

namespace mixc {
#define GEN_PASS_DEF_MIXERDECOMPOSECHUNKED
#include "mixc/passes/DecomposePasses.h.inc"

// y_t = c_t S fromStart_t + sum_{s<=t} W_ts x_s, then the next chunk's S; the state is carried by the loop.
static SmallVector<Tile> buildChunk(TileBuilder &b, SpecValues &values, const ProgramBuilder &program, TokenScope &tokens,
                                    ArrayRef<Tile> carried) {
  std::vector<States> before = statesOf(program, carried), after;
  std::vector<ChunkMath> maths;
  SmallVector<Tile> ys;
  for (auto [recurrence, states] : llvm::zip(program.recurrences(), before)) {
    ChunkMath &math = maths.emplace_back(b, values, program, recurrence, tokens, states.lag);
    Tile scores = b.contract({Axis::T, Axis::S}, math.operandC(), math.operandB()); // [t, s]
    for (auto [column, state] : llvm::zip(recurrence.columns, states.tiles)) {
      Tile weights = math.diagonalWeights(scores, column);            // [h, t, s]
      Tile y = math.scaleRows(math.readState(state, column), column); // [h, p, t]
      ys.push_back(math.weighted(weights, column, y));                // [h, p, t]
    }
  }
  storeOutputs(b, values, program, ys, {Axis::H, Axis::P, Axis::T}, tokens);
  for (auto [recurrence, states, math] : llvm::zip(program.recurrences(), before, maths)) {
    States &own = after.emplace_back(States{{}, math.lag});
    for (auto [column, state] : llvm::zip(recurrence.columns, states.tiles))
      own.tiles.push_back(math.nextState(state, column)); // [h, p, n]
  }
  return flatten(after);
}

static void buildMain(TileBuilder &b, SpecValues &values, const ProgramBuilder &program) {
  auto [begin, end] = segmentBounds(b);
  std::vector<States> init = initialStates(b, program, [&](const Column &column) { return loadSegmentState(b, values, program, column); });
  SmallVector<Tile> carried = loopOverChunks(b, values, begin, end, flatten(init), [&](TokenScope &tokens, ArrayRef<Tile> carried) {
    return buildChunk(b, values, program, tokens, carried);
  });
  storeStates(b, program, settled(b, program, carried));
}

namespace {
struct DecomposeChunked : impl::MixerDecomposeChunkedBase<DecomposeChunked> {
  void runOnOperation() override {
    auto build = [](ProgramBuilder &program) {
      program.eachDirection([&] {
        addSegmentKernels(program);
        program.addKernel("main", /*splits=*/true, /*rows=*/0, tile::When::Always,
                          [&](TileBuilder &b, SpecValues &values) { buildMain(b, values, program); });
      });
    };
    if (failed(decomposePlans(getOperation(), mixer::Algorithm::Chunked, build)))
      signalPassFailure();
  }
};
} // namespace
} // namespace mixc
