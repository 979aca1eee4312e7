// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// linalg operations with parallel loops only: loops in the order of the first result, the last one by vectors. An
// operand is loaded in the outermost loop that fixes its address.

#include "KernelEmitter.h"

using namespace mlir;

namespace mixc::cpu {

struct KernelEmitter::Nest {
  linalg::LinalgOp op;
  SmallVector<int64_t> order, ranges; ///< loops, outermost first; iterations of each loop
  int64_t lanes = 1;
  SmallVector<Value> ivs; ///< by loop; null outside
  SmallVector<Operand> operands, results;

  int64_t vectorLoop() const { return order.empty() ? -1 : order.back(); }
  int64_t along(const LinearAccess &access) const { return order.empty() ? 0 : access.coefficients[vectorLoop()]; }
};

static bool isReady(const LinearAccess &access, ValueRange ivs) {
  for (auto [coefficient, iv] : llvm::zip_equal(access.coefficients, ivs))
    if (coefficient && !iv)
      return false;
  return true;
}

void KernelEmitter::emitElementwise(linalg::LinalgOp op) {
  Nest nest;
  nest.op = op;
  nest.ranges = op.getStaticLoopRanges();
  nest.ivs.resize(nest.ranges.size());
  for (OpOperand &operand : op->getOpOperands())
    nest.operands.push_back(accessTo(placeOf(operand), op.getMatchingIndexingMap(&operand)));
  for (auto [init, result] : llvm::zip_equal(op.getDpsInitsMutable(), op->getResults()))
    nest.results.push_back(accessTo(buffers.lookup(result), op.getMatchingIndexingMap(&init)));
  AffineMap map = op.getMatchingIndexingMap(op.getDpsInitOperand(0));
  for (int64_t dim : nest.results[0].tile.order)
    nest.order.push_back(map.getDimPosition(dim));
  if (!nest.order.empty())
    nest.lanes = lanesFor(nest.ranges[nest.vectorLoop()], vectorWidth);
  elementwiseLevel(nest, 0);
}

void KernelEmitter::elementwiseLevel(Nest &nest, unsigned level) {
  SmallVector<unsigned> loadedHere;
  for (auto [i, operand] : llvm::enumerate(nest.operands)) {
    if (operand.vector || !isReady(operand.access, nest.ivs) || !nest.op.payloadUsesValueFromOperand(&nest.op->getOpOperand(i)))
      continue;
    loadedHere.push_back(i);
    operand.vector =
        read(operand.tile, operand.access.constant, operand.access.coefficients, nest.ivs, nest.along(operand.access), nest.lanes);
  }
  if (level == nest.order.size()) {
    SmallVector<Value> args = llvm::map_to_vector(nest.operands, [](const Operand &o) { return o.vector; });
    SmallVector<Value> values = evaluate(nest.op, args, nest.lanes, nest.vectorLoop(), [&](int64_t loop) { return nest.ivs[loop]; });
    for (auto [value, to] : llvm::zip_equal(values, nest.results))
      write(value, to.tile, to.access.constant, to.access.coefficients, nest.ivs, nest.along(to.access));
  } else {
    int64_t dim = nest.order[level];
    loop(nest.ranges[dim], dim == nest.vectorLoop() ? nest.lanes : 1, [&](Value iv) {
      nest.ivs[dim] = iv;
      elementwiseLevel(nest, level + 1);
      nest.ivs[dim] = {};
    });
  }
  for (unsigned i : loadedHere)
    nest.operands[i].vector = {};
}

/// The vector of a value of the body; scalars from outside are broadcast.
Value KernelEmitter::vectorOperand(IRMapping &vectors, Value value, int64_t lanes) {
  if (Value known = vectors.lookupOrNull(value))
    return known;
  Value vector = splat(scalars.lookup(value), lanes);
  vectors.map(value, vector);
  return vector;
}

/// Products may be fused into sums.
static void allowContraction(Operation *op) {
  if (!isa<arith::AddFOp, arith::SubFOp, arith::MulFOp>(op))
    return;
  auto flags = cast<arith::ArithFastMathInterface>(op);
  auto merged = flags.getFastMathFlagsAttr().getValue() | arith::FastMathFlags::contract;
  op->setAttr(flags.getFastMathAttrName(), arith::FastMathFlagsAttr::get(op->getContext(), merged));
}

SmallVector<Value> KernelEmitter::evaluate(linalg::LinalgOp op, ValueRange args, int64_t lanes, int64_t vectorLoop,
                                           function_ref<Value(int64_t)> position) {
  IRMapping vectors;
  Block *body = op.getBlock();
  for (auto [value, arg] : llvm::zip_equal(args, body->getArguments()))
    if (value)
      vectors.map(arg, value);
  auto vectorType = [&](Type type) { return VectorType::get(lanes, type); };
  for (Operation &inner : body->without_terminator()) {
    setLoc(inner.getLoc());
    if (auto index = dyn_cast<linalg::IndexOp>(inner)) {
      Value at = splat(position(index.getDim()), lanes);
      if (int64_t(index.getDim()) == vectorLoop)
        at = arith::AddIOp::create(*this, at, vector::StepOp::create(*this, vectorType(getIndexType())));
      vectors.map(index.getResult(), at);
      continue;
    }
    if (auto constant = dyn_cast<arith::ConstantOp>(inner)) {
      auto value = DenseElementsAttr::get(vectorType(constant.getType()), Attribute(constant.getValue()));
      vectors.map(constant.getResult(), arith::ConstantOp::create(*this, value));
      continue;
    }
    OperationState state(inner.getLoc(), inner.getName());
    for (Value operand : inner.getOperands())
      state.operands.push_back(vectorOperand(vectors, operand, lanes));
    for (Type type : inner.getResultTypes())
      state.types.push_back(vectorType(type));
    state.addAttributes(inner.getAttrs());
    Operation *copy = create(state);
    allowContraction(copy);
    vectors.map(inner.getResults(), copy->getResults());
  }
  return llvm::map_to_vector(body->getTerminator()->getOperands(), [&](Value yielded) { return vectorOperand(vectors, yielded, lanes); });
}

} // namespace mixc::cpu
