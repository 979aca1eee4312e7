// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "mixc/passes/Temporaries.h"
#include <atomic>
#include <cstring>
#include <unistd.h>

using namespace llvm;

/// Null: a free place, of many more than a compilation has. Names are never freed: removeTemporaries may be reading them.
static std::atomic<char *> names[256];

static std::atomic_flag isMaking = ATOMIC_FLAG_INIT;
static thread_local bool makesHere = false;

mixc::MakingTemporaries::MakingTemporaries() {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  while (isMaking.test_and_set())
    usleep(100);
  makesHere = true;
}

mixc::MakingTemporaries::~MakingTemporaries() {
  makesHere = false;
  isMaking.clear();
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

void mixc::makeNoMoreTemporaries() {
  while (!makesHere && isMaking.test_and_set())
    usleep(100);
}

void mixc::noteTemporary(StringRef path) {
  char *name = strdup(path.str().c_str());
  for (std::atomic<char *> &place : names) {
    char *none = nullptr;
    if (place.compare_exchange_strong(none, name))
      return;
  }
}

void mixc::forgetTemporary(StringRef path) {
  for (std::atomic<char *> &place : names)
    if (char *name = place.load(); name && path == name)
      place.store(nullptr);
}

void mixc::removeTemporaries() {
  for (std::atomic<char *> &place : names)
    if (const char *name = place.load())
      unlink(name);
}
