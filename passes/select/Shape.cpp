// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "mixc/passes/Shape.h"
#include "mixc/runtime/limits.h"
#include "mlir/IR/Builders.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace mixc;

template <typename... Args> static llvm::Error error(const char *format, Args... args) {
  return llvm::createStringError(llvm::inconvertibleErrorCode(), format, args...);
}

static int64_t mostOf(StringRef dim) { return mixer::kBoundDims.contains(dim) ? MIXC_MAX_SIZE : MIXC_MAX_LENGTH; }

static std::string expectedSize(StringRef dim, const Twine &got) {
  return ("expected a size from 1 to " + Twine(mostOf(dim)) + " for " + dim + ", got " + got).str();
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
      return error("expected sizes of %s as in H=24,P=64, got '%s'", mixer::listDims(mixer::kDims).c_str(), entry.str().c_str());
    int64_t size;
    if (number.getAsInteger(10, size) || size < 1 || size > mostOf(name))
      return llvm::createStringError(expectedSize(name, "'" + number + "'"));
    if (!shape.emplace(name.str(), size).second)
      return error("expected one size for %s, got two", name.str().c_str());
  }
  return shape;
}

std::string mixc::usedDims(mixer::SpecOp spec) {
  std::string used, dims;
  auto addType = [&](Type type) {
    for (StringAttr dim : cast<mixer::TensorType>(type).getDims())
      used += dim.getValue();
  };
  for (Type type : spec.getFunctionType().getInputs())
    addType(type);
  for (Type type : spec.getFunctionType().getResults())
    addType(type);
  spec.getBody()->walk([&](Operation *op) {
    if (auto size = dyn_cast<mixer::SizeOp>(op))
      used += size.getDim();
    for (Type type : op->getResultTypes())
      if (isa<mixer::TensorType>(type))
        addType(type);
  });
  for (char dim : mixer::kBoundDims)
    if (StringRef(used).contains(dim))
      dims += dim;
  return dims;
}

llvm::Expected<Shape> mixc::completeShape(mixer::SpecOp spec, const Shape &shape, StringRef also) {
  Shape complete;
  SmallVector<std::string> missing, example;
  const std::string used = usedDims(spec);
  for (char letter : mixer::kDims) {
    std::string dim(1, letter);
    if (!also.contains(letter) && !StringRef(used).contains(letter))
      continue;
    auto given = shape.find(dim);
    std::optional<int64_t> bound = spec.getSize(dim);
    if (given == shape.end() && !bound) {
      missing.push_back(dim);
      example.push_back(dim + "=..");
      continue;
    }
    int64_t size = given == shape.end() ? *bound : given->second;
    const int64_t least = mixer::kBoundDims.contains(letter) ? 1 : 0; // an array may hold nothing
    if (size < least || size > mostOf(dim))
      return llvm::createStringError("shape: " + expectedSize(dim, Twine(size)));
    if (bound && *bound != size)
      return llvm::createStringError("shape: expected " + dim + " = " + Twine(*bound) + " as the spec binds it, got " + Twine(size));
    complete[dim] = size;
  }
  if (!missing.empty())
    return llvm::createStringError("shape: expected a size for " + llvm::join(missing, ", ") + ", as in " + llvm::join(example, ","));
  for (char letter : mixer::kGroupDims) {
    std::string dim(1, letter);
    auto heads = complete.find("H"), groups = complete.find(dim);
    if (heads != complete.end() && groups != complete.end() && heads->second % groups->second)
      return llvm::createStringError("shape: expected " + dim + " to divide H, got " + dim + " = " + Twine(groups->second) +
                                     " and H = " + Twine(heads->second));
  }
  for (auto sum : spec.getBody()->getOps<mixer::SumOp>()) {
    if (!sum.getGroups())
      continue;
    const int64_t entries = complete.at(sum.getDim().str()), groups = complete.at(sum.getGroups()->str());
    if (entries % groups)
      return llvm::createStringError("shape: expected " + *sum.getGroups() + " to divide " + sum.getDim() +
                                     ", whose entries a sum adds up in groups, got " + *sum.getGroups() + " = " + Twine(groups) + " and " +
                                     sum.getDim() + " = " + Twine(entries));
  }
  return complete;
}

llvm::Error mixc::bindShape(mixer::SpecOp spec, const Shape &shape, Type io) {
  llvm::Expected<Shape> complete = completeShape(spec, shape);
  if (!complete)
    return complete.takeError();
  if (Type before = spec.getIoType(); before && io && before != io) {
    std::string text;
    llvm::raw_string_ostream(text) << "dtype: expected " << before << " as the spec binds it, got " << io;
    return llvm::createStringError(text);
  }
  Builder builder(spec.getContext());
  SmallVector<NamedAttribute> sizes;
  for (auto &[dim, size] : *complete)
    sizes.push_back(builder.getNamedAttr(dim, builder.getI64IntegerAttr(size)));
  spec.setSizesAttr(builder.getDictionaryAttr(sizes));
  if (!spec.getIo())
    spec.setIoAttr(TypeAttr::get(io ? io : builder.getF32Type()));
  spec.getBody()->walk([&](mixer::SizeOp op) {
    OpBuilder at(op);
    auto value = at.getF32FloatAttr(float(complete->at(op.getDim().str())));
    op.replaceAllUsesWith(arith::ConstantOp::create(at, op.getLoc(), value).getResult());
    op.erase();
  });
  return llvm::Error::success();
}
