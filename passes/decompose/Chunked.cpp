// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "ChunkMath.h"
#include "Segments.h"
#include "mixc/passes/Decompose.h"

using namespace mlir;

namespace mixc {
#define GEN_PASS_DEF_MIXERDECOMPOSECHUNKED
#include "mixc/passes/DecomposePasses.h.inc"

// y_t = c_t S fromStart_t + sum_{s<=t} W_ts x_s, then the next chunk's S; the state is carried by the loop.
static States buildChunk(TileBuilder &b, SpecValues &values, const ProgramBuilder &program, TokenScope &tokens, const States &before) {
  const Recurrence &recurrence = program.recurrence;
  ChunkMath math(b, values, program, tokens, before.lag);
  Tile scores = b.contract({Axis::T, Axis::S}, math.operandC(), math.operandB()); // [t, s]
  SmallVector<Tile> ys;
  for (auto [column, state] : llvm::zip(recurrence.columns, before.tiles)) {
    Tile weights = math.diagonalWeights(scores, column);            // [h, t, s]
    Tile y = math.scaleRows(math.readState(state, column), column); // [h, p, t]
    ys.push_back(math.weighted(weights, column, y));                // [h, p, t]
  }
  storeOutputs(b, values, program, ys, {Axis::H, Axis::P, Axis::T}, tokens);
  States next{{}, math.lag};
  for (auto [column, state] : llvm::zip(recurrence.columns, before.tiles))
    next.tiles.push_back(math.nextState(state, column)); // [h, p, n]
  return next;
}

static void buildMain(TileBuilder &b, SpecValues &values, const ProgramBuilder &program) {
  auto [begin, end] = segmentBounds(b);
  States init;
  for (unsigned i = 0; i < program.recurrence.columns.size(); ++i)
    init.tiles.push_back(loadSegmentState(b, values, program, i));
  if (hasLag(program))
    init.lag = noLag(b);
  SmallVector<Tile> carried = loopOverChunks(b, values, begin, end, init.carried(), [&](TokenScope &tokens, ArrayRef<Tile> carried) {
    return buildChunk(b, values, program, tokens, States::of(program, carried)).carried();
  });
  storeStates(b, program, settled(b, program, carried));
}

namespace {
struct DecomposeChunked : impl::MixerDecomposeChunkedBase<DecomposeChunked> {
  void runOnOperation() override {
    auto build = [](ProgramBuilder &program) {
      addSegmentKernels(program);
      program.addKernel("main", /*splits=*/true, /*rows=*/0, tile::When::Always,
                        [&](TileBuilder &b, SpecValues &values) { buildMain(b, values, program); });
    };
    if (failed(decomposePlans(getOperation(), mixer::Algorithm::Chunked, build)))
      signalPassFailure();
  }
};
} // namespace
} // namespace mixc
