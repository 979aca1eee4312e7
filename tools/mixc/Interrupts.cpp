// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Interrupts.h"
#include "Commands.h"
#include "mixc/passes/OutputFile.h"
#include "mixc/passes/Temporaries.h"
#include "llvm/Support/ErrorHandling.h"
#include "llvm/Support/Signals.h"
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <cxxabi.h>
#include <exception>
#include <new>
#include <sys/mman.h>
#include <typeinfo>
#include <unistd.h>

using namespace llvm;
using namespace mixc;

static void cleanUp() {
  makeNoMoreTemporaries();
  killPtxas();
  removeTemporaries();
}

/// All signals wait until it returns, then this one ends the program: one more of them would clean up in the midst of it.
static void endBySignal(int number) {
  cleanUp();
  signal(number, SIG_DFL);
  raise(number);
}

/// What cleaning up may need where there is no memory left, and is given back for that.
static constexpr size_t kReserveBytes = 1 << 20;
static void *reserve = MAP_FAILED;

static void *mapMemory(size_t bytes) { return mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0); }

/// The first thread ends the program; others that come here wait for it.
[[noreturn]] static void endWith(StringRef text) {
  static std::atomic_flag isEnding = ATOMIC_FLAG_INIT;
  static thread_local bool endsHere = false;
  if (endsHere) // again, out of the cleaning up
    _exit(kBadInput);
  while (isEnding.test_and_set())
    pause();
  endsHere = true;
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, nullptr);
  (void)!write(STDERR_FILENO, text.data(), text.size());
  if (reserve != MAP_FAILED)
    munmap(reserve, kReserveBytes);
  cleanUp();
  _exit(kBadInput);
}

static void endWithoutMemory() { endWith("mixc: error: expected more memory, got none: choose smaller sizes, or raise the limit\n"); }

static void endWithoutThread() { endWith("mixc: error: expected another thread, got none: raise the limit of memory or processes\n"); }

/// What LLVM cannot go on after: its threads, too; all else is an error of the compiler, and LLVM aborts.
static void endByLlvm(void *, const char *reason, bool) {
  if (StringRef(reason).starts_with("pthread_create failed"))
    endWithoutThread();
  errs() << "LLVM ERROR: " << reason << "\n";
}

/// Where the standard library throws, which nobody catches: a thread that cannot be started is a limit of the user's, all else an error
/// of the compiler.
static void endByException() {
  const std::type_info *type = abi::__cxa_current_exception_type();
  if (type && StringRef(type->name()) == "St12system_error")
    endWithoutThread();
  abort();
}

/// What LLVM or the system did on SIGABRT before.
static struct sigaction beforeAbort;

/// The C library aborts where it has no memory for itself, as for the destructors of a thread's variables.
static void endByAbort(int number) {
  constexpr size_t kBytes = 1 << 20;
  void *more = mapMemory(kBytes);
  if (more == MAP_FAILED)
    endWithoutMemory();
  munmap(more, kBytes);
  sigaction(number, &beforeAbort, nullptr);
  raise(number);
}

void mixc::handleInterrupts() {
  reserve = mapMemory(kReserveBytes);
  struct sigaction action{};
  action.sa_handler = endBySignal;
  sigfillset(&action.sa_mask);
  for (int number : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE, SIGALRM, SIGVTALRM, SIGPROF, SIGUSR2, SIGXCPU}) {
    struct sigaction before{};
    sigaction(number, nullptr, &before);
    if (before.sa_handler != SIG_IGN) // as under nohup
      sigaction(number, &action, nullptr);
  }
  signal(SIGXFSZ, SIG_IGN);
  action.sa_handler = endByAbort;
  sigaction(SIGABRT, &action, &beforeAbort);
  std::set_new_handler(endWithoutMemory);
  std::set_terminate(endByException);
  llvm::install_fatal_error_handler(endByLlvm);
  llvm::remove_bad_alloc_error_handler();
  llvm::install_bad_alloc_error_handler([](void *, const char *, bool) { endWithoutMemory(); });
}
