// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "mixc/dialect/GpuTile.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mixc::gpu_tile;

/// `2x64x128xf32`
static ParseResult parseTileShape(AsmParser &parser, SmallVector<int64_t> &shape, Type &elementType) {
  return failure(parser.parseDimensionList(shape, /*allowDynamic=*/false) || parser.parseType(elementType));
}

static void printTileShape(AsmPrinter &printer, ArrayRef<int64_t> shape, Type elementType) {
  for (int64_t size : shape)
    printer << size << 'x';
  printer << elementType;
}

/// `, swizzle = 0, stages = 2`; each clause may be left out.
static ParseResult parseSharedClauses(AsmParser &parser, int64_t &swizzle, int64_t &stages) {
  swizzle = -1;
  stages = 1;
  while (succeeded(parser.parseOptionalComma())) {
    StringRef clause;
    SMLoc loc = parser.getCurrentLocation();
    if (parser.parseKeyword(&clause) || parser.parseEqual())
      return failure();
    if (clause != "swizzle" && clause != "stages")
      return parser.emitError(loc) << "expected swizzle or stages, got " << clause;
    if (parser.parseInteger(clause == "swizzle" ? swizzle : stages))
      return failure();
  }
  return success();
}

static void printSharedClauses(AsmPrinter &printer, int64_t swizzle, int64_t stages) {
  if (swizzle != -1)
    printer << ", swizzle = " << swizzle;
  if (stages != 1)
    printer << ", stages = " << stages;
}

#include "mixc/dialect/GpuTileDialect.cpp.inc"

#define GET_ATTRDEF_CLASSES
#include "mixc/dialect/GpuTileAttrs.cpp.inc"

#define GET_TYPEDEF_CLASSES
#include "mixc/dialect/GpuTileTypes.cpp.inc"

void GpuTileDialect::initialize() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "mixc/dialect/GpuTileAttrs.cpp.inc"
      >();
  addTypes<
#define GET_TYPEDEF_LIST
#include "mixc/dialect/GpuTileTypes.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "mixc/dialect/GpuTileOps.cpp.inc"
      >();
}

LogicalResult FragmentType::verify(function_ref<InFlightDiagnostic()> emitError, ArrayRef<int64_t> shape,
                                   Type elementType, Attribute layout) {
  if (!elementType.isF32() && !elementType.isBF16() && !elementType.isF16())
    return emitError() << "expected elements of f32, bf16 or f16, got " << elementType;
  std::string problem = layoutProblem(layout, shape);
  if (!problem.empty())
    return emitError() << problem;
  return success();
}

LogicalResult SharedType::verify(function_ref<InFlightDiagnostic()> emitError, ArrayRef<int64_t> shape,
                                 Type elementType, int64_t swizzle, int64_t stages) {
  if (!elementType.isF32() && !elementType.isBF16() && !elementType.isF16())
    return emitError() << "expected elements of f32, bf16 or f16, got " << elementType;
  if (stages < 1)
    return emitError() << "expected at least 1 stage, got " << stages;
  if (swizzle == -1)
    return success();
  if (swizzle < 0 || swizzle + 1 >= int64_t(shape.size())) // C1
    return emitError() << "expected swizzle to be below " << int64_t(shape.size()) - 1 << ", got " << swizzle;
  int64_t bytes = elementType.getIntOrFloatBitWidth() / 8;
  for (int64_t size : shape.drop_front(swizzle + 1))
    bytes *= size;
  if (bytes % 16 != 0) // C1
    return emitError() << "expected a multiple of 16 bytes inside dimension " << swizzle << ", got " << bytes;
  return success();
}

int64_t SharedType::getNumElements() const {
  int64_t n = 1;
  for (int64_t size : getShape())
    n *= size;
  return n;
}

int64_t SharedType::getBytes() const { return getNumElements() * getElementType().getIntOrFloatBitWidth() / 8; }

int64_t SharedType::getStride(unsigned d) const {
  int64_t n = 1;
  for (int64_t size : getShape().drop_front(d + 1))
    n *= size;
  return n;
}

int64_t SharedType::getMask() const {
  if (getSwizzle() < 0)
    return 0;
  int64_t pieces = getStride(getSwizzle()) * getElementType().getIntOrFloatBitWidth() / 128;
  int64_t width = 1;
  while (width < 8 && pieces % (2 * width) == 0)
    width *= 2;
  return width - 1;
}

int64_t SharedType::getShift() const { return 3 - llvm::Log2_64(getMask() + 1); }

SharedType SharedType::getStage() const {
  return SharedType::get(getContext(), getShape(), getElementType(), getSwizzle(), 1);
}
