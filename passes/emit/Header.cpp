// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Header.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;
using namespace mixc;

/// Words that cannot be a member's name in C or C++.
static bool isReserved(StringRef name) {
  static const StringSet<> words = {
      "alignas", "alignof", "and", "and_eq", "asm", "auto", "bitand", "bitor", "bool", "break", "case", "catch", "char",
      "char8_t", "char16_t", "char32_t", "class", "compl", "concept", "const", "consteval", "constexpr", "constinit",
      "const_cast", "continue", "co_await", "co_return", "co_yield", "decltype", "default", "delete", "do", "double",
      "dynamic_cast", "else", "enum", "explicit", "export", "extern", "false", "float", "for", "friend", "goto", "if",
      "inline", "int", "long", "mutable", "namespace", "new", "noexcept", "not", "not_eq", "nullptr", "operator", "or",
      "or_eq", "private", "protected", "public", "register", "reinterpret_cast", "requires", "restrict", "return",
      "short", "signed", "sizeof", "static", "static_assert", "static_cast", "struct", "switch", "template", "this",
      "thread_local", "throw", "true", "try", "typedef", "typeid", "typename", "typeof", "union", "unsigned", "using",
      "virtual", "void", "volatile", "wchar_t", "while", "xor", "xor_eq", "B", "T"};
  return words.contains(name);
}

/// One member name a tensor: its own, with underscores after it where that is taken.
static std::vector<std::string> memberNames(const SpecInfo &info) {
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

static StringRef dtypeName(mixc_dtype dtype) {
  return dtype == MIXC_F32 ? "f32" : dtype == MIXC_BF16 ? "bf16" : "f16";
}

/// "[B,T,24,64] bf16, may be null"
static std::string describe(const TensorInfo &tensor) {
  std::vector<std::string> sizes;
  for (int64_t size : tensor.sizes)
    sizes.push_back(size == MIXC_DIM_B ? "B" : size == MIXC_DIM_T ? "T" : std::to_string(size));
  std::string text = "[" + join(sizes, ",") + "] " + dtypeName(tensor.dtype).str();
  if (tensor.optional)
    text += tensor.isResult ? "; null: not wanted" : "; null: zeros";
  return text;
}

static void writeArgs(raw_ostream &os, const SpecInfo &info) {
  os << "/* Arguments, then results. Strides count elements, in the order of the dimensions; all zero: contiguous. */\n"
     << "typedef struct " << info.name << "_args {\n  int64_t B, T; /* batch, sequence length */\n";
  std::vector<std::string> names = memberNames(info);
  for (auto [tensor, name] : llvm::zip(info.tensors, names))
    os << "  mixc_tensor " << name << "; /* " << (tensor.isResult ? "result " : "") << describe(tensor) << " */\n";
  os << "} " << info.name << "_args;\n\n";
}

static void writeSizes(raw_ostream &os, const SpecInfo &info, StringRef upper) {
  if (info.sizes.empty())
    return;
  os << "enum { ";
  ListSeparator comma;
  for (auto &[dim, size] : info.sizes)
    os << comma << upper << "_" << dim << " = " << size;
  os << " }; /* sizes it was compiled for */\n\n";
}

static void writeFunctions(raw_ostream &os, StringRef name) {
  os << "/* Does beforehand what a first call would do: starts threads, loads the GPU code into the current context. */\n"
     << "mixc_status " << name << "_load(mixc_device device);\n\n"
     << "/* Bytes of workspace that a call with these arguments needs. */\n"
     << "size_t " << name << "_workspace_bytes(const " << name << "_args *args);\n\n"
     << "/* Host memory; complete on return. No allocation. Thread-safe. */\n"
     << "mixc_status " << name << "_cpu(const " << name
     << "_args *args, void *workspace, size_t workspace_bytes) MIXC_NODISCARD;\n\n"
     << "/* Device memory of the current context; enqueued on the stream. No allocation, no synchronisation. Thread-safe. "
        "*/\n"
     << "mixc_status " << name << "_cuda(const " << name
     << "_args *args, void *workspace, size_t workspace_bytes, CUstream stream) MIXC_NODISCARD;\n\n";
}

std::string mixc::writeHeader(const SpecInfo &info) {
  std::string text, upper = StringRef(info.name).upper();
  raw_string_ostream os(text);
  os << "/* " << info.name << ": written by mixc " << MIXC_VERSION_MAJOR << "." << MIXC_VERSION_MINOR << " from "
     << info.source << ". Link the object of the same name and mixc_runtime. */\n"
     << "#ifndef MIXC_SPEC_" << upper << "_H\n#define MIXC_SPEC_" << upper << "_H\n\n"
     << "#include \"mixc/runtime/mixc.h\"\n\n#ifdef __cplusplus\nextern \"C\" {\n#endif\n\n";
  writeSizes(os, info, upper);
  writeArgs(os, info);
  writeFunctions(os, info.name);
  os << "#ifdef __cplusplus\n} /* extern \"C\" */\n#endif\n\n#endif /* MIXC_SPEC_" << upper << "_H */\n";
  return text;
}
