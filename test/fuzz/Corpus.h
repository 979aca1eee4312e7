// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The texts that mutants of specs and of IR are made from: those of the source tree.
#pragma once

#include "mlir/IR/MLIRContext.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include <string>
#include <vector>

namespace mixc::fuzz {

/// Larger texts cost much time, and say little that smaller ones do not.
constexpr size_t kLargestPiece = 40000;

struct Piece {
  std::string text;
  std::vector<std::string> passes; ///< flags of mixer-opt that the file's RUN lines have
};

/// The .mlir files below directories of the source tree, in the order of their names, each divided at its `// -----`.
std::vector<Piece> readCorpus(llvm::ArrayRef<llvm::StringRef> directories);

/// What some mixers are at the lower levels.
void addLowered(std::vector<Piece> &pieces, mlir::MLIRContext &context);

/// Flags of mixer-opt as a pipeline: `--tile-to-gpu=arch=sm_80 --cse` is tile-to-gpu{arch=sm_80},cse.
std::string pipelineOf(llvm::StringRef flags);

} // namespace mixc::fuzz
