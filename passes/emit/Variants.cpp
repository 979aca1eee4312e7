// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Variants.h"
#include "mixc/dialect/Arch.h"
#include "mixc/passes/Select.h"
#include "mixc/runtime/limits.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "llvm/Support/Path.h"

using namespace mlir;
using namespace mixc;

static mixc_dtype dtypeOf(Type type) { return type.isBF16() ? MIXC_BF16 : type.isF16() ? MIXC_F16 : MIXC_F32; }

static TensorInfo describeTensor(mixer::SpecOp spec, StringRef name, mixer::TensorType type, Type element, bool isResult, bool optional) {
  TensorInfo info{name.str(), type.getLetters(), {}, dtypeOf(element), isResult, optional};
  for (StringAttr dim : type.getDims())
    info.sizes.push_back(dim == "B" ? MIXC_DIM_B : dim == "T" ? MIXC_DIM_T : spec.getSize(dim).value_or(1));
  if (StringRef heads = type.getHeadDim(); spec.isFree(heads))
    info.banded = static_cast<int>(type.indexOf(heads));
  return info;
}

/// The spec's argument that the value is, itself or (`isLog`) its logarithm by a map; null if the value is something else.
static BlockArgument argumentBehind(Value value, bool &isLog) {
  isLog = false;
  if (auto map = value.getDefiningOp<mixer::MapOp>()) {
    Value yielded = map.getYield().getValue();
    if (auto log = yielded.getDefiningOp<math::LogOp>()) {
      isLog = true;
      yielded = log.getOperand();
    }
    auto parameter = dyn_cast<BlockArgument>(yielded);
    if (!parameter)
      return nullptr;
    value = map.getInputs()[parameter.getArgNumber()];
  }
  auto argument = dyn_cast<BlockArgument>(value);
  return argument && isa<mixer::SpecOp>(argument.getOwner()->getParentOp()) ? argument : nullptr;
}

/// An argument that is a decay, or the logarithm of one, has that for its unit.
static void describeUnits(mixer::SpecOp spec, std::vector<TensorInfo> &tensors) {
  spec.walk([&](mixer::SemiseparableOp op) {
    bool isLog;
    BlockArgument argument = op.getDecay() ? argumentBehind(op.getDecay(), isLog) : nullptr;
    if (argument)
      tensors[argument.getArgNumber()].unit = isLog ? "decay, from 0 to 1" : "natural logarithm of the decay, at most 0";
  });
}

/// A state that comes in and goes out may stay in its place: a block reads its part of it before it writes it, or a launch before. Where
/// blocks have a part of P each, all of them read a state without P, and one writes it. What is handed on of tokens may be read by blocks
/// of other heads, too, and by those of another segment: calls copy it before (passes/decompose/Copies.cpp).
static void describeStatesInPlace(mixer::SpecOp spec, std::vector<TensorInfo> &tensors) {
  auto hasColumns = [](mixer::SemiseparableOp op) { return op.getX().getType().hasDim("P"); };
  auto ops = spec.getBodyRegion().getOps<mixer::SemiseparableOp>();
  const bool someHaveColumns = llvm::any_of(ops, hasColumns);
  for (auto [i, value] : llvm::enumerate(spec.getReturn().getResults())) {
    if (std::optional<unsigned> argument = spec.getHandedOn(i)) {
      tensors[spec.getNumArgs() + i].inPlaceOf = static_cast<int>(*argument);
      tensors[spec.getNumArgs() + i].copied = true;
      continue;
    }
    auto op = value.getDefiningOp<mixer::SemiseparableOp>();
    auto init = op && value == op.getState() ? dyn_cast_or_null<BlockArgument>(op.getInit()) : BlockArgument();
    if (!init || !init.hasOneUse() || !value.hasOneUse() || (someHaveColumns && !hasColumns(op)))
      continue;
    TensorInfo &result = tensors[spec.getNumArgs() + i];
    const TensorInfo &argument = tensors[init.getArgNumber()];
    if (argument.dims == result.dims && argument.dtype == result.dtype)
      result.inPlaceOf = static_cast<int>(init.getArgNumber());
  }
}

