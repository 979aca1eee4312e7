// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Objects.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include <sys/wait.h>
#include <unistd.h>

using namespace llvm;
using namespace mixc;
using namespace mixc::regret;

static constexpr int64_t kChunks[] = {0, 16, 32, 64, 128};

std::vector<Job> regret::jobsFor(const Mixer &mixer, StringRef directory) {
  std::vector<Job> jobs;
  std::string name = mixer.text();
  std::replace(name.begin(), name.end(), ' ', '_');
  auto add = [&](int64_t chunk, bool all) {
    jobs.push_back({&mixer, chunk, all, (directory + "/" + name + "_" + Twine(jobs.size()) + ".o").str()});
  };
  add(0, false);
  for (int64_t chunk : kChunks)
    add(chunk, true);
  return jobs;
}

static void compileOne(const Job &job, StringRef target) {
  std::unique_ptr<SpecFile> file = SpecFile::open(job.mixer->name);
  if (!file)
    return;
  CompileOptions options;
  options.targets = {target.str()};
  options.dtype = job.mixer->dtype;
  for (auto &[dim, size] : job.mixer->sizes)
    options.shape[dim] = size;
  options.chunk = job.chunk;
  options.allAlgorithms = job.all;
  options.hostOnly = true;
  CompileResult result = compile(file->module(), options);
  std::error_code error;
  raw_fd_ostream out(job.path, error);
  if (result.artefacts && !error)
    out << result.artefacts->object;
  else
    (void)sys::fs::remove(job.path);
}

void regret::compileAll(ArrayRef<Job> jobs, StringRef target, unsigned processes) {
  unsigned running = 0;
  for (const Job &job : jobs) {
    if (sys::fs::exists(job.path))
      continue;
    if (running == processes) {
      wait(nullptr);
      --running;
    }
    const pid_t child = fork();
    if (child <= 0) // compiled here, where no process can be had
      compileOne(job, target);
    if (child == 0)
      _exit(0);
    running += child > 0;
  }
  while (running-- > 0)
    wait(nullptr);
}

std::unique_ptr<LoadedSpec> regret::load(const Job &job) {
  ErrorOr<std::unique_ptr<MemoryBuffer>> object = MemoryBuffer::getFile(job.path);
  if (!object || (*object)->getBufferSize() == 0)
    return nullptr;
  Expected<std::unique_ptr<LoadedSpec>> spec = LoadedSpec::load((*object)->getBuffer(), job.mixer->name);
  if (!spec) {
    errs() << job.path << ": " << toString(spec.takeError()) << "\n";
    return nullptr;
  }
  return std::move(*spec);
}
