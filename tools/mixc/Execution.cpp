// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Execution.h"
#include "llvm/Support/FormatVariadic.h"

using namespace llvm;
using namespace mixc;

static int64_t bytesOfTensor(const mixc_tensor_desc &desc, ArrayRef<int64_t> shape) {
  return elementsOf(shape) * bytesOf(static_cast<mixc_dtype>(desc.dtype));
}

std::vector<int64_t> Execution::shapeOfTensor(const mixc_tensor_desc &desc) const {
  const bool hasTokens = StringRef(desc.dims).contains('T');
  const int64_t batch = desc.slots && sequences.slots ? sequences.slots : sequences.starts && hasTokens ? 1 : args.B;
  std::vector<int64_t> shape;
  for (int32_t d = 0; d < desc.rank; ++d)
    shape.push_back(desc.sizes[d] == MIXC_DIM_B   ? batch
                    : desc.sizes[d] == MIXC_DIM_T ? args.T
                    : desc.banded == d + 1        ? desc.sizes[d] * (args.H / spec->heads)
                                                  : desc.sizes[d]);
  return shape;
}

/// Starts in 4 bytes, states in 8: calls may have either.
Error Execution::placeSequences(const Sequences &given) {
  auto upload = [&](const void *from, size_t bytes, const void *&to) -> Error {
    Expected<void *> memory = device.allocate(bytes);
    if (!memory)
      return joinErrors(createStringError("no room for the sequences' arrays"), memory.takeError());
    to = *memory;
    return device.upload(*memory, from, bytes);
  };
  if (!given.lengths.empty()) {
    const std::vector<int64_t> starts = given.starts();
    const std::vector<int32_t> narrow(starts.begin(), starts.end());
    const bool fits = starts.back() <= INT32_MAX;
    sequences.starts_bytes = fits ? 4 : 8;
    sequences.longest = given.longest();
    if (Error error =
            fits ? upload(narrow.data(), 4 * narrow.size(), sequences.starts) : upload(starts.data(), 8 * starts.size(), sequences.starts))
      return error;
    const std::vector<int64_t> order = given.longestFirst();
    sequences.order_bytes = 8;
    if (Error error = upload(order.data(), 8 * order.size(), sequences.order))
      return error;
  }
  if (!given.slots.empty()) {
    sequences.slots = given.pool;
    sequences.source_bytes = 8;
    if (Error error = upload(given.slots.data(), 8 * given.slots.size(), sequences.source))
      return error;
  }
  if (!given.kept.empty()) {
    sequences.kept_every = given.keptEvery;
    sequences.kept_count = given.keptCount;
    sequences.kept_bytes = 8;
    if (Error error = upload(given.kept.data(), 8 * given.kept.size(), sequences.kept))
      return error;
  }
  if (given.seed) {
    const void *seed = nullptr;
    if (Error error = upload(&*given.seed, sizeof *given.seed, seed))
      return error;
    sequences.seed = static_cast<const uint64_t *>(seed);
  }
  if (given.any() || given.seed)
    args.sequences = &sequences;
  return Error::success();
}

Error Execution::place(int32_t index, const HostTensors &inputs) {
  const mixc_tensor_desc &desc = spec->tensors[index];
  const std::vector<int64_t> shape = shapeOfTensor(desc);
  shapes.push_back(shape);
  auto input = inputs.find(desc.name);
  if (!desc.is_result && input == inputs.end())
    return Error::success();
  if (inPlace && desc.in_place > 0 && args.tensors[desc.in_place - 1].data) {
    args.tensors[index].data = args.tensors[desc.in_place - 1].data;
    return Error::success();
  }
  Expected<void *> memory = device.allocate(bytesOfTensor(desc, shape));
  if (!memory)
    return joinErrors(createStringError("no room for '%s' %s", desc.name, shapeText(shape).c_str()), memory.takeError());
  args.tensors[index].data = *memory;
  if (desc.is_result && !(desc.slots && sequences.slots))
    return Error::success();
  // States of the pool that no sequence leaves stay zero.
  const std::vector<float> values = desc.is_result ? std::vector<float>(elementsOf(shape)) : input->second.values;
  std::vector<char> bytes = encode(values, static_cast<mixc_dtype>(desc.dtype));
  return device.upload(*memory, bytes.data(), bytes.size());
}

Expected<std::unique_ptr<Execution>> Execution::create(const mixc_spec_desc *spec, Device &device, const HostTensors &inputs,
                                                       const std::map<std::string, int64_t> &sizes, bool inPlace,
                                                       const Sequences &sequences) {
  std::unique_ptr<Execution> execution(new Execution(spec, device));
  execution->inPlace = inPlace;
  execution->args.B = sizes.at("B");
  execution->args.T = sizes.at("T");
  if (spec->heads > 0)
    execution->args.H = sizes.at("H");
  if (Error error = execution->placeSequences(sequences))
    return error;
  for (int32_t i = 0; i < spec->n_tensors; ++i)
    if (Error error = execution->place(i, inputs))
      return error;
  return execution;
}

Expected<mixc_plan> Execution::plan(int32_t variant, int64_t splits) {
  mixc_plan plan{};
  plan.variant = variant;
  plan.splits = splits;
  if (Error error = toError(mixc_spec_plan(spec, device.id().kind, &args, &plan)))
    return error;
  return plan;
}

Error Execution::reserve(size_t bytes) {
  if (bytes <= workspaceBytes)
    return Error::success();
  Expected<void *> memory = device.allocate(bytes);
  if (!memory)
    return joinErrors(createStringError("no room for the workspace"), memory.takeError());
  workspace = *memory;
  workspaceBytes = bytes;
  return Error::success();
}

Expected<double> Execution::call(const mixc_plan &plan) {
  if (Error error = reserve(plan.workspace_bytes))
    return error;
  return device.time([&] { return device.call(spec, &plan, &args, workspace, workspaceBytes); });
}

Expected<HostTensors> Execution::results() {
  HostTensors results;
  for (int32_t i = spec->n_args; i < spec->n_tensors; ++i) {
    const mixc_tensor_desc &desc = spec->tensors[i];
    std::vector<char> bytes(bytesOfTensor(desc, shapes[i]));
    if (Error error = device.download(bytes.data(), args.tensors[i].data, bytes.size()))
      return error;
    results[desc.name] = {shapes[i], decode(bytes, static_cast<mixc_dtype>(desc.dtype))};
  }
  return results;
}

HostTensors mixc::roundInputs(const mixc_spec_desc *spec, HostTensors inputs) {
  for (int32_t i = 0; i < spec->n_args; ++i) {
    const mixc_tensor_desc &desc = spec->tensors[i];
    auto input = inputs.find(desc.name);
    auto dtype = static_cast<mixc_dtype>(desc.dtype);
    if (input != inputs.end() && dtype != MIXC_F32)
      input->second.values = decode(encode(input->second.values, dtype), dtype);
  }
  return inputs;
}
