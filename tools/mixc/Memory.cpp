// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Memory.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/MemoryBuffer.h"
#include <sys/resource.h>
#include <unistd.h>

using namespace llvm;
using namespace mixc;

/// What the compiler itself takes, roughly.
static constexpr uint64_t kCompilerBytes = uint64_t(256) << 20;

static uint64_t cappedElements(mixer::TensorType type, const std::map<std::string, int64_t> &sizes) {
  uint64_t count = 1;
  for (mlir::StringAttr dim : type.getDims())
    count = SaturatingMultiply<uint64_t>(count, sizes.at(dim.str()));
  return count;
}

MemoryNeed mixc::memoryNeed(mixer::SpecOp spec, const std::map<std::string, int64_t> &sizes, const Sequences &sequences,
                            const CompileOptions &options, bool checked) {
  MemoryNeed need;
  need.host = kCompilerBytes;
  auto bytesOf = [](StringRef dtype) -> uint64_t { return dtype == "bf16" || dtype == "f16" ? 2 : 4; };
  auto add = [&](mixer::TensorType type, bool isState, bool isOfRecurrence, uint64_t hostBytes) {
    const bool hasOwnType = isOfRecurrence && !options.stateDtype.empty();
    const uint64_t bytes = hasOwnType ? bytesOf(options.stateDtype) : type.getIo() ? bytesOf(options.dtype) : 4;
    uint64_t elements = cappedElements(type, sizesOf(type, sizes, sequences, isState));
    need.host = SaturatingMultiplyAdd<uint64_t>(elements, hostBytes, need.host);
    need.device = SaturatingMultiplyAdd<uint64_t>(elements, bytes, need.device);
  };
  // An argument: f32, and for the evaluator once more rounded and as a double. A result: f32, and two doubles.
  for (unsigned i = 0; i < spec.getNumArgs(); ++i)
    add(spec.getArgType(i), spec.isInitialState(i), spec.isInitialStateOfRecurrence(i), checked ? 16 : 4);
  for (unsigned i = 0; i < spec.getNumOutputs(); ++i)
    add(spec.getResultType(i), spec.isFinalState(i), spec.isFinalStateOfRecurrence(i), checked ? 20 : 4);
  if (!checked)
    return need;
  std::map<std::string, int64_t> evaluated = sizes; // at once
  if (sequences.any())
    evaluated["B"] = 1;
  if (!sequences.lengths.empty())
    evaluated["T"] = sequences.longest();
  // The evaluator keeps every value.
  for (mlir::Operation &op : spec.getBody()->without_terminator())
    for (mlir::Type type : op.getResultTypes())
      need.host = SaturatingMultiplyAdd<uint64_t>(cappedElements(cast<mixer::TensorType>(type), evaluated), 8, need.host);
  return need;
}

/// The number behind `key` in a file of lines such as "MemAvailable:   123 kB"; the first number of the file if `key` is empty.
static std::optional<uint64_t> readNumber(const Twine &path, StringRef key = "") {
  ErrorOr<std::unique_ptr<MemoryBuffer>> text = MemoryBuffer::getFileAsStream(path);
  if (!text)
    return std::nullopt;
  SmallVector<StringRef> lines;
  (*text)->getBuffer().split(lines, '\n');
  for (StringRef line : lines) {
    uint64_t number;
    if (line.consume_front(key) && !line.ltrim(": ").take_while(isDigit).getAsInteger(10, number))
      return number;
  }
  return std::nullopt;
}

/// What a control group still lets this process have: its limit less what it uses, the cache of files aside.
static uint64_t controlGroupBytes() {
  uint64_t least = UINT64_MAX;
  auto consider = [&](StringRef directory, StringRef limitFile, StringRef usageFile, StringRef cacheKey) {
    std::optional<uint64_t> limit = readNumber(directory + limitFile), usage = readNumber(directory + usageFile);
    if (!limit || !usage)
      return;
    uint64_t used = *usage - std::min(*usage, readNumber(directory + "/memory.stat", cacheKey).value_or(0));
    least = std::min(least, *limit - std::min(*limit, used));
  };
  std::string own;
  if (auto groups = MemoryBuffer::getFileAsStream("/proc/self/cgroup")) {
    StringRef path = (*groups)->getBuffer().split("0::").second.split('\n').first;
    for (own = path.str(); own.size() > 1; own.resize(StringRef(own).rfind('/')))
      consider("/sys/fs/cgroup" + own, "/memory.max", "/memory.current", "file ");
  }
  consider("/sys/fs/cgroup", "/memory.max", "/memory.current", "file ");
  consider("/sys/fs/cgroup/memory", "/memory.limit_in_bytes", "/memory.usage_in_bytes", "total_cache ");
  return least;
}

uint64_t mixc::availableMemory() {
  uint64_t least = controlGroupBytes();
  if (std::optional<uint64_t> kilobytes = readNumber("/proc/meminfo", "MemAvailable"))
    least = std::min(least, *kilobytes * 1024);
  rlimit limit{};
  if (std::optional<uint64_t> pages = readNumber("/proc/self/statm");
      pages && getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY) {
    uint64_t used = *pages * sysconf(_SC_PAGESIZE);
    least = std::min<uint64_t>(least, limit.rlim_cur - std::min<uint64_t>(limit.rlim_cur, used));
  }
  return least;
}

Error mixc::checkFits(const Twine &what, uint64_t wanted, uint64_t available, StringRef memory) {
  if (wanted <= available)
    return Error::success();
  std::string bytes = wanted == UINT64_MAX ? "2^64 or more" : std::to_string(wanted);
  return createStringError(
      make_error_code(std::errc::not_enough_memory),
      (what + ": expected at most the " + Twine(available) + " bytes that are free of " + memory + ", got " + bytes).str());
}
