// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a spec's source says in comments: the generated header repeats it.
#pragma once

#include "llvm/ADT/StringRef.h"
#include <map>
#include <string>

namespace mixc {

struct SpecComments {
  /// The lines right above `mixer.spec`, joined by line feeds; paragraphs with a licence's SPDX tag are left out.
  std::string spec;
  /// By argument or result: the comment behind it on its line, or on the lines before it.
  std::map<std::string, std::string> tensors;
};

/// Comments of the spec that begins at the byte `offset` of the source.
SpecComments readSpecComments(llvm::StringRef source, size_t offset);

/// The first sentence of a comment, on one line and without its full stop.
std::string summaryOf(llvm::StringRef comment);

} // namespace mixc
