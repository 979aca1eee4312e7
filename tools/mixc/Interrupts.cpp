// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Interrupts.h"
#include "Commands.h"
#include "llvm/Support/ErrorHandling.h"
#include "llvm/Support/Signals.h"
#include <csignal>
#include <new>
#include <unistd.h>

using namespace mixc;

static void cleanUp() {
  killPtxas();
  llvm::sys::RunInterruptHandlers(); // removes the files that are registered with LLVM
}

static void endBySignal(int number) {
  cleanUp();
  signal(number, SIG_DFL);
  raise(number);
}

/// Nothing may be allocated here.
static void endWithoutMemory() {
  constexpr char text[] = "mixc: error: expected more memory, got none: choose smaller sizes, or raise the limit\n";
  (void)!write(STDERR_FILENO, text, sizeof text - 1);
  cleanUp();
  _exit(kFailed);
}

void mixc::handleInterrupts() {
  struct sigaction action{};
  action.sa_handler = endBySignal;
  for (int number : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGXCPU}) {
    struct sigaction before{};
    sigaction(number, nullptr, &before);
    if (before.sa_handler != SIG_IGN) // as under nohup
      sigaction(number, &action, nullptr);
  }
  signal(SIGXFSZ, SIG_IGN);
  std::set_new_handler(endWithoutMemory);
  llvm::remove_bad_alloc_error_handler();
  llvm::install_bad_alloc_error_handler([](void *, const char *, bool) { endWithoutMemory(); });
}
