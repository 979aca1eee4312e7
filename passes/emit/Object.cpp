// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Object.h"
#include "StructData.h"
#include "llvm/ADT/Twine.h"
#include "llvm/IR/IRBuilder.h"
#include <cstddef>

using namespace llvm;
using namespace mixc;

std::string mixc::descriptorSymbol(StringRef spec) { return (spec + "_descriptor").str(); }

std::string mixc::cpuSuffix(mixc_cpu_level level, StringRef separator) { return separator.str() + (level == MIXC_CPU_V3 ? "v3" : "v4"); }

std::string mixc::cpuSymbol(StringRef symbol, mixc_cpu_level level) { return symbol.str() + cpuSuffix(level, "_"); }

namespace {
/// Writes the descriptor's arrays, innermost first.
class Descriptor {
public:
  Descriptor(Module &module, const SpecInfo &info) : module(module), info(info) {}
  GlobalVariable *emit();

private:
  Constant *string(StringRef text);
  Constant *bytes(const ImageInfo &image);
  Constant *tensors();
  Constant *tensorMaps(const LaunchInfo &launch);
  Constant *launches(const VariantInfo &variant);
  Constant *buffers(const VariantInfo &variant);
  Constant *variants();
  Constant *images();
  Constant *machine(const std::optional<MachineInfo> &machine);
  Constant *cache();

  Module &module;
  const SpecInfo &info;
};
} // namespace

static GlobalVariable *addPrivate(Module &module, Constant *data, const Twine &name, unsigned alignment) {
  auto *global = new GlobalVariable(module, data->getType(), true, GlobalValue::PrivateLinkage, data, name);
  global->setUnnamedAddr(GlobalValue::UnnamedAddr::Global);
  global->setAlignment(Align(alignment));
  return global;
}

Constant *Descriptor::string(StringRef text) {
  return addPrivate(module, ConstantDataArray::getString(module.getContext(), text), "text", 1);
}

Constant *Descriptor::bytes(const ImageInfo &image) {
  bool isText = image.kind == MIXC_IMAGE_PTX;
  return addPrivate(module, ConstantDataArray::getString(module.getContext(), image.data, isText), "image", 64);
}

Constant *Descriptor::tensors() {
  StructData data;
  for (const TensorInfo &tensor : info.tensors) {
    mixc_tensor_desc desc{};
    std::copy(tensor.sizes.begin(), tensor.sizes.end(), desc.sizes);
    desc.dtype = tensor.dtype;
    desc.rank = tensor.sizes.size();
    desc.is_result = tensor.isResult;
    desc.optional = tensor.optional;
    desc.in_place = tensor.inPlaceOf + 1;
    desc.slots = tensor.slots;
    desc.banded = tensor.banded + 1;
    desc.copied = tensor.copied;
    data.append(desc, {{offsetof(mixc_tensor_desc, name), string(tensor.name)}, {offsetof(mixc_tensor_desc, dims), string(tensor.dims)}});
  }
  return data.emit(module, info.name + "_tensors");
}

Constant *Descriptor::tensorMaps(const LaunchInfo &launch) {
  StructData data;
  for (const TensorMapInfo &map : launch.maps) {
    mixc_tensor_map_desc desc{};
    desc.tensor = map.tensor;
    desc.swizzle = map.swizzle;
    std::copy(map.box.begin(), map.box.end(), desc.box);
    data.append(desc, {});
  }
  return data.emit(module, info.name + "_tensor_maps");
}

Constant *Descriptor::launches(const VariantInfo &variant) {
  StructData data;
  for (const LaunchInfo &launch : variant.launches) {
    mixc_launch_desc desc{};
    desc.blocks = launch.blocks;
    desc.rows = launch.rows;
    desc.scratch_bytes = launch.scratchBytes;
    desc.state_results = launch.stateResults;
    desc.times_bands = launch.timesBands;
    desc.times_batch = launch.timesBatch;
    desc.times_splits = launch.timesSplits;
    desc.halves = launch.halves;
    desc.threads = launch.threads;
    desc.shared_bytes = launch.sharedBytes;
    desc.when = launch.when;
    desc.n_maps = launch.maps.size();
    desc.overlaps = launch.overlaps;
    desc.persistent = launch.persistent;
    auto kernel = [&](mixc_cpu_level level) -> Constant * {
      return variant.device == MIXC_DEVICE_CPU ? module.getFunction(cpuSymbol(launch.symbol, level)) : nullptr;
    };
    size_t cpu = offsetof(mixc_launch_desc, cpu);
    data.append(desc, {{offsetof(mixc_launch_desc, symbol), string(launch.symbol)},
                       {cpu + MIXC_CPU_V3 * sizeof(mixc_cpu_kernel), kernel(MIXC_CPU_V3)},
                       {cpu + MIXC_CPU_V4 * sizeof(mixc_cpu_kernel), kernel(MIXC_CPU_V4)},
                       {offsetof(mixc_launch_desc, maps), tensorMaps(launch)}});
  }
  return data.emit(module, info.name + "_launches");
}

Constant *Descriptor::buffers(const VariantInfo &variant) {
  StructData data;
  for (const BufferInfo &buffer : variant.buffers) {
    mixc_buffer_desc desc{};
    std::copy(buffer.sizes.begin(), buffer.sizes.end(), desc.sizes);
    desc.rank = buffer.sizes.size();
    desc.split_only = buffer.splitOnly;
    desc.banded = buffer.banded + 1;
    desc.most = buffer.most.value_or(0);
    data.append(desc, {{offsetof(mixc_buffer_desc, checked), buffer.most ? string(buffer.of) : nullptr}});
  }
  return data.emit(module, info.name + "_buffers");
}

