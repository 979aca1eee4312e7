// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The mixer dialect: what a sequence mixer computes, over named dimensions. dialect/mixer/*.td defines it.
#pragma once

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include <optional>
#include <string>

#include "mixc/dialect/MixerDialect.h.inc"
#include "mixc/dialect/MixerEnums.h.inc"

namespace mixc::mixer {
/// Every dimension, in the usual order.
inline constexpr llvm::StringLiteral kDims = "BTHGQKVRWLNP";
/// The dimensions whose sizes are bound when compiling.
inline constexpr llvm::StringLiteral kBoundDims = "HGQKVRWLNP";
/// Groups of heads: each size divides H, and head h is in group h / (H / G).
inline constexpr llvm::StringLiteral kGroupDims = "GQKV";
/// "H, G, ..", for messages.
std::string listDims(llvm::StringRef dims);
/// Whether a dimension is that of heads, or of groups of them.
bool isHeadDim(llvm::StringRef dim);
} // namespace mixc::mixer

#define GET_TYPEDEF_CLASSES
#include "mixc/dialect/MixerTypes.h.inc"

#define GET_ATTRDEF_CLASSES
#include "mixc/dialect/MixerAttrs.h.inc"

#define GET_OP_CLASSES
#include "mixc/dialect/MixerOps.h.inc"
