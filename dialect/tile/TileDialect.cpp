// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "mixc/dialect/Tile.h"
#include "mixc/runtime/limits.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

#include "mixc/dialect/TileDialect.cpp.inc"
#include "mixc/dialect/TileEnums.cpp.inc"

#define GET_ATTRDEF_CLASSES
#include "mixc/dialect/TileAttrs.cpp.inc"

LogicalResult mixc::tile::BufferAttr::verify(function_ref<InFlightDiagnostic()> emitError, ArrayRef<int64_t> shape, int64_t bands,
                                             FloatAttr most, StringAttr of) {
  if (static_cast<bool>(most) != static_cast<bool>(of)) // C1
    return emitError() << "expected `most` and `of` together, or none of them";
  if (most && (shape.empty() || shape.front() != kSizeBatch)) // C1
    return emitError() << "expected " << kSizeBatch << " for the first size of a buffer with `most`";
  if (most && !(most.getValueAsDouble() >= 0)) // C1
    return emitError() << "expected `most` of at least 0, got " << most;
  if (bands != -1 && (bands < 0 || bands >= int64_t(shape.size()) || shape[bands] < 1)) // C2
    return emitError() << "expected `bands` to be a dimension of a static size, got " << bands;
  return success();
}

LogicalResult mixc::tile::GridAttr::verify(function_ref<InFlightDiagnostic()> emitError, int64_t blocks, bool, bool, int64_t rows, bool,
                                           bool) {
  constexpr int64_t kMostBlocks = int64_t(1) << 48;
  if (blocks < 1 || blocks > kMostBlocks) // C1
    return emitError() << "expected blocks from 1 to " << kMostBlocks << ", got " << blocks;
  if (rows < 0 || rows > MIXC_MAX_CHUNK) // C1
    return emitError() << "expected rows from 0 to " << MIXC_MAX_CHUNK << ", got " << rows;
  return success();
}

LogicalResult mixc::tile::TileDialect::verifyOperationAttribute(Operation *op, NamedAttribute attribute) {
  if (attribute.getName() != Tf32AttrHelper::getNameStr())
    return success();
  if (!isa<UnitAttr>(attribute.getValue()))
    return op->emitOpError("expected ") << attribute.getName() << " to be a unit attribute, got " << attribute.getValue();
  auto contract = dyn_cast<linalg::ContractOp>(op);
  if (!contract)
    return op->emitOpError("expected ") << attribute.getName() << " on linalg.contract only";
  for (Value operand : contract.getInputs())
    if (Type element = getElementTypeOrSelf(operand.getType()); !element.isF32())
      return op->emitOpError("expected operands of f32 with ") << attribute.getName() << ", got " << element;
  return success();
}

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
