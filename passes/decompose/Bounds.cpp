// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Whether decays keep the bounds that a spec declares for them, where calls are to check that. A kernel of its own walks all tokens, so
// that the others are those of a spec that is not checked.

#include "Kernels.h"

using namespace mlir;

namespace mixc {

/// How far the decays' logarithms go below 0. NaN is no broken bound: results say so by themselves.
static Value depthOf(TileBuilder &b, Value decay, const TokenRange &tokens) {
  Value isNumber = arith::CmpFOp::create(b, arith::CmpFPredicate::ORD, decay, decay);
  Value depth = arith::SelectOp::create(b, isNumber, arith::NegFOp::create(b, decay), b.number(0));
  return b.valueFrom(depth, Axis::T, tokens.valid, 0);
}

static void buildBoundKernel(TileBuilder &b, SpecValues &values, Value decay, const SpecValues::Left &left) {
  SmallVector<Axis> axes = {Axis::T}, out = {Axis::One};
  if (typeOf(decay).hasDim("N")) {
    axes = {Axis::N, Axis::T};
    out = {Axis::N};
  }
  SmallVector<Tile> deepest =
      loopOverChunks(b, values, b.index(0), b.length(), b.zeros(axes), [&](TokenScope &tokens, ArrayRef<Tile> carried) {
        Tile depth =
            values.evaluate({decay, {}}, axes, b.getF32Type(), tokens, [&](TileBuilder &b, Value v) { return depthOf(b, v, tokens); });
        auto most = tile::RunningMaxOp::create(b, depth.value, b.zeros(axes).value, carried[0].value);
        return SmallVector<Tile>{Tile(most.getMaxima(), axes)};
      });
  Tile last =
      b.generic(out, b.getF32Type(), {deepest.front().at(Axis::T, b.shape.chunk - 1)}, [](TileBuilder &, ValueRange v) { return v[0]; });
  b.store(last, left.memref, left.type, nullptr, /*optional=*/false);
}

void addBoundKernels(ProgramBuilder &program) {
  program.eachCheckedBound([&](mixer::SemiseparableOp op, SpecValues::Left left) {
    program.addRunningKernel("bounds", typeOf(op.getDecay()), op.getLoc(),
                             [&](TileBuilder &b, SpecValues &values) { buildBoundKernel(b, values, op.getDecay(), left); });
  });
}

} // namespace mixc
