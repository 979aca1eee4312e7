// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The text of a #gpu_tile.work, for the parser and printer made from WorkAttrs.td.
#pragma once

#include "mixc/dialect/GpuTile.h"
#include "mlir/IR/DialectImplementation.h"

namespace mixc::gpu_tile {
mlir::ParseResult parseWork(mlir::AsmParser &parser, mlir::SmallVector<Role> &roles, bool &eachPart, std::optional<int64_t> &order,
                            bool &ahead, mlir::SmallVector<mlir::Type> &through, mlir::Attribute &held);
void printWork(mlir::AsmPrinter &printer, mlir::ArrayRef<Role> roles, bool eachPart, std::optional<int64_t> order, bool ahead,
               mlir::ArrayRef<mlir::Type> through, mlir::Attribute held);
} // namespace mixc::gpu_tile
