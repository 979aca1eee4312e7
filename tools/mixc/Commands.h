// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The commands of the mixc tool, and what they share.
#pragma once

#include "Flags.h"
#include "mixc/passes/Compiler.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/Support/SourceMgr.h"
#include <memory>

namespace mixc {

/// Exit codes, the same for every command; --help lists them.
enum ExitCode {
  kOk = 0,
  kFailed = 1,      ///< a check failed, or something inside or at run time went wrong
  kBadInput = 2,    ///< command line, environment, spec, sizes, files, also where they want more memory than there is
  kNoAlgorithm = 3, ///< the transition does not have the algorithm asked for
  kNoDevice = 4,    ///< no CUDA driver or GPU, or code for another one
};

/// Prints "mixc COMMAND: error: ..." and returns the code.
ExitCode fail(ExitCode code, const llvm::Twine &message);
ExitCode fail(ExitCode code, llvm::Error error);
/// The same, with the exit code that the error's own code stands for: kBadInput for invalid_argument and not_enough_memory, kNoDevice for
/// no_such_device, else kFailed.
ExitCode fail(llvm::Error error);
/// Prints "mixc COMMAND: note: ...".
void note(const llvm::Twine &message);

/// Prints "mixc COMMAND: warning: ...".
void warn(const llvm::Twine &message);

/// A warning of sizes in --shape that the spec does not have: a letter may be mistyped.
void warnOfUnusedSizes(mixer::SpecOp spec, const Shape &shape);

/// Name of the command that runs, for messages.
extern llvm::StringRef commandName;

/// A command: parses its arguments, does its work, returns an exit code.
using Arguments = llvm::ArrayRef<llvm::StringRef>;
int compileCommand(Arguments args);
int runCommand(Arguments args);
int benchCommand(Arguments args);
int explainCommand(Arguments args);
int calibrateCommand(Arguments args);
int listCommand(Arguments args);

/// What the help of a command says of flags that all have.
struct CommonHelp {
  llvm::StringRef defaultTarget;                       ///< where --target is not given
  llvm::StringRef callSizes;                           ///< what B and T of --shape are
  std::function<llvm::Error(llvm::StringRef)> shape{}; ///< takes each --shape, of which there may be several; null: there is one
};

inline constexpr llvm::StringRef kCheckBoundsHelp =
    "calls fail where decays break the bounds that the spec declares (`decay = %g >= -5`); on a GPU\neach call waits for that";

/// The flags that all commands have.
void addCommonFlags(FlagTable &flags, CompileOptions &options, const CommonHelp &help);

/// --lengths, of the commands that make or predict a call.
void addLengthsFlag(FlagTable &flags, std::vector<int64_t> &lengths);

/// Handles --help and the positional arguments: one spec, or several where a command takes them. Returns an exit code to leave with, or
/// nothing.
struct CommandLine {
  llvm::StringRef usage; ///< what the command does, before its flags
  llvm::StringRef notes; ///< examples, after its flags
  bool takesSeveral = false;
  FlagTable flags{};
  std::string spec{}; ///< the first one
  std::vector<std::string> specs{};

  std::optional<int> parse(Arguments args);
};

/// A parsed spec file, with its diagnostics going to stderr as file:line:column.
class SpecFile {
public:
  /// Null if the file cannot be read or is not a valid module; the reason has been printed.
  static std::unique_ptr<SpecFile> open(llvm::StringRef path);
  mlir::ModuleOp module() { return *parsed; }
  /// What the file says of a spec in comments.
  SpecComments comments(mlir::Operation *spec) const;

private:
  SpecFile();
  /// The text from a place of the file on; empty if the place is of no file.
  llvm::StringRef textFrom(mlir::Location place) const;
  llvm::SourceMgr sources;
  mlir::MLIRContext context;
  std::unique_ptr<mlir::SourceMgrDiagnosticHandler> handler;
  /// Prints what has no place in the file: errors of flags, and remarks; and in other words what MLIR says of the syntax around ops.
  std::unique_ptr<mlir::ScopedDiagnosticHandler> plainHandler;
  mlir::OwningOpRef<mlir::ModuleOp> parsed;
};

/// The exit code for a compilation that gave nothing; its diagnostics have been printed.
ExitCode exitCode(CompileError error);

} // namespace mixc
