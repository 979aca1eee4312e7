// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// mixer-reduce: makes a file that shows a failure as small as it gets.

#include "mixc/passes/Register.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Tools/mlir-reduce/MlirReduceMain.h"
#include "llvm/Support/MemoryBuffer.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  mixc::registerAllDialects(registry);
  mixc::registerAllPasses();
  for (llvm::StringRef arg : llvm::ArrayRef(argv + 1, argc - 1))
    if (auto text = llvm::MemoryBuffer::getFile(arg); text && failed(mixc::checkTextLimits(**text)))
      return 1;
  mlir::MLIRContext context(registry);
  return mlir::failed(mlir::mlirReduceMain(argc, argv, context));
}
