// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "RandomInputs.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/xxhash.h"
#include <atomic>
#include <cmath>
#include <random>
#include <thread>

using namespace mlir;
using namespace mixc;

namespace {
enum class Sign { Any, NonNegative, NonPositive };

Sign flip(Sign sign) { return sign == Sign::NonNegative ? Sign::NonPositive : sign == Sign::NonPositive ? Sign::NonNegative : sign; }

Sign product(Sign a, Sign b) {
  if (a == Sign::Any || b == Sign::Any)
    return Sign::Any;
  return a == b ? Sign::NonNegative : Sign::NonPositive;
}

/// Finds signs of a spec's arguments under which a value has a given sign.
class SignSolver {
public:
  Sign signOf(Value value) const;
  void force(Value value, Sign sign);
  Sign chosen(Value argument) const { return signs.lookup_or(argument, Sign::Any); }

private:
  Sign derive(Value value) const;
  void forceProduct(Value a, Value b, Sign sign);
  DenseMap<Value, Sign> signs;           ///< of the spec's arguments
  mutable DenseMap<Value, Sign> known;   ///< what follows from them
  DenseSet<std::pair<Value, int>> tried; ///< what was forced: a value may be an operand very often
};

/// What a parameter of a map's body stands for; null if the value is no such parameter.
Value mapOperand(Value value) {
  auto argument = dyn_cast<BlockArgument>(value);
  auto map = argument ? dyn_cast<mixer::MapOp>(argument.getOwner()->getParentOp()) : nullptr;
  return map ? map.getInputs()[argument.getArgNumber()] : Value();
}
} // namespace

Sign SignSolver::signOf(Value value) const {
  if (auto found = known.find(value); found != known.end())
    return found->second;
  Sign sign = derive(value);
  known[value] = sign;
  return sign;
}

Sign SignSolver::derive(Value value) const {
  if (Value operand = mapOperand(value))
    return signOf(operand);
  Operation *op = value.getDefiningOp();
  if (!op)
    return chosen(value);
  FloatAttr constant;
  if (matchPattern(value, m_Constant(&constant)))
    return constant.getValue().isNegative() ? Sign::NonPositive : Sign::NonNegative;
  auto operand = [&](unsigned i) { return signOf(op->getOperand(i)); };
  auto oneIs = [&](Sign sign) { return operand(0) == sign || operand(1) == sign; };
  auto bothAre = [&](Sign sign) { return operand(0) == sign && operand(1) == sign; };
  return llvm::TypeSwitch<Operation *, Sign>(op)
      .Case([&](mixer::MapOp map) { return signOf(map.getYield().getValue()); })
      .Case([&](mixer::ConstantOp fixed) { return fixed.getValue().isNegative() ? Sign::NonPositive : Sign::NonNegative; })
      .Case<mixer::IndexOp, mixer::SizeOp, math::ExpOp, math::Exp2Op, math::SqrtOp, math::RsqrtOp, math::AbsFOp>(
          [](auto) { return Sign::NonNegative; })
      .Case<mixer::SumOp, mixer::TapOp, math::Log1pOp>([&](auto) { return operand(0); })
      .Case([&](mixer::PreviousOp previous) { return previous.getAfter() && operand(1) != operand(0) ? Sign::Any : operand(0); })
      .Case([&](mixer::RunningOp running) { return running.getInit() && operand(1) != operand(0) ? Sign::Any : operand(0); })
      .Case([&](mixer::SemiseparableOp mix) {
        Sign ofPairs = product(signOf(mix.getB()), signOf(mix.getC()));
        return product(signOf(mix.getX()), mix.getMask() ? product(ofPairs, signOf(mix.getMask())) : ofPairs);
      })
      .Case([&](arith::NegFOp) { return flip(operand(0)); })
      .Case<arith::MulFOp, arith::DivFOp>([&](auto) { return product(operand(0), operand(1)); })
      .Case([&](arith::AddFOp) { return operand(0) == operand(1) ? operand(0) : Sign::Any; })
      .Case([&](arith::SubFOp) { return operand(0) == flip(operand(1)) ? operand(0) : Sign::Any; })
      .Case<arith::MaximumFOp, arith::MaxNumFOp>([&](auto) {
        return oneIs(Sign::NonNegative) ? Sign::NonNegative : bothAre(Sign::NonPositive) ? Sign::NonPositive : Sign::Any;
      })
      .Case<arith::MinimumFOp, arith::MinNumFOp>([&](auto) {
        return oneIs(Sign::NonPositive) ? Sign::NonPositive : bothAre(Sign::NonNegative) ? Sign::NonNegative : Sign::Any;
      })
      .Default(Sign::Any);
}

