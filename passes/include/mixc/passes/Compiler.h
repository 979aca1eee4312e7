// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The compiler as a function: a spec and options in, object, header and manifest out. Nothing is written to disk but
// ptxas's temporary files.
#pragma once

#include "mixc/passes/Sizes.h"
#include "mixc/passes/SpecComments.h"
#include "mixc/runtime/descriptor.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Support/LLVM.h"
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace mixc {

/// Where compilation stops. Everything but `Object` is for reading.
enum class EmitLevel { Mixer, Tile, GpuTile, Llvm, Ptx, Cubin, Object };

/// What a caller can ask for; the flags of the mixc tool, one to one.
struct CompileOptions {
  /// x86-64, sm_80, sm_90, sm_90a, the name of a file under targets/, or a path that ends in .json. Empty: x86-64, sm_80
  /// and sm_90a. sm_90a also brings kernels that use what only that architecture has.
  std::vector<std::string> targets;
  /// Type of the `io` tensors: f32, bf16 or f16. Empty: what the spec says, else f32.
  std::string dtype;
  /// Type of the states of recurrences, among arguments and results: f32, bf16 or f16. Empty: what the spec says of each.
  std::string stateDtype;
  /// Sizes by dimension letter. B and T only inform the choice of the algorithm.
  Shape shape;
  /// In what operands of f32 are multiplied on a GPU: tf32 or f32. Empty: tf32.
  std::string precision;
  /// auto, quadratic, scan or chunked.
  std::string algorithm = "auto";
  /// Tokens of a chunk; 0 leaves it to the cost model.
  int64_t chunk = 0;
  /// Plans of each family at most; 0: as many as `--mixer-select` takes.
  int64_t variants = 0;
  /// Name of the spec; empty: the file's only one.
  std::string spec;
  /// What symbols, types and constants begin with; empty: the spec's name.
  std::string name;
  /// Of the spec's source, for the header.
  SpecComments comments;
  EmitLevel emit = EmitLevel::Object;
  /// Calls may keep states that sequences have inside them.
  bool keepStates = false;
  /// States of 16 bits are rounded stochastically, by the seed of a call.
  bool stochasticRounding = false;
  /// What calls choose does not depend on their B, nor, if sequences are packed, on their lengths: `shape` says what it goes by.
  bool batchInvariant = false;
  /// Calls fail where decays break the bounds that the spec declares.
  bool checkBounds = false;
  /// Compile CPU code only for the level of this machine. For code that is run at once.
  bool hostOnly = false;
  /// A plan for each algorithm that the transition has, instead of those that the cost model would ever take.
  bool allAlgorithms = false;
  /// Path of ptxas; empty: wherever one is found; "none": embed PTX only.
  std::string ptxas;
  unsigned ptxasTimeoutSeconds = 120;
  /// Spills and performance notices of ptxas are errors instead of warnings.
  bool fatalPtxasNotices = false;
  /// Called when a target goes on to another stage of its compilation, "" for none, possibly from several threads at once.
  std::function<void(llvm::StringRef target, llvm::StringRef stage)> progress;

  void report(llvm::StringRef target, llvm::StringRef stage) const {
    if (progress)
      progress(target, stage);
  }
};

/// Why a compilation gave nothing; the diagnostics have been emitted.
enum class CompileError {
  Failed,      ///< a pass, LLVM or ptxas failed
  BadInput,    ///< the spec, a flag or a size is wrong
  NoAlgorithm, ///< the transition does not have the algorithm asked for
};

struct TensorInfo {
  std::string name;
  std::string dims; ///< one letter a dimension
  std::vector<int64_t> sizes;
  mixc_dtype dtype;
  bool isResult;
  bool optional;
  int inPlaceOf = -1;      ///< of a result: the argument that may have the same memory
  bool copied = false;     ///< if so, it is copied before
  bool slots = false;      ///< B counts states of a pool
  int banded = -1;         ///< the dimension that has its size for each band of heads
  bool stochastic = false; ///< rounded by the call's seed
  std::string unit{};      ///< where the spec's body tells; else empty
  std::string comment{};   ///< of the source
};

struct BufferInfo {
  std::vector<int64_t> sizes;
  bool splitOnly;
  int banded = -1;             ///< the dimension that has its size for each band of heads
  std::optional<float> most{}; ///< what the call leaves in it is at most that
  std::string of{};
};

/// What ptxas said about a kernel.
struct KernelUsage {
  int registers = 0;
  int spillBytes = 0; ///< stores and loads
};

/// A tensor that a kernel moves by TMA.
struct TensorMapInfo {
  int32_t tensor;           ///< of the spec, arguments, then results
  int32_t swizzle;          ///< bytes
  std::vector<int64_t> box; ///< elements, by the tensor's dimensions
};

struct LaunchInfo {
  std::string symbol;
  int64_t blocks = 1;
  bool timesBands = false;
  bool timesBatch = false;
  bool timesSplits = false;
  bool halves = false;
  /// CUDA: may start before the launch before it is complete.
  bool overlaps = false;
  /// CUDA: where blocks have at most so many chunks, as many as run at once do the work of all.
  int32_t persistent = 0;
  int64_t rows = 0;
  int32_t when = MIXC_WHEN_ALWAYS;
  uint64_t stateResults = 0;
  int64_t scratchBytes = 0;        ///< CPU
  int32_t threads = 0;             ///< GPU
  int32_t sharedBytes = 0;         ///< GPU
  std::vector<TensorMapInfo> maps; ///< GPU
  KernelUsage usage;               ///< GPU, of the last cubin
};

struct VariantInfo {
  std::string name;
  std::string algorithm;
  std::string plan;      ///< as the attribute prints
  std::string precision; ///< of products: f32, or tf32 where they round operands of f32
  mixc_device_kind device;
  int32_t arch = 0;
  bool archSpecific = false; ///< runs on `arch` alone, which then is sm_90a
  uint64_t aligned = 0;      ///< bit i: tensor i must be aligned
  int64_t chunk = 1;
  int64_t maxSplits = 1;
  int32_t persistent = 0; ///< of the plan
  bool packs = false;     ///< its kernels know sequences that the call tells apart
  bool keeps = false;     ///< and states inside the call
  std::vector<LaunchInfo> launches;
  std::vector<BufferInfo> buffers;
  mixc_cost cost{};
};

/// GPU code of a variant.
struct ImageInfo {
  int32_t arch;
  bool archSpecific;
  mixc_image_kind kind;
  std::string data;
  int32_t variant = 0; ///< its place among the spec's
};

/// A machine description, with storage for its name.
struct MachineInfo {
  std::string name;
  mixc_machine machine{};
};

/// Everything that the object, the header and the manifest say about a spec.
struct SpecInfo {
  std::string name;    ///< what symbols begin with
  std::string spec;    ///< the spec's own name
  std::string source;  ///< name of the spec's file
  std::string comment; ///< of the source, above the spec
  std::string dtype;
  Shape sizes;                                     ///< of the bound dimensions; where heads are free, of a band
  Shape hint;                                      ///< of the call that the choice was made for, with B and T if these are known
  int64_t invariantBatch = 0, invariantLength = 0; ///< what calls choose by, whatever they have (mixc_spec_desc); 0: by what they have
  std::vector<TensorInfo> tensors;                 ///< arguments, then results
  std::vector<VariantInfo> variants;
  std::vector<ImageInfo> images;
  std::optional<MachineInfo> cpuMachine, cudaMachine;

  unsigned numArgs() const;
};

struct Artefacts {
  std::vector<SpecInfo> specs; ///< as they were given
  std::string object;          ///< at EmitLevel::Object
  std::string header;          ///< at EmitLevel::Object
  std::string manifest;        ///< at EmitLevel::Object
  std::string text;            ///< at the other levels: the module, LLVM IR, PTX or the cubin's bytes

  /// Of the only one.
  const SpecInfo &info() const { return specs.front(); }
};

/// Name of the hidden symbol of the object's mixc_spec_desc.
std::string descriptorSymbol(llvm::StringRef spec);

struct CompileResult {
  std::optional<Artefacts> artefacts;
  CompileError error = CompileError::Failed; ///< if there are no artefacts
};

/// Compiles one spec of the module, which is left as it is. Diagnostics go to the module's context.
CompileResult compile(mlir::ModuleOp module, const CompileOptions &options);

/// A spec of an object.
struct CompileInput {
  mlir::ModuleOp module;
  CompileOptions options; ///< at EmitLevel::Object; `name` tells the specs of an object apart
};

/// Compiles all of them into one object. Diagnostics go to the contexts of the modules.
CompileResult compileTogether(llvm::ArrayRef<CompileInput> inputs);

/// Ends the processes that compilations have started. For signal handlers; no compilation goes on afterwards.
void killPtxas();

/// Dialects, interfaces and translations that `compile` needs.
void registerCompilerDialects(mlir::DialectRegistry &registry);

} // namespace mixc
