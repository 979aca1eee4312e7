// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "CompileInputs.h"
#include "mixc/passes/CName.h"
#include "mixc/passes/Frontend.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

using namespace llvm;
using namespace mixc;

static bool isNamePart(StringRef text) {
  return !text.empty() && all_of(text, [](char c) { return isAlnum(c) || c == '_'; });
}

Expected<NamedShape> mixc::parseNamedShape(StringRef text) {
  NamedShape shape;
  StringRef sizes = text;
  if (text.contains(':')) {
    auto [prefix, rest] = text.split(':');
    sizes = rest;
    StringRef name = prefix;
    if (prefix.consume_front("@")) {
      auto [spec, suffix] = prefix.split('.');
      shape.spec = spec.str();
      name = suffix;
      if (!isNamePart(spec) || prefix.ends_with("."))
        return createStringError("expected @SPEC: or @SPEC.NAME: before the sizes, got '" + text + "'");
    }
    if ((shape.spec.empty() || !name.empty()) && !isNamePart(name))
      return createStringError("expected a name of letters, digits and underscores before the sizes, as in small:H=8, got '" + text + "'");
    shape.name = name.str();
  }
  Expected<Shape> parsed = parseShape(sizes);
  if (!parsed)
    return parsed.takeError();
  for (StringRef dim : {"B", "T"})
    if (auto size = parsed->find(dim.str()); size != parsed->end() && size->second == 0)
      return createStringError("expected a call that has tokens, which the choice of plans is for, got " + dim + " = 0");
  shape.sizes = std::move(*parsed);
  return shape;
}

namespace {
/// A spec that was asked for.
struct Found {
  SpecFile *file;
  mixer::SpecOp spec;
  std::string name() { return spec.getSymName().str(); }
};
} // namespace

/// "'a', 'b'"
static std::string quoted(ArrayRef<std::string> names) {
  return join(map_range(names, [](const std::string &name) { return "'" + name + "'"; }), ", ");
}

static std::optional<std::vector<Found>> findSpecs(ArrayRef<std::unique_ptr<SpecFile>> files, StringRef names) {
  std::vector<Found> all;
  std::vector<std::string> known;
  for (const std::unique_ptr<SpecFile> &file : files) {
    auto specs = file->module().getOps<mixer::SpecOp>();
    if (specs.empty()) {
      (void)findSpec(file->module(), ""); // which says so
      return std::nullopt;
    }
    for (mixer::SpecOp spec : specs) {
      all.push_back({file.get(), spec});
      known.push_back(all.back().name());
    }
  }
  SmallVector<StringRef> wanted;
  if (!names.empty())
    names.split(wanted, ',');
  for (StringRef name : wanted)
    if (!is_contained(known, name.trim())) {
      fail(kBadInput, "--spec: expected the name of a spec of the file" + StringRef(files.size() > 1 ? "s" : "") + " (" + quoted(known) +
                          "), got '" + name.trim() + "'");
      return std::nullopt;
    }
  if (!wanted.empty())
    erase_if(all, [&](Found &found) { return none_of(wanted, [&](StringRef name) { return name.trim() == found.name(); }); });
  return all;
}

/// Those of the spec alone, or else those of all specs.
static std::vector<const NamedShape *> shapesOf(StringRef spec, ArrayRef<NamedShape> shapes) {
  std::vector<const NamedShape *> own, common;
  for (const NamedShape &shape : shapes)
    if (shape.spec == spec)
      own.push_back(&shape);
    else if (shape.spec.empty())
      common.push_back(&shape);
  return own.empty() ? common : own;
}

/// A shape that no spec is compiled for was meant for something.
static bool checkShapesAreUsed(ArrayRef<std::string> specs, ArrayRef<NamedShape> shapes) {
  for (const NamedShape &shape : shapes) {
    if (!shape.spec.empty() && !is_contained(specs, shape.spec))
      return fail(kBadInput,
                  "--shape: expected the name of a spec that is compiled (" + quoted(specs) + ") behind @, got '" + shape.spec + "'"),
             false;
    if (none_of(specs, [&](const std::string &spec) { return is_contained(shapesOf(spec, shapes), &shape); }))
      return fail(kBadInput, "--shape: expected a spec that has no shape of its own for the one " +
                                 (shape.name.empty() ? Twine("without a name") : "'" + Twine(shape.name) + "'") +
                                 ", got none; leave it out"),
             false;
  }
  return true;
}