void SignSolver::forceProduct(Value a, Value b, Sign sign) {
  Sign left = signOf(a);
  if (left == Sign::Any && signOf(b) != Sign::Any)
    return forceProduct(b, a, sign);
  if (left == Sign::Any)
    force(a, left = Sign::NonNegative);
  force(b, left == Sign::NonNegative ? sign : flip(sign));
}

void SignSolver::force(Value value, Sign sign) {
  if (signOf(value) == sign || !tried.insert({value, int(sign)}).second)
    return;
  if (Value operand = mapOperand(value))
    return force(operand, sign);
  Operation *op = value.getDefiningOp();
  if (!op) {
    signs[value] = sign;
    known.clear();
    return;
  }
  llvm::TypeSwitch<Operation *>(op)
      .Case([&](mixer::MapOp map) { force(map.getYield().getValue(), sign); })
      .Case<mixer::SumOp, mixer::TapOp, math::Log1pOp>([&](auto) { force(op->getOperand(0), sign); })
      .Case<mixer::PreviousOp, mixer::RunningOp>([&](auto) {
        for (Value operand : op->getOperands())
          force(operand, sign);
      })
      .Case([&](math::LogOp) { // of a magnitude: at most 0
        if (sign == Sign::NonPositive)
          force(op->getOperand(0), Sign::NonNegative);
      })
      .Case([&](mixer::SemiseparableOp mix) {
        force(mix.getB(), Sign::NonNegative);
        force(mix.getC(), Sign::NonNegative);
        if (mix.getMask())
          force(mix.getMask(), Sign::NonNegative);
        force(mix.getX(), sign);
      })
      .Case([&](arith::NegFOp negation) { force(negation.getOperand(), flip(sign)); })
      .Case<arith::MulFOp, arith::DivFOp>([&](auto) { forceProduct(op->getOperand(0), op->getOperand(1), sign); })
      .Case([&](arith::AddFOp) {
        force(op->getOperand(0), sign);
        force(op->getOperand(1), sign);
      })
      .Case([&](arith::SubFOp) {
        force(op->getOperand(0), sign);
        force(op->getOperand(1), flip(sign));
      })
      .Default([](Operation *) {});
}

/// Normal numbers by Box and Muller: the standard library's distributions differ between implementations.
static float drawNormal(std::mt19937_64 &engine) {
  auto uniform = [&] { return (double(engine() >> 11) + 0.5) * 0x1p-53; };
  double radius = std::sqrt(-2 * std::log(uniform()));
  return static_cast<float>(radius * std::cos(2 * M_PI * uniform()));
}

/// Log-uniform between 0.001 and 1.
static float drawMagnitude(std::mt19937_64 &engine) {
  return static_cast<float>(std::pow(10.0, -3.0 * (double(engine() >> 11) + 0.5) * 0x1p-53));
}

/// The spec's arguments that the values are computed from.
static llvm::SetVector<BlockArgument> argumentsOf(ArrayRef<Value> values) {
  llvm::SetVector<BlockArgument> arguments;
  llvm::SetVector<Value> seen(values.begin(), values.end());
  for (size_t i = 0; i < seen.size(); ++i) {
    if (auto argument = dyn_cast<BlockArgument>(seen[i]))
      arguments.insert(argument);
    else
      seen.insert(seen[i].getDefiningOp()->operand_begin(), seen[i].getDefiningOp()->operand_end());
  }
  return arguments;
}

