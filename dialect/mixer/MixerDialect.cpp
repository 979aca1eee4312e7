// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "mixc/dialect/Mixer.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mixc::mixer;

#include "mixc/dialect/MixerDialect.cpp.inc"
#include "mixc/dialect/MixerEnums.cpp.inc"

#define GET_TYPEDEF_CLASSES
#include "mixc/dialect/MixerTypes.cpp.inc"

#define GET_ATTRDEF_CLASSES
#include "mixc/dialect/MixerAttrs.cpp.inc"

#define GET_OP_CLASSES
#include "mixc/dialect/MixerOps.cpp.inc"

void MixerDialect::initialize() {
  addTypes<
#define GET_TYPEDEF_LIST
#include "mixc/dialect/MixerTypes.cpp.inc"
      >();
  addAttributes<
#define GET_ATTRDEF_LIST
#include "mixc/dialect/MixerAttrs.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "mixc/dialect/MixerOps.cpp.inc"
      >();
}
