// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Runner.h"
#include "Process.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include <algorithm>
#include <atomic>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace mixc::fuzz;

static constexpr uint64_t kBatch = 200;
static constexpr size_t kLargestInput = 1 << 20, kLargestLog = 1 << 16;
// A child that waits uses no processor time; on a busy machine one that works may take long to use its 20 s.
static constexpr std::chrono::seconds kPatience(300);

struct Runner::Slot {
  std::atomic<uint64_t> index; ///< of the mutant that runs
  std::atomic<uint64_t> size;
  char input[kLargestInput];
};

struct Runner::Worker {
  Slot *slot = nullptr;
  int log = -1;
  std::string directory;
  pid_t pid = 0;
  uint64_t begin = 0, next = 0, end = 0; ///< the mutants of this child; those that are left to the worker
  uint64_t seen = 0;                     ///< the mutant that ran when it was last looked at, and since when
  Clock::time_point since;
};

Runner::Runner(const Kind &kind, uint64_t seed, unsigned jobs) : kind(kind), seed(seed) {
  llvm::SmallString<128> made;
  if (!llvm::sys::fs::createUniqueDirectory("mixc-fuzz", made))
    scratch = made.str().str();
  for (unsigned i = 0; i <= jobs; ++i) { // the last one checks single inputs
    auto worker = std::make_unique<Worker>();
    void *memory = mmap(nullptr, sizeof(Slot), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    worker->slot = memory == MAP_FAILED ? nullptr : new (memory) Slot;
    worker->log = memfd_create("log", 0);
    fcntl(worker->log, F_SETFL, O_APPEND);
    worker->directory = scratch + "/" + std::to_string(i) + "/work"; // ".." is still inside
    workers.push_back(std::move(worker));
  }
}

Runner::~Runner() {
  for (auto &worker : workers) {
    munmap(worker->slot, sizeof(Slot));
    close(worker->log);
  }
  std::error_code ignored;
  if (!scratch.empty())
    std::filesystem::remove_all(scratch, ignored);
}

void Runner::start(Worker &worker, const std::function<void()> &body) {
  std::error_code ignored;
  std::filesystem::remove_all(worker.directory, ignored);
  std::filesystem::create_directories(worker.directory, ignored);
  worker.slot->size = 0;
  worker.begin = worker.seen = worker.slot->index = worker.next;
  worker.since = Clock::now();
  fflush(nullptr);
  worker.pid = fork();
  if (worker.pid != 0)
    return;
  limitProcess();
  dup2(worker.log, STDERR_FILENO);
  dup2(open("/dev/null", O_WRONLY), STDOUT_FILENO);
  if (chdir(worker.directory.c_str()) == 0)
    body();
  _exit(0);
}

bool Runner::runOne(Worker &worker, const std::string &input) {
  Slot &slot = *worker.slot;
  size_t size = std::min(input.size(), kLargestInput);
  memcpy(slot.input, input.data(), size);
  slot.size = size;
  if (ftruncate(worker.log, 0) != 0)
    return false;
  startClock();
  kind.run(input.substr(0, size));
  return true;
}

void Runner::startBatch(Worker &worker) {
  start(worker, [&] {
    for (uint64_t i = worker.next; i < worker.end; ++i) {
      worker.slot->index = i;
      Random random(seed, i);
      if (!runOne(worker, kind.make(random)))
        _exit(1);
    }
  });
}

std::optional<Failure> Runner::poll(Worker &worker) {
  int status = 0;
  bool stuck = false;
  if (waitpid(worker.pid, &status, WNOHANG) == 0) {
    if (uint64_t index = worker.slot->index; index != worker.seen) {
      worker.seen = index;
      worker.since = Clock::now();
    }
    if (Clock::now() - worker.since < kPatience)
      return std::nullopt;
    stuck = true;
    kill(worker.pid, SIGKILL);
    waitpid(worker.pid, &status, 0);
  }
  worker.pid = 0;
  Failure failure{worker.slot->index, describeStatus(status), std::string(worker.slot->input, worker.slot->size), ""};
  if (stuck)
    failure.what = "hang: no answer for " + std::to_string(kPatience.count()) + " s";
  if (failure.what.empty()) {
    worker.next = worker.end;
    return std::nullopt;
  }
  worker.next = failure.index + 1;
  failure.log.resize(kLargestLog);
  failure.log.resize(std::max<ssize_t>(0, pread(worker.log, failure.log.data(), kLargestLog, 0)));
  return failure;
}

/// Ends the child; how many mutants it has run.
uint64_t Runner::stop(Worker &worker) {
  if (!worker.pid)
    return 0;
  kill(worker.pid, SIGKILL);
  waitpid(worker.pid, nullptr, 0);
  worker.pid = 0;
  return worker.slot->index - worker.begin;
}

uint64_t Runner::run(uint64_t first, uint64_t count, Clock::time_point deadline, const std::function<bool(const Failure &)> &report) {
  uint64_t given = first, last = first + count, done = 0;
  bool goOn = true, busy = true;
  while (busy && goOn && Clock::now() < deadline) {
    busy = false;
    for (size_t i = 0; i + 1 < workers.size() && goOn; ++i) {
      Worker &worker = *workers[i];
      if (worker.pid) {
        std::optional<Failure> failure = poll(worker);
        done += worker.pid ? 0 : worker.next - worker.begin;
        if (failure)
          goOn = report(*failure);
      }
      if (!worker.pid && worker.next == worker.end) {
        worker.next = given;
        worker.end = given = std::min(last, given + kBatch);
      }
      if (!worker.pid && worker.next != worker.end)
        startBatch(worker);
      busy |= worker.pid != 0;
    }
    usleep(2000);
  }
  for (auto &worker : workers)
    done += stop(*worker);
  return done;
}

std::optional<Failure> Runner::check(const std::string &input) {
  Worker &worker = *workers.back();
  start(worker, [&] {
    if (!runOne(worker, input))
      _exit(1);
  });
  std::optional<Failure> failure;
  while (worker.pid) {
    failure = poll(worker);
    usleep(1000);
  }
  return failure;
}
