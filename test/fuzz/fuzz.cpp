// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// fuzz: hands mutants of everything that users write to the tools, in forked children, and reports each crash, each report of a
// sanitizer and each input that takes more than 20 s of processor time. What fails is kept in a file, as small as it gets.
//
//   fuzz                                        all kinds, for a minute each
//   fuzz --kind=ir --seed=7 --count=50000        so many mutants of one kind
//   fuzz --kind=ir --seed=7 --first=123 --count=1   one of them again
//   fuzz --kind=ir FILE...                      kept inputs again
//
// Mutants of specs are parsed, compiled, evaluated and opened in the language server, those of IR go through the passes,
// command lines and archives to mixc. The tests fuzz/* run a few thousand. The same under the sanitizers, 100,000 mutants of
// specs and IR and 10,000 command lines and archives:
//
//   cmake --preset asan && cmake --build build/asan --target fuzz
//   build/asan/test/fuzz/fuzz --kind=specs,ir --count=50000 && build/asan/test/fuzz/fuzz --kind=commands,archives --count=10000

#include "Kind.h"
#include "Process.h"
#include "Runner.h"
#include "Shrink.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/Signals.h"
#include "llvm/Support/raw_ostream.h"
#include <filesystem>
#include <map>
#include <random>
#include <thread>

using namespace llvm;
using namespace mixc::fuzz;

/// After so many different failures the rest is not worth the time.
static constexpr size_t kMostFailures = 30;

namespace {
struct Options {
  std::vector<StringRef> kinds, files;
  uint64_t seed = std::random_device()(), first = 0, count = UINT64_MAX / 2, seconds = 0;
  unsigned jobs = std::max(1u, std::min(8u, std::thread::hardware_concurrency()));
  std::string keep = "fuzz-failures", mixc = MIXC_BINARY;
};
} // namespace

static bool parseOptions(int argc, char **argv, Options &options) {
  for (StringRef arg : ArrayRef(argv + 1, argc - 1)) {
    auto [name, value] = arg.split('=');
    bool isFine = true;
    if (name == "--kind")
      for (StringRef kind : split(value, ','))
        options.kinds.push_back(kind);
    else if (name == "--seed")
      isFine = !value.getAsInteger(0, options.seed);
    else if (name == "--first")
      isFine = !value.getAsInteger(0, options.first);
    else if (name == "--count")
      isFine = !value.getAsInteger(0, options.count);
    else if (name == "--seconds")
      isFine = !value.getAsInteger(0, options.seconds);
    else if (name == "--jobs")
      isFine = !value.getAsInteger(0, options.jobs) && options.jobs > 0;
    else if (name == "--keep")
      options.keep = value.str();
    else if (name == "--mixc")
      options.mixc = value.str();
    else if (!arg.starts_with("-"))
      options.files.push_back(arg);
    else
      isFine = false;
    if (!isFine) {
      errs() << "fuzz: expected --kind=specs,ir,commands,archives, --seed, --first, --count, --seconds, --jobs with a number, "
                "--keep=DIR, "
                "--mixc=PATH or files, got '"
             << arg << "'\n";
      return false;
    }
  }
  if (options.kinds.empty())
    options.kinds = {"specs", "ir", "commands", "archives"};
  if (options.seconds == 0)
    options.seconds = options.count == UINT64_MAX / 2 ? 60 : 1000000;
  return true;
}

static std::unique_ptr<Kind> makeKind(StringRef name, const Options &options) {
  if (name == "specs")
    return makeSpecs();
  if (name == "ir")
    return makeIr();
  if (name == "commands")
    return makeCommandLines(options.mixc);
  if (name == "archives")
    return makeArchives(options.mixc);
  errs() << "fuzz: expected a kind among specs, ir, commands, archives, got '" << name << "'\n";
  return nullptr;
}

/// Faults of MLIR's own code, by a function on the stack and what reaches it. Nothing here can keep an input from them.
static constexpr StringLiteral kFaultsOfMlir[] = {
    "mlir::detail::Parser::parseDenseArrayAttr", // array<index: 1>
};

static bool isFaultOfMlir(const Failure &failure) {
  return any_of(kFaultsOfMlir, [&](StringRef function) { return StringRef(failure.log).contains(function); });
}

/// The first functions of a stack whose names begin with `space`.
static std::string framesOf(StringRef log, StringRef space) {
  std::string frames;
  SmallVector<StringRef> lines;
  log.split(lines, '\n');
  unsigned found = 0;
  for (StringRef line : lines) {
    size_t at = line.find(space);
    if (line.trim().starts_with("#") && at != StringRef::npos && !line.contains("fuzz::") && found++ < 2)
      frames += "\n  " + line.substr(at).split('(').first.str();
  }
  return frames;
}

