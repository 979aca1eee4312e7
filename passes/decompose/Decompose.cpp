// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "mixc/passes/Decompose.h"
#include "Kernels.h"
#include "mixc/passes/Family.h"
#include "mixc/runtime/descriptor.h"

using namespace mlir;

namespace mixc {
#define GEN_PASS_DEF_MIXERDECOMPOSECHUNKED
#define GEN_PASS_DEF_MIXERDECOMPOSEQUADRATIC
#define GEN_PASS_DEF_MIXERDECOMPOSESCAN
#include "mixc/passes/DecomposePasses.h.inc"

static void addKernels(ProgramBuilder &program) {
  switch (program.plan.getAlgorithm()) {
  case mixer::Algorithm::Chunked:
    return addChunkedKernels(program);
  case mixer::Algorithm::Quadratic:
    return addQuadraticKernels(program);
  case mixer::Algorithm::Scan:
    return addScanKernels(program);
  }
}

LogicalResult decomposePlan(mixer::SpecOp spec, mixer::AlgorithmAttr plan) {
  if (const std::string problem = problemOf(plan); !problem.empty())
    return spec.emitOpError("plans: ") << problem;
  FailureOr<Recurrences> recurrences = analyseRecurrences(spec, plan);
  if (failed(recurrences))
    return failure();
  ProgramBuilder program(spec, plan, *recurrences);
  program.eachDirection([&] { addKernels(program); });
  addFinishKernels(program);
  program.eachBefore([&](mixer::RunningOp op) { addKernelBefore(program, op); }, [&](mixer::SumOp op) { addKernelBefore(program, op); });
  addBoundKernels(program);
  if (size_t buffers = program.numBuffers(); buffers > MIXC_MAX_BUFFERS)
    return spec.emitOpError("expected recurrences that need at most ")
           << MIXC_MAX_BUFFERS << " workspace buffers, got " << buffers << "; split the spec in two";
  constexpr unsigned kMostKernels = MIXC_MAX_LAUNCHES - 1; // and that of copies
  if (unsigned kernels = program.numKernels(); kernels > kMostKernels)
    return spec.emitOpError("expected at most ")
           << kMostKernels << " kernels, one of them for each mixer.running and those of sums over heads among them, got " << kernels
           << "; split the spec in two";
  addCopyKernel(program);
  return success();
}

static LogicalResult decomposePlans(ModuleOp module, mixer::Algorithm algorithm) {
  for (auto spec : llvm::to_vector(module.getOps<mixer::SpecOp>())) {
    if (!spec.getPlans())
      return spec.emitOpError("expected plans; run --mixer-select or write them");
    for (auto plan : spec.getPlans()->getAsRange<mixer::AlgorithmAttr>())
      if (plan.getAlgorithm() == algorithm && failed(decomposePlan(spec, plan)))
        return failure();
  }
  return success();
}

namespace {
template <typename Base, mixer::Algorithm algorithm> struct Decompose : Base {
  void runOnOperation() override {
    if (failed(decomposePlans(this->getOperation(), algorithm)))
      this->signalPassFailure();
  }
};
struct Chunked : Decompose<impl::MixerDecomposeChunkedBase<Chunked>, mixer::Algorithm::Chunked> {};
struct Quadratic : Decompose<impl::MixerDecomposeQuadraticBase<Quadratic>, mixer::Algorithm::Quadratic> {};
struct Scan : Decompose<impl::MixerDecomposeScanBase<Scan>, mixer::Algorithm::Scan> {};
} // namespace
} // namespace mixc
