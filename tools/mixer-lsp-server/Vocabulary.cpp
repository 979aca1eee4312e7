// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Vocabulary.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringMap.h"

using namespace llvm;
using namespace mixc::editor;

ArrayRef<Word> mixc::editor::functions() {
  static constexpr Word words[] = {{"exp", "`exp(x)`: e to the power of x"},
                                   {"exp2", "`exp2(x)`: 2 to the power of x"},
                                   {"log", "`log(x)`: natural logarithm; of 0 it is -inf, a decay that forgets the state"},
                                   {"log1p", "`log1p(x)` = log(1 + x), exact near 0"},
                                   {"log2", "`log2(x)`: logarithm to the base 2"},
                                   {"pow", "`pow(x, y)`: x to the power of y"},
                                   {"sqrt", "`sqrt(x)`: square root"},
                                   {"rsqrt", "`rsqrt(x)` = 1 / sqrt(x)"},
                                   {"sin", "`sin(x)`: sine; not a number beyond 2^20"},
                                   {"cos", "`cos(x)`: cosine; not a number beyond 2^20"},
                                   {"tanh", "`tanh(x)`: hyperbolic tangent"},
                                   {"abs", "`abs(x)`: absolute value"},
                                   {"sign", "`sign(x)`: 1, -1, or x where it is 0 or not a number"},
                                   {"min", "`min(x, y)`: the smaller one; not a number if one of them is not"},
                                   {"max", "`max(x, y)`: the larger one; not a number if one of them is not"},
                                   {"clamp", "`clamp(x, low, high)` = min(max(x, low), high)"},
                                   {"sigmoid", "`sigmoid(x)` = 1 / (1 + exp(-x))"},
                                   {"silu", "`silu(x)` = x / (1 + exp(-x))"},
                                   {"gelu", "`gelu(x)` = x / 2 (1 + erf(x / sqrt(2)))"},
                                   {"softplus", "`softplus(x)` = log(1 + exp(x)), without overflow"},
                                   {"relu", "`relu(x)` = max(x, 0)"},
                                   {"elu", "`elu(x)` = x where x > 0, else exp(x) - 1"},
                                   {"where", "`where(condition, x, y)`: x where the comparison holds, else y"}};
  return words;
}

ArrayRef<Word> mixc::editor::dimensions() {
  static constexpr Word words[] = {{"B", "batch: sequences of a call; free at run time"},
                                   {"T", "tokens of a sequence; free at run time"},
                                   {"H", "heads; compiled in, or free at run time"},
                                   {"G", "groups of heads that share an entry; compiled in, divides H"},
                                   {"Q", "groups of heads, as G, for queries of their own number"},
                                   {"K", "groups of heads, as G, for keys of their own number"},
                                   {"V", "groups of heads, as G, for values of their own number"},
                                   {"R", "updates of the state a token; compiled in"},
                                   {"W", "weights of a convolution over tokens; compiled in"},
                                   {"L", "last tokens that one call hands to the next; compiled in"},
                                   {"N", "state: rows of S; compiled in"},
                                   {"P", "head dimension: columns of S; compiled in"}};
  return words;
}

ArrayRef<Word> mixc::editor::entries() {
  static constexpr Word words[] = {
      {"x", "`x`: what is written, S += b x^T; over B, T, H (or groups of heads) and P, or without P"},
      {"b", "`b`: where it is written (k of linear attention); over B, T, N and H, or groups of heads, or neither"},
      {"c", "`c`: what is read, y = c^T S (q of linear attention); over B, T, N and H, or groups of heads, or neither. With P instead of "
            "N, y = S c"},
      {"decay", "`decay`: S is multiplied by exp(decay) before each token; natural logarithm, at most 0, -inf forgets the "
                "state; over B, T, H, or with N for each state entry"},
      {"keep", "`keep`: S is multiplied by it before each token, beside decay; it may be negative, 0 forgets the state; over B, T, H"},
      {"l", "`l`, with r: the rank-1 correction S += l r^T S (delta rules); over B, T, N and heads"},
      {"r", "`r`, with l: the rank-1 correction S += l r^T S (delta rules); over B, T, N and heads"},
      {"init", "`init`: the state before the first token; over B, H, N, P in any order. Zero where absent"},
      {"mask", "`mask`: multiplies each pair of tokens by a number of their distance; over T, which counts distances from 0, B and H. It "
               "leaves no state: the quadratic algorithm has it"},
      {"read", "`read`: post (the default), y_t includes token t; pre, it does not"},
      {"direction", "`direction`: causal (the default), anticausal, both"}};
  return words;
}

ArrayRef<Word> mixc::editor::reads() {
  static constexpr Word words[] = {{"post", "y_t = c_t^T S_t, the default"}, {"pre", "y_t = c_t^T S_{t-1}"}};
  return words;
}

