// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Calls that say how many threads they have, and whose.

extern "C" {
#include "threads.h"
}
#include "ToySpec.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <string>
#include <thread>
#include <utility>
#include <vector>
#include <xmmintrin.h>

namespace {

// A pool as a caller would have one; `order` says how it runs the pieces.
struct Pool {
  using Order = std::function<int32_t(mixc_work, void *, int32_t)>;
  Order order;
  std::atomic<int> calls{0};
  std::atomic<int32_t> pieces{0}; // of the last call

  explicit Pool(Order order) : order(std::move(order)) {}
  mixc_threads threads(int32_t count) { return {count, 0, run, this}; }

  static int32_t run(void *pool, mixc_work work, void *task, int32_t n) {
    auto *self = static_cast<Pool *>(pool);
    ++self->calls;
    self->pieces = n;
    return self->order(work, task, n);
  }
};

int32_t onThreads(mixc_work work, void *task, int32_t n, int32_t times = 1) {
  std::vector<std::thread> threads;
  for (int32_t i = 0; i < times * n; ++i)
    threads.emplace_back(work, task, i % n);
  for (std::thread &thread : threads)
    thread.join();
  return 0;
}

int32_t oneAfterAnother(mixc_work work, void *task, int32_t n) {
  for (int32_t i = 0; i < n; ++i)
    work(task, i);
  return 0;
}

const std::pair<const char *, Pool::Order> orders[] = {
    {"each on a thread", [](mixc_work work, void *task, int32_t n) { return onThreads(work, task, n); }},
    {"one after another", oneAfterAnother},
    {"the last first",
     [](mixc_work work, void *task, int32_t n) {
       for (int32_t i = n; i-- > 0;)
         work(task, i);
       return 0;
     }},
    {"two threads for all",
     [](mixc_work work, void *task, int32_t n) {
       std::thread other([=] { oneAfterAnother(work, task, n / 2); });
       for (int32_t i = n / 2; i < n; ++i)
         work(task, i);
       other.join();
       return 0;
     }},
    {"one piece of many", [](mixc_work work, void *task, int32_t n) { return work(task, n - 1), 0; }},
    {"each twice at once", [](mixc_work work, void *task, int32_t n) { return onThreads(work, task, n, 2); }},
};

// With exactly the workspace that was asked for.
mixc_status run(const toy::Spec &spec, toy::Call &call, int32_t variant, int64_t splits) {
  mixc_plan plan = {variant};
  plan.splits = splits;
  mixc_status status = mixc_spec_plan(&spec.desc, MIXC_DEVICE_CPU, &call.args, &plan);
  if (status.code != MIXC_OK)
    return status;
  std::vector<char> workspace(plan.workspace_bytes);
  return mixc_spec_run_cpu_with(&spec.desc, &plan, &call.args, workspace.data(), plan.workspace_bytes);
}

} // namespace

TEST(Pool, EveryWayToRunThePieces) {
  toy::Spec spec;
  for (const auto &[name, order] : orders)
    for (int32_t count : {1, 2, 3, 16}) {
      Pool pool(order);
      const mixc_threads threads = pool.threads(count);
      toy::Call call(3, 101);
      call.args.threads = &threads;
      ASSERT_STREQ(run(spec, call, toy::scan, 7).message, "") << name;
      EXPECT_EQ(call.y, call.expectedY()) << name << ", " << count;
      EXPECT_EQ(call.hT, call.expectedState()) << name << ", " << count;
      // Three kernels; one thread needs no pool.
      EXPECT_EQ(pool.calls, count > 1 ? 3 : 0) << name << ", " << count;
      EXPECT_LE(pool.pieces, count);
    }
}

// One block, one piece: the pool is left alone. No more pieces than blocks.
TEST(Pool, PiecesAreNoMoreThanBlocks) {
  toy::Spec spec;
  Pool pool(oneAfterAnother);
  const mixc_threads threads = pool.threads(8);
  toy::Call call(1, 4);
  call.args.threads = &threads;
  ASSERT_STREQ(run(spec, call, toy::scan, 1).message, "");
  EXPECT_EQ(pool.calls, 0);
  toy::Call more(3, 4);
  more.args.threads = &threads;
  ASSERT_STREQ(run(spec, more, toy::scan, 1).message, "");
  EXPECT_EQ(pool.calls, 1);
  EXPECT_EQ(pool.pieces, 3);
}

TEST(Pool, DenormalsAreFlushedAndTheThreadsOwnSettingKept) {
  Pool pool([](mixc_work work, void *task, int32_t n) {
    unsigned int before = _mm_getcsr();
    oneAfterAnother(work, task, n);
    return _mm_getcsr() == before ? 0 : 1;
  });
  const mixc_threads threads = pool.threads(2);
  std::atomic<int> kept{0};
  mixc_status status = mixc_parallel_for_on(
      "toy", &threads,
      [](void *context, int64_t, int32_t) {
        if ((_mm_getcsr() & 0x8040) != 0x8040)
          ++*static_cast<std::atomic<int> *>(context);
      },
      &kept, 10);
  EXPECT_STREQ(status.message, "");
  EXPECT_EQ(kept, 0);
}