FailureOr<SpecInfo> mixc::describeSpec(mixer::SpecOp spec, mixer::SpecOp declared) {
  SpecInfo info;
  info.name = spec.getSymName().str();
  if (auto location = spec.getLoc()->findInstanceOf<FileLineColLoc>())
    info.source = llvm::sys::path::filename(location.getFilename().getValue()).str();
  Type io = spec.getIoType();
  info.dtype = dtypeOf(io) == MIXC_BF16 ? "bf16" : dtypeOf(io) == MIXC_F16 ? "f16" : "f32";
  for (char dim : mixer::kBoundDims)
    if (std::optional<int64_t> size = spec.getSize(StringRef(&dim, 1)))
      info.sizes[std::string(1, dim)] = *size;
  if (spec.getFree()) {
    info.sizes.band = *spec.getSize("H");
    for (char dim : spec.getFree()->drop_front())
      info.sizes.headsOfGroup[dim] = info.sizes.band / *spec.getSize(StringRef(&dim, 1));
  }
  for (unsigned i = 0; i < spec.getNumArgs(); ++i)
    info.tensors.push_back(
        describeTensor(spec, spec.getArgName(i), spec.getArgType(i), spec.getArgElementType(i), false, spec.isArgOptional(i)));
  for (unsigned i = 0; i < spec.getNumOutputs(); ++i)
    info.tensors.push_back(
        describeTensor(spec, spec.getResultName(i), spec.getResultType(i), spec.getResultElementType(i), true, spec.isResultOptional(i)));
  for (unsigned i = 0; i < spec.getNumArgs(); ++i)
    info.tensors[i].slots = declared.isInitialState(i);
  for (unsigned i = 0; i < spec.getNumOutputs(); ++i)
    info.tensors[spec.getNumArgs() + i].slots = spec.isFinalState(i);
  for (unsigned i = 0; i < spec.getNumOutputs(); ++i)
    info.tensors[spec.getNumArgs() + i].stochastic = spec.isStochasticState(i);
  describeUnits(spec, info.tensors);
  describeStatesInPlace(spec, info.tensors);
  if (info.tensors.size() > MIXC_MAX_TENSORS) {
    spec.emitError() << "expected at most " << MIXC_MAX_TENSORS << " arguments and results, got " << info.tensors.size();
    return failure();
  }
  for (const TensorInfo &tensor : info.tensors)
    if (tensor.sizes.size() > MIXC_MAX_RANK) {
      spec.emitError() << "'" << tensor.name << "': expected at most " << MIXC_MAX_RANK << " dimensions, got " << tensor.sizes.size();
      return failure();
    }
  return info;
}

/// Whether every kernel that does something asks which sequence a block works on; those written by hand need not.
static bool knowsSequences(tile::ProgramOp program) {
  return llvm::all_of(program.getBody().getOps<tile::KernelOp>(), [](tile::KernelOp kernel) {
    Block &body = kernel.getBody().front();
    return llvm::hasSingleElement(body) || !body.getOps<tile::SequenceOp>().empty();
  });
}

/// Bits of the results that are final states.
static uint64_t stateResults(mixer::SpecOp spec) {
  uint64_t bits = 0;
  for (unsigned i = 0; i < spec.getNumOutputs(); ++i)
    if (!spec.getResultType(i).hasDim("T"))
      bits |= uint64_t(1) << (spec.getNumArgs() + i);
  return bits;
}

static LaunchInfo describeKernel(tile::ProgramOp program, tile::KernelOp kernel, mixer::SpecOp spec) {
  LaunchInfo launch;
  launch.symbol = (program.getSymName() + "__" + kernel.getSymName()).str();
  tile::GridAttr grid = kernel.getGrid();
  launch.blocks = grid.getBlocks();
  launch.timesBands = grid.getBands();
  launch.timesBatch = grid.getBatch();
  launch.timesSplits = grid.getSplits();
  launch.rows = grid.getRows();
  launch.halves = grid.getHalves();
  if (kernel.getWhen() == tile::When::Split)
    launch.when = MIXC_WHEN_SPLIT;
  if (kernel.getWhen() == tile::When::Between)
    launch.when = MIXC_WHEN_BETWEEN;
  if (kernel.getWhen() == tile::When::Halved)
    launch.when = MIXC_WHEN_HALVED;
  if (kernel.getWhen() == tile::When::Copied)
    launch.when = MIXC_WHEN_COPIED;
  if (kernel.getWhen() == tile::When::State) {
    launch.when = MIXC_WHEN_STATE;
    launch.stateResults = stateResults(spec);
  }
  return launch;
}

