// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// mixer-opt: runs passes over IR of any level and prints the result.

#include "mixc/passes/Register.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Support/FileUtilities.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/ToolOutputFile.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;

static constexpr StringRef kUsage = R"(usage: mixer-opt [flags] FILE

Runs passes over specs, tile programs or kernels, in the order of their flags, and prints the result. Options of a pass follow it, as in
--mixer-bind-shape="shape=H=24,P=64,N=128,G=1 dtype=bf16".

  mixer-opt mixers/mamba2.mlir --mixer-to-tile="shape=H=24,P=64,N=128,G=1 target=x86-64"
  mixer-opt FILE --split-input-file --verify-diagnostics      how the tests of errors run

passes, in the order in which the compiler runs them
)";

/// This project's passes and pipelines; MLIR's own help, which follows, has them among many others.
static void printOwnHelp() {
  static constexpr StringLiteral passes[] = {
      "mixer-bind-shape",        "mixer-select",    "mixer-decompose-quadratic", "mixer-decompose-scan", "mixer-decompose-chunked",
      "tile-count-work",         "tile-to-cpu",     "approximate-math",          "tile-assign-roles",    "tile-to-gpu",
      "gpu-tile-check-channels", "gpu-tile-to-nvvm"};
  static constexpr StringLiteral pipelines[] = {"mixer-to-tile", "mixer-to-cpu", "mixer-to-gpu", "cpu-to-llvm", "gpu-to-llvm-pipeline"};
  constexpr size_t column = 40;
  outs() << kUsage;
  for (StringRef name : passes)
    mlir::PassInfo::lookup(name)->printHelpStr(/*indent=*/2, column);
  outs() << "\npipelines of them\n";
  for (StringRef name : pipelines)
    mlir::PassPipelineInfo::lookup(name)->printHelpStr(/*indent=*/2, column);
  outs() << "\nMLIR's passes and flags\n\n";
  outs().flush();
}

/// MlirOptMain over a text that is looked at first.
static mlir::LogicalResult run(StringRef input, StringRef output, mlir::DialectRegistry &registry, const mlir::MlirOptMainConfig &config) {
  std::string message;
  std::unique_ptr<MemoryBuffer> text = mlir::openInputFile(input, &message);
  std::unique_ptr<ToolOutputFile> file = text ? mlir::openOutputFile(output, &message) : nullptr;
  if (!file) {
    errs() << message << "\n";
    return mlir::failure();
  }
  if (failed(mixc::checkTextLimits(*text)) || failed(mlir::MlirOptMain(file->os(), std::move(text), registry, config)))
    return mlir::failure();
  file->keep();
  return mlir::success();
}

int main(int argc, char **argv) {
  InitLLVM init(argc, argv);
  mlir::DialectRegistry registry;
  mixc::registerAllDialects(registry);
  mixc::registerAllPasses();
  if (any_of(ArrayRef(argv + 1, argc - 1), [](StringRef arg) { return arg == "--help" || arg == "-help" || arg == "-h"; }))
    printOwnHelp();
  auto [input, output] = mlir::registerAndParseCLIOptions(argc, argv, "mixc's pass driver\n", registry);
  mlir::MlirOptMainConfig config = mlir::MlirOptMainConfig::createFromCLOptions();
  if (config.shouldShowDialects() || config.shouldListPasses())
    return mlir::asMainReturnCode(mlir::MlirOptMain(argc, argv, input, output, registry));
  return mlir::asMainReturnCode(run(input, output, registry, config));
}
