// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Program.h"
#include "HostTensor.h"
#include "Loader.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Parser/Parser.h"
#include <cmath>
#include <limits>
#include <random>

using namespace mlir;
using namespace mixc;
using namespace mixc::test;

static MLIRContext &context() {
  static MLIRContext instance([] {
    DialectRegistry registry;
    registerCompilerDialects(registry);
    return registry;
  }());
  return instance;
}

namespace {
/// Writes errors to a string as long as it lives.
struct Listener {
  explicit Listener(std::string &to)
      : handler(&context(), [&](Diagnostic &diagnostic) {
          if (diagnostic.getSeverity() == DiagnosticSeverity::Error)
            to += diagnostic.str() + "\n";
        }) {}
  ScopedDiagnosticHandler handler;
};
} // namespace

CompileResult mixc::test::compileProgram(const ProgramText &program, const std::vector<std::string> &families,
                                         std::vector<std::string> targets, EmitLevel emit, std::string &diagnostics) {
  Listener listener(diagnostics);
  auto module = parseSourceString<ModuleOp>(program.text(families), &context());
  if (!module)
    return {std::nullopt, CompileError::BadInput};
  CompileOptions options;
  options.targets = std::move(targets);
  options.dtype = program.dtype;
  options.shape = program.sizes;
  options.emit = emit;
  options.hostOnly = options.targets == std::vector<std::string>{"x86-64"};
  return compile(*module, options);
}

std::vector<double> mixc::test::drawValues(uint64_t seed, StringRef tensor, int64_t count, mixc_dtype dtype) {
  std::seed_seq sequence{uint32_t(seed), uint32_t(seed >> 32), uint32_t(tensor.front()), uint32_t(tensor.size())};
  std::mt19937 random(sequence);
  std::vector<float> values(count);
  for (float &value : values)
    value = float(random()) / float(1u << 31) - 1;
  std::vector<float> kept = decode(encode(values, dtype), dtype);
  return {kept.begin(), kept.end()};
}

//===--- A call ---===//

static int64_t sizeOf(int64_t size, int64_t batch, int64_t length) {
  return size == MIXC_DIM_B ? batch : size == MIXC_DIM_T ? length : size;
}

/// The tensors of a call as the interpreter has them: arguments drawn, results NaN.
static std::vector<Memory> drawTensors(const SpecInfo &info, int64_t batch, int64_t length) {
  std::vector<Memory> tensors;
  for (const TensorInfo &tensor : info.tensors) {
    Memory memory;
    for (int64_t size : tensor.sizes)
      memory.shape.push_back(sizeOf(size, batch, length));
    int64_t count = elementsOf(memory.shape);
    memory.values = tensor.isResult ? std::vector<double>(count, std::numeric_limits<double>::quiet_NaN())
                                    : drawValues(1, tensor.name, count, tensor.dtype);
    tensors.push_back(std::move(memory));
  }
  return tensors;
}

/// Runs the object's CPU code on a copy of the tensors.
static mixc_status runOnCpu(const mixc_spec_desc *desc, const SpecInfo &info, std::vector<Memory> &tensors, int64_t batch, int64_t length) {
  std::vector<std::vector<char>> bytes;
  mixc_args args{};
  args.B = batch;
  args.T = length;
  for (auto [i, tensor] : llvm::enumerate(tensors)) {
    bytes.push_back(encode(std::vector<float>(tensor.values.begin(), tensor.values.end()), info.tensors[i].dtype));
    mixc_tensor &to = args.tensors[i];
    to.data = bytes.back().data();
    int64_t stride = 1;
    for (size_t d = tensor.shape.size(); d-- > 0; stride *= tensor.shape[d])
      to.strides[d] = stride;
  }
  mixc_plan plan{};
  plan.variant = 0;
  plan.splits = 1;
  mixc_status status = mixc_spec_plan(desc, MIXC_DEVICE_CPU, &args, &plan);
  std::vector<char> workspace(plan.workspace_bytes);
  if (status.code == MIXC_OK)
    status = mixc_spec_run_cpu_with(desc, &plan, &args, workspace.data(), workspace.size());
  for (auto [i, tensor] : llvm::enumerate(tensors)) {
    std::vector<float> values = decode(bytes[i], info.tensors[i].dtype);
    tensor.values.assign(values.begin(), values.end());
  }
  return status;
}

/// NaN only where both have it.
static double largestError(ArrayRef<double> got, ArrayRef<double> expected) {
  double largest = 0, scale = 0;
  for (auto [a, b] : llvm::zip_equal(got, expected)) {
    if (std::isnan(a) && std::isnan(b))
      continue;
    double difference = std::fabs(a - b);
    if (std::isnan(difference))
      return std::numeric_limits<double>::infinity();
    largest = std::max(largest, difference);
    scale = std::max(scale, std::fabs(b));
  }
  return scale ? largest / scale : largest;
}

/// Moves every element of the arguments by `relative`, one up, one down: a whole unit in the last place, as less would be rounded away.
static void perturb(const SpecInfo &info, std::vector<Memory> &tensors, double relative) {
  for (auto [tensor, memory] : llvm::zip(info.tensors, tensors))
    for (auto [i, value] : llvm::enumerate(memory.values))
      if (!tensor.isResult)
        value *= 1 + (i % 3 == 1 ? -relative : relative);
}

static double largestError(const SpecInfo &info, ArrayRef<Memory> got, ArrayRef<Memory> expected) {
  double largest = 0;
  for (size_t i = 0; i < info.tensors.size(); ++i)
    if (info.tensors[i].isResult)
      largest = std::max(largest, largestError(got[i].values, expected[i].values));
  return largest;
}

/// Whether a result, or what it was computed from, is beyond f32: a state that is multiplied by itself again and again.
static bool outgrows(const SpecInfo &info, ArrayRef<Memory> tensors) {
  constexpr double kMost = 1e25;
  for (size_t i = 0; i < info.tensors.size(); ++i)
    if (info.tensors[i].isResult && llvm::any_of(tensors[i].values, [](double value) { return std::fabs(value) > kMost; }))
      return true;
  return false;
}

Judgement mixc::test::judgeOnCpu(const ProgramText &program, int64_t batch, int64_t length) {
  Judgement judgement{std::numeric_limits<double>::infinity()};
  CompileResult compiled = compileProgram(program, {"portable"}, {"x86-64"}, EmitLevel::Object, judgement.why);
  if (!compiled.artefacts)
    return judgement;
  const SpecInfo &info = compiled.artefacts->info();
  auto loaded = LoadedSpec::load(compiled.artefacts->object, program.name);
  if (!loaded) {
    judgement.why = llvm::toString(loaded.takeError());
    return judgement;
  }
  std::vector<Memory> expected = drawTensors(info, batch, length), got = expected, moved = expected;
  perturb(info, moved, std::ldexp(1.0, program.dtype == "f32" ? -23 : program.dtype == "f16" ? -11 : -8));
  Listener listener(judgement.why);
  auto module = parseSourceString<ModuleOp>(program.text({"portable"}), &context());
  tile::ProgramOp tiles = *module->getOps<tile::ProgramOp>().begin();
  if (failed(interpret(tiles, {batch, length}, expected)) || failed(interpret(tiles, {batch, length}, moved)))
    return judgement;
  judgement.outgrows = outgrows(info, expected);
  mixc_status status = runOnCpu((*loaded)->descriptor(), info, got, batch, length);
  if (status.code != MIXC_OK) {
    judgement.why = status.message;
    return judgement;
  }
  judgement.error = largestError(info, got, expected);
  judgement.sensitivity = largestError(info, moved, expected);
  return judgement;
}