TEST(Pool, FailureIsReported) {
  toy::Spec spec;
  Pool broken([](mixc_work, void *, int32_t) { return 7; });
  const mixc_threads threads = broken.threads(4);
  toy::Call call(2, 64);
  call.args.threads = &threads;
  mixc_status status = run(spec, call, toy::scan, 4);
  EXPECT_EQ(status.code, MIXC_POOL);
  EXPECT_STREQ(status.message, "toy: threads.run: expected 0 for 4 pieces that were run, got 7; the results are not complete");
  EXPECT_EQ(broken.calls, 1); // the kernels behind it are left out
  // The next call is none the worse.
  call.args.threads = nullptr;
  EXPECT_STREQ(run(spec, call, toy::scan, 4).message, "");
  EXPECT_EQ(call.y, call.expectedY());
}

TEST(Pool, SuccessWithoutWorkIsAFailure) {
  toy::Spec spec;
  Pool idle([](mixc_work, void *, int32_t) { return 0; });
  const mixc_threads threads = idle.threads(4);
  toy::Call call(2, 64);
  call.args.threads = &threads;
  mixc_status status = run(spec, call, toy::scan, 4);
  EXPECT_EQ(status.code, MIXC_POOL);
  EXPECT_STREQ(status.message, "toy: threads.run: expected a call of `work` for each of 4 pieces, got none; the results are not complete");
}

TEST(Pool, CountIsChecked) {
  toy::Spec spec;
  for (int32_t count : {-1, 1025}) {
    const mixc_threads threads = {count, 0, nullptr, nullptr};
    toy::Call call(1, 8);
    call.args.threads = &threads;
    EXPECT_EQ(run(spec, call, toy::scan, 1).code, MIXC_INVALID_ARGUMENT);
    EXPECT_EQ(std::string(run(spec, call, toy::scan, 1).message),
              "toy: threads.count: expected 1 to 1024, or 0 for as many as there are, got " + std::to_string(count));
  }
}

// The workspace has room for the threads of the call, and the choice counts on as many units.
TEST(Pool, WorkspaceAndPlanFollowTheCount) {
  toy::Spec spec;
  const int32_t all = mixc_num_threads();
  Pool pool(oneAfterAnother);
  auto plan = [&](mixc_threads threads) {
    toy::Call call(2, 64);
    call.args.threads = &threads;
    mixc_plan plan = {toy::scan};
    plan.splits = 2;
    EXPECT_STREQ(mixc_spec_plan(&spec.desc, MIXC_DEVICE_CPU, &call.args, &plan).message, "");
    return plan;
  };
  const uint64_t own = plan({1, 0, nullptr, nullptr}).workspace_bytes;
  EXPECT_EQ(plan({0, 0, nullptr, nullptr}).workspace_bytes, own + 256 * uint64_t(all - 1));
  EXPECT_EQ(plan({2, 0, nullptr, nullptr}).workspace_bytes, own + 256 * uint64_t(std::min(2, all) - 1));
  // The process's pool has no more, another one has what it says.
  EXPECT_EQ(plan({all + 5, 0, nullptr, nullptr}).workspace_bytes, own + 256 * uint64_t(all - 1));
  EXPECT_EQ(plan(pool.threads(all + 5)).workspace_bytes, own + 256 * uint64_t(all + 4));
  EXPECT_EQ(plan(pool.threads(0)).workspace_bytes, own + 256 * uint64_t(all - 1));
  EXPECT_GT(plan({1, 0, nullptr, nullptr}).seconds, plan(pool.threads(64)).seconds);
}

// A call from within a piece of another one, on the same pool and on the process's.
TEST(Pool, NestedCalls) {
  toy::Spec spec;
  Pool inner(orders[0].second);
  Pool outer([&](mixc_work work, void *task, int32_t n) {
    std::atomic<int> wrong{0};
    std::vector<std::thread> threads;
    for (int32_t i = 0; i < n; ++i)
      threads.emplace_back([&, i] {
        const mixc_threads own = inner.threads(2);
        toy::Call call(2, 40 + i);
        call.args.threads = i % 2 ? &own : nullptr;
        if (run(spec, call, toy::scan, 3).code != MIXC_OK || call.y != call.expectedY())
          ++wrong;
        work(task, i);
      });
    for (std::thread &thread : threads)
      thread.join();
    return wrong.load();
  });
  const mixc_threads threads = outer.threads(4);
  toy::Call call(3, 64);
  call.args.threads = &threads;
  ASSERT_STREQ(run(spec, call, toy::scan, 4).message, "");
  EXPECT_EQ(call.y, call.expectedY());
}

TEST(Pool, ManyCallersAtOnce) {
  toy::Spec spec;
  Pool pool(orders[0].second);
  std::vector<std::thread> callers;
  for (int i = 0; i < 6; ++i)
    callers.emplace_back([&, i] {
      const mixc_threads threads = i % 2 ? pool.threads(1 + i) : mixc_threads{1 + i, 0, nullptr, nullptr};
      for (int round = 0; round < 20; ++round) {
        toy::Call call(1 + i % 3, 20 + 7 * i + round);
        call.args.threads = &threads;
        ASSERT_STREQ(run(spec, call, toy::scan, 1 + (i + round) % 6).message, "");
        ASSERT_EQ(call.y, call.expectedY());
        ASSERT_EQ(call.hT, call.expectedState());
      }
    });
  for (std::thread &caller : callers)
    caller.join();
}
