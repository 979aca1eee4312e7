// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "ByteBudget.h"
#include "Progress.h"
#include "Session.h"
#include "Table.h"
#include "mixc/passes/CName.h"
#include "mixc/passes/OutputFile.h"
#include "mixc/passes/SelectOptions.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Process.h"
#include <chrono>
#include <set>

using namespace llvm;
using namespace mixc;

static constexpr StringRef kUsage =
    R"(usage: mixc compile SPEC.. -o PREFIX [flags]

Compiles specs to PREFIX.o, PREFIX.h and PREFIX.json: an object that a C program links together with libmixc_runtime,
the header that declares its functions, and a manifest of arguments, variants, workspace and predicted times. A summary
goes to standard output, and what is going on to a terminal's standard error.
SPEC is a .mlir file, or the name of one that comes with mixc. All specs of all files go into the one object, each for every
--shape; symbols begin with the spec's name and, where the shape has one, that of the shape: mamba2_cpu, mamba2_small_cpu.
)";

static constexpr StringRef kNotes = R"(examples
  mixc compile mamba2 --shape=H=24,P=64,N=128,G=1 --dtype=bf16 -o mamba2
  mixc compile mamba2 --shape=H=8,P=64,N=64,G=1 --name=small_mamba2
  mixc compile mamba2 gla --shape=H=4,P=64,N=64,G=1 -o mixers
  mixc compile mamba2 --shape=small:H=8,P=64,N=64,G=1 --shape=large:H=24,P=64,N=64,G=1 -o mamba2
  mixc compile mamba2 gla --shape=@mamba2:H=8,P=64,N=64,G=1 --shape=@gla:H=4,P=64,N=64 -o mixers
  mixc compile my_mixer.mlir --shape=H=16,P=128,N=128 --target=sm_90a -o my_mixer
  mixc compile mamba2 --shape=H=24,P=64,N=128,G=1 --target=x86-64 --algorithm=chunked --emit=tile
)";

static Error parseLevel(StringRef text, EmitLevel &level) {
  static constexpr std::pair<StringRef, EmitLevel> levels[] = {
      {"mixer", EmitLevel::Mixer}, {"tile", EmitLevel::Tile},   {"gpu_tile", EmitLevel::GpuTile}, {"llvm", EmitLevel::Llvm},
      {"ptx", EmitLevel::Ptx},     {"cubin", EmitLevel::Cubin}, {"obj", EmitLevel::Object},
  };
  for (auto [name, value] : levels)
    if (name == text) {
      level = value;
      return Error::success();
    }
  return createStringError("--emit: expected one of mixer, tile, gpu_tile, llvm, ptx, cubin, obj, got '" + text + "'");
}

/// The paths that are written: those of the artefacts, or the one of a level.
static Expected<std::vector<std::string>> outputPaths(StringRef output, bool isLevel) {
  if (isLevel)
    return std::vector<std::string>{output.empty() ? "-" : output.str()};
  StringRef name = sys::path::filename(output);
  if (output.ends_with("/") || name == "." || name == "..")
    return createStringError("-o: expected a prefix of files such as " + (output.ends_with("/") ? output : StringRef()) +
                             "mamba2, got the directory '" + output + "'");
  return std::vector<std::string>{(output + ".o").str(), (output + ".h").str(), (output + ".json").str()};
}

/// What is written, in the order of the paths.
static SmallVector<StringRef> contentsOf(const Artefacts &artefacts, EmitLevel level, bool isLevel) {
  if (isLevel)
    return {level == EmitLevel::Object ? artefacts.object : artefacts.text};
  return {artefacts.object, artefacts.header, artefacts.manifest};
}

static Error writeAll(OutputFiles &files, ArrayRef<StringRef> contents) {
  for (auto [i, bytes] : enumerate(contents))
    if (Error error = files.write(i, bytes))
      return error;
  return files.commit();
}