Constant *Descriptor::variants() {
  StructData data;
  for (const VariantInfo &variant : info.variants) {
    mixc_variant_desc desc{};
    desc.chunk = variant.chunk;
    desc.max_splits = variant.maxSplits;
    desc.n_launches = variant.launches.size();
    desc.n_buffers = variant.buffers.size();
    desc.device = variant.device;
    desc.arch = variant.arch;
    desc.arch_specific = variant.archSpecific;
    desc.aligned = variant.aligned;
    desc.packs = variant.packs;
    desc.keeps = variant.keeps;
    desc.cost = variant.cost;
    data.append(desc, {{offsetof(mixc_variant_desc, name), string(variant.name)},
                       {offsetof(mixc_variant_desc, algorithm), string(variant.algorithm)},
                       {offsetof(mixc_variant_desc, launches), launches(variant)},
                       {offsetof(mixc_variant_desc, buffers), buffers(variant)}});
  }
  return data.emit(module, info.name + "_variants");
}

Constant *Descriptor::images() {
  StructData data;
  for (const ImageInfo &image : info.images) {
    mixc_image_desc desc{};
    desc.size = image.data.size() + (image.kind == MIXC_IMAGE_PTX);
    desc.arch = image.arch;
    desc.arch_specific = image.archSpecific;
    desc.kind = image.kind;
    desc.variant = image.variant;
    data.append(desc, {{offsetof(mixc_image_desc, data), bytes(image)}});
  }
  return data.emit(module, info.name + "_images");
}

Constant *Descriptor::machine(const std::optional<MachineInfo> &machine) {
  if (!machine)
    return nullptr;
  mixc_machine desc = machine->machine;
  desc.name = nullptr;
  StructData data;
  data.append(desc, {{offsetof(mixc_machine, name), string(machine->name)}});
  return data.emit(module, info.name + "_machine");
}

Constant *Descriptor::cache() {
  auto *null = ConstantPointerNull::get(PointerType::getUnqual(module.getContext()));
  auto *global = new GlobalVariable(module, null->getType(), false, GlobalValue::InternalLinkage, null, info.name + "_cache");
  global->setAlignment(Align(8));
  return global;
}

GlobalVariable *Descriptor::emit() {
  mixc_spec_desc desc{};
  desc.abi_version = MIXC_ABI_VERSION;
  desc.n_tensors = info.tensors.size();
  desc.n_args = info.numArgs();
  desc.n_variants = info.variants.size();
  desc.n_images = info.images.size();
  desc.stochastic = llvm::any_of(info.tensors, [](const TensorInfo &tensor) { return tensor.stochastic; });
  desc.free_heads = info.sizes.band > 0;
  if (auto heads = info.sizes.find("H"); heads != info.sizes.end())
    desc.heads = heads->second;
  desc.invariant_batch = info.invariantBatch;
  desc.invariant_length = info.invariantLength;
  StructData data;
  data.append(desc, {{offsetof(mixc_spec_desc, name), string(info.name)},
                     {offsetof(mixc_spec_desc, tensors), tensors()},
                     {offsetof(mixc_spec_desc, variants), variants()},
                     {offsetof(mixc_spec_desc, images), images()},
                     {offsetof(mixc_spec_desc, cpu_machine), machine(info.cpuMachine)},
                     {offsetof(mixc_spec_desc, cuda_machine), machine(info.cudaMachine)},
                     {offsetof(mixc_spec_desc, cache), cache()}});
  GlobalVariable *global = data.emit(module, descriptorSymbol(info.name));
  global->setLinkage(GlobalValue::ExternalLinkage);
  global->setVisibility(GlobalValue::HiddenVisibility);
  return global;
}

/// `<spec><suffix>(params)` returns what the runtime's `target` returns for the descriptor and the same parameters.
static void addFunction(Module &module, const Twine &name, StringRef target, Type *result, ArrayRef<Type *> params, Constant *descriptor) {
  SmallVector<Type *> types = {descriptor->getType()};
  types.append(params.begin(), params.end());
  FunctionCallee callee = module.getOrInsertFunction(target, FunctionType::get(result, types, false));
  auto *function = Function::Create(FunctionType::get(result, params, false), GlobalValue::ExternalLinkage, name, module);
  function->addFnAttr("target-cpu", "x86-64");
  function->addFnAttr(Attribute::NoUnwind);
  IRBuilder<> builder(BasicBlock::Create(module.getContext(), "entry", function));
  SmallVector<Value *> args = {descriptor};
  for (Argument &arg : function->args())
    args.push_back(&arg);
  CallInst *call = builder.CreateCall(callee, args);
  call->setTailCall();
  builder.CreateRet(call);
}

void mixc::addInterface(Module &module, const SpecInfo &info) {
  LLVMContext &context = module.getContext();
  GlobalVariable *descriptor = Descriptor(module, info).emit();
  // As the x86-64 psABI passes them: mixc_status in two registers, mixc_device in one.
  Type *pointer = PointerType::getUnqual(context), *word = Type::getInt64Ty(context);
  Type *status = StructType::get(Type::getInt32Ty(context), pointer);
  addFunction(module, info.name + "_load", "mixc_spec_load", status, {word}, descriptor);
  addFunction(module, info.name + "_workspace_bytes", "mixc_spec_workspace_bytes", word, {pointer}, descriptor);
  addFunction(module, info.name + "_cpu", "mixc_spec_run_cpu", status, {pointer, pointer, word}, descriptor);
  addFunction(module, info.name + "_cuda", "mixc_spec_run_cuda", status, {pointer, pointer, word, pointer}, descriptor);
}
