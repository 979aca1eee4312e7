// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What `mixc compile` puts into one object: which specs of which files, for which sizes, under which names.
#pragma once

#include "Commands.h"
#include "mixc/passes/Shape.h"

namespace mixc {

/// A `--shape` of `mixc compile`: "H=24,P=64", "small:H=8,P=64", "@mamba2:H=24", "@mamba2.small:H=8".
struct NamedShape {
  std::string spec; ///< the only spec that it is of; empty: all that have no shape of their own
  std::string name; ///< what tells it apart from others of the spec; may be empty
  Shape sizes;
};
llvm::Expected<NamedShape> parseNamedShape(llvm::StringRef text);

/// One spec of the object, for one shape.
struct ChosenSpec {
  SpecFile *file;
  mixer::SpecOp spec;
  const NamedShape *shape; ///< null: the sizes that the spec binds itself
  std::string name;        ///< what its symbols begin with
};

/// The specs of the files, or those that the options name, separated by commas, each for all its shapes. Nothing where one of them is not
/// as it should be, which has been printed.
std::optional<std::vector<ChosenSpec>> chooseSpecs(llvm::ArrayRef<std::unique_ptr<SpecFile>> files, const CompileOptions &options,
                                                   llvm::ArrayRef<NamedShape> shapes);

/// Whether all have names that C takes, each its own; else an error has been printed.
bool checkNames(llvm::MutableArrayRef<ChosenSpec> chosen);

/// The options for one of them.
CompileOptions optionsFor(const ChosenSpec &chosen, const CompileOptions &all);

} // namespace mixc