/// Of shapes of one spec: those of several may have what one of them needs.
static void warnOfSizesWithoutUse(ArrayRef<ChosenSpec> chosen, ArrayRef<NamedShape> shapes) {
  for (const NamedShape &shape : shapes) {
    SmallVector<mixer::SpecOp> specs;
    for (const ChosenSpec &one : chosen)
      if (one.shape == &shape)
        specs.push_back(one.spec);
    if (specs.size() == 1)
      warnOfUnusedSizes(specs.front(), shape.sizes);
  }
}

/// Names of the spec's shapes, which symbols have in them: apart from each other.
static bool checkShapeNames(StringRef spec, ArrayRef<const NamedShape *> shapes) {
  std::vector<std::string> names;
  for (const NamedShape *shape : shapes) {
    if (shape->name.empty() && shapes.size() > 1)
      return fail(kBadInput, "--shape: expected a name for each of the " + Twine(shapes.size()) + " shapes of '" + spec +
                                 "', as in --shape=small:H=8,.. --shape=large:H=24,.., got one without"),
             false;
    if (is_contained(names, shape->name))
      return fail(kBadInput, "--shape: expected names of their own for the shapes of '" + spec + "', got '" + shape->name + "' twice"),
             false;
    names.push_back(shape->name);
  }
  return true;
}

/// Before any is compiled: of an only one the compiler says it.
static bool checkSizes(ArrayRef<ChosenSpec> chosen) {
  for (const ChosenSpec &one : chosen) {
    Expected<Shape> complete = completeShape(one.spec, one.shape ? one.shape->sizes : Shape());
    if (complete)
      continue;
    return fail(kBadInput, "--" + toString(complete.takeError()) + ", for '" + one.name + "'"), false;
  }
  return true;
}

bool mixc::checkNames(MutableArrayRef<ChosenSpec> chosen) {
  for (auto [i, one] : enumerate(chosen)) {
    if (std::string why = whyNotCName(one.name); !why.empty()) {
      const bool isOwn = one.name == one.spec.getSymName();
      one.spec.emitError() << "expected " << why << (isOwn ? "; --name=NAME gives the symbols another" : "");
      return false;
    }
    for (ChosenSpec &other : chosen.take_front(i))
      if (other.name == one.name) {
        one.spec.emitError() << "expected another name for the symbols than '" << one.name << "', which the spec '"
                             << other.spec.getSymName() << "' has in this object; rename one of them, or compile them apart";
        return false;
      }
  }
  return true;
}

std::optional<std::vector<ChosenSpec>> mixc::chooseSpecs(ArrayRef<std::unique_ptr<SpecFile>> files, const CompileOptions &options,
                                                         ArrayRef<NamedShape> shapes) {
  std::optional<std::vector<Found>> found = findSpecs(files, options.spec);
  if (!found)
    return std::nullopt;
  std::vector<std::string> specs;
  for (Found &one : *found)
    specs.push_back(one.name());
  if (!options.name.empty() && specs.size() > 1) {
    fail(kBadInput, "--name: expected one spec to name, got " + quoted(specs) + "; leave it out, or choose one with --spec=NAME");
    return std::nullopt;
  }
  if (!checkShapesAreUsed(specs, shapes))
    return std::nullopt;
  std::vector<ChosenSpec> chosen;
  for (Found &one : *found) {
    const std::string base = options.name.empty() ? one.name() : options.name;
    std::vector<const NamedShape *> own = shapesOf(one.name(), shapes);
    if (!checkShapeNames(one.name(), own))
      return std::nullopt;
    if (own.empty())
      chosen.push_back({one.file, one.spec, nullptr, base});
    for (const NamedShape *shape : own)
      chosen.push_back({one.file, one.spec, shape, shape->name.empty() ? base : base + "_" + shape->name});
  }
  if (chosen.size() > 1 && !checkSizes(chosen))
    return std::nullopt;
  warnOfSizesWithoutUse(chosen, shapes);
  return chosen;
}

CompileOptions mixc::optionsFor(const ChosenSpec &chosen, const CompileOptions &all) {
  CompileOptions options = all;
  mixer::SpecOp spec = chosen.spec;
  options.spec = spec.getSymName().str();
  options.name = chosen.name;
  if (chosen.shape)
    options.shape = chosen.shape->sizes;
  options.comments = chosen.file->comments(spec);
  return options;
}
