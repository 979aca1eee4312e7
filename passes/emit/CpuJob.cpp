// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "CpuJob.h"
#include "Backend.h"
#include "Object.h"
#include "Tiles.h"

using namespace mlir;
using namespace mixc;

CpuJob::CpuJob(mixer::SpecOp spec, const Goals &goals, const CompileOptions &options, std::vector<mixc_cpu_level> levels)
    : Job(spec->getParentOfType<ModuleOp>(), goals.cpu->name + (levels.size() == 1 ? cpuSuffix(levels[0], "-") : ""), options),
      goals(goals), levels(std::move(levels)) {}

LogicalResult CpuJob::compile(OwningOpRef<ModuleOp> copy) {
  auto spec = *copy->getOps<mixer::SpecOp>().begin();
  FailureOr<Tiles> tiles = makeTiles(spec, *goals.cpu, goals.cpu->file, goals, options);
  if (failed(tiles))
    return fail(CompileError::BadInput);
  if (options.emit == EmitLevel::Mixer || options.emit == EmitLevel::Tile) {
    text = printLevel(*tiles->module);
    return success();
  }
  FailureOr<OwningOpRef<ModuleOp>> lowered = lowerToCpu(*tiles->module, levels, tiles->variants);
  if (failed(lowered))
    return fail(CompileError::BadInput);
  variants = std::move(tiles->variants);
  llvm::Expected<std::unique_ptr<llvm::Module>> translated = translateCpu(**lowered, llvmContext, spec.getSymName());
  if (!translated)
    return fail(translated.takeError());
  if (options.emit != EmitLevel::Object) {
    module = std::move(*translated);
    return success();
  }
  report("code");
  llvm::Expected<CpuAssembly> generated = assembleCpu(**translated, levels.front());
  if (!generated)
    return fail(generated.takeError());
  assembly = std::move(*generated);
  return success();
}
