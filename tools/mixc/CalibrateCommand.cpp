// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Calibration.h"
#include "Table.h"
#include "mixc/passes/OutputFile.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/Path.h"

using namespace llvm;
using namespace mixc;

static constexpr StringRef kUsage =
    R"(usage: mixc calibrate -o FILE.json [flags]

Measures the numbers of a machine description on this machine, within a minute, and writes a file that --target takes. A CPU's
are all measured, by kernels and by loops that are compiled as kernels are, with AVX-512 where it is there and MIXC_CPU is not v3;
of a GPU those that its driver alone can show, while the others are those of the description that --target names.

Each number is the best of several runs, as others who use the machine can only make it slower. `spread` is how far the median
of the runs is from it: above some percent the machine was not at rest, and the number is less sure.
)";

static constexpr StringRef kNotes = R"(examples
  mixc calibrate -o mine.json
  mixc explain mamba2 --shape=B=1,T=4096,H=24,P=64,N=128,G=1 --target=mine.json
  mixc calibrate --target=h200 -o card.json
)";

static void printFigures(const Target &target, ArrayRef<Figure> figures) {
  outs() << target.name << " (" << target.arch << "): " << target.source << "\n";
  Table table({"number", "value", "spread", "from"});
  table.leftAlign({0, 3});
  for (const Figure &figure : figures)
    table.add({figure.key, formatv("{0}", format("%.4g", figure.value)),
               figure.spread < 0 ? "-" : formatv("{0:f1} %", 100 * figure.spread).str(), figure.how});
  table.print(outs());
}

int mixc::calibrateCommand(Arguments args) {
  std::string output, name = "x86-64";
  FlagTable flags;
  flags.addText("-o", "FILE.json", "the file to write; its name without .json is the machine's", output);
  flags.addText("--target", "T", "what to measure: x86-64 (default), or the GPU that is described as T, such as h200", name);
  if (is_contained(args, "--help") || is_contained(args, "-h")) {
    outs() << kUsage << "\nflags\n";
    flags.printHelp(outs());
    outs() << "\n" << kNotes;
    return kOk;
  }
  Expected<std::vector<StringRef>> positional = flags.parse(args);
  if (!positional)
    return fail(kBadInput, positional.takeError());
  if (!positional->empty())
    return fail(kBadInput, "expected flags alone, got '" + positional->front() + "'");
  if (!StringRef(output).ends_with(".json") || sys::path::stem(output).empty())
    return fail(kBadInput,
                "-o: expected a file that ends in .json, as in -o mine.json, got " + (output.empty() ? "none" : "'" + output + "'"));
  Expected<Target> target = loadTarget(name);
  if (!target)
    return fail(kBadInput, "--target: " + toString(target.takeError()));
  Expected<OutputFiles> file = OutputFiles::open({output});
  if (!file)
    return fail(kBadInput, "-o: " + toString(file.takeError()));
  Expected<std::vector<Figure>> figures = target->isGpu() ? calibrateCuda(*target) : calibrateCpu(*target);
  if (!figures)
    return fail(figures.takeError());
  target->name = sys::path::stem(output).str();
  printFigures(*target, *figures);
  Error error = file->write(0, printTarget(*target));
  if (!error)
    error = file->commit();
  return error ? fail(kFailed, std::move(error)) : kOk;
}
