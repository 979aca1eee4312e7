// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Loader.h"
#include "mixc/passes/Compiler.h"
#include "llvm/ExecutionEngine/JITLink/JITLinkMemoryManager.h"
#include "llvm/ExecutionEngine/Orc/AbsoluteSymbols.h"
#include "llvm/ExecutionEngine/Orc/Core.h"
#include "llvm/ExecutionEngine/Orc/ExecutionUtils.h"
#include "llvm/ExecutionEngine/Orc/ObjectLinkingLayer.h"
#include "llvm/ExecutionEngine/Orc/SelfExecutorProcessControl.h"

using namespace llvm;
using namespace llvm::orc;
using namespace mixc;

struct LoadedSpec::Session {
  explicit Session(std::unique_ptr<ExecutorProcessControl> control)
      : session(std::move(control)), layer(session, session.getExecutorProcessControl().getMemMgr()) {}
  ~Session() { cantFail(session.endSession()); }
  ExecutionSession session;
  ObjectLinkingLayer layer;
};

LoadedSpec::LoadedSpec() = default;
LoadedSpec::~LoadedSpec() = default;

/// What objects call: the runtime's entry points, by address, since this program need not export them.
static SymbolMap runtimeSymbols(ExecutionSession &session) {
  std::pair<StringRef, void *> functions[] = {
      {"mixc_spec_load", reinterpret_cast<void *>(&mixc_spec_load)},
      {"mixc_spec_workspace_bytes", reinterpret_cast<void *>(&mixc_spec_workspace_bytes)},
      {"mixc_spec_run_cpu", reinterpret_cast<void *>(&mixc_spec_run_cpu)},
      {"mixc_spec_run_cuda", reinterpret_cast<void *>(&mixc_spec_run_cuda)},
  };
  SymbolMap symbols;
  for (auto [name, address] : functions)
    symbols[session.intern(name)] = {ExecutorAddr::fromPtr(address), JITSymbolFlags::Exported | JITSymbolFlags::Callable};
  return symbols;
}

Expected<std::unique_ptr<LoadedSpec>> LoadedSpec::load(StringRef object, StringRef spec) {
  auto control = SelfExecutorProcessControl::Create();
  if (!control)
    return control.takeError();
  std::unique_ptr<LoadedSpec> loaded(new LoadedSpec);
  loaded->session = std::make_unique<Session>(std::move(*control));
  ExecutionSession &session = loaded->session->session;
  JITDylib &library = session.createBareJITDylib("spec");
  if (Error error = library.define(absoluteSymbols(runtimeSymbols(session))))
    return error;
  auto process = DynamicLibrarySearchGenerator::GetForCurrentProcess(/*GlobalPrefix=*/0);
  if (!process)
    return process.takeError();
  library.addGenerator(std::move(*process));
  if (Error error = loaded->session->layer.add(library, MemoryBuffer::getMemBufferCopy(object, spec)))
    return error;
  auto symbol = session.lookup({{&library, JITDylibLookupFlags::MatchAllSymbols}}, session.intern(descriptorSymbol(spec)));
  if (!symbol)
    return symbol.takeError();
  loaded->desc = symbol->getAddress().toPtr<const mixc_spec_desc *>();
  return loaded;
}
