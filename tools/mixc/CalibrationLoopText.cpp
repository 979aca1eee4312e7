// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "CalibrationLoopText.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include <functional>

using namespace llvm;
using namespace mixc;

/// "text(0), text(1), .." of so many.
static std::string listed(unsigned count, function_ref<std::string(unsigned)> text, StringRef between = ", ") {
  std::vector<std::string> parts;
  for (unsigned i = 0; i < count; ++i)
    parts.push_back(text(i));
  return join(parts, between);
}

namespace {
/// Writes functions (memory, bytes, rounds) that compute with vectors of so many lanes.
class Writer {
public:
  explicit Writer(int64_t lanes) : lanes(lanes), vector("vector<" + std::to_string(lanes) + "xf32>") {}

  std::string multiplyAdds() const {
    return registers("multiply_add", kChains,
                     [&](unsigned i) { return formatv("      %b{0} = math.fma %a{0}, %x, %y : {1}\n", i, vector).str(); });
  }
  /// What goes in is from -1 to 0.
  std::string exponentials() const {
    return registers("exponential", kExponentials, [&](unsigned i) {
      return formatv("      %e{0} = math.exp %a{0} : {1}\n      %b{0} = arith.negf %e{0} : {1}\n", i, vector).str();
    });
  }
  std::string stateUpdates() const;
  std::string cacheLoads() const;
  std::string copies() const;
  std::string dependentLoads() const;

private:
  /// Operations on values that stay in registers, round by round; `op` makes %bI of %aI.
  std::string registers(StringRef name, unsigned count, function_ref<std::string(unsigned)> op) const;
  std::string load(const Twine &result, StringRef base, const Twine &index) const {
    return formatv("      {0}_p = llvm.getelementptr {1}[{2}] : (!llvm.ptr, i64) -> !llvm.ptr, f32\n"
                   "      {0} = llvm.load {0}_p {{alignment = 64 : i64} : !llvm.ptr -> {3}\n",
                   result.str(), base, index.str(), vector);
  }
  std::string constant(const Twine &name, int64_t value) const {
    return formatv("    {0} = arith.constant {1} : i64\n", name.str(), value);
  }
  /// The beginning of a function, up to its loops.
  std::string begin(StringRef name) const {
    return formatv("func.func @{0}(%memory: !llvm.ptr, %bytes: i64, %rounds: i64) {{\n"
                   "    %zero = arith.constant 0 : i64\n    %one = arith.constant 1 : i64\n",
                   name);
  }
  /// Stores so many results of %r into memory.
  std::string storeAll(unsigned count) const {
    return listed(
        count,
        [&](unsigned i) {
          return constant("%end" + Twine(i), i * lanes) +
                 formatv("    %last{0} = llvm.getelementptr %memory[%end{0}] : (!llvm.ptr, i64) -> !llvm.ptr, f32\n"
                         "    llvm.store %r#{0}, %last{0} : {1}, !llvm.ptr\n",
                         i, vector)
                     .str();
        },
        "");
  }
  std::string types(unsigned count) const {
    return listed(count, [&](unsigned) { return vector; });
  }

  static constexpr unsigned kChains = 12, kExponentials = 6, kRows = 4, kSums = 8, kCopied = 4;
  int64_t lanes;
  std::string vector;
};
} // namespace

std::string Writer::registers(StringRef name, unsigned count, function_ref<std::string(unsigned)> op) const {
  std::string text = begin(name);
  for (unsigned i = 0; i < count + 2; ++i)
    text += constant("%from" + Twine(i), i * lanes) + load("%v" + Twine(i), "%memory", "%from" + Twine(i));
  text += formatv("    %x = arith.negf %v{0} : {2}\n    %y = arith.negf %v{1} : {2}\n", count, count + 1, vector);
  text += formatv("    %r:{0} = scf.for %i = %zero to %rounds step %one iter_args({1}) -> ({2}) : i64 {{\n", count,
                  listed(count, [](unsigned i) { return formatv("%a{0} = %v{0}", i).str(); }), types(count));
  text += listed(count, op, "");
  return text +
         formatv("      scf.yield {0} : {1}\n    }\n", listed(count, [](unsigned i) { return "%b" + std::to_string(i); }), types(count))
             .str() +
         storeAll(count) + "    return\n}\n";
}

