// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Tile programs through the lowerings:
//
//     tile_programs [--seed N] [--first K] [--count M] [--print] [--objects DIR] [FILE...]
//
// Each file, then two programs for each number from K to K + M - 1, drawn from the seed, of any sizes and of those that warps with roles
// take: run on this machine's CPU and compared with the interpreter; lowered to PTX for sm_80, or with roles for sm_90a, files for both
// where their plan names a family.
// The GPU lowerings may refuse a program with a diagnostic, the CPU's may not. --print: only the text. --objects: also objects for
// cuda_programs, in DIR, with a list of them in DIR/specs.inc.

#include "Program.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/PrettyStackTrace.h"
#include "llvm/Support/ToolOutputFile.h"

using namespace mixc;
using namespace mixc::test;
namespace cl = llvm::cl;

static cl::opt<uint64_t> seed("seed", cl::desc("of the programs"), cl::init(1));
static cl::opt<uint64_t> first("first", cl::desc("number of the first program"), cl::init(0));
static cl::opt<uint64_t> count("count", cl::desc("programs to draw"), cl::init(0));
static cl::opt<bool> print("print", cl::desc("print the programs and do nothing else"));
static cl::opt<std::string> objects("objects", cl::desc("folder for objects of a GPU machine"));
static cl::list<std::string> files(cl::Positional, cl::desc("FILE..."));

namespace {
struct Tally {
  int right = 0, wrong = 0, outgrown = 0, lowered = 0;
  std::map<std::string, int> refused; ///< by architecture
  std::map<std::string, int> reasons;
  double worst = 0;
};
} // namespace

/// Bound of the largest error relative to the largest element: a few roundings, and what they do to the program.
static double boundOf(const ProgramText &program, const Judgement &judgement) {
  return (program.dtype == "f32" ? 2e-6 : program.dtype == "f16" ? 2e-3 : 1e-2) + 8 * judgement.sensitivity;
}

static void write(llvm::StringRef path, llvm::StringRef text) {
  std::error_code error;
  llvm::ToolOutputFile file(path, error, llvm::sys::fs::OF_None);
  if (error)
    llvm::reportFatalUsageError(llvm::Twine("--objects: ") + path + ": " + error.message());
  file.os() << text;
  file.keep();
}

/// Lowers the program for a GPU; a refusal is counted with its reason.
static bool lower(const ProgramText &program, const std::string &family, const char *target, Tally &tally) {
  std::string diagnostics;
  if (compileProgram(program, {family}, {target}, EmitLevel::Ptx, diagnostics).artefacts) {
    ++tally.lowered;
    return true;
  }
  ++tally.refused[target];
  ++tally.reasons[std::string(target) + ": " + llvm::StringRef(diagnostics).split('\n').first.str()];
  if (diagnostics.empty()) {
    llvm::errs() << program.name << ", " << target << ": expected a diagnostic, got none\n";
    ++tally.wrong;
  }
  return false;
}

/// An object with what runs on this machine's kind of CPU and on an H100, for cuda_programs.
static void writeObject(const ProgramText &program, const std::vector<std::string> &families, std::string &list) {
  std::string diagnostics;
  CompileResult result = compileProgram(program, families, {"x86-64", "h100"}, EmitLevel::Object, diagnostics);
  if (!result.artefacts)
    llvm::reportFatalUsageError(llvm::Twine(program.name) + ": " + diagnostics);
  write(objects + "/" + program.name + ".o", result.artefacts->object);
  list += "SPEC(" + program.name + ")\n";
}

static void check(const ProgramText &program, bool portable, bool roles, Tally &tally, std::string &list, bool drawn) {
  llvm::PrettyStackTraceFormat trace("while working on %s", program.name.c_str());
  Judgement judgement = judgeOnCpu(program, /*batch=*/2, /*length=*/200);
  if (judgement.outgrows) {
    ++(drawn ? tally.outgrown : tally.wrong);
    if (!drawn)
      llvm::errs() << program.name << ": expected a program whose values stay in f32, got one that outgrows it\n";
    return;
  }
  double bound = boundOf(program, judgement);
  bool right = judgement.error <= bound;
  (right ? tally.right : tally.wrong) += 1;
  tally.worst = std::max(tally.worst, judgement.error / bound);
  if (!right)
    llvm::errs() << program.name << ": expected an error of at most " << bound << ", got " << judgement.error << " " << judgement.why
                 << "\n";
  std::vector<std::string> families{"portable"};
  if (portable)
    portable = lower(program, "portable", "sm_80", tally);
  if (roles && lower(program, "sm_90a", "sm_90a", tally))
    families.push_back("sm_90a");
  else if (!drawn && program.teams > 0) {
    llvm::errs() << program.name << ": expected a lowering with teams, got none\n";
    ++tally.wrong;
  }
  if (!objects.empty() && right && (portable || families.size() > 1))
    writeObject(program, families, list);
}

/// What a comment `// teams = N` says, 0 without.
static int64_t teamsOf(llvm::StringRef text) {
  int64_t teams = 0;
  text.split("\n// teams = ").second.split('\n').first.getAsInteger(10, teams);
  return teams;
}

static ProgramText readProgram(const std::string &path) {
  auto buffer = llvm::MemoryBuffer::getFile(path);
  if (!buffer)
    llvm::reportFatalUsageError(llvm::Twine(path) + ": " + buffer.getError().message());
  llvm::StringRef text = (*buffer)->getBuffer();
  size_t at = text.find("\ntile.program");
  if (at == llvm::StringRef::npos)
    llvm::reportFatalUsageError(llvm::Twine(path) + ": expected a tile.program after a spec, got none");
  return {llvm::sys::path::stem(path).str(), "bf16",       {{"H", 2}, {"R", 2}, {"N", 64}, {"P", 64}}, text.substr(0, at + 1).str(),
          text.substr(at + 1).str(),         teamsOf(text)};
}

int main(int argc, char **argv) {
  cl::ParseCommandLineOptions(argc, argv, "tile programs through the lowerings\n");
  Tally tally;
  std::string list;
  for (const std::string &path : files) {
    ProgramText program = readProgram(path);
    const bool roles = llvm::StringRef(program.program).contains("family = "); // its plan leaves them open
    check(program, /*portable=*/true, roles, tally, list, /*drawn=*/false);
  }
  for (uint64_t i = first; i < first + count; ++i)
    for (bool roles : {false, true}) {
      ProgramText program = drawProgram(seed * 1000000 + i, roles);
      if (print)
        llvm::outs() << program.text({roles ? "sm_90a" : "portable"}) << "\n";
      else
        check(program, !roles, roles, tally, list, /*drawn=*/true);
    }
  if (print)
    return 0;
  if (!objects.empty())
    write(objects + "/specs.inc", list);
  for (const auto &[reason, times] : tally.reasons)
    llvm::outs() << times << " refused, " << reason << "\n";
  llvm::outs() << "seed " << seed << ": " << tally.right << " right, " << tally.wrong << " wrong, " << tally.outgrown << " outgrown, worst "
               << llvm::format("%.2f", tally.worst) << " of its bound; " << tally.lowered << " lowered for GPUs, " << tally.refused["sm_80"]
               << " refused for sm_80, " << tally.refused["sm_90a"] << " for sm_90a\n";
  return tally.wrong ? 1 : 0;
}
