// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "mixc/passes/Shape.h"
#include "mixc/runtime/limits.h"
#include "mlir/IR/Builders.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MathExtras.h"
#include <numeric>

using namespace mlir;
using namespace mixc;

template <typename... Args> static llvm::Error error(const char *format, Args... args) {
  return llvm::createStringError(llvm::inconvertibleErrorCode(), format, args...);
}

static int64_t mostOf(StringRef dim) { return mixer::kBoundDims.contains(dim) ? MIXC_MAX_SIZE : MIXC_MAX_LENGTH; }

/// A call may be of no sequences, or of no tokens.
static int64_t leastOf(StringRef dim) { return mixer::kBoundDims.contains(dim) ? 1 : 0; }

static std::string expectedSize(StringRef dim, const Twine &got) {
  return ("expected a size from " + Twine(leastOf(dim)) + " to " + Twine(mostOf(dim)) + " for " + dim + ", got " + got).str();
}

static bool parseSize(StringRef text, StringRef dim, int64_t &size) {
  return !text.getAsInteger(10, size) && size >= leastOf(dim) && size <= mostOf(dim);
}

/// "?", "8*?", "64?", "8*8?".
static llvm::Error addFreeHeads(StringRef text, Shape &shape) {
  shape.band = 1;
  StringRef count = text;
  auto problem = [&] {
    return llvm::createStringError("expected free heads as in H=?, H=8*?, H=64? or H=8*8?, at most " + Twine(mostOf("H")) +
                                   " of them, got 'H=" + text + "'");
  };
  if (!count.consume_back("?"))
    return problem();
  if (count.contains('*')) {
    StringRef multiple;
    std::tie(multiple, count) = count.split('*');
    if (!parseSize(multiple.trim(), "H", shape.band))
      return problem();
  }
  count = count.trim();
  int64_t bands = 1;
  if (!count.empty() && (!parseSize(count, "H", bands) || bands > mostOf("H") / shape.band))
    return problem();
  if (!count.empty())
    shape["H"] = bands * shape.band;
  return llvm::Error::success();
}

/// "/16", or "" for groups of one head.
static llvm::Error addGroups(StringRef dim, StringRef text, Shape &shape) {
  int64_t heads = 1;
  StringRef count = text;
  const bool divides = count.consume_front("/");
  if (!mixer::kGroupDims.contains(dim))
    return llvm::createStringError("expected a share of H, as in G=H/16, for " + mixer::listDims(mixer::kGroupDims) + " alone, got '" +
                                   dim + "=H" + text + "'");
  if (divides ? !parseSize(count.trim(), "H", heads) : !text.empty())
    return llvm::createStringError("expected groups of heads as in G=H/16, got '" + dim + "=H" + text + "'");
  shape.headsOfGroup[dim.front()] = heads;
  return llvm::Error::success();
}

static llvm::Error addEntry(StringRef entry, Shape &shape) {
  auto [name, text] = entry.split('=');
  name = name.trim();
  text = text.trim();
  if (name.size() != 1 || !mixer::kDims.contains(name)) {
    std::string got = entry.trim().empty() ? "a comma with nothing beside it" : "'" + entry.str() + "'";
    if (const std::string capital = name.upper(); capital.size() == 1 && mixer::kDims.contains(capital))
      got += "; did you mean '" + capital + "=" + text.str() + "'?";
    return error("expected sizes of %s as in H=24,P=64, got %s", mixer::listDims(mixer::kDims).c_str(), got.c_str());
  }
  if (shape.count(name.str()) || shape.headsOfGroup.count(name.front()) || (name == "H" && shape.band))
    return error("expected one size for %s, got two", name.str().c_str());
  if (text.contains('?') && name != "H") {
    std::string advice = name.str() + " is compiled in: give its size";
    if (!mixer::kBoundDims.contains(name))
      advice = "every call has a " + name.str() + " of its own";
    else if (mixer::kGroupDims.contains(name))
      advice = "groups of free heads are given as in " + name.str() + "=H/16";
    return error("expected ? for H alone, got %s; %s", entry.trim().str().c_str(), advice.c_str());
  }
  if (text.contains('?') || (name == "H" && text.contains('*')))
    return addFreeHeads(text, shape);
  if (text.starts_with("H"))
    return addGroups(name, text.drop_front().ltrim(), shape);
  int64_t size;
  if (!parseSize(text, name, size))
    return llvm::createStringError(expectedSize(name, text.empty() ? "nothing" : "'" + text.str() + "'") +
                                   (text.contains('=') ? "; commas stand between sizes, as in H=24,P=64" : ""));
  shape[name.str()] = size;
  return llvm::Error::success();
}

