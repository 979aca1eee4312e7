// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Sizes by dimension letter, as users write them: "B=1,T=4096,H=24,P=64,N=128,G=1". "H=?" leaves heads free, "H=8*?" in multiples of 8, and
// "G=H/16" are groups of 16 heads each; "H=64?" and "H=8*8?" expect 64 heads.
#pragma once

#include "mixc/dialect/Mixer.h"
#include "mixc/passes/Sizes.h"
#include "llvm/Support/Error.h"

namespace mixc {

/// Fails on anything but NAME=SIZE entries with a letter among mixer::kDims, each once, and a size from 1 (of B and T 0) to its bound, or
/// what is above for H and its groups.
llvm::Expected<Shape> parseShape(llvm::StringRef text);

/// The bound dimensions of the spec's arguments, results and maps, in their usual order.
std::string usedDims(mixer::SpecOp spec);

/// "G and K, which 'sum' does not have; its sizes are B, T, H, N, P": of a shape's sizes, those that a spec has no use for; empty if it
/// uses all.
std::string unusedSizes(mixer::SpecOp spec, const Shape &shape);

/// The sizes of the spec's bound dimensions, and of the dimensions `also`, from the shape or as the spec has them. The error, which begins
/// with "shape: ", names all that are missing, or the first that is out of bounds or contradicts the spec.
llvm::Expected<Shape> completeShape(mixer::SpecOp spec, const Shape &shape, llvm::StringRef also = "");

/// Writes the sizes of the bound dimensions, of a band where heads are free, and the dtype of io tensors (null: what the spec says, else
/// f32) on the spec and makes the sizes in its maps constants, but those of free dimensions. The error begins with "shape: " or "dtype: ".
llvm::Error bindShape(mixer::SpecOp spec, const Shape &shape, mlir::Type io);

} // namespace mixc
