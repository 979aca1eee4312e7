// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Header.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;
using namespace mixc;

static StringRef dtypeName(mixc_dtype dtype) { return dtype == MIXC_F32 ? "f32" : dtype == MIXC_BF16 ? "bf16" : "f16"; }

static std::string sizeName(int64_t size) {
  return size == MIXC_DIM_B ? "B" : size == MIXC_DIM_T ? "T" : size == MIXC_DIM_SPLITS ? "splits" : std::to_string(size);
}

/// "H" or "H / 16" for what is free.
static json::Array shapeOf(const SpecInfo &info, const TensorInfo &tensor) {
  json::Array shape;
  for (auto [d, size] : llvm::enumerate(tensor.sizes))
    if (static_cast<int>(d) == tensor.banded)
      shape.push_back(size == info.sizes.band ? "H" : "H / " + std::to_string(info.sizes.band / size));
    else if (size >= 0)
      shape.push_back(size);
    else
      shape.push_back(sizeName(size));
  return shape;
}

static json::Array tensorsOf(const SpecInfo &info, bool results) {
  json::Array array;
  for (const TensorInfo &tensor : info.tensors)
    if (tensor.isResult == results)
      array.push_back(
          json::Object{{"name", tensor.name},
                       {"dims", tensor.dims},
                       {"shape", shapeOf(info, tensor)},
                       {"dtype", dtypeName(tensor.dtype)},
                       {"optional", tensor.optional},
                       {"in_place_of", tensor.inPlaceOf < 0 ? json::Value(nullptr) : json::Value(info.tensors[tensor.inPlaceOf].name)}});
  return array;
}

/// "24 * B * splits * ceil(T / 64)", "40 * B * splits + halved", "8 * bands * B"
static std::string blocksFormula(const LaunchInfo &launch) {
  std::string text = std::to_string(launch.blocks);
  if (launch.timesBands)
    text += " * bands";
  if (launch.timesBatch)
    text += " * B";
  if (launch.timesSplits)
    text += " * splits";
  if (launch.rows)
    text += " * ceil(T / " + std::to_string(launch.rows) + ")";
  if (launch.halves)
    text += " + halved";
  return text;
}

static StringRef whenName(int32_t when) {
  switch (when) {
  case MIXC_WHEN_SPLIT:
    return "splits > 1";
  case MIXC_WHEN_BETWEEN:
    return "splits > 2";
  case MIXC_WHEN_STATE:
    return "an optional result is wanted";
  case MIXC_WHEN_ONE_PASS:
    return "splits = 1";
  case MIXC_WHEN_HALVED:
    return "halved > 0";
  case MIXC_WHEN_COPIED:
    return "results take the places of arguments that are copied before";
  default:
    return "always";
  }
}

static std::string archName(int32_t arch, bool specific) { return "sm_" + std::to_string(arch) + (specific ? "a" : ""); }

/// What the kernel moves by TMA.
static json::Array tensorMapsOf(const SpecInfo &info, const LaunchInfo &launch) {
  json::Array array;
  for (const TensorMapInfo &map : launch.maps)
    array.push_back(json::Object{{"tensor", info.tensors[map.tensor].name}, {"box", json::Array(map.box)}, {"swizzle_bytes", map.swizzle}});
  return array;
}

static json::Array launchesOf(const SpecInfo &info, const VariantInfo &variant) {
  json::Array array;
  for (const LaunchInfo &launch : variant.launches) {
    json::Object object{{"kernel", launch.symbol}, {"blocks", blocksFormula(launch)}, {"when", whenName(launch.when)}};
    if (variant.device == MIXC_DEVICE_CPU) {
      object["scratch_bytes_per_thread"] = launch.scratchBytes;
    } else {
      object["threads"] = launch.threads;
      object["shared_bytes"] = launch.sharedBytes;
      if (launch.overlaps)
        object["overlaps"] = true;
      if (launch.persistent)
        object["persistent_up_to_chunks"] = launch.persistent;
      if (!launch.maps.empty())
        object["tensor_maps"] = tensorMapsOf(info, launch);
      if (launch.usage.registers) {
        object["registers"] = launch.usage.registers;
        object["spill_bytes"] = launch.usage.spillBytes;
      }
    }
    array.push_back(std::move(object));
  }
  return array;
}

/// Bytes of workspace: every term rounded up to 256, and 255 more to align the first.
static std::string workspaceFormula(const SpecInfo &info, const VariantInfo &variant) {
  std::vector<std::string> terms;
  for (const BufferInfo &buffer : variant.buffers) {
    std::vector<std::string> factors = {"4"};
    for (int64_t size : buffer.sizes)
      factors.push_back(sizeName(size));
    if (buffer.banded >= 0)
      factors.push_back("bands");
    std::string bytes = "round256(" + join(factors, " * ") + ")";
    bool halves = llvm::any_of(variant.launches, [](const LaunchInfo &launch) { return launch.halves; });
    terms.push_back(buffer.splitOnly ? (halves ? "(splits > 1 or halved > 0 ? " : "(splits > 1 ? ") + bytes + " : 0)" : bytes);
  }
  for (const TensorInfo &tensor : info.tensors) {
    const int number = static_cast<int>(&tensor - info.tensors.data());
    if (llvm::none_of(info.tensors, [&](const TensorInfo &result) { return result.copied && result.inPlaceOf == number; }))
      continue;
    std::vector<std::string> factors = {tensor.dtype == MIXC_F32 ? "4" : "2"};
    for (int64_t size : tensor.sizes)
      factors.push_back(sizeName(size));
    if (tensor.banded >= 0)
      factors.push_back("bands");
    terms.push_back("round256(" + join(factors, " * ") + ")");
  }
  int64_t scratch = 0;
  for (const LaunchInfo &launch : variant.launches)
    scratch = std::max(scratch, launch.scratchBytes);
  if (scratch)
    terms.push_back("threads * round256(" + std::to_string(scratch) + ")");
  if (terms.empty())
    return "0";
  return join(terms, " + ") + " + 255";
}

