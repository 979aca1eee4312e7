// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// From a spec with sizes to the tile programs of one device.
#pragma once

#include "Goals.h"
#include "mixc/dialect/Mixer.h"
#include "mlir/IR/OwningOpRef.h"

namespace mixc {

struct Tiles {
  /// Tile programs, one for each variant; at EmitLevel::Tile with the spec, at EmitLevel::Mixer that alone, with its plans.
  mlir::OwningOpRef<mlir::ModuleOp> module;
  std::vector<VariantInfo> variants;
};

/// The tile programs that the spec's module holds, or else those of plans that are chosen for the target, which loadTarget finds by
/// `name`. At EmitLevel::Mixer and Tile it stops there. What it refuses is in the spec, its sizes, its plans or its programs.
mlir::FailureOr<Tiles> makeTiles(mixer::SpecOp spec, const Target &target, llvm::StringRef name, const Goals &goals,
                                 const CompileOptions &options);

/// The text of a module, as levels are written.
std::string printLevel(mlir::Operation *module);

} // namespace mixc
