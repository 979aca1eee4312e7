// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Commands.h"
#include "ShippedSpecs.h"
#include "mixc/dialect/NearMiss.h"
#include "mixc/dialect/Remarks.h"
#include "mixc/passes/Register.h"
#include "mixc/passes/Shape.h"
#include "mixc/runtime/limits.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/Parser/Parser.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"

using namespace llvm;
using namespace mixc;

StringRef mixc::commandName;

static void print(StringRef severity, const Twine &message) {
  errs() << "mixc" << (commandName.empty() ? "" : " ") << commandName << ": " << severity << ": " << message << "\n";
}

ExitCode mixc::fail(ExitCode code, const Twine &message) {
  outs().flush(); // what the message speaks of comes before it
  print("error", message);
  return code;
}

ExitCode mixc::fail(ExitCode code, Error error) { return fail(code, Twine(toString(std::move(error)))); }

ExitCode mixc::fail(Error error) {
  ExitCode code = kFailed;
  visitErrors(error, [&](const ErrorInfoBase &info) {
    std::error_code reason = info.convertToErrorCode();
    if (reason == std::errc::invalid_argument || reason == std::errc::not_enough_memory)
      code = kBadInput;
    else if (reason == std::errc::no_such_device)
      code = kNoDevice;
  });
  return fail(code, std::move(error));
}

void mixc::note(const Twine &message) { print("note", message); }

void mixc::warn(const Twine &message) { print("warning", message); }

void mixc::warnOfUnusedSizes(mixer::SpecOp spec, const Shape &shape) {
  if (std::string unused = unusedSizes(spec, shape); !unused.empty())
    warn("--shape: sizes without use: " + unused);
}

static Error oneOf(StringRef flag, StringRef value, ArrayRef<StringRef> allowed, std::string &variable) {
  if (!is_contained(allowed, value))
    return createStringError(flag + ": expected one of " + join(allowed, ", ") + ", got '" + value + "'");
  variable = value.str();
  return Error::success();
}

