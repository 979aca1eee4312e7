// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A tile program that is compiled and run on this machine, and judged by the interpreter.
#pragma once

#include "Generator.h"
#include "Interpreter.h"
#include "mixc/dialect/Mixer.h"
#include "mixc/passes/Compiler.h"

namespace mixc::test {

/// Compiles the program for the targets, with code of those families; diagnostics go to `diagnostics`.
CompileResult compileProgram(const ProgramText &program, const std::vector<std::string> &families, std::vector<std::string> targets,
                             EmitLevel emit, std::string &diagnostics);

struct Judgement {
  /// The largest error of a result on this machine's CPU, relative to its largest element; infinite where there is none but the
  /// interpreter's.
  double error;
  /// How far the interpreter's results move, by the same measure, if the arguments change by the rounding of their products' operands:
  /// what no lowering can be asked to get right.
  double sensitivity = 0;
  bool outgrows = false; ///< values beyond f32: nothing to compare
  std::string why{};     ///< what went wrong where nothing could be compared
};
Judgement judgeOnCpu(const ProgramText &program, int64_t batch, int64_t length);

/// What a spec's arguments hold: from -1 to 1, rounded to their types; a log decay is at most 0.
std::vector<double> drawValues(uint64_t seed, llvm::StringRef tensor, int64_t count, mixc_dtype dtype);

} // namespace mixc::test
