// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "WorkSyntax.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/StringSwitch.h"
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
static ParseResult parseSharedClauses(AsmParser &parser, int64_t &swizzle, int64_t &stages, int64_t &panel) {
  swizzle = -1;
  stages = 1;
  panel = 0;
  llvm::SmallDenseSet<StringRef> seen;
  while (succeeded(parser.parseOptionalComma())) {
    StringRef clause;
    SMLoc loc = parser.getCurrentLocation();
    if (parser.parseKeyword(&clause) || parser.parseEqual())
      return failure();
    int64_t *value =
        llvm::StringSwitch<int64_t *>(clause).Case("swizzle", &swizzle).Case("stages", &stages).Case("panel", &panel).Default(nullptr);
    if (!value || !seen.insert(clause).second)
      return parser.emitError(loc) << "expected swizzle, stages or panel, each once, got " << clause;
    if (parser.parseInteger(*value))
      return failure();
  }
  return success();
}

static void printSharedClauses(AsmPrinter &printer, int64_t swizzle, int64_t stages, int64_t panel) {
  if (swizzle != -1)
    printer << ", swizzle = " << swizzle;
  if (stages != 1)
    printer << ", stages = " << stages;
  if (panel != 0)
    printer << ", panel = " << panel;
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

using EmitError = function_ref<InFlightDiagnostic()>;

/// Elements that a tile may have: more than any block's registers hold.
static constexpr int64_t kMaxFragmentElements = 1 << 20;
/// Bytes that all stages of a shared tile may have: offsets have 32 bits.
static constexpr int64_t kMaxSharedBytes = INT32_MAX;

static LogicalResult verifyElementType(EmitError emitError, Type elementType) {
  if (!elementType.isF32() && !elementType.isBF16() && !elementType.isF16())
    return emitError() << "expected elements of f32, bf16 or f16, got " << elementType;
  return success();
}

/// The shape's elements, or nothing if it is empty, has an empty dimension or more elements than `limit`.
static std::optional<int64_t> elementsUpTo(ArrayRef<int64_t> shape, int64_t limit) {
  int64_t elements = 1;
  for (int64_t size : shape) {
    if (size < 1 || size > limit / elements)
      return std::nullopt;
    elements *= size;
  }
  return shape.empty() ? std::nullopt : std::optional(elements);
}

LogicalResult FragmentType::verify(EmitError emitError, ArrayRef<int64_t> shape, Type elementType, Attribute layout) {
  if (failed(verifyElementType(emitError, elementType))) // C1
    return failure();
  if (!elementsUpTo(shape, kMaxFragmentElements)) // C2
    return emitError() << "expected dimensions of at least 1 and at most " << kMaxFragmentElements << " elements, got [" << shape << "]";
  std::string problem = layoutProblem(layout, shape);
  if (!problem.empty()) // C3
    return emitError() << problem;
  return success();
}

LogicalResult MbarriersType::verify(EmitError emitError, int64_t count) {
  if (count < 1 || count > kMaxSharedBytes / 8) // C1
    return emitError() << "expected 1 to " << kMaxSharedBytes / 8 << " barriers, got " << count;
  return success();
}

LogicalResult SharedType::verify(EmitError emitError, ArrayRef<int64_t> shape, Type elementType, int64_t swizzle, int64_t stages,
                                 int64_t panel) {
  if (failed(verifyElementType(emitError, elementType))) // C2
    return failure();
  if (stages < 1) // C3
    return emitError() << "expected at least 1 stage, got " << stages;
  int64_t width = elementType.getIntOrFloatBitWidth() / 8;
  SmallVector<int64_t> padded(shape);
  if (panel < 0 || panel > kMaxSharedBytes) // C4
    return emitError() << "expected panel to be at least 0 and at most " << kMaxSharedBytes << ", got " << panel;
  if (panel > 0 && (!llvm::isPowerOf2_64(panel) || panel * width % 16 != 0)) // C4
    return emitError() << "expected panel to be a power of two, in bytes a multiple of 16, got " << panel << " elements of " << width
                       << " bytes";
  if (panel > 0 && !shape.empty() && shape.back() > 0 && shape.back() <= kMaxSharedBytes)
    padded.back() = llvm::alignTo(shape.back(), panel);
  if (!elementsUpTo(padded, kMaxSharedBytes / width / stages)) // C2, C3
    return emitError() << "expected dimensions of at least 1 and at most " << kMaxSharedBytes << " bytes, got " << stages << " stages of ["
                       << shape << "]";
  if (swizzle == -1)
    return success();
  if (swizzle < 0 || swizzle >= int64_t(shape.size()) - 1) // C1
    return emitError() << "expected swizzle to be below " << int64_t(shape.size()) - 1 << ", got " << swizzle;
  int64_t bytes = width;
  for (int64_t size : shape.drop_front(swizzle + 1))
    bytes *= size;
  if (panel > 0)
    bytes = bytes / shape.back() * panel;
  if (bytes % 16 != 0) // C1
    return emitError() << "expected a multiple of 16 bytes inside dimension " << swizzle << ", got " << bytes;
  return success();
}
