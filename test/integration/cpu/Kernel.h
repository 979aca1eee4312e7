// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Mixers compiled in this process, one object for each plan, made when first asked for and kept.
#pragma once

#include "Device.h"
#include "HostTensor.h"
#include "Loader.h"
#include "mixc/dialect/Mixer.h"
#include "mlir/IR/OwningOpRef.h"
#include <iosfwd>
#include <memory>

namespace mixc::test {

using Sizes = std::map<std::string, int64_t>;

/// How to compute; the other members of #mixer.algorithm do not matter on a CPU.
struct Plan {
  mixer::Algorithm algorithm;
  int64_t chunk;
  int64_t heads = 1; ///< of a block
  bool associative = false;

  std::string text() const;
};

/// What to compile. Without `sizes` of B and T: one object is for all of them.
struct Recipe {
  std::string mixer; ///< name of a file under mixers/, or Inputs/ here
  Sizes sizes;
  std::string dtype = "f32";
  std::string level = "";   ///< x86-64 level, v3 or v4; empty: this machine's
  std::string source = "";  ///< the spec itself, instead of a file
  bool keepsStates = false; ///< inside calls
  std::string stateDtype = "";
  bool stochastic = false; ///< rounding of states of 16 bits
  /// Whether heads and their groups are those of a band, of which calls have any number; but groups of all heads are one for all bands
  /// where `sharesGroups`.
  bool freeHeads = false, sharesGroups = false;
  bool batchInvariant = false;
  Device *device = nullptr; ///< where it runs; null: on the CPU

  std::string text() const;
};

void PrintTo(const Recipe &recipe, std::ostream *os);

/// A recipe of a table of tests.
struct NamedRecipe {
  const char *name;
  Recipe recipe;
  int64_t heads = 1; ///< of a block
};

void PrintTo(const NamedRecipe &named, std::ostream *os);

class Kernel {
public:
  /// Ends the program if the mixer does not compile; its diagnostics have been printed.
  static Kernel &get(const Recipe &recipe, const Plan &plan);
  /// One that is not kept.
  static std::unique_ptr<Kernel> make(const Recipe &recipe, const Plan &plan);
  /// With a variant for each algorithm that the mixer has, by the plan that select makes for chunks of so many tokens (0: of its choice).
  /// The error has the diagnostics.
  static llvm::Expected<std::unique_ptr<Kernel>> makeAll(const Recipe &recipe, int64_t chunk);

  mixer::SpecOp spec() const;
  const mixc_spec_desc *descriptor() const { return loaded->descriptor(); }
  const Recipe &recipe() const { return made; }
  const Plan &plan() const { return how; }
  int64_t size(const char *dim) const;
  mixc_dtype ioType() const;
  /// Names of arguments and results that have a dimension.
  std::vector<std::string> tensorsWith(char dim) const;

private:
  Kernel(const Recipe &recipe, const Plan &plan) : made(recipe), how(plan) {}
  llvm::Error compile(bool allAlgorithms);

  Recipe made;
  Plan how;
  mlir::OwningOpRef<mlir::ModuleOp> module;
  std::unique_ptr<LoadedSpec> loaded;
};

/// One plan of each kind that the mixer has: chunked, sequential scan, quadratic; the associative scan too if the state is small.
std::vector<Plan> plansFor(const Recipe &recipe, int64_t chunk, int64_t heads = 1);

/// Leaves out those whose algorithm the mixer does not have.
void eraseWithoutForm(std::vector<Plan> &plans, const Recipe &recipe);

} // namespace mixc::test
