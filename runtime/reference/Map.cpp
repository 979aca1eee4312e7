// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH
// LLVM-exception
//
// Bodies of maps: arith and math ops on f32 and i1 scalars, all computed in float64; true is 1, false is 0.

#include "Ops.h"
#include "llvm/ADT/StringMap.h"
#include <array>
#include <cmath>

namespace mixc::reference {
using namespace mlir;

namespace {
using Function = double (*)(double, double, double);

/// One op of a body: values[result] = function(values[operands[0]], ..). Operands that it does not have are 0.
struct Step {
  Function function;
  std::array<unsigned, 3> operands{};
  unsigned result;
};

/// A body as a list of steps over an array that holds the parameters first, then the result of each op.
struct Body {
  std::vector<double> values; ///< constants are in place
  std::vector<Step> steps;
  unsigned yield;
};

/// Sines and cosines are those of angles up to 2^20, in f32, and NaN beyond (docs/numerics.md).
bool isAngle(double a) { return std::fabs(static_cast<float>(a)) <= 0x1p20f; }

bool eitherIsNaN(double a, double b) { return std::isnan(a) || std::isnan(b); }
} // namespace

static Function arithFunction(StringRef name) {
  static const llvm::StringMap<Function> table = {
      {"addf", [](double a, double b, double) { return a + b; }},
      {"subf", [](double a, double b, double) { return a - b; }},
      {"mulf", [](double a, double b, double) { return a * b; }},
      {"divf", [](double a, double b, double) { return a / b; }},
      {"remf", [](double a, double b, double) { return std::fmod(a, b); }},
      {"negf", [](double a, double, double) { return -a; }},
      {"maximumf", [](double a, double b, double) { return eitherIsNaN(a, b) ? NAN : std::fmax(a, b); }},
      {"minimumf", [](double a, double b, double) { return eitherIsNaN(a, b) ? NAN : std::fmin(a, b); }},
      {"maxnumf", [](double a, double b, double) { return std::fmax(a, b); }},
      {"minnumf", [](double a, double b, double) { return std::fmin(a, b); }},
      {"select", [](double condition, double a, double b) { return condition != 0 ? a : b; }},
      {"andi", [](double a, double b, double) { return double(a != 0 && b != 0); }},
      {"ori", [](double a, double b, double) { return double(a != 0 || b != 0); }},
      {"xori", [](double a, double b, double) { return double(a != b); }},
      {"uitofp", [](double a, double, double) { return a; }},
      {"sitofp", [](double a, double, double) { return -a; }}, // the one bit of an i1 is its sign
  };
  return table.lookup(name);
}

static Function mathFunction(StringRef name) {
  static const llvm::StringMap<Function> table = {
      {"absf", [](double a, double, double) { return std::fabs(a); }},
      {"acos", [](double a, double, double) { return std::acos(a); }},
      {"acosh", [](double a, double, double) { return std::acosh(a); }},
      {"asin", [](double a, double, double) { return std::asin(a); }},
      {"asinh", [](double a, double, double) { return std::asinh(a); }},
      {"atan", [](double a, double, double) { return std::atan(a); }},
      {"atan2", [](double a, double b, double) { return std::atan2(a, b); }},
      {"atanh", [](double a, double, double) { return std::atanh(a); }},
      {"cbrt", [](double a, double, double) { return std::cbrt(a); }},
      {"ceil", [](double a, double, double) { return std::ceil(a); }},
      {"clampf", [](double a, double low, double high) { return std::fmin(std::fmax(a, low), high); }},
      {"copysign", [](double a, double b, double) { return std::copysign(a, b); }},
      {"cos", [](double a, double, double) { return isAngle(a) ? std::cos(a) : NAN; }},
      {"cosh", [](double a, double, double) { return std::cosh(a); }},
      {"erf", [](double a, double, double) { return std::erf(a); }},
      {"erfc", [](double a, double, double) { return std::erfc(a); }},
      {"exp", [](double a, double, double) { return std::exp(a); }},
      {"exp2", [](double a, double, double) { return std::exp2(a); }},
      {"expm1", [](double a, double, double) { return std::expm1(a); }},
      {"floor", [](double a, double, double) { return std::floor(a); }},
      {"fma", [](double a, double b, double c) { return a * b + c; }},
      {"isfinite", [](double a, double, double) { return double(std::isfinite(a)); }},
      {"isinf", [](double a, double, double) { return double(std::isinf(a)); }},
      {"isnan", [](double a, double, double) { return double(std::isnan(a)); }},
      {"log", [](double a, double, double) { return std::log(a); }},
      {"log10", [](double a, double, double) { return std::log10(a); }},
      {"log1p", [](double a, double, double) { return std::log1p(a); }},
      {"log2", [](double a, double, double) { return std::log2(a); }},
      {"powf", [](double a, double b, double) { return std::pow(a, b); }},
      {"round", [](double a, double, double) { return std::round(a); }},
      {"roundeven", [](double a, double, double) { return std::nearbyint(a); }},
      {"rsqrt", [](double a, double, double) { return 1 / std::sqrt(a); }},
      {"sin", [](double a, double, double) { return isAngle(a) ? std::sin(a) : NAN; }},
      {"sinh", [](double a, double, double) { return std::sinh(a); }},
      {"sqrt", [](double a, double, double) { return std::sqrt(a); }},
      {"tan", [](double a, double, double) { return std::tan(a); }},
      {"tanh", [](double a, double, double) { return std::tanh(a); }},
      {"trunc", [](double a, double, double) { return std::trunc(a); }},
  };
  return table.lookup(name);
}

/// Ordered predicates are false where an operand is not a number, unordered ones true.
static Function comparison(arith::CmpFPredicate predicate) {
  using P = arith::CmpFPredicate;
  switch (predicate) {
  case P::AlwaysFalse:
    return [](double, double, double) { return 0.0; };
  case P::OEQ:
    return [](double a, double b, double) { return double(a == b); };
  case P::OGT:
    return [](double a, double b, double) { return double(a > b); };
  case P::OGE:
    return [](double a, double b, double) { return double(a >= b); };
  case P::OLT:
    return [](double a, double b, double) { return double(a < b); };
  case P::OLE:
    return [](double a, double b, double) { return double(a <= b); };
  case P::ONE:
    return [](double a, double b, double) { return double(a < b || a > b); };
  case P::ORD:
    return [](double a, double b, double) { return double(!eitherIsNaN(a, b)); };
  case P::UEQ:
    return [](double a, double b, double) { return double(!(a < b || a > b)); };
  case P::UGT:
    return [](double a, double b, double) { return double(!(a <= b)); };
  case P::UGE:
    return [](double a, double b, double) { return double(!(a < b)); };
  case P::ULT:
    return [](double a, double b, double) { return double(!(a >= b)); };
  case P::ULE:
    return [](double a, double b, double) { return double(!(a > b)); };
  case P::UNE:
    return [](double a, double b, double) { return double(a != b); };
  case P::UNO:
    return [](double a, double b, double) { return double(eitherIsNaN(a, b)); };
  case P::AlwaysTrue:
    return [](double, double, double) { return 1.0; };
  }
  return nullptr;
}

/// Null for an op that is not known.
static Function functionOf(Operation &op) {
  if (auto compare = dyn_cast<arith::CmpFOp>(op))
    return comparison(compare.getPredicate());
  auto [dialect, name] = op.getName().getStringRef().split('.');
  return dialect == "arith" ? arithFunction(name) : mathFunction(name);
}

/// The value of an op that has no operands.
static std::optional<double> constantOf(Operation &op, const Sizes &sizes) {
  if (auto size = dyn_cast<mixer::SizeOp>(op))
    return double(sizeOf(size.getDim(), sizes));
  auto constant = dyn_cast<arith::ConstantOp>(op);
  if (!constant)
    return std::nullopt;
  if (auto number = dyn_cast<FloatAttr>(constant.getValue()))
    return number.getValue().convertToDouble();
  return cast<IntegerAttr>(constant.getValue()).getValue().isZero() ? 0.0 : 1.0;
}

static FailureOr<Body> readBody(mixer::MapOp map, const Sizes &sizes) {
  Body body;
  DenseMap<Value, unsigned> position;
  for (BlockArgument parameter : map.getBody()->getArguments())
    position[parameter] = body.values.size(), body.values.push_back(0);
  for (Operation &op : map.getBody()->without_terminator()) {
    std::optional<double> constant = constantOf(op, sizes);
    if (!constant) {
      Step step{functionOf(op)};
      if (!step.function || op.getNumOperands() > step.operands.size() || op.getNumResults() != 1)
        return op.emitOpError() << "expected an op that the reference evaluates, got one that it does not know";
      for (auto [slot, operand] : llvm::zip(step.operands, op.getOperands()))
        slot = position.lookup(operand);
      step.result = body.values.size();
      body.steps.push_back(step);
    }
    position[op.getResult(0)] = body.values.size();
    body.values.push_back(constant.value_or(0));
  }
  body.yield = position.lookup(map.getYield().getValue());
  return body;
}

FailureOr<std::vector<double>> evaluateMap(mixer::MapOp op, ArrayRef<Tensor> inputs, const Sizes &sizes) {
  FailureOr<Body> body = readBody(op, sizes);
  if (failed(body))
    return failure();
  auto types = llvm::map_to_vector(inputs, [](const Tensor &input) { return input.type; });
  std::vector<double> &values = body->values;
  std::vector<double> out;
  out.reserve(elementsOf(op.getType(), sizes));
  for (Walk walk(op.getType(), types, sizes); !walk.done(); walk.next()) {
    for (unsigned i = 0; i < inputs.size(); ++i)
      values[i] = inputs[i].values[walk.offset(i)];
    for (const Step &step : body->steps)
      values[step.result] = step.function(values[step.operands[0]], values[step.operands[1]], values[step.operands[2]]);
    out.push_back(values[body->yield]);
  }
  return out;
}

} // namespace mixc::reference