ArrayRef<Word> mixc::editor::directions() {
  static constexpr Word words[] = {{"causal", "from the first token to the last, the default"},
                                   {"anticausal", "from the last token to the first"},
                                   {"both", "the sum of both, the token itself once"}};
  return words;
}

ArrayRef<Word> mixc::editor::marks() {
  static constexpr Word words[] = {
      {"io", "`io`: the tensor's elements have the type that `--dtype` chooses, f32, bf16 or f16; others are f32"},
      {"optional", "`optional`: the caller may pass a null pointer, for zeros on an argument, for a result that is not wanted"}};
  return words;
}

ArrayRef<Word> mixc::editor::specAttributes() {
  static constexpr Word words[] = {
      {"sizes", "`sizes = {H = 24, P = 64}`: sizes of H, G, Q, K, V, R, W, L, N, P; `--shape` gives them too"},
      {"io", "`io = bf16`: the type of io tensors; `--dtype` gives it too"},
      {"target", "`target = #mixer.target<...>`: the machine that plans were chosen for"},
      {"plans", "`plans = [#mixer.algorithm<...>]`: the plans to compile; mixc chooses where there are none"},
      {"check_bounds", "`check_bounds`: calls fail where decays break the bounds that are declared"},
      {"states", "`states = f16`: the type of the states of recurrences; `--state-dtype` gives it too"},
      {"stochastic_rounding", "`stochastic_rounding`: states of 16 bits are rounded stochastically, by a call's seed"},
      {"keep_states", "`keep_states`: calls may keep the states that sequences have inside them"},
      {"free", "`free = \"HG\"`: sizes of these are those of a band of heads, of which calls have any number"},
      {"bands", "`bands = 4`: how many bands of heads a call is expected to have"}};
  return words;
}

ArrayRef<Word> mixc::editor::dialectAttributes() {
  static constexpr Word words[] = {{"#mixer.algorithm", "one plan: the algorithm and all that its lowering needs"},
                                   {"#mixer.target", "machine description: a name, its kind and the numbers of the cost model"}};
  return words;
}

ArrayRef<Word> mixc::editor::planParameters() {
  static constexpr Word words[] = {{"chunked", "the quadratic form within chunks, the recurrence between them"},
                                   {"quadratic", "every pair of tokens, on matrix units"},
                                   {"scan", "token by token"},
                                   {"chunk", "tokens of a chunk, of a block row (quadratic) or of a step of the token loop (scan)"},
                                   {"heads", "heads that a block computes"},
                                   {"pblock", "columns of P that a block computes; 0: all"},
                                   {"operand", "type of the operands of matrix products"},
                                   {"precision", "tf32: operands of f32 are rounded to tf32 (GPU); f32: products are those of f32"},
                                   {"stages", "chunks in flight between memory and the block (GPU)"},
                                   {"warps", "warps of a block (GPU)"},
                                   {"associative", "scan in log steps instead of token by token"},
                                   {"family", "whose code it is: portable (every CPU, every GPU from sm_80 on) or sm_90a"},
                                   {"parts", "parts of a block, which share b and c (sm_90a: 1 or 2)"},
                                   {"pieces", "pieces into which a segment's states are cut when a sequence is split"},
                                   {"persistent", "chunks a block up to which blocks do the work of others when they end (GPU)"}};
  return words;
}

const Word *mixc::editor::findWord(ArrayRef<Word> words, StringRef name) {
  const Word *found = find_if(words, [&](const Word &word) { return word.name == name; });
  return found == words.end() ? nullptr : found;
}

//===--- Ops ---===//

static constexpr StringLiteral references[] = {
#include "mixc/lsp/mixer.md.inc"
    ,
#include "mixc/lsp/tile.md.inc"
    ,
#include "mixc/lsp/gpu_tile.md.inc"
};

/// The sections "### `mixer.map` (mixer::MapOp)" of the references, up to what is of use to the compiler's authors alone.
static StringMap<StringRef> readReferences() {
  static constexpr StringRef heading = "### `";
  StringMap<StringRef> sections;
  for (StringRef rest : references)
    while ((rest = rest.substr(rest.find(heading))).consume_front(heading)) {
      StringRef name = rest.take_until([](char c) { return c == '`'; });
      StringRef section = rest.substr(rest.find('\n') + 1);
      for (StringRef end : {"\n### ", "\n## ", "\n#### ", "\nTraits:", "\nInterfaces:", "\nEffects:"})
        section = section.take_front(section.find(end));
      sections[name] = section.trim();
    }
  return sections;
}

StringRef mixc::editor::operationReference(StringRef name) {
  static const StringMap<StringRef> sections = readReferences();
  return sections.lookup(name);
}

StringRef mixc::editor::operationSummary(StringRef name) { return operationReference(name).split('\n').first.trim('_'); }
