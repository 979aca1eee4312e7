// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Progress.h"
#include "Commands.h"
#include "llvm/Support/Process.h"

using namespace llvm;
using namespace mixc;

Progress::Progress(ArrayRef<mlir::MLIRContext *> contexts) : active(sys::Process::StandardErrHasColors()) {
  for (mlir::MLIRContext *context : contexts)
    handlers.push_back(std::make_unique<mlir::ScopedDiagnosticHandler>(context, [this](mlir::Diagnostic &) {
      std::lock_guard<std::mutex> guard(lock);
      erase();
      active = false;
      return mlir::failure(); // for the next handler to print
    }));
}

Progress::~Progress() {
  std::lock_guard<std::mutex> guard(lock);
  erase();
}

void Progress::erase() {
  if (active)
    errs() << "\r\x1b[K";
}

void Progress::report(StringRef target, StringRef stage) {
  std::lock_guard<std::mutex> guard(lock);
  auto known = llvm::find_if(stages, [&](const auto &entry) { return entry.first == target; });
  if (stage.empty() && known != stages.end())
    stages.erase(known);
  else if (known != stages.end())
    known->second = stage.str();
  else if (!stage.empty())
    stages.emplace_back(target.str(), stage.str());
  if (!active)
    return;
  std::string line;
  for (const auto &[name, doing] : stages)
    line += (line.empty() ? "" : ", ") + name + " " + doing;
  erase();
  std::string text = ("mixc " + commandName + ": " + line).str();
  errs() << StringRef(text).take_front(78);
}
