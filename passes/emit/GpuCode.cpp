// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "GpuCode.h"
#include "Backend.h"
#include "Ptx.h"
#include "Variants.h"
#include "mixc/dialect/Arch.h"
#include "mixc/dialect/Mixer.h"
#include "mixc/dialect/Tile.h"
#include "mixc/passes/Gpu.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Pass/PassManager.h"

using namespace mlir;
using namespace mixc;

GpuPrograms GpuPrograms::split(OwningOpRef<ModuleOp> module) {
  GpuPrograms programs;
  OwningOpRef<ModuleOp> specific = ModuleOp::create(module->getLoc());
  for (auto program : llvm::make_early_inc_range(module->getOps<tile::ProgramOp>()))
    if (isArchSpecific(cast<mixer::AlgorithmAttr>(program.getPlan())))
      program->moveBefore(specific->getBody(), specific->getBody()->end());
  if (!module->getBody()->empty())
    programs.portable = std::move(module);
  if (!specific->getBody()->empty())
    programs.specific = std::move(specific);
  return programs;
}

OwningOpRef<ModuleOp> GpuPrograms::join() && {
  if (!portable || !specific)
    return std::move(portable ? portable : specific);
  portable->getBody()->getOperations().splice(portable->getBody()->end(), specific->getBody()->getOperations());
  return std::move(portable);
}

static LogicalResult lowerToGpuTile(ModuleOp module, StringRef arch) {
  auto pm = PassManager::on<ModuleOp>(module.getContext());
  TileToGpuOptions options;
  options.arch = arch.str();
  pm.addPass(createTileToGpu(options));
  return pm.run(module);
}