/// "3 for x86-64, 4 for CUDA (cubin sm_80, cubin sm_90a, ptx sm_80)"
static std::string variantsText(const SpecInfo &info) {
  auto count = [&](mixc_device_kind device) {
    return std::to_string(count_if(info.variants, [&](const VariantInfo &variant) { return variant.device == device; }));
  };
  std::vector<std::string> devices;
  std::set<std::string> images; // each variant has its own
  for (const ImageInfo &image : info.images)
    images.insert(std::string(image.kind == MIXC_IMAGE_CUBIN ? "cubin" : "ptx") + " sm_" + std::to_string(image.arch) +
                  (image.archSpecific ? "a" : ""));
  if (info.cpuMachine)
    devices.push_back(count(MIXC_DEVICE_CPU) + " for x86-64");
  if (info.cudaMachine)
    devices.push_back(count(MIXC_DEVICE_CUDA) + " for CUDA (" + join(images, ", ") + ")");
  return join(devices, ", ");
}

/// What was compiled and written, in how many seconds.
static void printSummary(ArrayRef<SpecInfo> specs, ArrayRef<std::string> paths, ArrayRef<StringRef> contents, double seconds) {
  for (const SpecInfo &info : specs) {
    outs() << formatv("{0} {1}, {2}: variants: {3}", info.name, info.sizes.text(), info.dtype, variantsText(info));
    outs() << (&info == &specs.back() ? formatv("; {0:f1} s\n", seconds).str() : "\n");
  }
  Table table({"file", "bytes"});
  table.leftAlign({0});
  for (auto [path, bytes] : zip_equal(paths, contents))
    table.add({path, std::to_string(bytes.size())});
  table.print(outs());
}

namespace {
/// What a command line asks for.
struct Request {
  CompileOptions options; ///< of all specs
  std::string output;
  bool isLevel = false; ///< one file, of the level, instead of the artefacts
  std::vector<NamedShape> shapes;
  int64_t maxBytes = 0;
  std::vector<std::string> files;
};
} // namespace

static void addFlags(FlagTable &flags, Request &request) {
  CompileOptions &options = request.options;
  flags.addText("-o", "PREFIX",
                "where to write PREFIX.o, PREFIX.h and PREFIX.json; needed but with --name, which then\n"
                "says so. With --emit: the one file to write, as it is called; default: standard output,\n"
                "of obj and cubin where that is no terminal",
                request.output);
  flags.add({"--name", "NAME",
             "what symbols, types and constants of object and header begin with, and what the files are\n"
             "called without -o. Of one spec. Default: the spec's name",
             [&](StringRef text) -> Error {
               options.name = text.str();
               std::string why = whyNotCName(text);
               return why.empty() ? Error::success() : createStringError("--name: expected " + why);
             }});
  flags.add({"--emit", "LEVEL", "stop at a level and write it: mixer, tile, gpu_tile, llvm, ptx, cubin, obj (the object alone)",
             [&](StringRef text) {
               request.isLevel = true;
               return parseLevel(text, options.emit);
             }});
  flags.addSwitch("--keep-states",
                  "calls may keep the states that sequences have inside them (mixc_sequences.kept), at some cost to each chunk",
                  options.keepStates);
  flags.addSwitch("--batch-invariant",
                  "what a sequence gives does not depend, to the bit, on what else is in its call: calls choose by\n"
                  "the B of --shape (default 8) and their T, packed ones by both of --shape (T: 2048)",
                  options.batchInvariant);
  flags.addSwitch("--check-bounds", kCheckBoundsHelp, options.checkBounds);
  flags.addSwitch("--all-algorithms", "a variant of every algorithm that the transition has, for tests and benchmarks",
                  options.allAlgorithms);
  flags.addInteger("--variants",
                   "variants at most of each kind of code: for the CPU, for every GPU, for sm_90a alone. They are\n"
                   "those between which a call chooses by its B and T. Default: 3, 4 and 2; of a given\n"
                   "--algorithm 1",
                   1, kMaxVariants, options.variants);
  flags.addInteger("--max-bytes", "bytes of the object at most; it is compiled again with fewer variants until that is so", 1, INT64_MAX,
                   request.maxBytes);
  addCommonFlags(flags, options,
                 {"x86-64,sm_80,sm_90a, which is the CPU\nand every GPU from sm_80 on; with --emit one of them",
                  "B (batch) and T (length) are free at run time; given, they inform the choice of the algorithm.\n"
                  "Several shapes each have a name that symbols get, NAME:B=..,T=..; @SPEC:B=..,T=.. and\n"
                  "@SPEC.NAME:B=..,T=.. are sizes of that spec alone",
                  [&](StringRef text) -> Error {
                    Expected<NamedShape> shape = parseNamedShape(text);
                    if (!shape)
                      return createStringError("--shape: " + toString(shape.takeError()));
                    request.shapes.push_back(std::move(*shape));
                    return Error::success();
                  }});
}

