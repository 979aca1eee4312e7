// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Tiles.h"
#include "GivenTiles.h"
#include "Variants.h"
#include "mixc/passes/Frontend.h"
#include "mixc/passes/Pipelines.h"
#include "mixc/passes/Select.h"
#include "mlir/Pass/PassManager.h"

using namespace mlir;
using namespace mixc;

std::string mixc::printLevel(Operation *module) {
  std::string text;
  llvm::raw_string_ostream os(text);
  module->print(os, OpPrintingFlags().useLocalScope());
  os << "\n";
  return text;
}

/// A copy of the spec's module, with the plans for the target.
static FailureOr<OwningOpRef<ModuleOp>> select(mixer::SpecOp spec, const Target &target, StringRef name, const CompileOptions &options) {
  OwningOpRef<ModuleOp> module = spec->getParentOfType<ModuleOp>().clone();
  PassManager pm(module->getContext());
  SelectOptions wanted = selectOptions(options, target);
  MixerSelectOptions select;
  select.target = name.str();
  select.algorithm = wanted.all ? "all" : options.algorithm;
  select.batch = wanted.batch;
  select.length = wanted.length;
  select.chunk = wanted.chunk;
  select.variants = wanted.variants;
  if (wanted.precision)
    select.precision = stringifyPrecision(*wanted.precision).str();
  pm.addNestedPass<mixer::SpecOp>(createMixerSelect(select));
  if (failed(pm.run(*module)))
    return failure();
  return module;
}

/// Plans for one architecture are of no use where no code for it is asked for.
static LogicalResult dropSpecific(ModuleOp module, mixer::SpecOp spec, const Target &target, const Goals &goals) {
  if (target.isGpu() && goals.specialised())
    return success();
  mixer::AlgorithmAttr dropped;
  for (auto program : llvm::make_early_inc_range(module.getOps<tile::ProgramOp>()))
    if (auto plan = dyn_cast<mixer::AlgorithmAttr>(program.getPlan()); plan && isArchSpecific(plan)) {
      dropped = plan;
      program.erase();
    }
  if (dropped && module.getOps<tile::ProgramOp>().empty())
    return spec.emitError() << "expected target " << familyOf(dropped).getArch() << " for the plan " << dropped << ", got " << target.arch
                            << "; add one of family = portable, or leave " << target.name << " out of --target";
  return success();
}

FailureOr<Tiles> mixc::makeTiles(mixer::SpecOp spec, const Target &target, StringRef name, const Goals &goals,
                                 const CompileOptions &options) {
  auto source = spec->getParentOfType<ModuleOp>();
  bool given = hasPrograms(source);
  if (given && failed(checkPrograms(source, spec, options)))
    return failure();
  FailureOr<OwningOpRef<ModuleOp>> module = given ? OwningOpRef<ModuleOp>(source.clone()) : select(spec, target, name, options);
  if (failed(module))
    return failure();
  if (options.emit == EmitLevel::Mixer)
    return Tiles{std::move(*module), {}};
  PassManager pm((*module)->getContext());
  if (!given)
    buildDecomposePipeline(pm);
  if (failed(pm.run(**module)) || failed(dropSpecific(**module, spec, target, goals)))
    return failure();
  auto selected = *(*module)->getOps<mixer::SpecOp>().begin();
  FailureOr<std::vector<VariantInfo>> variants = describePrograms(**module, selected, target);
  if (failed(variants))
    return failure();
  if (options.emit != EmitLevel::Tile) // whose text is to be compiled again
    selected.erase();
  return Tiles{std::move(*module), std::move(*variants)};
}
