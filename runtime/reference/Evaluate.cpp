// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH
// LLVM-exception

#include "Ops.h"
#include "llvm/ADT/TypeSwitch.h"
#include <cmath>
#include <deque>
#include <limits>
#include <numeric>

namespace mixc::reference {
using namespace mlir;

namespace {
class Evaluator {
public:
  Evaluator(mixer::SpecOp spec, const Sizes &sizes) : spec(spec), sizes(sizes) {}

  FailureOr<Arrays> run(const Arrays &arguments);

  /// What the recurrences' terms are measured by, and added to their results, a little of it.
  enum class Scale { None, Roots, Magnitudes };
  static constexpr double kLittle = 0x1p-20;
  Scale scale = Scale::None;
  double largestDecay = -std::numeric_limits<double>::infinity();
  std::optional<BrokenBound> broken;

private:
  void addScale(mixer::SemiseparableOp op, const RecurrenceInputs &inputs, RecurrenceResults &out);
  LogicalResult checkSizes();
  LogicalResult checkSize(Operation *op, StringRef dim);
  LogicalResult bindArguments(const Arrays &arguments);
  LogicalResult evaluate(Operation &op);
  LogicalResult evaluate(mixer::MapOp op);
  LogicalResult evaluate(mixer::IndexOp op);
  LogicalResult evaluate(mixer::ConstantOp op);
  LogicalResult evaluate(mixer::SumOp op);
  LogicalResult evaluate(mixer::PreviousOp op);
  LogicalResult evaluate(mixer::LastOp op);
  LogicalResult evaluate(mixer::ConvOp op);
  LogicalResult evaluate(mixer::TapOp op);
  LogicalResult evaluate(mixer::RunningOp op);
  LogicalResult evaluate(mixer::SemiseparableOp op);
  Arrays results();

  /// Keeps the elements for as long as this evaluator lives.
  void define(Value value, std::vector<double> elements);
  Tensor valueOf(Value value) const { return {cast<mixer::TensorType>(value.getType()), tensors.lookup(value)}; }
  std::optional<Tensor> optionalValueOf(Value value) const { return value ? std::optional<Tensor>(valueOf(value)) : std::nullopt; }