LogicalResult mixc::lowerToGpuTile(GpuPrograms &programs, const GpuArch &arch) {
  if (programs.portable && failed(::lowerToGpuTile(*programs.portable, GpuArch{arch.number, false}.name())))
    return failure();
  return failure(programs.specific && failed(::lowerToGpuTile(*programs.specific, kSpecificArch.name())));
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

/// One entry of mixc.tensor_maps. What it says must be what cuTensorMapEncodeTiled takes, as a call cannot fix it.
static FailureOr<TensorMapInfo> readTensorMap(Operation *kernel, Attribute attr, ArrayRef<TensorInfo> tensors) {
  auto fail = [&]() { return kernel->emitError() << kTensorMapsAttr << ": "; };
  auto entry = dyn_cast<DictionaryAttr>(attr);
  auto tensor = entry ? entry.getAs<IntegerAttr>("tensor") : nullptr;
  auto swizzle = entry ? entry.getAs<IntegerAttr>("swizzle") : nullptr;
  auto box = entry ? entry.getAs<DenseI64ArrayAttr>("box") : nullptr;
  if (!tensor || !swizzle || !box)
    return fail() << "expected {tensor = i32, box = array<i64>, swizzle = i32}, got " << attr, failure();
  if (tensor.getInt() < 0 || tensor.getInt() >= static_cast<int64_t>(tensors.size()))
    return fail() << "expected a tensor below " << tensors.size() << ", got " << tensor.getInt(), failure();
  TensorMapInfo map{static_cast<int32_t>(tensor.getInt()), static_cast<int32_t>(swizzle.getInt()), box.asArrayRef().vec()};
  const TensorInfo &info = tensors[map.tensor];
  if (map.box.size() != info.sizes.size() || map.box.empty())
    return fail() << "'" << info.name << "': expected a box of " << info.sizes.size() << " sizes, got " << map.box.size(), failure();
  for (int64_t size : map.box)
    if (size < 1 || size > gpu_tile::kMostBoxElements)
      return fail() << "'" << info.name << "': expected sizes of 1 to " << gpu_tile::kMostBoxElements << " in a box, got " << size,
             failure();
  if (!llvm::is_contained({0, 32, 64, 128}, map.swizzle))
    return fail() << "'" << info.name << "': expected a swizzle of 0, 32, 64 or 128 bytes, got " << map.swizzle, failure();
  int64_t rowBytes = map.box.back() * (info.dtype == MIXC_F32 ? 4 : 2);
  if (rowBytes % 16 != 0 || (map.swizzle > 0 && rowBytes > map.swizzle))
    return fail() << "'" << info.name << "': expected rows of 16-byte units" << (map.swizzle ? " within the swizzle" : "") << ", got "
                  << rowBytes << " bytes",
           failure();
  return map;
}

static LogicalResult readTensorMaps(Operation *kernel, ArrayRef<TensorInfo> tensors, VariantInfo &variant, LaunchInfo &launch) {
  auto attr = kernel->getAttrOfType<ArrayAttr>(kTensorMapsAttr);
  if (!attr)
    return success();
  if (attr.size() > MIXC_MAX_TENSOR_MAPS)
    return kernel->emitError() << kTensorMapsAttr << ": expected at most " << MIXC_MAX_TENSOR_MAPS << " maps, got " << attr.size();
  for (Attribute entry : attr) {
    FailureOr<TensorMapInfo> map = readTensorMap(kernel, entry, tensors);
    if (failed(map))
      return failure();
    variant.aligned |= uint64_t(1) << map->tensor;
    launch.maps.push_back(std::move(*map));
  }
  return success();
}

/// Each program has a gpu.module of its own.
static Operation *findKernel(ModuleOp module, StringRef symbol) {
  for (auto kernels : module.getOps<gpu::GPUModuleOp>())
    if (Operation *kernel = kernels.lookupSymbol(symbol))
      return kernel;
  return nullptr;
}

static LogicalResult readLaunches(ModuleOp module, ArrayRef<TensorInfo> tensors, VariantInfo &variant) {
  if (!variant.archSpecific)
    variant.arch = kBaseArch.number;
  for (LaunchInfo &launch : variant.launches) {
    Operation *kernel = findKernel(module, launch.symbol);
    if (!kernel)
      return module.emitError() << "expected a kernel '" << launch.symbol << "', got none";
    launch.threads = kernel->getAttrOfType<IntegerAttr>(kThreadsAttr).getInt();
    launch.sharedBytes = kernel->getAttrOfType<IntegerAttr>(kSharedBytesAttr).getInt();
    launch.overlaps = kernel->hasAttr(kOverlapsAttr);
    launch.persistent = kernel->hasAttr(kPersistentAttr) ? variant.persistent : 0;
    if (launch.sharedBytes > sharedBytesOf(kBaseArch.number))
      variant.arch = std::max<int32_t>(variant.arch, 90);
    if (failed(readTensorMaps(kernel, tensors, variant, launch)))
      return failure();
  }
  return success();
}

static LogicalResult lowerToNvvm(ModuleOp module, bool specific, ArrayRef<TensorInfo> tensors, std::vector<VariantInfo> &variants) {
  auto pm = PassManager::on<ModuleOp>(module.getContext());
  pm.enableVerifier(false); // after each pass
  pm.addPass(createGpuTileToNvvm());
  buildGpuPipeline(pm);
  if (failed(pm.run(module)) || failed(verify(module)))
    return failure();
  for (VariantInfo &variant : variants)
    if (variant.archSpecific == specific && failed(readLaunches(module, tensors, variant)))
      return failure();
  return success();
}

LogicalResult mixc::lowerToNvvm(GpuPrograms &programs, ArrayRef<TensorInfo> tensors, std::vector<VariantInfo> &variants) {
  if (programs.portable && failed(::lowerToNvvm(*programs.portable, false, tensors, variants)))
    return failure();
  return failure(programs.specific && failed(::lowerToNvvm(*programs.specific, true, tensors, variants)));
}

/// Of all programs of the module, one text.
static llvm::Error addPtx(ModuleOp module, const GpuArch &arch, std::string &text) {
  for (auto kernels : module.getOps<gpu::GPUModuleOp>()) {
    llvm::LLVMContext context;
    auto translated = translateKernels(kernels, context, kernels.getName());
    if (!translated)
      return translated.takeError();
    llvm::Expected<std::string> ptx = mixc::generatePtx(**translated, arch.name());
    if (!ptx)
      return ptx.takeError();
    text = text.empty() ? std::move(*ptx) : joinPtx(text, *ptx);
  }
  return llvm::Error::success();
}

llvm::Expected<GpuPtx> mixc::generatePtx(const GpuPrograms &programs) {
  GpuPtx ptx;
  if (programs.portable)
    if (llvm::Error error = addPtx(*programs.portable, kBaseArch, ptx.portable))
      return error;
  if (programs.specific)
    if (llvm::Error error = addPtx(*programs.specific, kSpecificArch, ptx.specific))
      return error;
  if (!ptx.specific.empty() && !ptx.portable.empty())
    ptx.specific = joinPtx(ptx.specific, ptx.portable);
  return ptx;
}

llvm::Expected<std::string> mixc::printKernels(GpuPrograms programs) {
  llvm::LLVMContext context;
  OwningOpRef<ModuleOp> module = std::move(programs).join();
  FailureOr<gpu::GPUModuleOp> kernels = mergeModules(*module);
  if (failed(kernels))
    return llvm::createStringError("there are no kernels to print");
  auto translated = translateKernels(*kernels, context, "kernels");
  if (!translated)
    return translated.takeError();
  return printModule(**translated);
}
