// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Ptxas.h"
#include "mixc/passes/OutputFile.h"
#include "mixc/passes/Temporaries.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/Signals.h"
#include <atomic>
#include <csignal>
#include <sys/wait.h>
#include <thread>

using namespace llvm;
using namespace mixc;

static bool runnable(const Twine &path) { return sys::fs::can_execute(path); }

Expected<std::string> mixc::findPtxas(StringRef given) {
  if (given == "none")
    return std::string();
  std::optional<std::string> variable = sys::Process::GetEnv("MIXC_PTXAS");
  for (auto [path, origin] : {std::pair<std::string, const char *>(given.str(), "--ptxas"),
                              std::pair<std::string, const char *>(variable.value_or(""), "$MIXC_PTXAS")}) {
    if (path.empty())
      continue;
    if (!runnable(path))
      return createStringError("expected a program that can be run, got '%s' from %s", path.c_str(), origin);
    return path;
  }
  for (const char *name : {"CUDA_HOME", "CUDA_PATH"})
    if (std::optional<std::string> root = sys::Process::GetEnv(name))
      if (runnable(*root + "/bin/ptxas"))
        return *root + "/bin/ptxas";
  SmallString<128> beside(
      sys::path::parent_path(sys::path::parent_path(sys::fs::getMainExecutable(nullptr, reinterpret_cast<void *>(&runnable)))));
  sys::path::append(beside, "cuda", "bin", "ptxas");
  if (runnable(beside))
    return std::string(beside);
  if (ErrorOr<std::string> found = sys::findProgramByName("ptxas"))
    return *found;
  if (runnable("/usr/local/cuda/bin/ptxas"))
    return std::string("/usr/local/cuda/bin/ptxas");
  return std::string();
}

/// The integer before `unit` in a line such as "8 bytes stack frame, 4 bytes spill stores".
static int numberBefore(StringRef line, StringRef unit) {
  StringRef head = line.substr(0, line.find(unit)).rtrim();
  int number = 0;
  head.substr(head.find_last_not_of("0123456789") + 1).getAsInteger(10, number);
  return number;
}

void mixc::parsePtxasLog(StringRef log, PtxasOutput &output) {
  SmallVector<StringRef> lines;
  log.split(lines, '\n', -1, /*KeepEmpty=*/false);
  std::string kernel;
  for (StringRef line : lines) {
    line = line.trim();
    if (line.contains("Compiling entry function '")) {
      kernel = line.split('\'').second.split('\'').first.str();
    } else if (line.contains("Function properties for ")) {
      kernel = line.split("Function properties for ").second.trim(" '").str();
    } else if (line.contains("bytes spill stores")) {
      int spilled = numberBefore(line, "bytes spill stores") + numberBefore(line, "bytes spill loads");
      output.usage[kernel].spillBytes = spilled;
      if (spilled)
        output.notices.push_back(kernel + ": " + std::to_string(spilled) + " bytes of registers spilled");
    } else if (line.contains("Used ") && line.contains(" registers")) {
      output.usage[kernel].registers = numberBefore(line, "registers");
    } else if (line.contains("(C75") || line.contains_insensitive("warning")) {
      output.notices.push_back(line.str());
    }
  }
}

/// Registers that a thread can have, that a block can have, and the unit in which a thread gets them.
static constexpr int kMaxRegisters = 255, kBlockRegisters = 65536, kRegisterUnit = 8;

/// The name in a line such as ".visible .entry kernel(", or nothing.
static StringRef entryName(StringRef line) {
  return line.contains(".entry ") ? line.split(".entry ").second.take_while([](char c) { return isAlnum(c) || c == '_' || c == '$'; })
                                  : StringRef();
}

StringMap<int> mixc::registerLimits(StringRef ptx) {
  StringMap<int> limits;
  SmallVector<StringRef> lines;
  ptx.split(lines, '\n');
  StringRef kernel;
  for (StringRef line : lines) {
    if (StringRef name = entryName(line); !name.empty())
      kernel = name;
    int threads;
    if (line.consume_front(".maxntid ") && !line.trim().getAsInteger(10, threads) && threads > 0)
      limits[kernel] = std::min(kMaxRegisters, kBlockRegisters / threads / kRegisterUnit * kRegisterUnit);
  }
  return limits;
}

StringMap<int> mixc::registersToAllow(const StringMap<KernelUsage> &usage, const StringMap<int> &limits, int attempt) {
  // Some more first, to keep blocks; then all.
  constexpr int kMore[] = {16, 48};
  StringMap<int> allowed;
  for (const auto &entry : usage) {
    const KernelUsage &kernel = entry.second;
    int limit = limits.lookup(entry.first());
    if (kernel.spillBytes > 0 && kernel.registers < limit)
      allowed[entry.first()] = attempt < 2 ? std::min(kernel.registers + kMore[attempt], limit) : limit;
  }
  return allowed;
}

