// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Commands.h"
#include "Progress.h"
#include "Session.h"
#include "Table.h"
#include "mixc/passes/CName.h"
#include "mixc/passes/Frontend.h"
#include "mixc/passes/OutputFile.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Process.h"
#include <chrono>

using namespace llvm;
using namespace mixc;

static constexpr StringRef kUsage =
    R"(usage: mixc compile SPEC -o PREFIX [flags]

Compiles a spec to PREFIX.o, PREFIX.h and PREFIX.json: an object that a C program links together with libmixc_runtime,
the header that declares its functions, and a manifest of arguments, variants, workspace and predicted times. A summary
goes to standard output, and what is going on to a terminal's standard error.
SPEC is a .mlir file, or the name of one that comes with mixc.
)";

static constexpr StringRef kNotes = R"(examples
  mixc compile mamba2 --shape=H=24,P=64,N=128,G=1 --dtype=bf16 -o mamba2
  mixc compile mamba2 --shape=H=8,P=64,N=64,G=1 --name=small_mamba2
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
  std::vector<std::string> devices, images;
  for (const ImageInfo &image : info.images)
    images.push_back(std::string(image.kind == MIXC_IMAGE_CUBIN ? "cubin" : "ptx") + " sm_" + std::to_string(image.arch) +
                     (image.archSpecific ? "a" : ""));
  if (info.cpuMachine)
    devices.push_back(count(MIXC_DEVICE_CPU) + " for x86-64");
  if (info.cudaMachine)
    devices.push_back(count(MIXC_DEVICE_CUDA) + " for CUDA (" + join(images, ", ") + ")");
  return join(devices, ", ");
}

/// What was compiled and written, in how many seconds.
static void printSummary(const SpecInfo &info, ArrayRef<std::string> paths, ArrayRef<StringRef> contents, double seconds) {
  outs() << formatv("{0} {1}, {2}: variants: {3}; {4:f1} s\n", info.name, sizesText(info.sizes), info.dtype, variantsText(info), seconds);
  Table table({"file", "bytes"});
  table.leftAlign({0});
  for (auto [path, bytes] : zip_equal(paths, contents))
    table.add({path, std::to_string(bytes.size())});
  table.print(outs());
}

/// What the header needs of the spec's source: its comments, and a name for symbols.
static mlir::LogicalResult prepareHeader(SpecFile &file, CompileOptions &options) {
  mlir::FailureOr<mixer::SpecOp> spec = findSpec(file.module(), options.spec);
  if (failed(spec))
    return mlir::failure();
  options.comments = file.comments(*spec);
  std::string why = options.name.empty() ? whyNotCName(spec->getSymName()) : "";
  if (!why.empty())
    return spec->emitError() << "expected " << why << "; --name=NAME gives the symbols another";
  return mlir::success();
}

static CompileResult compileWithProgress(mlir::ModuleOp module, CompileOptions options) {
  Progress progress(*module.getContext());
  options.progress = [&](StringRef target, StringRef stage) { progress.report(target, stage); };
  return compile(module, options);
}

int mixc::compileCommand(Arguments args) {
  CompileOptions options;
  CommandLine line{kUsage, kNotes};
  std::string output;
  bool levelGiven = false;
  line.flags.addText("-o", "PREFIX",
                     "where to write PREFIX.o, PREFIX.h and PREFIX.json; needed but with --name, which then\n"
                     "says so. With --emit: the one file to write, as it is called; default: standard output,\n"
                     "of obj and cubin where that is no terminal",
                     output);
  line.flags.add({"--name", "NAME",
                  "what symbols, types and constants of object and header begin with, and what the files are\n"
                  "called without -o. Default: the spec's name",
                  [&](StringRef text) -> Error {
                    options.name = text.str();
                    std::string why = whyNotCName(text);
                    return why.empty() ? Error::success() : createStringError("--name: expected " + why);
                  }});
  line.flags.add({"--emit", "LEVEL", "stop at a level and write it: mixer, tile, gpu_tile, llvm, ptx, cubin, obj (the object alone)",
                  [&](StringRef text) {
                    levelGiven = true;
                    return parseLevel(text, options.emit);
                  }});
  line.flags.addSwitch("--keep-states",
                       "calls may keep the states that sequences have inside them (mixc_sequences.kept), at some cost to each chunk",
                       options.keepStates);
  line.flags.addSwitch("--check-bounds", kCheckBoundsHelp, options.checkBounds);
  line.flags.addSwitch("--all-algorithms", "a variant of every algorithm that the transition has, for tests and benchmarks",
                       options.allAlgorithms);
  addCommonFlags(line.flags, options,
                 {"x86-64,sm_80,sm_90a, which is the CPU\nand every GPU from sm_80 on; with --emit one of them",
                  "B (batch) and T (length) are free at run time; given, they inform the choice of the algorithm"});
  if (std::optional<int> code = line.parse(args))
    return *code;
  if (output.empty() && !levelGiven)
    output = options.name;
  if (output.empty() && !levelGiven)
    return fail(kBadInput, "expected -o PREFIX (or --emit=LEVEL to look at a level)");
  bool isBinary = options.emit == EmitLevel::Object || options.emit == EmitLevel::Cubin;
  if (output.empty() && isBinary && sys::Process::StandardOutIsDisplayed())
    return fail(kBadInput, "expected -o FILE, got a terminal to write an object file to");
  Expected<std::vector<std::string>> paths = outputPaths(output, levelGiven);
  if (!paths)
    return fail(kBadInput, paths.takeError());
  std::unique_ptr<SpecFile> file = SpecFile::open(line.spec);
  if (!file)
    return kBadInput;
  if (options.emit == EmitLevel::Object && failed(prepareHeader(*file, options)))
    return kBadInput;
  Expected<OutputFiles> files = OutputFiles::open(*paths);
  if (!files)
    return fail(kBadInput, "-o: " + toString(files.takeError()));
  auto start = std::chrono::steady_clock::now();
  CompileResult result = compileWithProgress(file->module(), options);
  if (!result.artefacts)
    return exitCode(result.error);
  SmallVector<StringRef> contents = contentsOf(*result.artefacts, options.emit, levelGiven);
  if (Error error = writeAll(*files, contents))
    return fail(kFailed, std::move(error));
  if (!levelGiven)
    printSummary(result.artefacts->info, *paths, contents, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  return kOk;
}
