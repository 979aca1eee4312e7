// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Changes to IR that most often leave it valid, where changes to its text most often do not.
#pragma once

#include "Random.h"
#include "mlir/IR/BuiltinOps.h"

namespace mixc::fuzz {

/// One to a few changes: other operands of the same type, other attributes, ops erased, repeated and moved.
void editIr(mlir::ModuleOp module, Random &random);

} // namespace mixc::fuzz
