// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What can stand at the cursor.
#pragma once

#include "Document.h"

namespace mixc::editor {

/// Ops, values, dimensions, functions, entries of a recurrence or attributes, by what stands before the offset. The text need
/// not parse.
std::vector<llvm::lsp::CompletionItem> completionsAt(const Document &document, const mlir::DialectRegistry &registry, size_t offset);

} // namespace mixc::editor