/// Of a correction l r^T the arguments that make rows of length 1, so that no state grows without bound.
static llvm::SmallPtrSet<Value, 4> correctingRows(mixer::SpecOp spec, SignSolver &solver) {
  llvm::SmallPtrSet<Value, 4> rows;
  spec.walk([&](mixer::SemiseparableOp op) {
    if (!op.getL())
      return;
    llvm::SetVector<BlockArgument> ofDecay;
    if (op.getDecay())
      ofDecay = argumentsOf({op.getDecay()});
    for (BlockArgument argument : argumentsOf({op.getL(), op.getR()}))
      if (cast<mixer::TensorType>(argument.getType()).hasDim("N") && !ofDecay.contains(argument))
        rows.insert(argument);
    for (BlockArgument argument : argumentsOf({op.getL()}))
      if (!cast<mixer::TensorType>(argument.getType()).hasDim("N"))
        solver.force(argument, Sign::NonNegative);
  });
  return rows;
}

/// What the spec declares no element of the argument, a decay, to be less than.
static float boundOf(mixer::SpecOp spec, unsigned argument) {
  float bound = -std::numeric_limits<float>::infinity();
  spec.walk([&](mixer::SemiseparableOp op) {
    if (op.getDecayBound() && op.getDecay() == spec.getBodyRegion().getArgument(argument))
      bound = std::max(bound, op.getDecayBound()->convertToFloat());
  });
  return bound;
}

/// Draws the numbers in blocks, each of a seed of its own, so that as many threads as there are cores make a large tensor.
static void fillBlocks(MutableArrayRef<float> values, uint64_t seed, llvm::function_ref<float(std::mt19937_64 &)> draw) {
  constexpr size_t kBlock = 1 << 20;
  std::atomic<size_t> next{0};
  auto work = [&] {
    for (size_t block; (block = next++) * kBlock < values.size();) {
      std::mt19937_64 engine(seed + block);
      for (float &value : values.slice(block * kBlock, std::min(kBlock, values.size() - block * kBlock)))
        value = draw(engine);
    }
  };
  std::vector<std::thread> others(std::min<size_t>(std::max(1u, std::thread::hardware_concurrency()), values.size() / kBlock + 1) - 1);
  for (std::thread &other : others)
    other = std::thread(work);
  work();
  for (std::thread &other : others)
    other.join();
}

HostTensors mixc::randomInputs(mixer::SpecOp spec, const std::map<std::string, int64_t> &shape, uint64_t seed, const Sequences &sequences) {
  SignSolver solver;
  spec.walk([&](mixer::SemiseparableOp op) {
    if (op.getDecay())
      solver.force(op.getDecay(), Sign::NonPositive);
  });
  spec.walk([&](mixer::RunningOp op) {
    if (op.getDecay())
      solver.force(op.getDecay(), Sign::NonPositive);
  });
  const llvm::SmallPtrSet<Value, 4> rows = correctingRows(spec, solver);
  HostTensors tensors;
  // A denominator that changes sign would make errors of any size.
  spec.walk([&](arith::DivFOp op) {
    if (solver.signOf(op.getRhs()) == Sign::Any)
      solver.force(op.getRhs(), Sign::NonNegative);
  });
  for (unsigned i = 0; i < spec.getNumArgs(); ++i) {
    HostTensor tensor;
    tensor.shape = shapeOf(spec.getArgType(i), shape, sequences, spec.isInitialState(i));
    tensor.values.resize(elementsOf(tensor.shape));
    Sign sign = solver.chosen(spec.getBodyRegion().getArgument(i));
    const float bound = boundOf(spec, i);
    const float scale = rows.contains(spec.getBodyRegion().getArgument(i)) ? std::sqrt(static_cast<float>(shape.at("N"))) : 1;
    // By name, so that an argument's numbers do not depend on the others.
    fillBlocks(tensor.values, seed ^ llvm::xxh3_64bits(spec.getArgName(i)), [&](std::mt19937_64 &engine) {
      const float value = sign == Sign::Any ? drawNormal(engine) : (sign == Sign::NonPositive ? -1.0f : 1.0f) * drawMagnitude(engine);
      return std::max(value, bound) / scale;
    });
    tensors[spec.getArgName(i).str()] = std::move(tensor);
  }
  return tensors;
}