/// What tells a failure from another: how it ended, what it said, and the first functions of this project on its stack, else of
/// MLIR.
static std::string signatureOf(const Failure &failure) {
  std::string signature = failure.what;
  SmallVector<StringRef> lines;
  StringRef(failure.log).split(lines, '\n');
  for (StringRef line : lines)
    if (line.contains("runtime error:") || line.contains("Assertion") || line.contains("LLVM ERROR") || line.contains("what():"))
      signature += "\n  " + line.trim().str();
  std::string own = framesOf(failure.log, "mixc::");
  return signature + (own.empty() ? framesOf(failure.log, "mlir::") : own);
}

/// Shrinks and writes the input; prints where it is.
static void keepFailure(Runner &runner, const Kind &kind, StringRef name, const Options &options, Failure failure) {
  std::string signature = signatureOf(failure);
  std::optional<Failure> again = runner.check(failure.input);
  if (!again)
    outs() << "  (only after the mutants before it, from " << failure.index / 200 * 200 << " on)\n";
  bool isHang = StringRef(failure.what).starts_with("hang");
  if (again && kind.isText() && !isHang)
    failure.input = shrink(failure.input, [&](const std::string &input) {
      std::optional<Failure> smaller = runner.check(input);
      return smaller && signatureOf(*smaller) == signature;
    });
  std::error_code ignored;
  std::filesystem::create_directories(options.keep, ignored);
  std::string path =
      options.keep + "/" + name.str() + "-" + std::to_string(options.seed) + "-" + std::to_string(failure.index) + "." + kind.ending();
  outs() << (writeFile(path, failure.input) ? "  kept in " : "  could not be written to ") << path << "\n";
  SmallVector<StringRef> lines;
  StringRef(failure.log).split(lines, '\n');
  for (StringRef line : ArrayRef(lines).take_front(40))
    outs() << "  | " << line << "\n";
}

/// Whether all mutants of a kind were fine.
static bool fuzz(StringRef name, const Options &options) {
  std::unique_ptr<Kind> kind = makeKind(name, options);
  if (!kind)
    return false;
  Runner runner(*kind, options.seed, options.jobs);
  std::map<std::string, unsigned> failures;
  unsigned others = 0;
  auto start = Runner::Clock::now();
  uint64_t done = runner.run(options.first, options.count, start + std::chrono::seconds(options.seconds), [&](const Failure &failure) {
    if (isFaultOfMlir(failure)) {
      ++others;
      return true;
    }
    std::string signature = signatureOf(failure);
    if (failures[signature]++ == 0) {
      outs() << "fuzz: --kind=" << name << " --seed=" << options.seed << " --first=" << failure.index << " --count=1: " << signature
             << "\n";
      keepFailure(runner, *kind, name, options, failure);
      outs().flush();
    }
    return failures.size() < kMostFailures;
  });
  std::chrono::duration<double> seconds = Runner::Clock::now() - start;
  outs() << "fuzz: --kind=" << name << " --seed=" << options.seed << ": " << done << " mutants in " << format("%.0f", seconds.count())
         << " s, " << failures.size() << " different failures, " << others << " known ones of MLIR\n";
  for (const auto &[signature, count] : failures)
    outs() << "  " << count << " times " << signature << "\n";
  if (std::string summary = kind->summary(); !summary.empty())
    outs() << "fuzz: " << summary << "\n";
  outs().flush();
  return failures.empty() && done > 0;
}

/// Whether inputs that were kept are fine now.
static bool replay(const Options &options) {
  std::unique_ptr<Kind> kind = makeKind(options.kinds.front(), options);
  if (!kind)
    return false;
  Runner runner(*kind, options.seed, 1);
  bool isFine = true;
  for (StringRef path : options.files) {
    std::optional<Failure> failure = runner.check(readFile(path.str()));
    outs() << path << ": " << (failure ? signatureOf(*failure) : "fine")
           << (failure && isFaultOfMlir(*failure) ? ", a known fault of MLIR" : "") << "\n";
    isFine &= !failure || isFaultOfMlir(*failure);
  }
  return isFine;
}

int main(int argc, char **argv) {
  Options options;
  if (!parseOptions(argc, argv, options))
    return 2;
  sys::PrintStackTraceOnErrorSignal(argv[0]);
  if (!options.files.empty())
    return !replay(options);
  bool isFine = true;
  for (StringRef kind : options.kinds)
    isFine = fuzz(kind, options) && isFine;
  return !isFine;
}
