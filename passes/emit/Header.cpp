// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Header.h"
#include "mixc/passes/CName.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"
#include <set>

using namespace llvm;
using namespace mixc;

/// One member name a tensor: its own; where that is taken, with an underscore after it, two where that is taken too, and so on.
static std::vector<std::string> memberNames(const SpecInfo &info) {
  auto isReserved = [&](StringRef name) {
    return isTakenMemberName(name) || name == "B" || name == "T" || name == "H" || name == "sequences" || name == "threads" ||
           name == info.name + "_args";
  };
  StringSet<> taken;
  for (const TensorInfo &tensor : info.tensors)
    if (!isReserved(tensor.name))
      taken.insert(tensor.name);
  std::vector<std::string> names;
  for (const TensorInfo &tensor : info.tensors) {
    std::string name = tensor.name;
    if (isReserved(name)) {
      do
        name += "_";
      while (!taken.insert(name).second);
    }
    names.push_back(name);
  }
  return names;
}

static StringRef dtypeName(mixc_dtype dtype) { return dtype == MIXC_F32 ? "f32" : dtype == MIXC_BF16 ? "bf16" : "f16"; }

/// Text that can stand in a C comment.
static std::string inComment(StringRef text) {
  std::string result;
  for (char c : text) {
    bool ends = !result.empty() && ((result.back() == '*' && c == '/') || (result.back() == '/' && c == '*'));
    result += ends ? " " : "";
    result += c;
  }
  return result;
}

/// "[B,T,H=24,P=64] bf16; null: zeros; natural logarithm of the decay, at most 0; what the spec says"
static std::string describe(const SpecInfo &info, const TensorInfo &tensor) {
  std::vector<std::string> dims;
  for (auto [dim, size] : llvm::zip(tensor.dims, tensor.sizes)) {
    std::string text = size > 0 ? "=" + std::to_string(size) : "";
    if (info.sizes.isFree(dim))
      text = dim == 'H' ? "" : "=H/" + std::to_string(info.sizes.headsOfGroup.at(dim));
    dims.push_back(dim + text);
  }
  std::string text = "[" + join(dims, ",") + "] " + dtypeName(tensor.dtype).str();
  if (tensor.optional)
    text += tensor.isResult ? "; null: not wanted" : "; null: zeros";
  if (tensor.stochastic)
    text += "; rounded stochastically where sequences.seed is given";
  if (tensor.inPlaceOf >= 0)
    text += "; may be " + memberNames(info)[tensor.inPlaceOf] + " itself, in place";
  for (const std::string &words : {tensor.unit, tensor.comment})
    if (!words.empty())
      text += "; " + inComment(words);
  return text;
}

/// A comment over the lines of `text`.
static void writeComment(raw_ostream &os, StringRef text) {
  SmallVector<StringRef> lines;
  text.split(lines, '\n');
  os << "/*";
  for (StringRef line : lines)
    os << (line.empty() ? "" : " ") << line << "\n *";
  os << "/\n";
}

/// What f32 tensors are multiplied in where a GPU computes; empty where that is no question.
static StringRef productsOnGpu(const SpecInfo &info) {
  auto onGpu = [](const VariantInfo &variant) { return variant.device == MIXC_DEVICE_CUDA; };
  if (info.dtype != "f32" || llvm::none_of(info.variants, onGpu))
    return "";
  bool rounds = llvm::any_of(info.variants, [](const VariantInfo &variant) { return variant.precision == "tf32"; });
  return rounds ? "On a GPU, products round their f32 operands to TF32, which keeps 10 bits of mantissa; --precision=f32 keeps them all."
                : "On a GPU, products have the accuracy of f32.";
}

static void writeTitle(raw_ostream &os, const SpecInfo &info) {
  std::string text = formatv("{0}: written by mixc {1}.{2} from {3}", info.name, MIXC_VERSION_MAJOR, MIXC_VERSION_MINOR, info.source);
  if (info.name != info.spec)
    text += ", the spec " + info.spec;
  text += ". Link the object that was written with it, and mixc_runtime.";
  if (StringRef products = productsOnGpu(info); !products.empty())
    text += "\n" + products.str();
  if (!info.comment.empty())
    text += "\n\n" + inComment(info.comment);
  writeComment(os, text);
}

static constexpr StringRef kArgsComment =
    R"(Arguments of a call, then its results. All memory is the caller's. Arguments are only read; results are written, and may share
memory neither with themselves nor with another tensor, but where it says so below. No address is held when the call is complete.
[B,T,..] are the dimensions in the order of the strides, which count elements, and of which the last is the fastest where all are
zero: contiguous. Where null is not mentioned, an address is needed. A type or unit is that of every element.)";

/// "Calls may keep states .. after every multiple of 16 or 64 tokens", or nothing.
static std::string keptStates(const SpecInfo &info) {
  std::set<int64_t> chunks;
  for (const VariantInfo &variant : info.variants)
    if (variant.keeps)
      chunks.insert(variant.chunk);
  if (chunks.empty())
    return "";
  std::string list = join(map_range(chunks, [](int64_t chunk) { return std::to_string(chunk); }), " or ");
  return "\nCalls may keep states that sequences have inside them (sequences.kept), after every multiple of " + list + " tokens.";
}

