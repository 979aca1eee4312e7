// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// mixc: the compiler as a command line tool.

#include "Commands.h"
#include "Interrupts.h"
#include "Revision.h"
#include "mixc/dialect/NearMiss.h"
#include "mlir/Support/ToolUtilities.h"
#include "llvm/Config/llvm-config.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/PrettyStackTrace.h"

using namespace llvm;
using namespace mixc;

static constexpr StringRef kHelp = R"(mixc: compiler for semiseparable sequence mixers (Mamba-2, linear attention, RetNet, ...)

usage: mixc COMMAND SPEC [flags]

  compile   a spec to an object, a C header and a manifest
  run       compile in memory and run on tensors from a file or on random ones; check against float64
  bench     time every algorithm
  explain   what the cost model predicts for every plan, and which one it takes
  calibrate measure the description of this machine (no SPEC)
  list      the specs that come with mixc (no SPEC, no flags)

SPEC is a .mlir file with a mixer.spec, or the name of one that comes with mixc, such as mamba2.
`mixc COMMAND --help` explains the flags of a command.

  mixc explain mamba2 --shape=B=1,T=4096,H=24,P=64,N=128,G=1
  mixc run     mamba2 --shape=B=1,T=4096,H=24,P=64,N=128,G=1 --seed=1 --check
  mixc compile mamba2 --shape=H=24,P=64,N=128,G=1 --dtype=bf16 -o mamba2

exit codes
  0  all went well
  1  a check failed (run --check), or something inside the compiler or at run time, a full disk too
  2  command line, environment, spec, sizes or a file are not as expected, or want more memory than there is
  3  the spec's transition does not have the algorithm asked for
  4  no CUDA driver, no GPU, or one that the code does not run on
)";

static int printVersion() {
  outs() << "mixc " << MIXC_VERSION_MAJOR << "." << MIXC_VERSION_MINOR << " (LLVM " << LLVM_VERSION_STRING << ")";
  if (StringRef commit = MIXC_COMMIT; !commit.empty())
    outs() << ", commit " << commit;
  outs() << "\n";
  return kOk;
}

static int dispatch(Arguments args) {
  using Command = int (*)(Arguments);
  static constexpr std::pair<StringRef, Command> commands[] = {{"compile", compileCommand},     {"run", runCommand},
                                                               {"bench", benchCommand},         {"explain", explainCommand},
                                                               {"calibrate", calibrateCommand}, {"list", listCommand}};
  if (args.empty()) {
    errs() << kHelp;
    return kBadInput;
  }
  if (args[0] == "--help" || args[0] == "-h" || args[0] == "help") {
    outs() << kHelp;
    return kOk;
  }
  if (args[0] == "--version")
    return printVersion();
  for (auto [name, command] : commands)
    if (args[0] == name) {
      commandName = name;
      return command(args.drop_front());
    }
  std::string hint = didYouMean(args[0], make_first_range(commands), "; see mixc --help");
  return fail(kBadInput, "expected a command (compile, run, bench, explain, calibrate, list), got '" + args[0] + "'" + hint);
}

int main(int argc, char **argv) {
  InitLLVM init(argc, argv);
  handleInterrupts();
  setBugReportMsg("mixc: this is an error of the compiler; report it with the spec and the command line\n");
  SmallVector<StringRef> args(argv + 1, argv + argc);
  int code = dispatch(args);
  // A full disk or a closed pipe is an error here, where raw_ostream would abort.
  outs().flush();
  if (std::error_code error = outs().error()) {
    outs().clear_error();
    return code ? code : fail(kFailed, "cannot write standard output: " + error.message());
  }
  return code;
}
