// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// renamed_specs [--seed N] FILE...: names do not matter. Each spec is compiled as it is and under other names: its tile programs for a CPU,
// sm_80 and sm_90a are the same but for them; so is what is made of one of these, the CPU object or the PTX, and so are the plans and
// costs.

#include "Code.h"
#include "Rename.h"
#include "mixc/dialect/Mixer.h"
#include "mixc/passes/Compiler.h"
#include "mixc/passes/Forms.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Parser/Parser.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/PrettyStackTrace.h"
#include "llvm/Support/raw_ostream.h"

using namespace mixc;
using namespace mixc::test;
namespace cl = llvm::cl;

static cl::opt<uint64_t> seed("seed", cl::desc("of the names"), cl::init(1));
static cl::list<std::string> files(cl::Positional, cl::OneOrMore, cl::desc("FILE..."));

namespace {
struct Build {
  const char *target, *dtype, *algorithm;
};

/// A spec as it is compiled: lines to compare, empty if it is not.
using Lines = std::vector<std::string>;
} // namespace

static std::string read(const std::string &path) {
  auto buffer = llvm::MemoryBuffer::getFile(path);
  if (!buffer)
    llvm::reportFatalUsageError(llvm::Twine(path) + ": " + buffer.getError().message());
  return (*buffer)->getBuffer().str();
}

/// Plans, what is launched, and what it is expected to cost.
static void describePlans(const SpecInfo &info, MapName map, Lines &lines) {
  for (const VariantInfo &variant : info.variants) {
    lines.push_back(variant.name + ": " + variant.plan + ", splits " + std::to_string(variant.maxSplits));
    lines.push_back("cost " + llvm::toHex(llvm::ArrayRef(reinterpret_cast<const uint8_t *>(&variant.cost), sizeof variant.cost)));
    for (const LaunchInfo &launch : variant.launches)
      lines.push_back(map(launch.symbol) + ": " + std::to_string(launch.blocks) + " blocks, scratch " +
                      std::to_string(launch.scratchBytes) + ", shared " + std::to_string(launch.sharedBytes));
  }
}

/// The code of a build; without `whole` its tile programs.
static Lines compileTo(mlir::MLIRContext &context, const std::string &text, const Build &build, bool whole, MapName mapSymbol,
                       MapName mapString) {
  auto module = mlir::parseSourceString<mlir::ModuleOp>(text, &context);
  if (!module)
    return {};
  CompileOptions options;
  options.targets = {build.target};
  options.dtype = build.dtype;
  options.algorithm = build.algorithm;
  options.hostOnly = true;
  options.emit = !whole ? EmitLevel::Tile : llvm::StringRef(build.target) == "x86-64" ? EmitLevel::Object : EmitLevel::Ptx;
  mixer::SpecOp spec = *module->getOps<mixer::SpecOp>().begin();
  if (auto asked = mixer::symbolizeAlgorithm(build.algorithm); asked && findMissingForm(spec, *asked))
    options.algorithm = "auto";
  for (auto [dim, size] : {std::pair("H", 2), std::pair("G", 1), std::pair("R", 2), std::pair("W", 4), std::pair("L", 3),
                           std::pair("N", 16), std::pair("P", 16)})
    if (llvm::any_of(spec.getFunctionType().getInputs(),
                     [dim = dim](mlir::Type type) { return llvm::cast<mixer::TensorType>(type).hasDim(dim); }))
      options.shape[dim] = size;
  CompileResult result = compile(*module, options);
  if (!result.artefacts)
    return {};
  if (!whole) {
    llvm::StringRef programs = result.artefacts->text; // behind the spec, whose names they are
    return describeText(programs.drop_front(std::min(programs.find("tile.program"), programs.size())), mapSymbol);
  }
  Lines lines = options.emit == EmitLevel::Object ? describeObject(result.artefacts->object, mapSymbol, mapString)
                                                  : describeText(result.artefacts->text, mapSymbol);
  describePlans(result.artefacts->info(), mapSymbol, lines);
  return lines;
}

/// Whether the lines are there and are the same; says where they are not.
static bool compare(const std::string &what, const Lines &expected, const Lines &got) {
  if (!expected.empty() && expected == got)
    return true;
  auto [left, right] = std::mismatch(expected.begin(), expected.end(), got.begin(), got.end());
  llvm::errs() << what << ": expected the same code, got another line " << left - expected.begin() + 1 << "\n  "
               << (left == expected.end() ? "(none)" : *left) << "\n  " << (right == got.end() ? "(none)" : *right) << "\n";
  return false;
}

/// A symbol's old name: those of a spec are its name or begin with it, its labels with an L before it.
static std::string oldSymbol(llvm::StringRef symbol, const std::string &newSpec, const std::string &oldSpec) {
  if (symbol == newSpec)
    return oldSpec;
  for (std::string before : {"", "_", "__", "mixc_", "L"})
    if (std::string start = before + newSpec + "_"; symbol.starts_with(start))
      return before + oldSpec + symbol.substr(start.size() - 1).str();
  return symbol.str();
}

static bool check(mlir::MLIRContext &context, const std::string &path, int number, const std::vector<std::string> &known,
                  std::mt19937_64 &random) {
  llvm::PrettyStackTraceFormat trace("while working on %s", path.c_str());
  const std::string text = read(path);
  Renamed renamed = rename(text, known, random);
  llvm::StringRef after = llvm::StringRef(renamed.text).split('@').second;
  const std::string newSpec = after.take_until([](char c) { return c == '('; }).str();
  auto symbol = [&](llvm::StringRef name) { return oldSymbol(name, newSpec, renamed.names.at(newSpec)); };
  auto string = [&](llvm::StringRef name) {
    auto found = renamed.names.find(name.str());
    return found == renamed.names.end() ? symbol(name) : found->second;
  };
  auto same = [](llvm::StringRef name) { return name.str(); };
  // What takes long to compile, the chunked form on a CPU, every other time; each mixer in 16 bits for roles. One build of each all the
  // way.
  const Build builds[] = {{"x86-64", "f32", number % 2 ? "chunked" : "scan"},
                          {"sm_80", number % 2 ? "bf16" : "f32", number % 2 ? "scan" : "chunked"},
                          {"sm_90a", "bf16", "auto"}};
  bool fine = true;
  for (auto [which, build] : llvm::enumerate(builds)) {
    const bool whole = number % std::size(builds) == which;
    fine &= compare(llvm::sys::path::stem(path).str() + " for " + build.target, compileTo(context, text, build, whole, same, same),
                    compileTo(context, renamed.text, build, whole, symbol, string));
  }
  if (!fine)
    llvm::errs() << renamed.text;
  return fine;
}

int main(int argc, char **argv) {
  cl::ParseCommandLineOptions(argc, argv, "specs under other names\n");
  llvm::outs() << "seed " << seed << "\n";
  llvm::outs().flush();
  mlir::DialectRegistry registry;
  registerCompilerDialects(registry);
  mlir::MLIRContext context(registry);
  std::vector<std::string> known;
  for (const std::string &path : files)
    for (const std::string &name : namesOf(read(path)))
      known.push_back(name);
  std::mt19937_64 random(seed);
  int wrong = 0;
  for (auto [number, path] : llvm::enumerate(files))
    wrong += !check(context, path, number, known, random);
  llvm::outs() << files.size() - wrong << " specs are the same under other names, " << wrong << " are not\n";
  return wrong != 0;
}