/// An error where one flag leaves another without meaning.
static Error checkFlags(const FlagTable &flags, const Request &request) {
  for (const char *flag : {"--variants", "--max-bytes"})
    if (flags.has(flag) && request.options.allAlgorithms)
      return createStringError("%s: expected none beside --all-algorithms, which takes a variant of each algorithm, got both", flag);
  if (flags.has("--max-bytes") && request.options.emit != EmitLevel::Object)
    return createStringError("--max-bytes: expected an object, got --emit of another level; leave one of them out");
  return Error::success();
}

/// Where the artefacts, or the level, go.
static Expected<std::vector<std::string>> pathsFor(Request &request) {
  if (request.output.empty() && !request.isLevel)
    request.output = request.options.name;
  if (request.output.empty() && !request.isLevel)
    return createStringError("expected -o PREFIX or --name=NAME (or --emit=LEVEL to look at a level)");
  bool isBinary = request.options.emit == EmitLevel::Object || request.options.emit == EmitLevel::Cubin;
  if (request.output.empty() && isBinary && sys::Process::StandardOutIsDisplayed())
    return createStringError("expected -o FILE, got a terminal to write an object file to");
  return outputPaths(request.output, request.isLevel);
}

/// One level of one spec, or one object of all of them.
static CompileResult compileChosen(MutableArrayRef<ChosenSpec> chosen, const Request &request) {
  SmallVector<mlir::MLIRContext *> contexts;
  for (ChosenSpec &one : chosen)
    if (mlir::MLIRContext *context = one.spec->getContext(); !is_contained(contexts, context))
      contexts.push_back(context);
  Progress progress(contexts);
  CompileOptions options = request.options;
  options.progress = [&](StringRef target, StringRef stage) { progress.report(target, stage); };
  if (options.emit == EmitLevel::Object)
    return compileWithin(chosen, options, request.maxBytes);
  return compile(chosen.front().file->module(), optionsFor(chosen.front(), options));
}

/// From the files on.
static ExitCode compileRequest(const Request &request, ArrayRef<std::string> paths) {
  std::vector<std::unique_ptr<SpecFile>> sources;
  for (const std::string &name : request.files) {
    sources.push_back(SpecFile::open(name));
    if (!sources.back())
      return kBadInput;
  }
  const bool forObject = request.options.emit == EmitLevel::Object;
  std::optional<std::vector<ChosenSpec>> chosen = chooseSpecs(sources, request.options, request.shapes);
  if (!chosen || (forObject && !checkNames(*chosen)))
    return kBadInput;
  if (!forObject && chosen->size() > 1)
    return fail(kBadInput, "--emit: expected one spec to look at, got '" + (*chosen)[0].name + "' and '" + (*chosen)[1].name +
                               "'; choose one with --spec=NAME and one --shape");
  Expected<OutputFiles> files = OutputFiles::open(paths);
  if (!files)
    return fail(kBadInput, "-o: " + toString(files.takeError()));
  auto start = std::chrono::steady_clock::now();
  CompileResult result = compileChosen(*chosen, request);
  if (!result.artefacts)
    return exitCode(result.error);
  SmallVector<StringRef> contents = contentsOf(*result.artefacts, request.options.emit, request.isLevel);
  if (Error error = writeAll(*files, contents))
    return fail(kFailed, std::move(error));
  std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  if (!request.isLevel)
    printSummary(result.artefacts->specs, paths, contents, seconds.count());
  return kOk;
}

int mixc::compileCommand(Arguments args) {
  Request request;
  CommandLine line{kUsage, kNotes, /*takesSeveral=*/true};
  addFlags(line.flags, request);
  if (std::optional<int> code = line.parse(args))
    return *code;
  request.files = line.specs;
  if (Error error = checkFlags(line.flags, request))
    return fail(kBadInput, std::move(error));
  Expected<std::vector<std::string>> paths = pathsFor(request);
  if (!paths)
    return fail(kBadInput, paths.takeError());
  return compileRequest(request, *paths);
}