llvm::Expected<Shape> mixc::parseShape(StringRef text) {
  Shape shape;
  SmallVector<StringRef> entries;
  if (!text.empty())
    text.split(entries, ',');
  for (StringRef entry : entries)
    if (llvm::Error problem = addEntry(entry, shape))
      return std::move(problem);
  return shape;
}

std::string Shape::text() const {
  std::vector<std::string> parts;
  for (char letter : mixer::kDims) {
    auto found = find(std::string(1, letter));
    if (found == end())
      continue;
    std::string size = std::to_string(found->second);
    if (isFree(letter))
      size = letter == 'H' ? (band > 1 ? std::to_string(band) + "*?" : "?") : "H/" + std::to_string(headsOfGroup.at(letter));
    parts.push_back(found->first + "=" + size);
  }
  return llvm::join(parts, ",");
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

std::string mixc::unusedSizes(mixer::SpecOp spec, const Shape &shape) {
  const std::string used = "BT" + usedDims(spec);
  std::string unused, own;
  for (char letter : mixer::kDims) {
    const bool isGiven = shape.count(std::string(1, letter)) || shape.headsOfGroup.count(letter) || (letter == 'H' && shape.band);
    if (StringRef(used).contains(letter))
      own += letter;
    else if (isGiven)
      unused += letter;
  }
  if (unused.empty())
    return "";
  return mixer::listDims(unused) + ", which '" + spec.getSymName().str() + "' does not have; its sizes are " + mixer::listDims(own);
}

/// The heads that a call has a multiple of, and how many are expected where nobody says it: as a model has them on one of a few GPUs.
static llvm::Error findBand(Shape &shape) {
  constexpr int64_t kUsualHeads = 32;
  for (auto [dim, heads] : shape.headsOfGroup) {
    shape.band = std::lcm(shape.band, heads);
    if (shape.band > mostOf("H"))
      return llvm::createStringError("shape: expected groups that fit " + Twine(mostOf("H")) + " heads together, got " + Twine(shape.band));
  }
  const int64_t heads = shape.try_emplace("H", llvm::alignTo(kUsualHeads, shape.band)).first->second;
  if (heads % shape.band)
    return llvm::createStringError("shape: expected a multiple of " + Twine(shape.band) +
                                   " heads, as those that are free come, got H = " + Twine(heads));
  return llvm::Error::success();
}

/// Whether bands have nothing to do with each other.
static llvm::Error checkBands(mixer::SpecOp spec, const Shape &shape) {
  for (char letter : mixer::kGroupDims) {
    auto groups = shape.find(std::string(1, letter));
    if (groups != shape.end() && groups->second > 1 && !shape.isFree(letter))
      return llvm::createStringError("shape: expected " + Twine(letter) + " = 1 or a number of heads to a group, as in " + Twine(letter) +
                                     "=H/16, where H is free, got " + Twine(letter) + " = " + Twine(groups->second));
  }
  for (auto sum : spec.getBody()->getOps<mixer::SumOp>()) {
    const std::string groups = sum.getGroups().value_or("").str();
    if (!sum.isOverHeads() || (!groups.empty() && shape.isFree(groups.front())))
      continue;
    std::string place;
    if (auto line = sum.getLoc()->findInstanceOf<FileLineColLoc>())
      place = " of line " + std::to_string(line.getLine());
    const std::string fix = groups.empty() ? "sum in groups, as in mixer.sum %x over " + sum.getDim().str() + " in G"
                                           : "give its groups by their heads, as in " + groups + "=H/16";
    return llvm::createStringError("shape: expected a number for H, since the sum over " + sum.getDim() + place +
                                   " adds up all heads, got free ones; " + fix);
  }
  return llvm::Error::success();
}

/// Numbers of groups that are given by their heads.
static llvm::Error countGroups(Shape &shape) {
  const int64_t heads = shape.at("H");
  for (auto [letter, own] : shape.headsOfGroup) {
    const std::string dim(1, letter);
    if (heads % own)
      return llvm::createStringError("shape: expected H to be a multiple of " + Twine(own) + ", as " + dim + "=H/" + Twine(own) +
                                     " says, got H = " + Twine(heads));
    auto [groups, isNew] = shape.emplace(dim, heads / own);
    if (!isNew && groups->second != heads / own)
      return llvm::createStringError("shape: expected " + dim + " = H / " + Twine(own) + ", got " + dim + " = " + Twine(groups->second) +
                                     " and H = " + Twine(heads));
  }
  return llvm::Error::success();
}

/// The shape with what follows from others of its sizes, for a spec that uses these dimensions.
static llvm::Expected<Shape> fillHeads(mixer::SpecOp spec, Shape shape, StringRef used) {
  for (auto group = shape.headsOfGroup.begin(); group != shape.headsOfGroup.end();)
    group = used.contains(group->first) ? std::next(group) : shape.headsOfGroup.erase(group);
  if (!used.contains('H'))
    shape.band = 0;
  std::optional<int64_t> bound = spec.getSize("H");
  if (shape.band && bound)
    return llvm::createStringError("shape: expected H = " + Twine(*bound) + " as the spec binds it, got free heads");
  if (shape.band)
    if (llvm::Error problem = findBand(shape))
      return std::move(problem);
  if (bound)
    shape.emplace("H", *bound);
  if (!shape.headsOfGroup.empty() && shape.count("H"))
    if (llvm::Error problem = countGroups(shape))
      return std::move(problem);
  return shape;
}

llvm::Expected<Shape> mixc::completeShape(mixer::SpecOp spec, const Shape &shape, StringRef also) {
  const std::string used = usedDims(spec);
  llvm::Expected<Shape> filled = fillHeads(spec, shape, used);
  if (!filled)
    return filled.takeError();
  Shape complete;
  complete.band = filled->band;
  complete.headsOfGroup = filled->headsOfGroup;
  SmallVector<std::string> missing, example;
  for (char letter : mixer::kDims) {
    std::string dim(1, letter);
    if (!also.contains(letter) && !StringRef(used).contains(letter))
      continue;
    auto given = filled->find(dim);
    std::optional<int64_t> bound = spec.getSize(dim);
    if (given == filled->end() && !bound) {
      missing.push_back(dim);
      example.push_back(dim + "=..");
      continue;
    }
    int64_t size = given == filled->end() ? *bound : given->second;
    if (size < leastOf(dim) || size > mostOf(dim))
      return llvm::createStringError("shape: " + expectedSize(dim, Twine(size)));
    if (bound && *bound != size)
      return llvm::createStringError("shape: expected " + dim + " = " + Twine(*bound) + " as the spec binds it, got " + Twine(size));
    complete[dim] = size;
  }
  if (!missing.empty())
    return llvm::createStringError("shape: expected a size for " + llvm::join(missing, ", ") + ", as in " + llvm::join(example, ","));
  if (complete.band)
    if (llvm::Error problem = checkBands(spec, complete))
      return std::move(problem);
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
    sizes.push_back(builder.getNamedAttr(dim, builder.getI64IntegerAttr(complete->isFree(dim.front()) ? size / complete->bands() : size)));
  if (complete->band) {
    std::string free = "H";
    for (auto [letter, heads] : complete->headsOfGroup)
      free += letter;
    spec.setFree(free);
    spec.setBands(complete->bands());
  }
  spec.setSizesAttr(builder.getDictionaryAttr(sizes));
  if (!spec.getIo())
    spec.setIoAttr(TypeAttr::get(io ? io : builder.getF32Type()));
  spec.getBody()->walk([&](mixer::SizeOp op) {
    if (spec.isFree(op.getDim()))
      return;
    OpBuilder at(op);
    auto value = at.getF32FloatAttr(float(complete->at(op.getDim().str())));
    op.replaceAllUsesWith(arith::ConstantOp::create(at, op.getLoc(), value).getResult());
    op.erase();
  });
  return llvm::Error::success();
}
