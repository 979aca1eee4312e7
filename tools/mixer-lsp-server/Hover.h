// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What is said of the word under the cursor.
#pragma once

#include "Document.h"

namespace mixc::editor {

/// What the word at an offset is: a value with its type, an op or a function with its documentation, a dimension.
std::optional<llvm::lsp::Hover> hoverAt(const Document &document, size_t offset);

} // namespace mixc::editor