static json::Object costOf(const mixc_cost &cost) {
  return json::Object{{"bytes_token", cost.bytes_token},         {"matrix_token", cost.matrix_token},
                      {"shared_token", cost.shared_token},       {"shared_pair", cost.shared_pair},
                      {"scalar_token", cost.scalar_token},       {"special_token", cost.special_token},
                      {"bytes_pair", cost.bytes_pair},           {"matrix_pair", cost.matrix_pair},
                      {"scalar_pair", cost.scalar_pair},         {"special_pair", cost.special_pair},
                      {"bytes_sequence", cost.bytes_sequence},   {"bytes_split", cost.bytes_split},
                      {"split_work", cost.split_work},           {"between_work", cost.between_work},
                      {"combine_latency", cost.combine_latency}, {"combine_blocks", cost.combine_blocks},
                      {"step_latency", cost.step_latency},       {"blocks", cost.blocks},
                      {"blocks_per_unit", cost.blocks_per_unit}, {"launches", cost.launches},
                      {"split_launches", cost.split_launches}};
}

/// The time for the B and T that the choice was made for, with the splits that the dispatcher would take.
static json::Value predictionOf(const SpecInfo &info, const VariantInfo &variant) {
  const std::optional<MachineInfo> &machine = variant.device == MIXC_DEVICE_CPU ? info.cpuMachine : info.cudaMachine;
  auto batch = info.hint.find("B"), length = info.hint.find("T");
  if (!machine || batch == info.hint.end() || length == info.hint.end())
    return nullptr;
  double seconds = 0;
  const int64_t bands = info.hint.bands();
  int64_t splits =
      mixc_cost_best_splits(&machine->machine, &variant.cost, batch->second * bands, length->second, variant.maxSplits, &seconds);
  return json::Object{{"machine", machine->name}, {"B", batch->second}, {"T", length->second}, {"splits", splits}, {"seconds", seconds}};
}

/// Tensors that need rows of 16-byte units for this variant to be taken.
static json::Array alignedOf(const SpecInfo &info, const VariantInfo &variant) {
  json::Array array;
  for (size_t i = 0; i < info.tensors.size(); ++i)
    if (variant.aligned >> i & 1)
      array.push_back(info.tensors[i].name);
  return array;
}

static json::Array variantsOf(const SpecInfo &info) {
  json::Array array;
  for (const VariantInfo &variant : info.variants) {
    json::Object object{{"name", variant.name},
                        {"algorithm", variant.algorithm},
                        {"device", variant.device == MIXC_DEVICE_CPU ? "cpu" : "cuda"},
                        {"plan", variant.plan},
                        {"precision", variant.precision},
                        {"chunk", variant.chunk},
                        {"max_splits", variant.maxSplits},
                        {"keeps_states", variant.keeps},
                        {"launches", launchesOf(info, variant)},
                        {"workspace_bytes", workspaceFormula(info, variant)},
                        {"cost", costOf(variant.cost)},
                        {"predicted", predictionOf(info, variant)}};
    if (variant.device == MIXC_DEVICE_CUDA) {
      object["arch"] = archName(variant.arch, variant.archSpecific);
      object["aligned"] = alignedOf(info, variant);
    }
    array.push_back(std::move(object));
  }
  return array;
}

static json::Array imagesOf(const SpecInfo &info) {
  json::Array array;
  for (const ImageInfo &image : info.images)
    array.push_back(json::Object{{"variant", info.variants[image.variant].name},
                                 {"arch", archName(image.arch, image.archSpecific)},
                                 {"kind", image.kind == MIXC_IMAGE_CUBIN ? "cubin" : "ptx"},
                                 {"bytes", static_cast<int64_t>(image.data.size())}});
  return array;
}

static json::Object specOf(const SpecInfo &info) {
  json::Object sizes;
  for (auto &[dim, size] : info.sizes)
    if (!info.sizes.isFree(dim.front()))
      sizes[dim] = size;
  json::Object object{{"name", info.name},
                      {"spec", info.spec},
                      {"source", info.source},
                      {"dtype", info.dtype},
                      {"stochastic_rounding", llvm::any_of(info.tensors, [](const TensorInfo &tensor) { return tensor.stochastic; })},
                      {"batch_invariant", info.invariantBatch > 0
                                              ? json::Value(json::Object{{"B", info.invariantBatch}, {"T", info.invariantLength}})
                                              : json::Value(nullptr)},
                      {"sizes", std::move(sizes)},
                      {"arguments", tensorsOf(info, false)},
                      {"results", tensorsOf(info, true)},
                      {"variants", variantsOf(info)},
                      {"images", imagesOf(info)}};
  if (info.sizes.band) // bands = H / heads_of_band; costs are of one
    object["heads_of_band"] = info.sizes.band;
  return object;
}

std::string mixc::writeManifest(ArrayRef<SpecInfo> specs) {
  json::Object root;
  if (specs.size() == 1) {
    root = specOf(specs.front());
  } else {
    json::Array array;
    for (const SpecInfo &info : specs)
      array.push_back(specOf(info));
    root["specs"] = std::move(array);
  }
  root["mixc"] = std::to_string(MIXC_VERSION_MAJOR) + "." + std::to_string(MIXC_VERSION_MINOR);
  root["abi"] = MIXC_ABI_VERSION;
  std::string text;
  raw_string_ostream os(text);
  os << formatv("{0:2}\n", json::Value(std::move(root)));
  return text;
}