static StringRef invariance(const SpecInfo &info) {
  return info.invariantBatch > 0 ? "\nWhat a sequence gives does not depend on what else is in its call (--batch-invariant)." : "";
}

/// What H of the arguments may be.
static std::string headsOfCall(const SpecInfo &info) {
  auto heads = info.sizes.find("H");
  if (heads == info.sizes.end())
    return "0: no argument has heads";
  if (info.sizes.band)
    return heads->second > 1 ? "heads: a multiple of " + std::to_string(heads->second) : "heads: 1 or more";
  return "heads: 0 or " + std::to_string(heads->second) + ", as compiled in";
}

static void writeArgs(raw_ostream &os, const SpecInfo &info) {
  writeComment(os, kArgsComment.str() + keptStates(info) + invariance(info).str());
  os << "typedef struct " << info.name << "_args {\n  int64_t B, T; /* batch, sequence length; 0 or more */\n  int64_t H; /* "
     << headsOfCall(info)
     << " */\n"
        "  const mixc_sequences *sequences; /* packed sequences, states in a pool; null: B sequences of T tokens each */\n"
        "  const mixc_threads *threads; /* how many, and whose; null: all of mixc's pool */\n";
  std::vector<std::string> names = memberNames(info);
  for (auto [tensor, name] : llvm::zip(info.tensors, names))
    os << (tensor.isResult ? "  mixc_tensor " : "  mixc_const_tensor ") << name << "; /* " << (tensor.isResult ? "result " : "")
       << describe(info, tensor) << " */\n";
  os << "} " << info.name << "_args;\n\n";
}

static void writeSizes(raw_ostream &os, const SpecInfo &info) {
  std::string sizes;
  for (auto &[dim, size] : info.sizes)
    if (!info.sizes.isFree(dim.front()))
      sizes += (sizes.empty() ? "" : ", ") + info.name + "_" + dim + " = " + std::to_string(size);
  if (!sizes.empty())
    os << "enum { " << sizes << " }; /* sizes it was compiled for */\n\n";
}

/// {0} is the spec's name. mixc_code in mixc.h lists the codes.
static constexpr const char kFunctions[] =
    R"(/* Does beforehand what a first call would do: starts threads, loads the GPU code into the device's context. Allocates. Thread-safe.
 * Returns MIXC_OK, or why the code cannot run there: MIXC_UNSUPPORTED, MIXC_NO_DEVICE, MIXC_DRIVER, MIXC_OUT_OF_MEMORY,
 * MIXC_ABI_MISMATCH, MIXC_INVALID_ARGUMENT (the device's kind, or a variable of the environment).
 */
mixc_status {0}_load(mixc_device device);

/* Bytes of workspace that a call with these arguments needs, at any alignment; the larger number where the object holds code for
 * CPU and GPU and a CUDA context is current. Tensors may be null. 0 where none is needed, and on bad arguments (args is null; B, T, H or
 * a stride is not valid) or where no code runs: the call then says why. Thread-safe.
 */
size_t {0}_workspace_bytes(const {0}_args *args);

/* Host memory; the results are complete on return. The workspace is the call's own until then. No allocation after the first call.
 * Thread-safe. Returns MIXC_OK, MIXC_INVALID_ARGUMENT, MIXC_WORKSPACE (null, or less than is needed), MIXC_UNSUPPORTED, MIXC_POOL (the
 * call's own pool of threads failed: results are not complete), MIXC_BOUND (decays break a bound that the object was compiled to check:
 * results and states are written, and of no use), or what {0}_load returns at a first call; the message names argument and reason. Unless
 * it is MIXC_OK, MIXC_POOL or MIXC_BOUND, no result is written.
 */
mixc_status {0}_cpu(const {0}_args *args, void *workspace, size_t workspace_bytes) MIXC_NODISCARD;

/* Device memory of the current context; the work is enqueued on the stream on return, and tensors and workspace must live until it is
 * done. No allocation after the first call in a context, no synchronisation: it can stand in a CUDA graph. Thread-safe. Returns
 * what {0}_cpu does, MIXC_NO_DEVICE (no driver, GPU or context) or MIXC_DRIVER (a call of the driver failed).
 */
mixc_status {0}_cuda(const {0}_args *args, void *workspace, size_t workspace_bytes, CUstream stream) MIXC_NODISCARD;

)";

std::string mixc::writeHeader(const SpecInfo &info) {
  std::string text;
  raw_string_ostream os(text);
  writeTitle(os, info);
  os << "#ifndef MIXC_SPEC_" << info.name << "_H\n#define MIXC_SPEC_" << info.name << "_H\n\n"
     << "#include \"mixc/runtime/mixc.h\"\n\n#ifdef __cplusplus\nextern \"C\" {\n#endif\n\n";
  writeSizes(os, info);
  writeArgs(os, info);
  os << formatv(kFunctions, info.name);
  os << "#ifdef __cplusplus\n} /* extern \"C\" */\n#endif\n\n#endif /* MIXC_SPEC_" << info.name << "_H */\n";
  return text;
}
