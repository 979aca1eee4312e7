// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

extern "C" {
#include "threads.h"
}
#include "mixc/runtime/mixc.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>
#include <xmmintrin.h>

namespace {

// More threads than this machine may have cores, before anything can ask for the number.
const int numThreads = 4;
const bool environmentSet = setenv("MIXC_NUM_THREADS", "4", 1) == 0;

// Counts visits of each block and checks that no two threads are the same worker at once.
struct Visits {
  explicit Visits(int64_t n) : counts(static_cast<size_t>(n)) {}
  static void visit(void *context, int64_t block, int32_t worker) {
    auto *visits = static_cast<Visits *>(context);
    visits->counts[static_cast<size_t>(block)].fetch_add(1);
    if (worker < 0 || worker >= numThreads || visits->busy[worker].exchange(true)) {
      visits->clash = true;
      return;
    }
    visits->busy[worker] = false;
  }
  void expectEachOnce() const {
    EXPECT_FALSE(clash);
    for (const auto &count : counts)
      ASSERT_EQ(count, 1);
  }
  std::vector<std::atomic<int>> counts;
  std::atomic<bool> busy[numThreads] = {};
  std::atomic<bool> clash{false};
};

void runAndCheck(int64_t n) {
  Visits visits(n);
  mixc_parallel_for(Visits::visit, &visits, n, numThreads);
  visits.expectEachOnce();
}

} // namespace

TEST(Threads, CountFromTheEnvironment) {
  ASSERT_TRUE(environmentSet);
  EXPECT_EQ(mixc_num_threads(), numThreads);
}

TEST(Threads, EachBlockOnce) {
  for (int64_t n : {0, 1, 2, 3, 4, 5, 64, 1000})
    runAndCheck(n);
}

TEST(Threads, NegativeCountDoesNothing) { mixc_parallel_for(Visits::visit, nullptr, -5, numThreads); }

TEST(Threads, SeveralThreadsTakePart) {
  struct Meeting {
    std::atomic<int> arrived{0};
  } meeting;
  // Each block waits for the other: one thread alone would never finish.
  mixc_parallel_for(
      [](void *context, int64_t, int32_t) {
        auto &arrived = static_cast<Meeting *>(context)->arrived;
        arrived.fetch_add(1);
        while (arrived < 2)
          std::this_thread::yield();
      },
      &meeting, 2, numThreads);
  EXPECT_EQ(meeting.arrived, 2);
}

// A loop that asks for fewer threads than there are has them, and no other, also where several loops run at once.
TEST(Threads, NoMoreThanAskedFor) {
  struct Crowd {
    std::atomic<int> inside{0}, most{0};
    std::atomic<bool> wrongWorker{false};
  };
  auto run = [](int32_t threads) {
    Crowd crowd;
    std::pair<Crowd *, int32_t> context{&crowd, threads};
    mixc_parallel_for(
        [](void *context, int64_t, int32_t worker) {
          auto [crowd, threads] = *static_cast<std::pair<Crowd *, int32_t> *>(context);
          int inside = ++crowd->inside, most = crowd->most;
          while (inside > most && !crowd->most.compare_exchange_weak(most, inside)) {
          }
          if (worker < 0 || worker >= threads)
            crowd->wrongWorker = true;
          usleep(200);
          --crowd->inside;
        },
        &context, 40, threads);
    EXPECT_LE(crowd.most, threads);
    EXPECT_FALSE(crowd.wrongWorker);
    return crowd.most.load();
  };
  EXPECT_EQ(run(1), 1);
  EXPECT_EQ(run(2), 2);
  std::vector<std::thread> callers;
  for (int i = 0; i < 3; ++i)
    callers.emplace_back([&] { run(2); });
  for (std::thread &caller : callers)
    caller.join();
}

TEST(Threads, ManyCallersAtOnce) {
  std::vector<std::thread> callers;
  for (int i = 0; i < 8; ++i)
    callers.emplace_back([i] {
      for (int round = 0; round < 200; ++round)
        runAndCheck(1 + (i * 37 + round) % 50);
    });
  for (std::thread &caller : callers)
    caller.join();
}

TEST(Threads, NestedLoops) {
  std::atomic<int> inner{0};
  mixc_parallel_for(
      [](void *context, int64_t, int32_t) {
        mixc_parallel_for([](void *c, int64_t, int32_t) { static_cast<std::atomic<int> *>(c)->fetch_add(1); }, context, 10, numThreads);
      },
      &inner, 20, numThreads);
  EXPECT_EQ(inner, 200);
}

TEST(Threads, AfterASleep) {
  for (int round = 0; round < 20; ++round) {
    usleep(3000);
    runAndCheck(16);
  }
}

// Denormals count as zero in every block, and the caller's own setting survives.
TEST(Threads, DenormalsAreFlushed) {
  std::atomic<int> kept{0};
  unsigned int before = _mm_getcsr();
  mixc_parallel_for(
      [](void *context, int64_t, int32_t) {
        volatile float smallest = std::numeric_limits<float>::min(), half = 0.5f;
        volatile float product = smallest * half;
        if (product != 0)
          static_cast<std::atomic<int> *>(context)->fetch_add(1);
      },
      &kept, 64, numThreads);
  EXPECT_EQ(kept, 0);
  EXPECT_EQ(_mm_getcsr(), before);
}

#if !defined(MIXC_THREAD_SANITIZER)
TEST(Threads, ChildOfAForkHasItsOwnPool) {
  runAndCheck(100);
  pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    alarm(20);
    for (int round = 0; round < 20; ++round)
      runAndCheck(100);
    _exit(testing::Test::HasFailure() ? 1 : 0);
  }
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  runAndCheck(100);
}
#endif
