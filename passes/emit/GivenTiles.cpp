// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "GivenTiles.h"
#include "mixc/passes/Frontend.h"

using namespace mlir;
using namespace mixc;

void mixc::copyPrograms(mixer::SpecOp spec, mixer::SpecOp copy) {
  auto from = spec->getParentOfType<ModuleOp>(), to = copy->getParentOfType<ModuleOp>();
  for (auto program : from.getOps<tile::ProgramOp>()) {
    if (program.getSpec() != spec.getSymName())
      continue;
    auto copied = cast<tile::ProgramOp>(program->clone());
    copied.setSpec(copy.getSymName());
    if (copy.getSymName() != spec.getSymName()) // so that two compilations can be linked into one program
      copied.setSymName((copy.getSymName() + "_" + program.getSymName()).str());
    to.push_back(copied);
  }
}

bool mixc::hasPrograms(ModuleOp module) { return !module.getOps<tile::ProgramOp>().empty(); }

static LogicalResult checkArgument(tile::KernelOp kernel, unsigned number, const Twine &name, ArrayRef<int64_t> sizes, Type element) {
  auto type = cast<MemRefType>(kernel.getArgumentTypes()[tile::KernelOp::kFirstMemref + number]);
  bool fits = type.getRank() == int64_t(sizes.size()) && type.getElementType() == element;
  for (int64_t d = 0; fits && d < type.getRank(); ++d)
    fits = type.isDynamicDim(d) || type.getDimSize(d) == sizes[d];
  if (fits)
    return success();
  std::string shape;
  for (int64_t size : sizes)
    shape += (shape.empty() ? "" : ", ") + (ShapedType::isDynamic(size) ? "?" : std::to_string(size));
  return kernel.emitOpError("expected ") << name << " as a memref of [" << shape << "] elements of " << element << ", got " << type;
}

/// Sizes that a kernel may know of one of the spec's tensors.
static SmallVector<int64_t> sizesOf(mixer::SpecOp spec, mixer::TensorType type) {
  SmallVector<int64_t> sizes;
  for (StringAttr dim : type.getDims())
    sizes.push_back(spec.isFree(dim) ? ShapedType::kDynamic : spec.getSize(dim).value_or(ShapedType::kDynamic));
  return sizes;
}

static LogicalResult checkKernel(tile::KernelOp kernel, tile::ProgramOp program, mixer::SpecOp spec) {
  Builder builder(spec.getContext());
  unsigned arguments = spec.getNumArgs(), tensors = arguments + spec.getNumOutputs(), buffers = program.getBuffers().size();
  unsigned got = kernel.getArgumentTypes().size() - tile::KernelOp::kFirstMemref;
  if (got != tensors + buffers)
    return kernel.emitOpError("expected ") << tensors << " tensors of @" << spec.getSymName() << " and " << buffers
                                           << " buffers after the five indices, got " << got;
  for (unsigned i = 0; i < tensors; ++i) {
    bool isResult = i >= arguments;
    mixer::TensorType type = isResult ? spec.getResultType(i - arguments) : spec.getArgType(i);
    StringRef name = isResult ? spec.getResultName(i - arguments) : spec.getArgName(i);
    Type element = isResult ? spec.getResultElementType(i - arguments) : spec.getArgElementType(i);
    if (failed(checkArgument(kernel, i, "'" + name + "'", sizesOf(spec, type), element)))
      return failure();
  }
  for (auto [i, buffer] : llvm::enumerate(program.getBuffers().getAsRange<tile::BufferAttr>())) {
    SmallVector<int64_t> sizes;
    for (int64_t size : buffer.getShape())
      sizes.push_back(size < 0 || int64_t(sizes.size()) == buffer.getBands() ? ShapedType::kDynamic : size);
    if (failed(checkArgument(kernel, tensors + i, "buffer " + Twine(i), sizes, builder.getF32Type())))
      return failure();
  }
  return success();
}

/// A variant says in what it multiplies f32, and errors are judged by that.
static LogicalResult checkPrecision(tile::ProgramOp program, mixer::AlgorithmAttr plan) {
  if (!plan.getOperand().isF32() || plan.getPrecision() == mixer::Precision::TF32)
    return success();
  StringRef mark = tile::TileDialect::Tf32AttrHelper::getNameStr();
  WalkResult rounds = program.walk([&](linalg::ContractOp product) {
    if (!product->hasAttr(mark))
      return WalkResult::advance();
    product.emitOpError("expected precision = tf32 in the plan for a product with ") << mark << ", got " << plan;
    return WalkResult::interrupt();
  });
  return failure(rounds.wasInterrupted());
}

LogicalResult mixc::checkPrograms(ModuleOp module, mixer::SpecOp spec, const CompileOptions &options) {
  const std::pair<const char *, bool> flags[] = {{"chunk", options.chunk != 0},
                                                 {"variants", options.variants != 0},
                                                 {"all-algorithms", options.allAlgorithms},
                                                 {"algorithm", options.algorithm != "auto"},
                                                 {"precision", !options.precision.empty()}};
  for (auto [flag, isGiven] : flags) {
    if (!isGiven)
      continue;
    emitOptionError(spec.getContext(),
                    Twine(flag) + ": expected none for '" + spec.getSymName() + "', whose file holds tile programs for it");
    return failure();
  }
  for (auto program : module.getOps<tile::ProgramOp>()) {
    auto plan = dyn_cast<mixer::AlgorithmAttr>(program.getPlan());
    if (!plan)
      return program.emitError("expected a plan of kind #mixer.algorithm, got ") << program.getPlan();
    if (failed(checkPrecision(program, plan)))
      return failure();
    if (program.getBands() != spec.getFree().has_value())
      return program.emitError("expected ") << (program.getBands() ? "no bands: the number of heads is"
                                                                   : "bands: the number of heads is not")
                                            << " compiled in";
    for (auto kernel : program.getBody().getOps<tile::KernelOp>())
      if (failed(checkKernel(kernel, program, spec)))
        return failure();
  }
  return success();
}
