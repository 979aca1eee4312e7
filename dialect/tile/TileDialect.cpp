// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "mixc/dialect/Tile.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

#include "mixc/dialect/TileDialect.cpp.inc"
#include "mixc/dialect/TileEnums.cpp.inc"

#define GET_ATTRDEF_CLASSES
#include "mixc/dialect/TileAttrs.cpp.inc"

void mixc::tile::TileDialect::initialize() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "mixc/dialect/TileAttrs.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "mixc/dialect/TileOps.cpp.inc"
      >();
}
