// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A family of code: one way to make kernels of tile programs, for one kind of machine or for all. All that the compiler knows of it, which
// plans are worth trying, what a block takes of a machine, what ops cost there, is in one class; select, decompose, the cost model, the
// lowerings and the descriptor ask it, and none of them knows its name. passes/family holds those that come along.
#pragma once

#include "mixc/passes/Facts.h"
#include "mixc/passes/SelectOptions.h"
#include "mixc/passes/Target.h"
#include "mixc/passes/Work.h"
#include <memory>

namespace mixc {

/// What a family lists plans for.
struct PlanRequest {
  const SpecFacts &facts;
  const Target &target;
  const SelectOptions &options;
  llvm::ArrayRef<mixer::Algorithm> algorithms; ///< that the spec has and the options leave
  mlir::Type operand;                          ///< of matrix products: that of `io` tensors on a GPU, f32 on a CPU

  bool wants(mixer::Algorithm algorithm) const { return llvm::is_contained(algorithms, algorithm); }
  mlir::MLIRContext *context() const { return operand.getContext(); }
  /// The chunk that the options name, else those of the usual numbers of steps, so many for each token as it updates the state.
  llvm::SmallVector<int64_t> chunks(llvm::ArrayRef<int64_t> usual) const {
    if (options.chunk)
      return {options.chunk};
    return llvm::map_to_vector(usual, [&](int64_t steps) { return steps % facts.updates == 0 ? steps / facts.updates : steps; });
  }
};

/// What a block takes of a multiprocessor: the most that one of the program's kernels takes.
struct BlockNeeds {
  int64_t threads = 0, sharedBytes = 0;
  int64_t stateElements = 0; ///< of the tiles that a loop carries
};

/// Counts what a plan costs; returns whether it is one that can be taken: a block of it fits the machine.
using PlanTaker = llvm::function_ref<bool(mixer::AlgorithmAttr plan)>;

class Family {
public:
  /// `arch`: the only architecture that its code is for, such as sm_90a; empty if its code runs on every machine.
  explicit Family(llvm::StringRef name, llvm::StringRef arch = "") : name(name), arch(arch) {}
  virtual ~Family();

  llvm::StringRef getName() const { return name; }
  llvm::StringRef getArch() const { return arch; }
  bool runsOn(const Target &target) const { return arch.empty() || target.arch == arch; }

  /// Offers plans in a fixed order.
  virtual void listPlans(const PlanRequest &request, PlanTaker take) const = 0;
  /// What is wrong with a plan of the family, as "expected .., got .."; empty if nothing.
  virtual std::string problemOf(mixer::AlgorithmAttr plan) const { return ""; }

  /// Why a block of the plan does not fit the machine, a GPU; empty if it does.
  virtual std::string misfitOf(mixer::AlgorithmAttr plan, const BlockNeeds &needs, const Target &target) const = 0;
  /// Blocks that a multiprocessor holds at once.
  virtual int64_t blocksPerUnit(mixer::AlgorithmAttr plan, const BlockNeeds &needs, const Target &target) const = 0;
  virtual OpCosts opCosts(mixer::AlgorithmAttr plan, const Target &target) const = 0;

  /// P is padded to a multiple of it, where chunks are multiplied: rows of a matrix product.
  virtual int64_t rowsOfProduct() const { return 16; }
  /// Whether the warps of a GPU block have roles (gpu_tile.roles), or all do the same.
  virtual bool hasRoles() const { return false; }
  /// Whether a kernel begins before the one in front of it has ended, and waits for it itself (GPU).
  virtual bool overlapsLaunches() const { return false; }

private:
  std::string name, arch;
};

/// Adds a family to those that come along. Plans of a family that is registered later are tried first.
void registerFamily(std::unique_ptr<Family> family);

/// Null if there is none of that name.
const Family *findFamily(llvm::StringRef name);
/// The family of a plan that has been checked; a plan without is portable.
const Family &familyOf(mixer::AlgorithmAttr plan);
/// What is wrong with a plan: no such family, or what the family says; empty if nothing.
std::string problemOf(mixer::AlgorithmAttr plan);

/// Those whose code runs on the machine, the most special first, the portable one last.
llvm::SmallVector<const Family *> familiesFor(const Target &target);

/// The family whose code runs everywhere: the default of plans.
constexpr llvm::StringLiteral kPortableFamily = "portable";

} // namespace mixc