void mixc::addCommonFlags(FlagTable &flags, CompileOptions &options, const CommonHelp &help) {
  flags.add({"--target", "T,..",
             ("what to compile for: x86-64, sm_80, sm_90, sm_90a, the name of a machine\n"
              "description (h100), or the path of one (.json). Default: " +
              help.defaultTarget)
                 .str(),
             [&](StringRef text) -> Error {
               SmallVector<StringRef> names;
               text.split(names, ',');
               for (StringRef name : names)
                 if (name.trim().empty())
                   return createStringError("--target: expected a name, as in --target=x86-64,sm_90a, got '" + text + "'");
                 else
                   options.targets.push_back(name.trim().str());
               return Error::success();
             },
             /*repeats=*/true});
  flags.add({"--dtype", "f32|bf16|f16", "type of the spec's io tensors; everything else is f32. Default: the spec's io = .., else f32",
             [&](StringRef text) { return oneOf("--dtype", text, {"f32", "bf16", "f16"}, options.dtype); }});
  flags.add({"--state-dtype", "f32|bf16|f16",
             "type of the states of recurrences among arguments and results. Default: what the spec says of\n"
             "each, io or f32",
             [&](StringRef text) { return oneOf("--state-dtype", text, {"f32", "bf16", "f16"}, options.stateDtype); }});
  flags.addSwitch("--stochastic-rounding",
                  "calls may round states of 16 bits up or down by a seed (mixc_sequences.seed), so that small updates\n"
                  "are not lost; run and bench give them one",
                  options.stochasticRounding);
  flags.add({"--precision", "tf32|f32",
             "products of f32 tensors on a GPU: of operands rounded to tf32 (10 bits of mantissa; default), or\n"
             "of f32 accuracy, as on a CPU, for three times the work",
             [&](StringRef text) { return oneOf("--precision", text, {"tf32", "f32"}, options.precision); }});
  std::vector<std::string> boundDims;
  for (char dim : mixer::kBoundDims)
    boundDims.push_back(std::string(1, dim));
  flags.add({"--shape", "B=..,T=..",
             ("sizes by letter, those that the spec does not bind itself: " + join(boundDims, ", ") + " are compiled in;\n" +
              "H=?,G=H/16 leaves the number of heads to the call, in groups of 16; H=8*? are multiples of 8;\n" + help.callSizes)
                 .str(),
             [&options, take = help.shape](StringRef text) -> Error {
               if (take)
                 return take(text);
               Expected<Shape> shape = parseShape(text);
               if (!shape)
                 return createStringError("--shape: " + toString(shape.takeError()));
               options.shape = std::move(*shape);
               return Error::success();
             },
             /*repeats=*/help.shape != nullptr});
  flags.add({"--algorithm", "NAME", "auto (default; of bench: every one), quadratic, scan or chunked",
             [&](StringRef text) { return oneOf("--algorithm", text, {"auto", "quadratic", "scan", "chunked"}, options.algorithm); }});
  flags.addInteger("--chunk", "tokens of a chunk; default: the cost model's choice", 1, MIXC_MAX_CHUNK, options.chunk);
  flags.addText("--spec", "NAME",
                help.shape ? "which specs of the files, as in --spec=a,b. Default: all; with --emit one of them"
                           : "which spec, where the file holds several; needed then",
                options.spec);
  flags.addText("--ptxas", "PATH",
                "the ptxas to use, or none to embed PTX only, which the driver compiles. Default: where\n"
                "$MIXC_PTXAS, $CUDA_HOME, $CUDA_PATH, PATH or /usr/local/cuda has it",
                options.ptxas);
  flags.add({"--ptxas-timeout", "SECONDS", "when to give ptxas up (default 120)", [&](StringRef text) -> Error {
               if (text.getAsInteger(10, options.ptxasTimeoutSeconds) || options.ptxasTimeoutSeconds == 0)
                 return createStringError("--ptxas-timeout: expected seconds above 0, got '" + text + "'");
               return Error::success();
             }});
  flags.addSwitch("--fatal-ptxas-notices", "register spills and performance notices of ptxas are errors", options.fatalPtxasNotices);
}

void mixc::addLengthsFlag(FlagTable &flags, std::vector<int64_t> &lengths) {
  flags.add({"--lengths", "N,..", "packed sequences of so many tokens each, instead of B and T", [&](StringRef text) -> Error {
               SmallVector<StringRef> parts;
               text.split(parts, ',');
               for (StringRef part : parts) {
                 int64_t length;
                 if (part.trim().getAsInteger(10, length) || length < 0 || length > INT32_MAX)
                   return createStringError("--lengths: expected numbers of tokens, as in --lengths=5,0,300, got '" + text + "'");
                 lengths.push_back(length);
               }
               return Error::success();
             }});
}

std::optional<int> CommandLine::parse(Arguments args) {
  if (is_contained(args, "--help") || is_contained(args, "-h")) {
    outs() << usage << "\nflags\n";
    flags.printHelp(outs());
    outs() << "\n" << notes;
    return kOk;
  }
  Expected<std::vector<StringRef>> positional = flags.parse(args);
  if (!positional)
    return fail(kBadInput, positional.takeError());
  if (positional->empty())
    return fail(kBadInput, "expected a spec: a .mlir file, or the name of one that comes with mixc (mamba2); mixc list shows them");
  if (positional->size() > 1 && !takesSeveral)
    return fail(kBadInput, "expected one spec, got '" + (*positional)[0] + "' and '" + (*positional)[1] + "'");
  for (StringRef one : *positional)
    specs.push_back(one.str());
  spec = specs.front();
  return std::nullopt;
}

static mlir::DialectRegistry compilerDialects() {
  mlir::DialectRegistry registry;
  registerCompilerDialects(registry);
  return registry;
}

SpecFile::SpecFile() : context(compilerDialects()) { context.printOpOnDiagnostic(false); }

