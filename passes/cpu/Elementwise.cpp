// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// linalg operations with parallel loops only: loops in the order of the first result, the last one by vectors. An operand is
// loaded in the outermost loop that fixes its address.

#include "KernelEmitter.h"

using namespace mlir;

namespace mixc::cpu {

struct KernelEmitter::Nest {
  linalg::LinalgOp op;
  SmallVector<int64_t> order, ranges; ///< loops, outermost first; iterations of each loop
  int64_t lanes = 1;
  SmallVector<Value> ivs;             ///< by loop; null outside
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
    if (operand.vector || !isReady(operand.access, nest.ivs) ||
        !nest.op.payloadUsesValueFromOperand(&nest.op->getOpOperand(i)))
      continue;
    loadedHere.push_back(i);
    operand.vector = read(operand.tile, operand.access.constant, operand.access.coefficients, nest.ivs,
                          nest.along(operand.access), nest.lanes);
  }
  if (level == nest.order.size()) {
    elementwiseBody(nest);
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
  auto flags = dyn_cast<arith::ArithFastMathInterface>(op);
  if (!flags || !isa<arith::ArithDialect>(op->getDialect()))
    return;
  auto merged = flags.getFastMathFlagsAttr().getValue() | arith::FastMathFlags::contract;
  op->setAttr(flags.getFastMathAttrName(), arith::FastMathFlagsAttr::get(op->getContext(), merged));
}

void KernelEmitter::elementwiseBody(Nest &nest) {
  IRMapping vectors;
  Block *body = nest.op.getBlock();
  for (auto [operand, arg] : llvm::zip_equal(nest.operands, body->getArguments()))
    if (operand.vector)
      vectors.map(arg, operand.vector);
  auto vectorType = [&](Type type) { return VectorType::get(nest.lanes, type); };
  for (Operation &inner : body->without_terminator()) {
    setLoc(inner.getLoc());
    if (auto position = dyn_cast<linalg::IndexOp>(inner)) {
      Value at = splat(nest.ivs[position.getDim()], nest.lanes);
      if (int64_t(position.getDim()) == nest.vectorLoop())
        at = arith::AddIOp::create(*this, at, vector::StepOp::create(*this, vectorType(getIndexType())));
      vectors.map(position.getResult(), at);
      continue;
    }
    if (auto constant = dyn_cast<arith::ConstantOp>(inner)) {
      auto value = DenseElementsAttr::get(vectorType(constant.getType()), Attribute(constant.getValue()));
      vectors.map(constant.getResult(), arith::ConstantOp::create(*this, value));
      continue;
    }
    OperationState state(inner.getLoc(), inner.getName());
    for (Value operand : inner.getOperands())
      state.operands.push_back(vectorOperand(vectors, operand, nest.lanes));
    for (Type type : inner.getResultTypes())
      state.types.push_back(vectorType(type));
    state.addAttributes(inner.getAttrs());
    Operation *copy = create(state);
    allowContraction(copy);
    vectors.map(inner.getResults(), copy->getResults());
  }
  for (auto [result, yielded] : llvm::zip_equal(nest.results, body->getTerminator()->getOperands())) {
    Value vector = vectorOperand(vectors, yielded, nest.lanes);
    write(vector, result.tile, result.access.constant, result.access.coefficients, nest.ivs, nest.along(result.access));
  }
}

} // namespace mixc::cpu
