// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "mixc/passes/Pipelines.h"
#include "mixc/passes/Cpu.h"
#include "mixc/passes/Decompose.h"
#include "mixc/passes/Gpu.h"
#include "mixc/passes/Select.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;
using namespace mixc;

namespace {
/// Options of every named pipeline: those of the passes that choose.
struct SpecOptions : PassPipelineOptions<SpecOptions> {
  Option<std::string> shape{*this, "shape", llvm::cl::desc("sizes: H=24,P=64,N=128,G=1"), llvm::cl::init("")};
  Option<std::string> dtype{*this, "dtype", llvm::cl::desc("f32, bf16 or f16; empty: what the spec says, else f32"), llvm::cl::init("")};
  Option<std::string> target{*this, "target", llvm::cl::desc("machine: x86-64, sm_NN, a name under targets/ or a path"),
                             llvm::cl::init("x86-64")};
  Option<std::string> algorithm{*this, "algorithm", llvm::cl::desc("auto, quadratic, scan, chunked or all"), llvm::cl::init("auto")};
  Option<int64_t> batch{*this, "batch", llvm::cl::desc("sequences to choose for; 0: not known"), llvm::cl::init(0)};
  Option<int64_t> length{*this, "length", llvm::cl::desc("tokens to choose for; 0: not known"), llvm::cl::init(0)};
  Option<int64_t> chunk{*this, "chunk", llvm::cl::desc("tokens of a chunk; 0: the cost model decides"), llvm::cl::init(0)};
};

struct CpuOptions : SpecOptions {
  Option<int64_t> vectorWidth{*this, "vector-width", llvm::cl::desc("f32 lanes: 16 (AVX-512) or 8 (AVX2)"), llvm::cl::init(16)};
};

struct GpuOptions : SpecOptions {
  Option<std::string> arch{*this, "arch", llvm::cl::desc("architecture that the kernels must fit"), llvm::cl::init("sm_80")};
};

/// The tile programs are all that the lowerings want to see.
struct EraseSpecs : PassWrapper<EraseSpecs, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(EraseSpecs)
  void runOnOperation() override {
    for (auto spec : llvm::make_early_inc_range(getOperation().getOps<mixer::SpecOp>()))
      spec.erase();
  }
};
} // namespace

void mixc::buildDecomposePipeline(OpPassManager &pm) {
  pm.addPass(createMixerDecomposeChunked());
  pm.addPass(createMixerDecomposeQuadratic());
  pm.addPass(createMixerDecomposeScan());
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
}

static void buildTilePipeline(OpPassManager &pm, const SpecOptions &options) {
  MixerBindShapeOptions bind;
  bind.shape = options.shape;
  bind.dtype = options.dtype;
  pm.addPass(createMixerBindShape(bind));
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
  MixerSelectOptions select;
  select.target = options.target;
  select.algorithm = options.algorithm;
  select.batch = options.batch;
  select.length = options.length;
  select.chunk = options.chunk;
  pm.addNestedPass<mixer::SpecOp>(createMixerSelect(select));
  buildDecomposePipeline(pm);
}

void mixc::registerPipelines() {
  PassPipelineRegistration<SpecOptions>("mixer-to-tile", "from a spec to tile programs", buildTilePipeline);
  PassPipelineRegistration<CpuOptions>("mixer-to-cpu", "from a spec to the LLVM dialect for a CPU",
                                       [](OpPassManager &pm, const CpuOptions &options) {
                                         buildTilePipeline(pm, options);
                                         pm.addPass(std::make_unique<EraseSpecs>());
                                         TileToCpuOptions cpu;
                                         cpu.vectorWidth = options.vectorWidth;
                                         pm.addPass(createTileToCpu(cpu));
                                         buildCpuPipeline(pm);
                                       });
  PassPipelineRegistration<GpuOptions>("mixer-to-gpu", "from a spec to kernels in the LLVM and NVVM dialects",
                                       [](OpPassManager &pm, const GpuOptions &options) {
                                         buildTilePipeline(pm, options);
                                         pm.addPass(std::make_unique<EraseSpecs>());
                                         TileToGpuOptions gpu;
                                         gpu.arch = options.arch;
                                         pm.addPass(createTileToGpu(gpu));
                                         pm.addPass(createGpuTileToNvvm());
                                         buildGpuPipeline(pm);
                                       });
}