/// A buffer with a dimension of splits holds what segments hand to each other: there is nothing to hand on with one.
static BufferInfo describeBuffer(tile::BufferAttr buffer) {
  BufferInfo info{{}, false, static_cast<int>(buffer.getBands())};
  if (buffer.getMost()) {
    info.most = buffer.getMost().getValue().convertToFloat();
    info.of = buffer.getOf().str();
  }
  for (int64_t size : buffer.getShape()) {
    info.splitOnly |= size == tile::kSizeSplits;
    info.sizes.push_back(size == tile::kSizeBatch    ? MIXC_DIM_B
                         : size == tile::kSizeLength ? MIXC_DIM_T
                         : size == tile::kSizeSplits ? MIXC_DIM_SPLITS
                                                     : size);
  }
  return info;
}

/// "chunked64", "chunked64_tf32", "chunked64_sm_90a_parts2"; with the number of heads, or a letter at last, where there is such a variant
/// already.
static std::string variantName(mixer::AlgorithmAttr plan, StringRef precision, ArrayRef<VariantInfo> others) {
  std::string name = (stringifyAlgorithm(plan.getAlgorithm()) + Twine(std::max<int64_t>(1, plan.getChunk()))).str();
  if (precision != "f32")
    name += "_" + precision.str();
  if (plan.getFamily() != kPortableFamily)
    name += "_" + plan.getFamily().str();
  if (plan.getParts() > 1)
    name += "_parts" + std::to_string(plan.getParts());
  if (plan.getTeams() > 1)
    name += "_teams" + std::to_string(plan.getTeams());
  if (!plan.getRebalance())
    name += "_launch_registers";
  auto isTaken = [&](const std::string &candidate) {
    return llvm::any_of(others, [&](const VariantInfo &other) { return other.name == candidate; });
  };
  if (isTaken(name))
    name += "_heads" + std::to_string(plan.getHeads());
  for (char letter = 'b'; isTaken(name); ++letter)
    name += letter;
  return name;
}

FailureOr<std::vector<VariantInfo>> mixc::describePrograms(ModuleOp module, mixer::SpecOp spec, const Target &target) {
  FailureOr<SpecFacts> facts = collectFacts(spec);
  if (failed(facts))
    return failure();
  std::vector<VariantInfo> variants;
  for (auto program : module.getOps<tile::ProgramOp>()) {
    auto plan = dyn_cast<mixer::AlgorithmAttr>(program.getPlan());
    if (!plan)
      return program.emitError("expected a plan of kind #mixer.algorithm"), failure();
    if (const std::string problem = problemOf(plan); !problem.empty())
      return program.emitError("plan: ") << problem, failure();
    VariantInfo variant;
    variant.device = target.isGpu() ? MIXC_DEVICE_CUDA : MIXC_DEVICE_CPU;
    if (isArchSpecific(plan)) {
      variant.arch = parseArch(familyOf(plan).getArch())->number;
      variant.archSpecific = true;
    }
    variant.algorithm = stringifyAlgorithm(plan.getAlgorithm()).str();
    llvm::Expected<ProgramCost> cost = programCost(*facts, program, plan, target);
    if (!cost)
      return program.emitError() << plan << ": " << llvm::toString(cost.takeError()), failure();
    variant.cost = cost->cost;
    variant.precision = variant.cost.operand == MIXC_OPERAND_TF32 ? "tf32" : "f32";
    variant.name = variantName(plan, variant.precision, variants);
    llvm::raw_string_ostream(variant.plan) << plan;
    variant.chunk = std::max<int64_t>(1, plan.getChunk());
    variant.maxSplits = maxSplits(program);
    variant.persistent = static_cast<int32_t>(plan.getPersistent());
    variant.packs = knowsSequences(program);
    variant.keeps = program.walk([](tile::KeptOp) { return WalkResult::interrupt(); }).wasInterrupted();
    for (auto kernel : program.getBody().getOps<tile::KernelOp>())
      variant.launches.push_back(describeKernel(program, kernel, spec));
    for (auto buffer : program.getBuffers().getAsRange<tile::BufferAttr>())
      variant.buffers.push_back(describeBuffer(buffer));
    variants.push_back(std::move(variant));
  }
  return variants;
}

MachineInfo mixc::describeMachine(const Target &target) { return {target.name, target.machine}; }
