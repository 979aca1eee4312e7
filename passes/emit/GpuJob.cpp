// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "GpuJob.h"
#include "Tiles.h"

using namespace mlir;
using namespace mixc;

GpuJob::GpuJob(ModuleOp programs, std::vector<VariantInfo> variants, ArrayRef<TensorInfo> tensors, const Goals &goals,
               const CompileOptions &options, StringRef ptxas)
    : Job(programs, variants.size() == 1 ? variants.front().name : "GPU", options), variants(std::move(variants)), tensors(tensors),
      goals(goals), ptxas(ptxas) {}

LogicalResult GpuJob::stopWith(llvm::Expected<std::string> text) {
  if (!text)
    return fail(text.takeError());
  this->text = std::move(*text);
  return success();
}

LogicalResult GpuJob::compile(OwningOpRef<ModuleOp> copy) {
  GpuPrograms programs = GpuPrograms::split(std::move(copy));
  if (failed(lowerToGpuTile(programs, goals.cubins.back())))
    return fail(CompileError::BadInput);
  if (options.emit == EmitLevel::GpuTile)
    return stopWith(printLevel(*std::move(programs).join()));
  if (failed(lowerToNvvm(programs, tensors, variants)))
    return fail(CompileError::BadInput);
  if (options.emit == EmitLevel::Llvm)
    return stopWith(printKernels(std::move(programs)));
  report("code");
  llvm::Expected<GpuPtx> ptx = generatePtx(programs);
  return ptx ? compilePtx(std::move(*ptx)) : fail(ptx.takeError());
}

LogicalResult GpuJob::compilePtx(GpuPtx ptx) {
  if (options.emit == EmitLevel::Ptx)
    return stopWith(std::move(ptx.specific.empty() ? ptx.portable : ptx.specific));
  report("ptxas");
  llvm::Expected<GpuImages> assembled = assemble(std::move(ptx), ptxas, goals.cubins, options.ptxasTimeoutSeconds);
  if (!assembled)
    return fail(assembled.takeError());
  images = std::move(*assembled);
  for (VariantInfo &variant : variants)
    for (LaunchInfo &launch : variant.launches)
      launch.usage = images.usage.lookup(launch.symbol);
  if (options.emit == EmitLevel::Cubin)
    for (const ImageInfo &image : images.images)
      if (image.kind == MIXC_IMAGE_CUBIN)
        text = image.data; // of the highest architecture
  return success();
}
