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

struct LoadedObject::Session {
  explicit Session(std::unique_ptr<ExecutorProcessControl> control)
      : session(std::move(control)), layer(session, session.getExecutorProcessControl().getMemMgr()) {}
  ~Session() { cantFail(session.endSession()); }
  ExecutionSession session;
  ObjectLinkingLayer layer;
  JITDylib *library = nullptr;
};

LoadedObject::LoadedObject() = default;
LoadedObject::~LoadedObject() = default;

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

Expected<std::unique_ptr<LoadedObject>> LoadedObject::load(StringRef object, StringRef name) {
  auto control = SelfExecutorProcessControl::Create();
  if (!control)
    return control.takeError();
  std::unique_ptr<LoadedObject> loaded(new LoadedObject);
  loaded->session = std::make_unique<Session>(std::move(*control));
  ExecutionSession &session = loaded->session->session;
  JITDylib &library = session.createBareJITDylib("spec");
  loaded->session->library = &library;
  if (Error error = library.define(absoluteSymbols(runtimeSymbols(session))))
    return error;
  auto process = DynamicLibrarySearchGenerator::GetForCurrentProcess(/*GlobalPrefix=*/0);
  if (!process)
    return process.takeError();
  library.addGenerator(std::move(*process));
  if (Error error = loaded->session->layer.add(library, MemoryBuffer::getMemBufferCopy(object, name)))
    return error;
  return loaded;
}

Expected<void *> LoadedObject::find(StringRef symbol) {
  ExecutionSession &all = session->session;
  auto found = all.lookup({{session->library, JITDylibLookupFlags::MatchAllSymbols}}, all.intern(symbol));
  if (!found)
    return found.takeError();
  return found->getAddress().toPtr<void *>();
}

Expected<std::unique_ptr<LoadedSpec>> LoadedSpec::load(StringRef object, StringRef spec) {
  Expected<std::unique_ptr<LoadedObject>> linked = LoadedObject::load(object, spec);
  if (!linked)
    return linked.takeError();
  Expected<void *> desc = (*linked)->find(descriptorSymbol(spec));
  if (!desc)
    return desc.takeError();
  std::unique_ptr<LoadedSpec> loaded(new LoadedSpec);
  loaded->object = std::move(*linked);
  loaded->desc = static_cast<const mixc_spec_desc *>(*desc);
  return loaded;
}
