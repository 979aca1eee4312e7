// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Bundle.h"
#include "Backend.h"
#include "Header.h"
#include "Object.h"
#include "mlir/IR/Diagnostics.h"
#include "llvm/ADT/StringMap.h"

using namespace mlir;
using namespace mixc;

/// Symbols of an object tell specs apart by what they begin with, so that those of `a` may turn out to be those of `a_b`.
static LogicalResult checkSymbols(ArrayRef<SpecCode> codes) {
  llvm::StringMap<StringRef> owners;
  for (const SpecCode &code : codes) {
    std::vector<std::string> symbols = {descriptorSymbol(code.info.name)};
    for (const CpuAssembly &assembly : code.assemblies)
      llvm::append_range(symbols, assembly.kernels);
    for (const std::string &symbol : symbols)
      if (auto [owner, isNew] = owners.try_emplace(symbol, code.info.name); !isNew)
        return emitError(code.location) << "expected symbols of its own for '" << code.info.name << "', got '" << symbol << "', which '"
                                        << owner->second << "' has in this object; give one of them another name";
  }
  return success();
}

static llvm::Expected<std::string> assembleObject(ArrayRef<SpecCode> codes) {
  llvm::LLVMContext context;
  llvm::Module object(codes.front().info.name, context);
  for (const SpecCode &code : codes)
    for (const CpuAssembly &assembly : code.assemblies)
      addAssembly(object, assembly);
  for (const SpecCode &code : codes)
    addInterface(object, code.info);
  // The level is that of the kernels' assembly; functions say theirs.
  auto machine = createTargetMachine(kX86Triple, "x86-64-v4", "");
  if (!machine)
    return machine.takeError();
  return generateCode(object, **machine, llvm::CodeGenFileType::ObjectFile);
}

CompileResult mixc::bundle(std::vector<SpecCode> codes, const CompileOptions &options) {
  if (failed(checkSymbols(codes)))
    return {std::nullopt, CompileError::BadInput};
  options.report("object", "code");
  llvm::Expected<std::string> object = assembleObject(codes);
  options.report("object", "");
  if (!object) {
    emitError(codes.front().location) << llvm::toString(object.takeError());
    return {std::nullopt, CompileError::Failed};
  }
  Artefacts artefacts;
  artefacts.object = std::move(*object);
  for (SpecCode &code : codes) {
    artefacts.header += (artefacts.header.empty() ? "" : "\n") + writeHeader(code.info);
    artefacts.specs.push_back(std::move(code.info));
  }
  artefacts.manifest = writeManifest(artefacts.specs);
  return {std::move(artefacts)};
}
