// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Families.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

using namespace mixc;

Family::~Family() = default;

/// In the order of registration. Written before passes run, read by all threads.
static std::vector<std::unique_ptr<Family>> &families() {
  static std::vector<std::unique_ptr<Family>> all = [] {
    std::vector<std::unique_ptr<Family>> own;
    own.push_back(makePortableFamily());
    own.push_back(makeSm90aFamily());
    return own;
  }();
  return all;
}

void mixc::registerFamily(std::unique_ptr<Family> family) { families().push_back(std::move(family)); }

const Family *mixc::findFamily(llvm::StringRef name) {
  for (const auto &family : families())
    if (family->getName() == name)
      return family.get();
  return nullptr;
}

const Family &mixc::familyOf(mixer::AlgorithmAttr plan) {
  const Family *family = findFamily(plan.getFamily());
  assert(family && "plans are checked first: problemOf");
  return *family;
}

std::string mixc::problemOf(mixer::AlgorithmAttr plan) {
  if (const Family *family = findFamily(plan.getFamily()))
    return family->problemOf(plan);
  std::string names = llvm::join(llvm::map_range(families(), [](const auto &family) { return family->getName().str(); }), ", ");
  return "expected family = " + names + ", got " + plan.getFamily().str();
}

llvm::SmallVector<const Family *> mixc::familiesFor(const Target &target) {
  llvm::SmallVector<const Family *> running;
  for (const auto &family : llvm::reverse(families()))
    if (family->runsOn(target))
      running.push_back(family.get());
  return running;
}
