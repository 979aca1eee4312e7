// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "CpuJob.h"
#include "Backend.h"
#include "Object.h"
#include "Tiles.h"
#include "mlir/Bytecode/BytecodeWriter.h"
#include "mlir/Parser/Parser.h"

using namespace mlir;
using namespace mixc;

/// The module in another context.
static OwningOpRef<ModuleOp> transfer(ModuleOp module, MLIRContext &to) {
  std::string bytes;
  llvm::raw_string_ostream os(bytes);
  if (failed(writeBytecodeToFile(module, os)))
    return nullptr;
  return parseSourceString<ModuleOp>(bytes, &to);
}

CpuJob::CpuJob(mixer::SpecOp spec, const Goals &goals, const CompileOptions &options, std::vector<mixc_cpu_level> levels)
    : source(*spec.getContext()), goals(goals), options(options), levels(std::move(levels)),
      name(goals.cpu->name + (this->levels.size() == 1 ? cpuSuffix(this->levels[0], "-") : "")),
      context(source.getDialectRegistry(), MLIRContext::Threading::DISABLED), log(context) {
  if (source.isMultithreadingEnabled())
    context.setThreadPool(source.getThreadPool());
  context.printOpOnDiagnostic(source.shouldPrintOpOnDiagnostic());
  copy = transfer(spec->getParentOfType<ModuleOp>(), context);
  thread = std::thread([this] { run(); });
}

CpuJob::~CpuJob() {
  if (thread.joinable())
    thread.join();
}

LogicalResult CpuJob::finish() {
  thread.join();
  return success(succeeded);
}

void CpuJob::run() {
  options.report(name, "kernels");
  succeeded = copy && mlir::succeeded(compile());
  options.report(name, "");
}

LogicalResult CpuJob::fail(CompileError reason) {
  error = reason;
  return failure();
}

LogicalResult CpuJob::fail(llvm::Error reason) {
  emitError(copy->getLoc()) << llvm::toString(std::move(reason));
  return fail(CompileError::Failed);
}

LogicalResult CpuJob::compile() {
  auto spec = *copy->getOps<mixer::SpecOp>().begin();
  FailureOr<Tiles> tiles = makeTiles(spec, *goals.cpu, goals.cpu->file, goals, options);
  if (failed(tiles))
    return fail(CompileError::BadInput);
  if (options.emit == EmitLevel::Mixer || options.emit == EmitLevel::Tile) {
    text = printLevel(*tiles->module);
    return success();
  }
  FailureOr<OwningOpRef<ModuleOp>> lowered = lowerToCpu(*tiles->module, levels, tiles->variants);
  if (failed(lowered))
    return fail(CompileError::BadInput);
  variants = std::move(tiles->variants);
  llvm::Expected<std::unique_ptr<llvm::Module>> translated = translateCpu(**lowered, llvmContext, spec.getSymName());
  if (!translated)
    return fail(translated.takeError());
  if (options.emit != EmitLevel::Object) {
    module = std::move(*translated);
    return success();
  }
  options.report(name, "code");
  llvm::Expected<CpuAssembly> generated = assembleCpu(**translated, levels.front());
  if (!generated)
    return fail(generated.takeError());
  assembly = std::move(*generated);
  return success();
}
