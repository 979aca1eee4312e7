// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// cuda_calls: random calls of the compiled specs that are linked in, those of cuda_cases, by a variant that is drawn;
// test/integration/calls/Calls.h says what is drawn and which flags there are. Beside those:
//
//     cuda_calls [--device=cuda|cpu] [--only=TEXT] [--mixers=DIR]
//
// --only: the specs whose name holds TEXT; DIR: where the mixers' files are, for the reference. Status 1 if a call failed, 77 without a
// GPU.

#include "Calls.h"
#include "CaseSpecs.h"
#include "Driver.h"
#include "Problem.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Parser/Parser.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;
using namespace mixc::calls;
using mixc::bench::entries, mixc::bench::Entry, mixc::bench::Kind;

namespace {

class LinkedIn : public Machine {
public:
  mixc_device_kind kind = MIXC_DEVICE_CUDA;
  std::string mixers = "mixers";

  LinkedIn() { context.loadDialect<mixc::mixer::MixerDialect, mlir::arith::ArithDialect, mlir::math::MathDialect>(); }

  /// Whether there is one.
  bool choose(StringRef only) {
    // The results of kernels with a race may be anything.
    for (const Entry &entry : entries)
      if (entry.kind != Kind::racing && StringRef(entry.name).contains(only))
        chosen.push_back(&entry);
    return !chosen.empty();
  }

  Expected<const Callee *> callee(uint64_t seed, uint64_t index) override {
    std::seed_seq sequence{seed, seed >> 32, index, index >> 32, uint64_t('m')};
    Random random(sequence);
    const Entry &entry = *pick(random, chosen);
    mlir::OwningOpRef<mlir::ModuleOp> &module = modules[entry.mixer];
    if (!module)
      module = mlir::parseSourceFile<mlir::ModuleOp>(mixers + "/" + entry.mixer + ".mlir", &context);
    if (!module)
      return createStringError("--mixers: cannot read " + mixers + "/" + entry.mixer + ".mlir");
    made = {entry.mixer, entry.name, dtypeOf(*entry.desc), *module->getOps<mixc::mixer::SpecOp>().begin(), entry.desc, 1 << 26};
    return &made;
  }

  Expected<mixc::HostTensors> call(DrawnCall &drawn, Random &random) override;

private:
  /// The narrowest of its tensors.
  static std::string dtypeOf(const mixc_spec_desc &desc) {
    for (const mixc_tensor_desc &tensor : ArrayRef(desc.tensors, desc.n_tensors))
      if (tensor.dtype != MIXC_F32)
        return tensor.dtype == MIXC_BF16 ? "bf16" : "f16";
    return "f32";
  }

  mlir::MLIRContext context;
  std::map<std::string, mlir::OwningOpRef<mlir::ModuleOp>> modules;
  std::vector<const Entry *> chosen;
  Callee made;
};

mixc::bench::Problem problemOf(const Callee &callee, const DrawnCall &drawn) {
  const mixc::Sequences &told = drawn.sequences;
  mixc::bench::SequenceArrays arrays{told.lengths.empty() ? std::vector<int64_t>() : told.starts(),
                                     told.slots,
                                     told.targets,
                                     told.hasInitial,
                                     told.pool,
                                     told.longest(),
                                     drawn.indexBytes};
  mixc::bench::Problem problem(*callee.desc, drawn.sizes.at("B"), drawn.sizes.at("T"), std::move(arrays));
  for (mixc::bench::HostTensor &tensor : problem.tensors) {
    tensor.present = !tensor.optional || drawn.states;
    if (auto input = drawn.inputs.find(tensor.name); input != drawn.inputs.end())
      tensor.values = input->second.values;
  }
  return problem;
}

/// A plan of one of the variants that take the call.
Expected<mixc_plan> drawPlan(const mixc_spec_desc &desc, mixc::bench::Call &call, int64_t splits, mixc_device_kind kind, Random &random) {
  std::vector<mixc_plan> plans;
  std::string why = "no variant for this device";
  for (int32_t v = 0; v < desc.n_variants; ++v) {
    if (desc.variants[v].device != kind)
      continue;
    mixc_plan plan{};
    plan.variant = v;
    plan.splits = desc.variants[v].max_splits == 1 ? 0 : splits;
    mixc_status status = call.plan(plan);
    if (status.code == MIXC_OK)
      plans.push_back(plan);
    else
      why = status.message;
  }
  if (plans.empty())
    return createStringError("expected a variant that runs here, got none: " + why);
  return pick(random, plans);
}

Expected<mixc::HostTensors> LinkedIn::call(DrawnCall &drawn, Random &random) {
  const int64_t pads[] = {3, 8, 16};
  int64_t pad = drawn.strided ? pick(random, pads) : 0;
  mixc::bench::Problem problem = problemOf(made, drawn);
  mixc::bench::Call call(problem, {kind, pad, drawn.inPlace});
  Expected<mixc_plan> plan = drawPlan(*made.desc, call, drawn.splits, kind, random);
  if (!plan)
    return plan.takeError();
  drawn.variant = plan->variant;
  drawn.text += formatv(", pad {0}, {1}, {2} splits, {3} halved", pad, made.desc->variants[plan->variant].name, plan->splits, plan->halved);
  call.poison();
  mixc_status status = call.run(*plan);
  if (status.code != MIXC_OK)
    return createStringError(status.message);
  if (kind == MIXC_DEVICE_CUDA)
    mixc::bench::synchronize();
  mixc::HostTensors results;
  for (size_t i = 0; i < problem.tensors.size(); ++i)
    if (problem.tensors[i].isResult && problem.tensors[i].present)
      results[problem.tensors[i].name] = {problem.tensors[i].sizes, call.read(i)};
  return results;
}

} // namespace

int main(int argc, char **argv) {
  std::optional<Options> options = parseOptions(argc, argv);
  if (!options)
    return 2;
  LinkedIn machine;
  StringRef only;
  for (StringRef arg : options->others) {
    if (arg == "--device=cpu")
      machine.kind = MIXC_DEVICE_CPU;
    else if (arg.consume_front("--only="))
      only = arg;
    else if (arg.consume_front("--mixers="))
      machine.mixers = arg.str();
    else if (arg != "--device=cuda") {
      errs() << "cuda_calls: expected --seed, --first, --count, --seconds with a number, --device=cuda|cpu, --only=TEXT or --mixers=DIR, "
                "got '"
             << arg << "'\n";
      return 2;
    }
  }
  if (!machine.choose(only)) {
    errs() << "--only: expected a part of a spec's name, got '" << only << "'\n";
    return 2;
  }
  if (machine.kind == MIXC_DEVICE_CUDA)
    mixc::bench::openDevice();
  return !run(machine, *options, "cuda_calls");
}