std::string mixc::allowRegisters(StringRef ptx, const StringMap<int> &registers) {
  SmallVector<StringRef> lines;
  ptx.split(lines, '\n');
  std::string text, limit;
  for (StringRef line : lines) {
    if (StringRef kernel = entryName(line); !kernel.empty()) {
      auto found = registers.find(kernel);
      limit = found == registers.end() ? "" : ".maxnreg " + std::to_string(found->second);
    }
    // The last word on a kernel is the one that counts.
    if (limit.empty() || !line.starts_with(".maxnreg"))
      text += line.str() + "\n";
    if (!limit.empty() && line.starts_with(".maxntid"))
      text += limit + "\n";
  }
  text.pop_back();
  return text;
}

static Expected<std::string> temporaryFile(StringRef suffix) {
  const MakingTemporaries making;
  SmallString<128> path;
  if (std::error_code code = sys::fs::createTemporaryFile("mixc", suffix, path))
    return createStringError(code, "cannot make a temporary file for ptxas: %s", code.message().c_str());
  sys::RemoveFileOnSignal(path);
  noteTemporary(path);
  return std::string(path);
}

/// Those that run, for killPtxas; 0: a free place.
static std::atomic<int> running[64];

static void noteRunning(int from, int to) {
  for (std::atomic<int> &place : running) {
    int expected = from;
    if (place.compare_exchange_strong(expected, to))
      return;
  }
}

void mixc::killPtxas() {
  for (std::atomic<int> &place : running)
    if (int pid = place.load(); pid && kill(pid, SIGKILL) == 0)
      waitpid(pid, nullptr, 0);
}

Expected<std::unique_ptr<PtxasRun>> PtxasRun::start(StringRef ptxas, StringRef ptx, StringRef arch, unsigned timeoutSeconds) {
  std::unique_ptr<PtxasRun> run(new PtxasRun);
  run->ptxas = ptxas.str();
  run->arch = arch.str();
  for (auto [path, suffix] : {std::pair(&run->input, "ptx"), {&run->output, "cubin"}, {&run->log, "log"}}) {
    Expected<std::string> file = temporaryFile(suffix);
    if (!file)
      return file.takeError();
    *path = std::move(*file);
  }
  if (Error error = writeFile(run->input, ptx))
    return error;
  std::string option = ("-arch=" + arch).str(), message;
  SmallVector<StringRef> args = {run->ptxas, option, "-O3", "-v", "--split-compile=0", run->input, "-o", run->output};
  std::optional<StringRef> redirects[] = {StringRef(), StringRef(run->log), StringRef(run->log)};
  bool failed = false;
  run->timeoutSeconds = timeoutSeconds;
  run->deadline = std::chrono::steady_clock::now() + std::chrono::seconds(timeoutSeconds);
  run->process = sys::ExecuteNoWait(run->ptxas, args, std::nullopt, redirects, 0, &message, &failed);
  if (failed || run->process.Pid == sys::ProcessInfo::InvalidPid)
    return createStringError("cannot run ptxas '%s': %s", run->ptxas.c_str(), message.c_str());
  noteRunning(0, run->process.Pid);
  return run;
}

Expected<PtxasOutput> PtxasRun::finish() {
  std::string message;
  sys::ProcessInfo ended;
  for (;;) {
    ended = sys::Wait(process, 0, &message);
    if (ended.Pid == process.Pid)
      break;
    if (std::chrono::steady_clock::now() > deadline)
      return createStringError("ptxas -arch=%s still ran after %u s; raise --ptxas-timeout", arch.c_str(), timeoutSeconds);
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  noteRunning(process.Pid, 0);
  process.Pid = sys::ProcessInfo::InvalidPid;
  ErrorOr<std::unique_ptr<MemoryBuffer>> text = MemoryBuffer::getFile(log);
  StringRef said = text ? (*text)->getBuffer().trim() : StringRef();
  if (ended.ReturnCode)
    return createStringError("ptxas -arch=%s failed (%s%d): %s", arch.c_str(), message.empty() ? "exit status " : (message + ", ").c_str(),
                             ended.ReturnCode, said.str().c_str());
  PtxasOutput result;
  parsePtxasLog(said, result);
  ErrorOr<std::unique_ptr<MemoryBuffer>> cubin = MemoryBuffer::getFile(output, false, false);
  if (!cubin || (*cubin)->getBufferSize() == 0)
    return createStringError("ptxas -arch=%s wrote no cubin to %s: %s", arch.c_str(), output.c_str(), said.str().c_str());
  result.cubin = (*cubin)->getBuffer().str();
  return result;
}

PtxasRun::~PtxasRun() {
  if (process.Pid != sys::ProcessInfo::InvalidPid) {
    kill(process.Pid, SIGKILL);
    sys::Wait(process, std::nullopt);
    noteRunning(process.Pid, 0);
  }
  for (const std::string &path : {input, output, log})
    if (!path.empty()) {
      sys::fs::remove(path);
      sys::DontRemoveFileOnSignal(path);
      forgetTemporary(path);
    }
}
