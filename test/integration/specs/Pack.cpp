// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Pack.h"
#include "Accuracy.h"
#include "Calls.h"
#include "Loader.h"
#include "mixc/npz/Npz.h"
#include "mixc/passes/Compiler.h"
#include "mixc/runtime/cost.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Parser/Parser.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/ToolOutputFile.h"

using namespace llvm;

namespace mixc::calls {

/// Of a call; T besides, so that the archive is small.
static constexpr int64_t kMostSteps = 1 << 19, kMostTokens = 300;

static Error write(const std::string &path, StringRef text) {
  std::error_code error;
  ToolOutputFile file(path, error, sys::fs::OF_None);
  if (error)
    return createStringError(path + ": " + error.message());
  file.os() << text;
  file.keep();
  return Error::success();
}

static npz::Array arrayOf(npz::DType dtype, std::vector<int64_t> shape, ArrayRef<double> values) {
  return npz::Array::fromDoubles(dtype, std::move(shape), values.vec());
}

static npz::Array numbersOf(const std::vector<int64_t> &numbers) {
  return arrayOf(npz::DType::I64, {int64_t(numbers.size())}, std::vector<double>(numbers.begin(), numbers.end()));
}

static Expected<npz::Archive> archiveOf(const Callee &callee, const DrawnCall &call) {
  Expected<reference::ScaledResults> reference = referenceOf(callee, call);
  if (!reference)
    return reference.takeError();
  npz::Archive archive;
  for (auto &[name, tensor] : call.inputs)
    archive[name] = arrayOf(npz::DType::F32, tensor.shape, std::vector<double>(tensor.values.begin(), tensor.values.end()));
  std::vector<double> bounds;
  for (int32_t operand : {MIXC_OPERAND_F32, MIXC_OPERAND_TF32, MIXC_OPERAND_HALF, MIXC_OPERAND_SPLIT})
    bounds.push_back(boundOf(callee.spec, call.sizes, callee.dtype, operand));
  archive["bounds"] = arrayOf(npz::DType::F64, {4}, bounds);
  for (auto &[name, values] : reference->results) {
    archive[name] = arrayOf(npz::DType::F32, {int64_t(values.size())}, values);
    std::vector<double> scales;
    for (double bound : bounds)
      scales.push_back(scaleOf(*reference, name, bound).ofTerms);
    archive[name + ".scales"] = arrayOf(npz::DType::F64, {4}, scales);
  }
  archive["sizes"] = arrayOf(npz::DType::I64, {2}, {double(call.sizes.at("B")), double(call.sizes.at("T"))});
  const Sequences &told = call.sequences;
  archive["starts"] = numbersOf(told.lengths.empty() ? std::vector<int64_t>() : told.starts());
  archive["source"] = numbersOf(told.slots);
  archive["target"] = numbersOf(told.targets);
  archive["has_initial"] = numbersOf(std::vector<int64_t>(told.hasInitial.begin(), told.hasInitial.end()));
  archive["sequences"] = numbersOf({told.pool, told.longest(), call.indexBytes});
  archive["splits"] = arrayOf(npz::DType::I64, {1}, {double(call.splits)});
  return archive;
}

Error packSpec(const DrawnSpec &spec, const std::vector<std::string> &targets, Random &random, const std::string &folder) {
  mlir::DialectRegistry registry;
  registerCompilerDialects(registry);
  mlir::MLIRContext context(registry);
  auto module = mlir::parseSourceString<mlir::ModuleOp>(spec.text, &context);
  if (!module)
    return createStringError("does not parse");
  CompileOptions options;
  options.targets = targets;
  options.dtype = spec.dtype;
  options.shape = spec.sizes;
  options.allAlgorithms = true;
  CompileResult result = compile(*module, options);
  if (!result.artefacts)
    return createStringError("does not compile");
  Expected<std::unique_ptr<LoadedSpec>> loaded = LoadedSpec::load(result.artefacts->object, spec.name);
  if (!loaded)
    return loaded.takeError();
  Callee callee{spec.name,
                spec.name,
                spec.dtype,
                *module->getOps<mixer::SpecOp>().begin(),
                (*loaded)->descriptor(),
                std::min(kMostSteps, kMostTokens * stepsOfToken(spec))};
  DrawnCall call = draw(callee, random);
  call.inPlace = false;                                    // not of the programs that read it
  call.sizes.insert(spec.sizes.begin(), spec.sizes.end()); // of dimensions that constants alone have
  Expected<npz::Archive> archive = archiveOf(callee, call);
  if (!archive)
    return archive.takeError();
  std::string error;
  if (!npz::writeNpz(folder + "/" + spec.name + ".npz", *archive, error))
    return createStringError(error);
  if (Error failed = write(folder + "/" + spec.name + ".mlir", spec.text))
    return failed;
  return write(folder + "/" + spec.name + ".o", result.artefacts->object);
}

} // namespace mixc::calls