/// A row's b and c are numbers of their own; x and y are vectors beside them.
std::string Writer::stateUpdates() const {
  std::string text = begin("state_update");
  for (unsigned i = 0; i < kRows; ++i)
    text += constant("%from" + Twine(i), i * lanes) + load("%x" + Twine(i), "%memory", "%from" + Twine(i));
  text += constant("%step", kRows * lanes) + constant("%four", 4) + "    %entries = arith.divsi %bytes, %four : i64\n" +
          formatv("    %d = arith.constant dense<9.9e-1> : {0}\n    %small = arith.constant 1.0e-4 : f32\n", vector).str();
  text += formatv("    %r:{0} = scf.for %i = %zero to %rounds step %one iter_args({1}) -> ({2}) : i64 {{\n"
                  "    %q:{0} = scf.for %row = %zero to %entries step %step iter_args({3}) -> ({2}) : i64 {{\n"
                  "      %number = arith.sitofp %row : i64 to f32\n      %one_c = arith.mulf %number, %small : f32\n"
                  "      %b = vector.broadcast %number : f32 to {4}\n      %c = vector.broadcast %one_c : f32 to {4}\n",
                  kRows, listed(kRows, [](unsigned i) { return formatv("%z{0} = %x{0}", i).str(); }), types(kRows),
                  listed(kRows, [](unsigned i) { return formatv("%y{0} = %z{0}", i).str(); }), vector);
  for (unsigned i = 0; i < kRows; ++i) {
    text += formatv("      %o{0} = arith.constant {1} : i64\n      %at{0} = arith.addi %row, %o{0} : i64\n", i, i * lanes);
    text += load("%s" + Twine(i), "%memory", "%at" + Twine(i));
    text += formatv("      %u{0} = arith.mulf %x{0}, %b : {1}\n      %n{0} = math.fma %s{0}, %d, %u{0} : {1}\n"
                    "      llvm.store %n{0}, %s{0}_p {{alignment = 64 : i64} : {1}, !llvm.ptr\n"
                    "      %w{0} = math.fma %n{0}, %c, %y{0} : {1}\n",
                    i, vector);
  }
  text += formatv("      scf.yield {0} : {1}\n    }\n    scf.yield {2} : {1}\n    }\n",
                  listed(kRows, [](unsigned i) { return "%w" + std::to_string(i); }), types(kRows),
                  listed(kRows, [](unsigned i) { return "%q#" + std::to_string(i); }));
  return text + storeAll(kRows) + "    return\n}\n";
}

std::string Writer::cacheLoads() const {
  std::string text = begin("cache_load");
  text += constant("%step", kSums * lanes) + constant("%four", 4) + "    %entries = arith.divsi %bytes, %four : i64\n" +
          formatv("    %none = arith.constant dense<0.0> : {0}\n", vector).str();
  text += formatv("    %r:{0} = scf.for %i = %zero to %rounds step %one iter_args({1}) -> ({2}) : i64 {{\n"
                  "    %q:{0} = scf.for %row = %zero to %entries step %step iter_args({3}) -> ({2}) : i64 {{\n",
                  kSums, listed(kSums, [](unsigned i) { return formatv("%z{0} = %none", i).str(); }), types(kSums),
                  listed(kSums, [](unsigned i) { return formatv("%y{0} = %z{0}", i).str(); }));
  for (unsigned i = 0; i < kSums; ++i) {
    text += formatv("      %o{0} = arith.constant {1} : i64\n      %at{0} = arith.addi %row, %o{0} : i64\n", i, i * lanes);
    text += load("%s" + Twine(i), "%memory", "%at" + Twine(i));
    text += formatv("      %w{0} = arith.addf %y{0}, %s{0} : {1}\n", i, vector);
  }
  text += formatv("      scf.yield {0} : {1}\n    }\n    scf.yield {2} : {1}\n    }\n",
                  listed(kSums, [](unsigned i) { return "%w" + std::to_string(i); }), types(kSums),
                  listed(kSums, [](unsigned i) { return "%q#" + std::to_string(i); }));
  return text + storeAll(kSums) + "    return\n}\n";
}

/// The second half of the memory to the first.
std::string Writer::copies() const {
  std::string text = begin("copy");
  text += constant("%step", kCopied * lanes) + constant("%eight", 8) +
          "    %entries = arith.divsi %bytes, %eight : i64\n"
          "    %second = llvm.getelementptr %memory[%entries] : (!llvm.ptr, i64) -> !llvm.ptr, f32\n"
          "    scf.for %i = %zero to %rounds step %one : i64 {\n    scf.for %at = %zero to %entries step %step : i64 {\n";
  for (unsigned i = 0; i < kCopied; ++i) {
    text += formatv("      %o{0} = arith.constant {1} : i64\n      %at{0} = arith.addi %at, %o{0} : i64\n", i, i * lanes);
    text += load("%s" + Twine(i), "%second", "%at" + Twine(i));
    text += formatv("      %to{0} = llvm.getelementptr %memory[%at{0}] : (!llvm.ptr, i64) -> !llvm.ptr, f32\n"
                    "      llvm.store %s{0}, %to{0} {{alignment = 64 : i64} : {1}, !llvm.ptr\n",
                    i, vector);
  }
  return text + "    }\n    }\n    return\n}\n";
}

/// Every word holds the address of the next one.
std::string Writer::dependentLoads() const {
  return begin("dependent_load") + "    %first = llvm.load %memory : !llvm.ptr -> !llvm.ptr\n"
                                   "    %r = scf.for %i = %zero to %rounds step %one iter_args(%at = %first) -> (!llvm.ptr) : i64 {\n"
                                   "      %next = llvm.load %at : !llvm.ptr -> !llvm.ptr\n      scf.yield %next : !llvm.ptr\n    }\n"
                                   "    llvm.store %r, %memory : !llvm.ptr, !llvm.ptr\n    return\n}\n";
}

std::string mixc::calibrationLoopText(int64_t lanes) {
  const Writer writer(lanes);
  return writer.multiplyAdds() + writer.exponentials() + writer.stateUpdates() + writer.cacheLoads() + writer.copies() +
         writer.dependentLoads();
}
