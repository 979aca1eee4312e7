// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "ChunkMath.h"
#include "Segments.h"
#include "mixc/passes/Decompose.h"

using namespace mlir;

namespace mixc {
#define GEN_PASS_DEF_MIXERDECOMPOSECHUNKED
#include "mixc/passes/DecomposePasses.h.inc"

// y_t = c_t S fromStart_t + sum_{s<=t} W_ts x_s, then the next chunk's S; the state is carried by the loop.
static SmallVector<Tile> buildChunk(TileBuilder &b, SpecValues &values, const ProgramBuilder &program,
                                    TokenScope &tokens, ArrayRef<Tile> states) {
  const Recurrence &recurrence = program.recurrence;
  ChunkMath math(b, values, recurrence, tokens);
  Tile scores = b.contract({Axis::T, Axis::S}, math.operandC(), math.operandB()); // [t, s]
  SmallVector<Tile> ys, next;
  for (auto [column, state] : llvm::zip(recurrence.columns, states)) {
    Tile weights = math.diagonalWeights(scores, column);                  // [h, t, s]
    Tile y = math.scaleRows(math.readState(state, column), column);       // [h, p, t]
    ys.push_back(math.weighted(weights, column, y));                      // [h, p, t]
  }
  storeOutputs(b, values, program, ys, {Axis::H, Axis::P, Axis::T}, tokens);
  for (auto [column, state] : llvm::zip(recurrence.columns, states))
    next.push_back(math.nextState(state, column)); // [h, p, n]
  return next;
}

static void buildMain(TileBuilder &b, SpecValues &values, const ProgramBuilder &program) {
  auto [begin, end] = segmentBounds(b);
  SmallVector<Tile> init;
  for (unsigned i = 0; i < program.recurrence.columns.size(); ++i)
    init.push_back(loadSegmentState(b, values, program, i));
  SmallVector<Tile> states =
      loopOverChunks(b, values, begin, end, init, [&](TokenScope &tokens, ArrayRef<Tile> carried) {
        return buildChunk(b, values, program, tokens, carried);
      });
  storeStates(b, program, states);
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