  mixer::SpecOp spec;
  const Sizes &sizes;
  DenseMap<Value, ArrayRef<double>> tensors;
  std::deque<std::vector<double>> storage;
};
} // namespace

void Evaluator::define(Value value, std::vector<double> elements) {
  storage.push_back(std::move(elements));
  tensors[value] = storage.back();
}

LogicalResult Evaluator::checkSize(Operation *op, StringRef dim) {
  auto found = sizes.find(dim.str());
  if (found == sizes.end())
    return op->emitOpError() << "expected a size of the dimension " << dim << ", got none";
  int64_t least = dim == "B" || dim == "T" ? 0 : 1; // no sequence, or an empty one
  if (found->second < least)
    return op->emitOpError() << "expected a size of at least " << least << " for the dimension " << dim << ", got " << found->second;
  std::optional<int64_t> bound = spec.getSize(dim);
  if (bound && *bound != found->second)
    return op->emitOpError() << "expected " << dim << " = " << *bound << " as the spec binds it, got " << found->second;
  return success();
}

LogicalResult Evaluator::checkSizes() {
  auto checkType = [&](Operation *op, Type type) -> LogicalResult {
    for (StringAttr dim : cast<mixer::TensorType>(type).getDims())
      if (failed(checkSize(op, dim)))
        return failure();
    return success();
  };
  for (BlockArgument argument : spec.getBody()->getArguments())
    if (failed(checkType(spec, argument.getType())))
      return failure();
  for (Operation &op : spec.getBody()->without_terminator())
    for (Type type : op.getResultTypes())
      if (failed(checkType(&op, type)))
        return failure();
  WalkResult walk = spec.walk([&](mixer::SizeOp op) { return WalkResult(checkSize(op, op.getDim())); });
  if (walk.wasInterrupted())
    return failure();
  for (char letter : mixer::kGroupDims) {
    std::string dim(1, letter);
    auto heads = sizes.find("H"), groups = sizes.find(dim);
    if (heads != sizes.end() && groups != sizes.end() && (groups->second < 1 || heads->second % groups->second != 0))
      return spec.emitOpError() << "expected " << dim << " to divide H = " << heads->second << ", got " << dim << " = " << groups->second;
  }
  for (auto sum : spec.getBody()->getOps<mixer::SumOp>())
    if (sum.getGroups())
      if (int64_t entries = sizeOf(sum.getDim(), sizes), groups = sizeOf(*sum.getGroups(), sizes); entries % groups)
        return sum.emitOpError() << "expected " << *sum.getGroups() << " to divide " << sum.getDim() << " = " << entries << ", got "
                                 << *sum.getGroups() << " = " << groups;
  return success();
}

LogicalResult Evaluator::bindArguments(const Arrays &arguments) {
  for (auto [i, argument] : llvm::enumerate(spec.getBody()->getArguments())) {
    mixer::TensorType type = spec.getArgType(i);
    size_t count = elementsOf(type, sizes);
    auto found = arguments.find(spec.getArgName(i).str());
    if (found == arguments.end()) {
      if (!spec.isArgOptional(i))
        return spec.emitOpError() << "expected an array for the argument '" << spec.getArgName(i) << "', got none";
      define(argument, std::vector<double>(count));
      continue;
    }
    if (found->second.size() != count)
      return spec.emitOpError() << "expected " << count << " elements for the argument '" << spec.getArgName(i) << "' "
                                << type.getShortName() << ", got " << found->second.size();
    tensors[argument] = found->second;
  }
  return success();
}

LogicalResult Evaluator::evaluate(mixer::MapOp op) {
  auto inputs = llvm::map_to_vector(op.getInputs(), [&](Value input) { return valueOf(input); });
  FailureOr<std::vector<double>> out = evaluateMap(op, inputs, sizes);
  if (failed(out))
    return failure();
  define(op.getResult(), std::move(*out));
  return success();
}

LogicalResult Evaluator::evaluate(mixer::IndexOp op) {
  std::vector<double> out(sizeOf(op.getDim(), sizes));
  std::iota(out.begin(), out.end(), 0.0);
  define(op.getResult(), std::move(out));
  return success();
}

LogicalResult Evaluator::evaluate(mixer::ConstantOp op) {
  define(op.getResult(), std::vector<double>(elementsOf(op.getType(), sizes), op.getValue().convertToDouble()));
  return success();
}

LogicalResult Evaluator::evaluate(mixer::SumOp op) {
  Tensor input = valueOf(op.getInput());
  std::vector<double> out(elementsOf(op.getType(), sizes));
  const double *next = input.values.data();
  for (Walk walk(input.type, {op.getType()}, sizes); !walk.done(); walk.next())
    out[walk.offset(0)] += *next++;
  define(op.getResult(), std::move(out));
  return success();
}

LogicalResult Evaluator::evaluate(mixer::PreviousOp op) {
  Tensor input = valueOf(op.getInput());
  define(op.getResult(), tokensFrom(op.getType(), -int64_t(op.getBy()), input, optionalValueOf(op.getAfter()), sizes));
  return success();
}

LogicalResult Evaluator::evaluate(mixer::LastOp op) {
  Tensor input = valueOf(op.getInput());
  int64_t first = sizeOf("T", sizes) - sizeOf("L", sizes);
  define(op.getResult(), tokensFrom(op.getType(), first, input, optionalValueOf(op.getAfter()), sizes));
  return success();
}

LogicalResult Evaluator::evaluate(mixer::ConvOp op) {
  define(op.getResult(), evaluateConv(op, valueOf(op.getInput()), valueOf(op.getWeights()), optionalValueOf(op.getAfter()), sizes));
  return success();
}

LogicalResult Evaluator::evaluate(mixer::TapOp op) {
  define(op.getResult(), evaluateTap(op, valueOf(op.getWeights()), sizes));
  return success();
}

LogicalResult Evaluator::evaluate(mixer::RunningOp op) {
  RunningResults out = evaluateRunning(op, valueOf(op.getInput()), optionalValueOf(op.getDecay()), optionalValueOf(op.getInit()), sizes);
  define(op.getValue(), std::move(out.values));
  define(op.getBefore(), std::move(out.before));
  define(op.getLast(), std::move(out.last));
  return success();
}

// The same recurrence on magnitudes, or on squares: products of magnitudes are magnitudes, products of squares squares. The signs of a
// correction keep the state from growing; with one, what y adds up are the products of c and the state that there is.
void Evaluator::addScale(mixer::SemiseparableOp op, const RecurrenceInputs &inputs, RecurrenceResults &out) {
  bool squares = scale == Scale::Roots;
  auto square = [](double value) { return value * value; };
  auto magnitude = [](double value) { return std::abs(value); };
  std::deque<std::vector<double>> made;
  auto transformed = [&](Tensor tensor, llvm::function_ref<double(double)> function) {
    made.emplace_back(tensor.values.begin(), tensor.values.end());
    for (double &value : made.back())
      value = function(value);
    return Tensor{tensor.type, made.back()};
  };
  auto term = [&](Tensor tensor) { return squares ? transformed(tensor, square) : transformed(tensor, magnitude); };
  RecurrenceInputs terms = inputs;
  if (!inputs.l) {
    terms.x = term(inputs.x);
    terms.b = term(inputs.b);
    terms.c = term(inputs.c);
    if (inputs.init)
      terms.init = term(*inputs.init);
    if (inputs.keep)
      terms.keep = term(*inputs.keep);
    if (inputs.mask)
      terms.mask = term(*inputs.mask);
    if (squares && inputs.decay)
      terms.decay = transformed(*inputs.decay, [](double value) { return 2 * value; });
  }
  double (*measure)(double) = squares ? +square : +magnitude;
  RecurrenceResults scales = evaluateRecurrence(op, terms, sizes, inputs.l ? measure : nullptr);
  auto add = [&](std::vector<double> &to, const std::vector<double> &from) {
    for (auto [value, size] : llvm::zip_equal(to, from))
      value += kLittle * (squares ? std::sqrt(size) : size);
  };
  add(out.y, scales.y);
  add(out.state, scales.state);
}

LogicalResult Evaluator::evaluate(mixer::SemiseparableOp op) {
  RecurrenceInputs inputs{valueOf(op.getX()),
                          valueOf(op.getB()),
                          valueOf(op.getC()),
                          optionalValueOf(op.getDecay()),
                          optionalValueOf(op.getKeep()),
                          optionalValueOf(op.getL()),
                          optionalValueOf(op.getR()),
                          optionalValueOf(op.getInit()),
                          optionalValueOf(op.getMask())};
  if (inputs.decay)
    for (double decay : inputs.decay->values) {
      largestDecay = std::max(largestDecay, decay);
      // A decay that is rounded to 16 bits keeps a bound that is not.
      constexpr double kRounding = 1 + 0x1p-7;
      if (op.getDecayBound() && decay < kRounding * op.getDecayBound()->convertToFloat() && (!broken || decay < broken->decay))
        broken = {decay, op.getDecayBound()->convertToFloat()};
    }
  if (inputs.keep)
    for (double kept : inputs.keep->values)
      largestDecay = std::max(largestDecay, std::log(std::abs(kept)));
  RecurrenceResults out = evaluateRecurrence(op, inputs, sizes);
  if (scale != Scale::None)
    addScale(op, inputs, out);
  define(op.getY(), std::move(out.y));
  define(op.getState(), std::move(out.state));
  return success();
}

LogicalResult Evaluator::evaluate(Operation &op) {
  return llvm::TypeSwitch<Operation *, LogicalResult>(&op)
      .Case<mixer::MapOp, mixer::IndexOp, mixer::ConstantOp, mixer::SumOp, mixer::PreviousOp, mixer::LastOp, mixer::ConvOp, mixer::TapOp,
            mixer::RunningOp, mixer::SemiseparableOp>([&](auto known) { return evaluate(known); })
      .Default([](Operation *unknown) {
        return unknown->emitOpError() << "expected an op that the reference evaluates, got one that it does not know";
      });
}

Arrays Evaluator::results() {
  Arrays arrays;
  for (auto [i, returned] : llvm::enumerate(spec.getReturn().getOperands())) {
    Tensor tensor = valueOf(returned);
    std::vector<double> &out = arrays[spec.getResultName(i).str()];
    for (Walk walk(spec.getResultType(i), {tensor.type}, sizes); !walk.done(); walk.next())
      out.push_back(tensor.values[walk.offset(0)]);
  }
  return arrays;
}

FailureOr<Arrays> Evaluator::run(const Arrays &arguments) {
  if (failed(checkSizes()) || failed(bindArguments(arguments)))
    return failure();
  for (Operation &op : spec.getBody()->without_terminator())
    if (failed(evaluate(op)))
      return failure();
  return results();
}

FailureOr<Arrays> evaluate(mixer::SpecOp spec, const Sizes &sizes, const Arrays &arguments) {
  return Evaluator(spec, sizes).run(arguments);
}

FailureOr<ScaledResults> evaluateWithScales(mixer::SpecOp spec, const Sizes &sizes, const Arrays &arguments) {
  ScaledResults all;
  Evaluator evaluator(spec, sizes);
  FailureOr<Arrays> results = evaluator.run(arguments);
  if (failed(results))
    return failure();
  all.results = std::move(*results);
  all.largestDecay = evaluator.largestDecay;
  all.broken = evaluator.broken;
  for (auto [scale, arrays] : {std::pair{Evaluator::Scale::Roots, &all.roots}, {Evaluator::Scale::Magnitudes, &all.magnitudes}}) {
    Evaluator changed(spec, sizes);
    changed.scale = scale;
    FailureOr<Arrays> other = changed.run(arguments);
    if (failed(other))
      return failure();
    *arrays = std::move(*other);
    for (auto &[name, values] : *arrays)
      for (auto [value, exact] : llvm::zip_equal(values, all.results.at(name)))
        value = std::max(std::abs(value - exact) / Evaluator::kLittle, std::abs(exact));
  }
  return all;
}

} // namespace mixc::reference
