// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "mixc/passes/Shape.h"
#include "mlir/IR/Builders.h"

using namespace mlir;
using namespace mixc;

template <typename... Args>
static llvm::Error error(const char *format, Args... args) {
  return llvm::createStringError(llvm::inconvertibleErrorCode(), format, args...);
}

llvm::Expected<Shape> mixc::parseShape(StringRef text) {
  Shape shape;
  SmallVector<StringRef> entries;
  if (!text.empty())
    text.split(entries, ',');
  for (StringRef entry : entries) {
    auto [name, number] = entry.split('=');
    name = name.trim();
    number = number.trim();
    if (name.size() != 1 || !mixer::kDims.contains(name))
      return error("expected sizes of B, T, H, G, N, P as in H=24,P=64, got '%s'", entry.str().c_str());
    int64_t size;
    if (number.getAsInteger(10, size) || size < 1)
      return error("expected a size of at least 1 for %s, got '%s'", name.str().c_str(), number.str().c_str());
    if (!shape.emplace(name.str(), size).second)
      return error("expected one size for %s, got two", name.str().c_str());
  }
  return shape;
}

/// The dimensions among H, G, N, P of the spec's arguments, results and maps.
static std::string usedDims(mixer::SpecOp spec) {
  std::string dims;
  auto add = [&](StringRef dim) {
    if (mixer::kBoundDims.contains(dim) && !StringRef(dims).contains(dim))
      dims += dim;
  };
  auto addType = [&](Type type) {
    for (StringAttr dim : cast<mixer::TensorType>(type).getDims())
      add(dim.getValue());
  };
  for (Type type : spec.getFunctionType().getInputs())
    addType(type);
  for (Type type : spec.getFunctionType().getResults())
    addType(type);
  spec.getBody()->walk([&](Operation *op) {
    if (auto size = dyn_cast<mixer::SizeOp>(op))
      add(size.getDim());
    for (Type type : op->getResultTypes())
      if (isa<mixer::TensorType>(type))
        addType(type);
  });
  return dims;
}

/// The size of one dimension from the shape, from the spec, or 1 for G.
static FailureOr<int64_t> sizeOf(mixer::SpecOp spec, const std::string &dim, const Shape &shape) {
  auto given = shape.find(dim);
  auto bound = spec.getSize(dim);
  if (given != shape.end()) {
    if (bound && *bound != given->second)
      return spec.emitOpError() << "expected " << dim << " = " << *bound << " as bound before, got " << given->second;
    return given->second;
  }
  if (bound)
    return *bound;
  if (dim == "G")
    return 1;
  return spec.emitOpError() << "expected a size for the dimension " << dim << ", got none; give it as in shape=" << dim
                            << "=64";
}

LogicalResult mixc::bindShape(mixer::SpecOp spec, const Shape &shape, Type io) {
  Builder builder(spec.getContext());
  SmallVector<NamedAttribute> sizes;
  std::map<std::string, int64_t> values;
  for (char letter : usedDims(spec)) {
    std::string dim(1, letter);
    auto size = sizeOf(spec, dim, shape);
    if (failed(size))
      return failure();
    values[dim] = *size;
    sizes.push_back(builder.getNamedAttr(dim, builder.getI64IntegerAttr(*size)));
  }
  auto heads = values.find("H"), groups = values.find("G");
  if (heads != values.end() && groups != values.end() && heads->second % groups->second)
    return spec.emitOpError() << "expected G to divide H, got G = " << groups->second << " and H = " << heads->second;
  if (Type before = spec.getIoType(); before && io && before != io)
    return spec.emitOpError() << "expected io = " << before << " as bound before, got " << io;

  spec.setSizesAttr(builder.getDictionaryAttr(sizes));
  if (!spec.getIo())
    spec.setIoAttr(TypeAttr::get(io ? io : builder.getF32Type()));
  spec.getBody()->walk([&](mixer::SizeOp op) {
    OpBuilder at(op);
    auto value = at.getF32FloatAttr(float(values[op.getDim().str()]));
    op.replaceAllUsesWith(arith::ConstantOp::create(at, op.getLoc(), value).getResult());
    op.erase();
  });
  return success();
}
