// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Running sums and maxima along T. A kernel of its own walks all tokens and leaves the values in the workspace, where the other kernels
// read them as they read arguments: whatever the algorithm, the direction and the segments of T, the values are the same, and no block
// waits for the one before.

#include "Kernels.h"

using namespace mlir;

namespace mixc {
/// The maximum of no tokens.
static constexpr double kNothing = -std::numeric_limits<double>::infinity();

namespace {
/// What the loop over tokens carries, at the last token of its tiles: the running value and, of a sum, what rounding has left of it.
struct Carried {
  Tile value, low;

  SmallVector<Tile> tiles() const { return low ? SmallVector<Tile>{value, low} : SmallVector<Tile>{value}; }
};

class RunningKernel {
public:
  RunningKernel(TileBuilder &b, SpecValues &values, const ProgramBuilder &program, mixer::RunningOp op)
      : b(b), values(values), program(program), op(op), axes({Axis::T}) {
    if (typeOf(op.getInput()).hasDim("N"))
      axes = {Axis::N, Axis::T};
  }

  void build() {
    SmallVector<Tile> last =
        loopOverChunks(b, values, b.index(0), b.length(), start().tiles(), [&](TokenScope &tokens, ArrayRef<Tile> carried) {
          SmallVector<Tile> next = buildTile(tokens, carried);
          if (b.shape.keepsStates) {
            TileBuilder::InsideCall inside(b, tokensUpTo(b, tokens));
            storeLast(next.front());
          }
          return next;
        });
    storeLast(last.front());
  }

private:
  bool isSum() { return op.getKind() == mixer::RunningKind::Sum; }

  Carried start() {
    TokenScope noTokens({}, {});
    Tile none =
        isSum() ? b.zeros(axes) : b.generic(axes, b.getF32Type(), {}, [&](TileBuilder &b, ValueRange) { return b.number(kNothing); });
    Tile value = op.getInit() ? values.evaluate({op.getInit(), {}}, axes, b.getF32Type(), noTokens) : none;
    return {value, isSum() ? b.zeros(axes) : Tile()};
  }

  /// What a token past the last one reads leaves the running value as it is.
  Tile operand(Value value, TokenScope &tokens, double otherwise) {
    return values.evaluate({value, {}}, axes, b.getF32Type(), tokens,
                           [&](TileBuilder &b, Value v) { return b.valueFrom(v, Axis::T, tokens.valid, otherwise); });
  }

  SmallVector<Tile> buildTile(TokenScope &tokens, ArrayRef<Tile> carried) {
    Tile input = operand(op.getInput(), tokens, isSum() ? 0 : kNothing);
    if (isSum()) {
      auto sum = tile::RunningSumOp::create(b, input.value, carried[0].value, carried[1].value);
      leave(op.getValue(), sum.getSums(), tokens);
      leave(op.getBefore(), sum.getEarlier(), tokens);
      return {Tile(sum.getSums(), axes), Tile(sum.getLow(), axes)};
    }
    Tile decay = op.getDecay() ? operand(op.getDecay(), tokens, 0) : b.zeros(axes);
    auto most = tile::RunningMaxOp::create(b, input.value, decay.value, carried[0].value);
    leave(op.getValue(), most.getMaxima(), tokens);
    leave(op.getBefore(), most.getEarlier(), tokens);
    return {Tile(most.getMaxima(), axes)};
  }

  /// Writes values that another kernel, or this one for the results, reads.
  void leave(Value value, Value tile, TokenScope &tokens) {
    auto found = program.leftValues().find(value);
    if (found != program.leftValues().end())
      b.store(Tile(tile, axes), found->second.memref, found->second.type, &tokens, /*optional=*/false);
  }

  void storeLast(const Tile &last) {
    mixer::SpecOp spec = program.spec;
    for (unsigned i : program.everything.lastRunning)
      if (spec.getReturn().getResults()[i] == op.getLast())
        storeLast(i, last);
  }

  void storeLast(unsigned result, const Tile &last) {
    mixer::SpecOp spec = program.spec;
    mixer::TensorType type = spec.getResultType(result);
    SmallVector<Axis> out = type.hasDim("N") ? SmallVector<Axis>{Axis::N} : SmallVector<Axis>{Axis::One};
    Tile tile = b.generic(out, b.getF32Type(), {last.at(Axis::T, b.shape.chunk - 1)}, [](TileBuilder &, ValueRange v) { return v[0]; });
    b.storeState(tile, spec.getNumArgs() + result, type, spec.isStochasticState(result), spec.isResultOptional(result));
  }

  TileBuilder &b;
  SpecValues &values;
  const ProgramBuilder &program;
  mixer::RunningOp op;
  SmallVector<Axis> axes; ///< of all tiles: the tokens last
};
} // namespace

void addKernelBefore(ProgramBuilder &program, mixer::RunningOp op) {
  program.addRunningKernel("running", op.getInput().getType(), op.getLoc(),
                           [&](TileBuilder &b, SpecValues &values) { RunningKernel(b, values, program, op).build(); });
}

} // namespace mixc
