// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Calls.h"
#include "Accuracy.h"
#include "EvaluateSequences.h"
#include "mlir/Analysis/SliceAnalysis.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"
#include <chrono>
#include <cmath>

using namespace llvm;

namespace mixc::calls {

std::optional<Options> parseOptions(int argc, char **argv) {
  Options options;
  for (StringRef arg : ArrayRef(argv + 1, argc - 1)) {
    auto [name, value] = arg.split('=');
    std::pair<StringRef, uint64_t *> numbers[] = {
        {"--seed", &options.seed}, {"--first", &options.first}, {"--count", &options.count}, {"--seconds", &options.seconds}};
    auto number = find_if(numbers, [name = name](auto &entry) { return entry.first == name; });
    if (number == std::end(numbers)) {
      options.others.push_back(arg);
    } else if (value.getAsInteger(10, *number->second)) {
      errs() << name << ": expected a number, got '" << value << "'\n";
      return std::nullopt;
    }
  }
  if (options.seconds == 0)
    options.seconds = options.count == UINT64_MAX / 2 ? 60 : 1000000;
  return options;
}

bool openMachine(StringRef name, std::unique_ptr<Device> &device) {
  Expected<mixc_device> parsed = parseDevice(name);
  Expected<std::unique_ptr<Device>> opened = parsed ? openDevice(*parsed) : parsed.takeError();
  if (!opened) {
    errs() << toString(opened.takeError()) << "\n";
    return false;
  }
  if (parsed->kind != MIXC_DEVICE_CPU)
    device = std::move(*opened);
  return true;
}

double Verdict::share() const { return std::isnan(error) ? INFINITY : error / bound; }

std::string Verdict::text() const { return formatv("{0}: error {1:e2} of its terms, bound {2:e1}", result, error, bound); }

/// What results hold before the call: all bits set, or the argument whose place one takes.
static HostTensors before(const Callee &callee, const DrawnCall &call) {
  HostTensors held;
  mixer::SpecOp spec = callee.spec;
  for (unsigned i = 0; i < spec.getNumOutputs(); ++i) {
    const mixc_tensor_desc &tensor = callee.desc->tensors[callee.desc->n_args + i];
    const std::vector<int64_t> shape = shapeOf(spec.getResultType(i), call.sizes, call.sequences, spec.isFinalState(i));
    HostTensor &own = held[tensor.name] = {shape, std::vector<float>(elementsOf(shape), NAN)};
    if (call.inPlace && tensor.in_place)
      if (auto argument = call.inputs.find(callee.desc->tensors[tensor.in_place - 1].name); argument != call.inputs.end())
        own.values = argument->second.values;
  }
  return held;
}

Expected<reference::ScaledResults> referenceOf(const Callee &callee, const DrawnCall &call) {
  reference::Arrays arguments;
  for (auto &[name, tensor] : call.inputs)
    arguments[name].assign(tensor.values.begin(), tensor.values.end());
  mlir::FailureOr<reference::ScaledResults> reference =
      call.sequences.any() ? evaluateSequences(callee.spec, call.sizes, call.sequences, arguments, before(callee, call))
                           : reference::evaluateWithScales(callee.spec, call.sizes, arguments);
  if (failed(reference))
    return createStringError("the reference does not evaluate it");
  return *reference;
}

/// Whether several recurrences, or a sum of what one gives, make a result: it is then made of values whose operands were rounded alike, as
/// in a quotient or a norm, and errors that are the same in all of them do not cancel as drawn ones do.
static bool sharesRoundings(mixer::SpecOp spec) {
  auto recurrences = spec.getBodyRegion().getOps<mixer::SemiseparableOp>();
  if (std::distance(recurrences.begin(), recurrences.end()) > 1)
    return true;
  return any_of(spec.getBodyRegion().getOps<mixer::SumOp>(), [](mixer::SumOp sum) {
    SetVector<mlir::Operation *> sources;
    return succeeded(mlir::getBackwardSlice(sum.getOperation(), &sources)) && any_of(sources, IsaPred<mixer::SemiseparableOp>);
  });
}

Verdict judge(const Callee &callee, const DrawnCall &call, const reference::ScaledResults &reference, const HostTensors &results) {
  int32_t operand = callee.desc->variants[call.variant].cost.operand;
  // A token adds so many terms to the state.
  auto ofToken = call.sizes.find("R");
  const double updates = static_cast<double>(call.sizes.at("T") * (ofToken == call.sizes.end() ? 1 : ofToken->second));
  const bool shared = callee.grows || sharesRoundings(callee.spec);
  Verdict worst{"", -1, 1};
  for (const mixc_tensor_desc &desc : ArrayRef(callee.desc->tensors, callee.desc->n_tensors).drop_front(callee.desc->n_args)) {
    const std::string name = desc.name;
    auto found = results.find(name);
    if (found == results.end())
      continue;
    double bound = boundOf(callee.spec, call.sizes, callee.dtype, operand, *callee.desc, desc), grown = bound;
    if (callee.dtype == "f32" && operand != MIXC_OPERAND_TF32)
      grown *= std::max(1.0, updates / 16384.0);
    if (operand == MIXC_OPERAND_TF32)
      grown *= 2; // as of f16, whose mantissa is as long
    if (shared && (operand == MIXC_OPERAND_TF32 || operand == MIXC_OPERAND_HALF))
      grown *= 2;
    double difference = distance(found->second.values, reference.results.at(name), desc.dtype);
    Verdict own{name, relative(difference, scaleOf(reference, name, bound).ofTerms), grown};
    if (own.share() > worst.share())
      worst = own;
  }
  return worst;
}

/// Makes one call. `text` says what was drawn, also where it fails.
static Expected<Verdict> makeCall(Machine &machine, uint64_t seed, uint64_t index, std::string &kind, std::string &text) {
  Expected<const Callee *> callee = machine.callee(seed, index);
  if (!callee)
    return callee.takeError();
  std::seed_seq sequence{seed, seed >> 32, index, index >> 32};
  Random random(sequence);
  DrawnCall call = draw(**callee, random);
  Expected<HostTensors> results = machine.call(call, random);
  kind = (*callee)->dtype;
  text = (*callee)->text + ", " + call.text;
  if (!results)
    return results.takeError();
  Expected<reference::ScaledResults> reference = referenceOf(**callee, call);
  if (!reference)
    return reference.takeError();
  return judge(**callee, call, *reference, *results);
}

bool run(Machine &machine, const Options &options, StringRef program) {
  using Clock = std::chrono::steady_clock;
  Clock::time_point start = Clock::now();
  auto seconds = [&] { return std::chrono::duration<double>(Clock::now() - start).count(); };
  outs() << program << ": --seed=" << options.seed << "\n";
  std::map<std::string, std::pair<double, std::string>> worst; // by dtype
  uint64_t done = 0, failures = 0;
  for (; done < options.count && seconds() < options.seconds; ++done) {
    uint64_t index = options.first + done;
    std::string kind, text;
    Expected<Verdict> verdict = makeCall(machine, options.seed, index, kind, text);
    double share = verdict ? verdict->share() : INFINITY;
    std::string line = formatv("{0} --seed={1} --first={2} --count=1: {3}: {4}", program, options.seed, index, text,
                               verdict ? verdict->text() : toString(verdict.takeError()));
    if (worst[kind].first <= share)
      worst[kind] = {share, line};
    failures += share > 1;
    if (share > 1)
      outs() << "FAIL " << line << "\n";
    outs().flush();
  }
  for (auto &[kind, most] : worst)
    outs() << formatv("worst in {0}, {1:f2} of its bound: {2}\n", kind, most.first, most.second);
  outs() << formatv("{0}: {1} calls in {2:f0} s, {3} failed\n", program, done, seconds(), failures);
  return failures == 0 && done > 0;
}

} // namespace mixc::calls
