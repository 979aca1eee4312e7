// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The words of specs, and what each means.
#pragma once

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include <string>

namespace mixc::editor {

struct Word {
  llvm::StringRef name;
  llvm::StringRef meaning; ///< Markdown
};

/// Functions of a map's expressions, with what they compute.
llvm::ArrayRef<Word> functions();
/// B, T, H, G, Q, K, V, R, W, L, N, P.
llvm::ArrayRef<Word> dimensions();
/// What a mixer.semiseparable takes: x, b, c, decay, keep, l, r, init, mask, read, direction.
llvm::ArrayRef<Word> entries();
/// The words that read and direction take.
llvm::ArrayRef<Word> reads();
llvm::ArrayRef<Word> directions();
/// io, optional.
llvm::ArrayRef<Word> marks();
/// sizes, io, target, plans: what a spec's attribute dictionary holds.
llvm::ArrayRef<Word> specAttributes();
/// Attributes of the dialect: #mixer.algorithm, #mixer.target.
llvm::ArrayRef<Word> dialectAttributes();
/// What #mixer.algorithm holds: chunked, quadratic, scan, chunk, heads, ...
llvm::ArrayRef<Word> planParameters();

/// The word of that name, or null.
const Word *findWord(llvm::ArrayRef<Word> words, llvm::StringRef name);

/// The reference's text of an op of this project, "mixer.map"; empty if there is none.
llvm::StringRef operationReference(llvm::StringRef name);
/// Its first sentence.
llvm::StringRef operationSummary(llvm::StringRef name);

} // namespace mixc::editor
