// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Job.h"
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

Job::Job(ModuleOp module, std::string name, const CompileOptions &options)
    : options(options), source(*module.getContext()), name(std::move(name)),
      context(source.getDialectRegistry(), MLIRContext::Threading::DISABLED), log(context) {
  if (source.isMultithreadingEnabled())
    context.setThreadPool(source.getThreadPool());
  context.printOpOnDiagnostic(source.shouldPrintOpOnDiagnostic());
  copy = transfer(module, context);
  location = copy ? LocationAttr(copy->getLoc()) : UnknownLoc::get(&context);
}

void Job::start(llvm::DefaultThreadPool &pool, std::atomic<bool> &failed) {
  done = pool.async([this, &failed] { run(failed); });
}

LogicalResult Job::finish() {
  done.wait();
  return success(succeeded);
}

void Job::run(std::atomic<bool> &failed) {
  if (failed)
    return;
  begun = true;
  report("kernels");
  succeeded = copy && mlir::succeeded(compile(std::move(copy)));
  if (!succeeded)
    failed = true;
  report("");
}

LogicalResult Job::fail(CompileError reason) {
  error = reason;
  return failure();
}

LogicalResult Job::fail(llvm::Error reason) {
  emitError(location) << llvm::toString(std::move(reason));
  return fail(CompileError::Failed);
}
