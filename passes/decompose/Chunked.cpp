// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Kernels.h"
#include "RecurrenceChunk.h"
#include "Segments.h"

using namespace mlir;

namespace mixc {

// y of the chunk, then the next chunk's states, which the loop carries.
static SmallVector<Tile> buildChunk(TileBuilder &b, SpecValues &values, const ProgramBuilder &program, TokenScope &tokens,
                                    ArrayRef<Tile> carried) {
  std::vector<States> before = statesOf(program, carried), after;
  std::vector<std::unique_ptr<RecurrenceChunk>> chunks;
  SmallVector<Tile> ys;
  for (auto [recurrence, states] : llvm::zip(program.recurrences(), before)) {
    RecurrenceChunk &chunk = *chunks.emplace_back(makeChunk(b, values, program, recurrence, tokens, states.lag));
    for (auto [column, state] : llvm::zip(recurrence.columns, states.tiles))
      ys.push_back(chunk.output(state, column)); // [h, p, t]
  }
  storeOutputs(b, values, program, ys, {Axis::H, Axis::P, Axis::T}, tokens);
  for (auto [recurrence, states, chunk] : llvm::zip(program.recurrences(), before, chunks)) {
    States &own = after.emplace_back(States{{}, chunk->lag});
    for (auto [column, state] : llvm::zip(recurrence.columns, states.tiles))
      own.tiles.push_back(chunk->nextState(state, column)); // [h, p, n]
  }
  SmallVector<Tile> next = flatten(after);
  keepStates(b, values, program, tokens, next);
  return next;
}

static void buildMain(TileBuilder &b, SpecValues &values, const ProgramBuilder &program) {
  auto [begin, end] = program.canSplit() ? segmentBounds(b) : std::pair(b.index(0), b.length());
  std::vector<States> init = initialStates(b, program, [&](const Column &column) { return loadSegmentState(b, values, program, column); });
  SmallVector<Tile> carried = loopOverChunks(b, values, begin, end, flatten(init), [&](TokenScope &tokens, ArrayRef<Tile> carried) {
    return buildChunk(b, values, program, tokens, carried);
  });
  b.findSequence();
  storeStates(b, values, program, settled(b, program, carried));
}

void addChunkedKernels(ProgramBuilder &program) {
  addSegmentKernels(program);
  program.addKernel("main", /*splits=*/program.canSplit(), /*rows=*/0, tile::When::Always,
                    [&](TileBuilder &b, SpecValues &values) { buildMain(b, values, program); });
}

} // namespace mixc