/// What a file is that is no text: "an object file". Empty of text.
static std::string kindOfBinary(StringRef contents) {
  if (contents.starts_with("\177ELF"))
    return "an object file";
  if (contents.starts_with("PK\x03\x04"))
    return "an archive such as .npz; arguments are given by --in";
  const bool isText = none_of(contents, [](char c) { return static_cast<unsigned char>(c) < ' ' && !isSpace(c); });
  return isText ? "" : "not a text file";
}

std::unique_ptr<SpecFile> SpecFile::open(StringRef path) {
  std::unique_ptr<SpecFile> file(new SpecFile);
  std::string name = resolveSpec(path);
  ErrorOr<std::unique_ptr<MemoryBuffer>> buffer = MemoryBuffer::getFileOrSTDIN(name, /*IsText=*/true);
  if (!buffer) {
    std::vector<std::string> shipped = shippedSpecs();
    fail(kBadInput, "cannot read the spec '" + path + "': " + buffer.getError().message() +
                        didYouMean(sys::path::stem(path), shipped, "; mixc list shows those that come with it"));
    return nullptr;
  }
  if (std::string kind = kindOfBinary((*buffer)->getBuffer()); !kind.empty()) {
    fail(kBadInput, "expected a spec, got '" + path + "', which is " + kind);
    return nullptr;
  }
  // MLIR says that a file ends where its last character is: at the end of a line, or else at something else.
  if (!(*buffer)->getBuffer().ends_with("\n"))
    *buffer = MemoryBuffer::getMemBufferCopy(((*buffer)->getBuffer() + "\n").str(), (*buffer)->getBufferIdentifier());
  file->sources.AddNewSourceBuffer(std::move(*buffer), SMLoc());
  if (failed(checkTextLimits(*file->sources.getMemoryBuffer(1))))
    return nullptr;
  file->handler = std::make_unique<mlir::SourceMgrDiagnosticHandler>(file->sources, &file->context);
  file->plainHandler = std::make_unique<mlir::ScopedDiagnosticHandler>(&file->context, [spec = file.get()](mlir::Diagnostic &diagnostic) {
    if (std::optional<std::string> plain = mixer::explainParserError(diagnostic, spec->textFrom(diagnostic.getLocation()))) {
      mlir::emitError(diagnostic.getLocation()) << *plain;
      return mlir::success();
    }
    if (!isa<mlir::UnknownLoc>(diagnostic.getLocation()))
      return mlir::failure();
    if (diagnostic.getSeverity() == mlir::DiagnosticSeverity::Error)
      fail(kBadInput, diagnostic.str());
    else
      note(diagnostic.str());
    return mlir::success();
  });
  file->parsed = mlir::parseSourceFile<mlir::ModuleOp>(file->sources, &file->context);
  return file->parsed ? std::move(file) : nullptr;
}

StringRef SpecFile::textFrom(mlir::Location place) const {
  const MemoryBuffer *text = sources.getMemoryBuffer(sources.getMainFileID());
  auto location = place->findInstanceOf<mlir::FileLineColLoc>();
  if (!location || location.getFilename() != text->getBufferIdentifier())
    return {};
  SMLoc begin = const_cast<SourceMgr &>(sources).FindLocForLineAndColumn(sources.getMainFileID(), location.getLine(), location.getColumn());
  return begin.isValid() ? StringRef(begin.getPointer(), text->getBufferEnd() - begin.getPointer()) : StringRef();
}

SpecComments SpecFile::comments(mlir::Operation *spec) const {
  const StringRef text = sources.getMemoryBuffer(sources.getMainFileID())->getBuffer(), rest = textFrom(spec->getLoc());
  return rest.empty() ? SpecComments() : readSpecComments(text, text.size() - rest.size());
}

ExitCode mixc::exitCode(CompileError error) {
  switch (error) {
  case CompileError::BadInput:
    return kBadInput;
  case CompileError::NoAlgorithm:
    return kNoAlgorithm;
  case CompileError::Failed:
    break;
  }
  return kFailed;
}
