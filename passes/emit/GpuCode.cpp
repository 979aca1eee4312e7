// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "GpuCode.h"
#include "Backend.h"
#include "Ptx.h"
#include "mixc/passes/Gpu.h"
#include "mlir/Pass/PassManager.h"

using namespace mlir;
using namespace mixc;

/// The oldest architecture of the family; its PTX is kept for all others.
static constexpr int kBaseArch = 80;
/// Shared memory of a block on it.
static constexpr int64_t kBaseSharedBytes = 163 * 1024;

static std::string archName(int arch) { return "sm_" + std::to_string(arch); }

LogicalResult mixc::lowerToGpuTile(ModuleOp module, int arch) {
  auto pm = PassManager::on<ModuleOp>(module.getContext());
  TileToGpuOptions options;
  options.arch = archName(arch);
  pm.addPass(createTileToGpu(options));
  return pm.run(module);
}

/// All kernels in the first gpu.module, so that there is one image for all variants.
static FailureOr<gpu::GPUModuleOp> mergeModules(ModuleOp module) {
  SmallVector<gpu::GPUModuleOp> parts(module.getOps<gpu::GPUModuleOp>());
  if (parts.empty())
    return module.emitError("expected GPU kernels, got none"), failure();
  for (gpu::GPUModuleOp part : ArrayRef(parts).drop_front()) {
    for (Operation &op : llvm::make_early_inc_range(part.getBody()->getOperations())) {
      auto name = op.getAttrOfType<StringAttr>(SymbolTable::getSymbolAttrName());
      if (!parts.front().lookupSymbol(name))
        op.moveBefore(parts.front().getBody(), parts.front().getBody()->end());
    }
    part.erase();
  }
  return parts.front();
}

LogicalResult mixc::lowerToNvvm(ModuleOp module, std::vector<VariantInfo> &variants) {
  auto pm = PassManager::on<ModuleOp>(module.getContext());
  pm.addPass(createGpuTileToNvvm());
  buildGpuPipeline(pm);
  if (failed(pm.run(module)))
    return failure();
  FailureOr<gpu::GPUModuleOp> kernels = mergeModules(module);
  if (failed(kernels))
    return failure();
  for (VariantInfo &variant : variants) {
    variant.arch = kBaseArch;
    for (LaunchInfo &launch : variant.launches) {
      Operation *kernel = kernels->lookupSymbol(launch.symbol);
      if (!kernel)
        return module.emitError() << "expected a kernel '" << launch.symbol << "', got none";
      launch.threads = kernel->getAttrOfType<IntegerAttr>(kThreadsAttr).getInt();
      launch.sharedBytes = kernel->getAttrOfType<IntegerAttr>(kSharedBytesAttr).getInt();
      if (launch.sharedBytes > kBaseSharedBytes)
        variant.arch = 90;
    }
  }
  return success();
}

static Operation *kernelModule(ModuleOp module) { return *module.getOps<gpu::GPUModuleOp>().begin(); }

llvm::Expected<std::string> mixc::generatePtx(ModuleOp module) {
  llvm::LLVMContext context;
  auto translated = translateKernels(kernelModule(module), context, "kernels");
  if (!translated)
    return translated.takeError();
  return generatePtx(**translated, archName(kBaseArch));
}

llvm::Expected<std::string> mixc::printKernels(ModuleOp module) {
  llvm::LLVMContext context;
  auto translated = translateKernels(kernelModule(module), context, "kernels");
  if (!translated)
    return translated.takeError();
  return printModule(**translated);
}

llvm::Expected<CubinJobs> CubinJobs::start(StringRef ptx, ArrayRef<int> archs, const CompileOptions &options) {
  CubinJobs jobs;
  llvm::Expected<std::string> ptxas = findPtxas(options.ptxas);
  if (!ptxas)
    return ptxas.takeError();
  if (ptxas->empty())
    return jobs;
  jobs.found = true;
  for (int arch : archs) {
    auto run = PtxasRun::start(*ptxas, ptx, archName(arch), options.ptxasTimeoutSeconds);
    if (!run)
      return run.takeError();
    jobs.archs.push_back(arch);
    jobs.runs.push_back(std::move(*run));
  }
  return jobs;
}

llvm::Expected<std::vector<ImageInfo>> CubinJobs::finish(std::vector<std::string> &notices,
                                                         llvm::StringMap<KernelUsage> &usage) {
  std::vector<ImageInfo> images;
  for (auto [arch, run] : llvm::zip(archs, runs)) {
    llvm::Expected<PtxasOutput> output = run->finish();
    if (!output)
      return output.takeError();
    for (const std::string &notice : output->notices)
      notices.push_back(archName(arch) + ": " + notice);
    usage = std::move(output->usage);
    images.push_back({arch, false, MIXC_IMAGE_CUBIN, std::move(output->cubin)});
  }
  return images;
}
