// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Process.h"
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <iterator>
#include <new>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace mixc::fuzz;

static constexpr int kSanitizerCode = 99;

#ifdef MIXC_SANITIZED
// MLIR's shared library is not instrumented: its arenas would look poisoned, and its registries leaked.
extern "C" const char *__asan_default_options() {
  return "allow_user_poisoning=0:detect_leaks=0:exitcode=99:max_allocation_size_mb=4096:allocator_may_return_null=0";
}
extern "C" const char *__ubsan_default_options() { return "halt_on_error=1:print_stacktrace=1:exitcode=99"; }
#endif

static void limit(int resource, rlim_t value, rlim_t slack = 0) {
  rlimit both{value, value + slack};
  setrlimit(resource, &both);
}

void mixc::fuzz::limitProcess() {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  limit(RLIMIT_CORE, 0);
  limit(RLIMIT_FSIZE, rlim_t(256) << 20);
#ifndef MIXC_SANITIZED // whose shadow memory is terabytes of addresses
  limit(RLIMIT_AS, rlim_t(4) << 30);
#endif
}

void mixc::fuzz::startClock() {
  itimerval seconds{{0, 0}, {kSeconds, 0}};
  setitimer(ITIMER_PROF, &seconds, nullptr);
}

[[noreturn]] static void execute(const std::vector<std::string> &args) {
  limitProcess();
  limit(RLIMIT_CPU, kProgramSeconds, /*slack=*/5); // a signal that tells, before the one that does not
  int null = open("/dev/null", O_RDWR);
  dup2(null, STDIN_FILENO);
  dup2(null, STDOUT_FILENO);
  setenv("MIXC_NUM_THREADS", "2", 1);
  setenv("ASAN_OPTIONS", "allow_user_poisoning=0:detect_leaks=0:exitcode=99:max_allocation_size_mb=4096", 1);
  setenv("UBSAN_OPTIONS", "halt_on_error=1:print_stacktrace=1:exitcode=99", 1);
  std::vector<char *> pointers;
  for (const std::string &arg : args)
    pointers.push_back(const_cast<char *>(arg.c_str()));
  pointers.push_back(nullptr);
  execv(pointers[0], pointers.data());
  perror(pointers[0]);
  _exit(127);
}

void mixc::fuzz::runProgram(const std::vector<std::string> &args, int largestCode) {
  pid_t child = fork();
  if (child == 0)
    execute(args);
  int status = 0;
  waitpid(child, &status, 0);
  if (WIFSIGNALED(status)) {
    signal(WTERMSIG(status), SIG_DFL);
    raise(WTERMSIG(status));
  }
  if (WEXITSTATUS(status) > largestCode)
    _exit(WEXITSTATUS(status));
}

std::string mixc::fuzz::describeStatus(int status) {
  if (WIFSIGNALED(status)) {
    int number = WTERMSIG(status);
    if (number == SIGPROF || number == SIGXCPU)
      return "hang: more than " + std::to_string(number == SIGPROF ? kSeconds : kProgramSeconds) + " s of processor time";
    return "signal " + std::to_string(number) + " (" + strsignal(number) + ")";
  }
  if (WEXITSTATUS(status) == kSanitizerCode)
    return "report of a sanitizer";
  return WEXITSTATUS(status) ? "exit code " + std::to_string(WEXITSTATUS(status)) : "";
}

Tally::Tally(size_t size) : size(size * sizeof(*numbers)) {
  void *memory = mmap(nullptr, this->size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) {
    perror("mmap");
    exit(1);
  }
  numbers = new (memory) std::atomic<uint64_t>[size]();
}

Tally::~Tally() { munmap(numbers, size); }

bool mixc::fuzz::writeFile(const std::string &path, const std::string &text) {
  std::ofstream file(path, std::ios::binary);
  file.write(text.data(), static_cast<std::streamsize>(text.size()));
  return file.good();
}

std::string mixc::fuzz::readFile(const std::string &path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}
