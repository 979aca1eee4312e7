// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "mixc/passes/Target.h"
#include "mixc/dialect/Arch.h"
#include "mixc/dialect/NearMiss.h"
#include "mixc/dialect/TextLimits.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Process.h"
#include <cmath>
#include <optional>

using namespace llvm;

namespace mixc {
namespace {

/// The numbers of a description: one key for each number of mixc_machine, with its name.
struct Field {
  const char *key;
  double mixc_machine::*real = nullptr;
  int64_t mixc_machine::*bytes = nullptr;
  int32_t mixc_machine::*count = nullptr;

  void set(mixc_machine &machine, double value) const {
    if (real)
      machine.*real = value;
    else if (bytes)
      machine.*bytes = static_cast<int64_t>(value);
    else
      machine.*count = static_cast<int32_t>(value);
  }
  double get(const mixc_machine &machine) const { return real ? machine.*real : bytes ? double(machine.*bytes) : double(machine.*count); }
  bool isInteger() const { return !real; }
};

const Field fields[] = {
    {"units", nullptr, nullptr, &mixc_machine::units},     {"copy_bandwidth", &mixc_machine::copy_bandwidth},
    {"unit_bandwidth", &mixc_machine::unit_bandwidth},     {"matrix_rate_f32", &mixc_machine::matrix_rate_f32},
    {"matrix_rate_tf32", &mixc_machine::matrix_rate_tf32}, {"matrix_rate_half", &mixc_machine::matrix_rate_half},
    {"shared_bandwidth", &mixc_machine::shared_bandwidth}, {"scalar_rate", &mixc_machine::scalar_rate},
    {"special_rate", &mixc_machine::special_rate},         {"launch_latency", &mixc_machine::launch_latency},
    {"memory_latency", &mixc_machine::memory_latency},     {"shared_bytes", nullptr, &mixc_machine::shared_bytes},
    {"cache_bytes", nullptr, &mixc_machine::cache_bytes},
};

Error fail(StringRef file, const Twine &text) { return createStringError(file + ": " + text); }

std::string printed(const json::Value &value) {
  std::string text;
  raw_string_ostream(text) << value;
  return text;
}

/// Empty if `value` can stand for the field.
std::string numberError(const Field &field, std::optional<double> value, StringRef got) {
  const bool latency = StringRef(field.key).ends_with("latency");
  const bool fits = value && std::isfinite(*value) && (latency ? *value >= 0 : *value > 0) &&
                    (!field.isInteger() || *value == std::floor(*value)) && (!field.count || *value <= INT32_MAX) &&
                    (!field.bytes || *value <= 0x1p53);
  if (fits)
    return "";
  return ("key '" + Twine(field.key) + "': expected " + (field.isInteger() ? "a whole number" : "a number") +
          (latency ? " of at least 0" : " above 0") + ", got " + got)
      .str();
}

Error unknownKey(StringRef file, StringRef key) {
  std::string known;
  for (const Field &field : fields)
    known += std::string(", ") + field.key;
  return fail(file, "key '" + key + "': expected one of name, arch, kind, source" + known + ", got an unknown key");
}

Expected<std::string> stringKey(const json::Object &object, StringRef key, StringRef file) {
  const json::Value *value = object.get(key);
  if (!value)
    return fail(file, "key '" + key + "': expected a string, got nothing");
  if (std::optional<StringRef> text = value->getAsString(); text && !text->empty())
    return text->str();
  return fail(file, "key '" + key + "': expected a string, got " + printed(*value));
}

Expected<int32_t> parseKind(StringRef kind, StringRef file) {
  if (kind == "cpu")
    return MIXC_DEVICE_CPU;
  if (kind == "gpu")
    return MIXC_DEVICE_CUDA;
  return fail(file, "key 'kind': expected cpu or gpu, got " + kind);
}

Error checkArch(const Target &target) {
  if (target.isGpu() ? parseArch(target.arch).has_value() : target.arch == "x86-64")
    return Error::success();
  return fail(target.file, "key 'arch': expected " + (target.isGpu() ? StringRef(kKnownArchs) : "x86-64") + ", got " + target.arch);
}

Expected<Target> readTarget(StringRef path) {
  ErrorOr<std::unique_ptr<MemoryBuffer>> buffer = MemoryBuffer::getFile(path, /*IsText=*/true);
  if (!buffer)
    return fail(path, "expected a readable machine description, got '" + buffer.getError().message() + "'");
  return parseTarget((*buffer)->getBuffer(), path);
}

/// Files of all target directories by name; the first directory that has a name wins. An error where a directory cannot be read.
Expected<std::vector<std::pair<std::string, std::string>>> listTargets() {
  std::vector<std::pair<std::string, std::string>> targets;
  StringSet<> seen;
  for (const std::string &directory : targetDirectories()) {
    std::error_code error;
    for (sys::fs::directory_iterator it(directory, error), end; !error && it != end; it.increment(error))
      if (StringRef path = it->path(); sys::path::extension(path) == ".json" && seen.insert(sys::path::stem(path)).second)
        targets.emplace_back(sys::path::stem(path).str(), path.str());
    if (error && error != std::errc::no_such_file_or_directory)
      return createStringError("cannot read the directory '" + directory + "': " + error.message());
  }
  std::sort(targets.begin(), targets.end());
  return targets;
}

} // namespace

Expected<Target> parseTarget(StringRef text, StringRef file) {
  if (std::optional<BeyondLimit> beyond = findBeyondLimit(text))
    return fail(file, beyond->message);
  Expected<json::Value> value = json::parse(text);
  if (!value)
    return fail(file, "expected JSON, got an error: " + toString(value.takeError()));
  const json::Object *object = value->getAsObject();
  if (!object)
    return fail(file, "expected a JSON object, got " + printed(*value));

  Target target;
  target.file = file.str();
  for (auto [key, member] : {std::pair{"name", &Target::name}, std::pair{"arch", &Target::arch}}) {
    Expected<std::string> string = stringKey(*object, key, file);
    if (!string)
      return string.takeError();
    target.*member = *string;
  }
  Expected<std::string> kind = stringKey(*object, "kind", file);
  if (!kind)
    return kind.takeError();
  Expected<int32_t> parsedKind = parseKind(*kind, file);
  if (!parsedKind)
    return parsedKind.takeError();
  target.machine.kind = *parsedKind;
  if (Error error = checkArch(target))
    return std::move(error);

  if (std::optional<StringRef> source = object->getString("source"))
    target.source = source->str();
  for (const Field &field : fields) {
    const json::Value *number = object->get(field.key);
    const std::optional<double> real = number ? number->getAsNumber() : std::nullopt;
    if (std::string error = numberError(field, real, number ? printed(*number) : "nothing"); !error.empty())
      return fail(file, error);
    field.set(target.machine, *real);
  }
  for (const auto &entry : *object) {
    const StringRef key = entry.first;
    const bool text = key == "name" || key == "arch" || key == "kind" || key == "source";
    if (!text && none_of(fields, [&](const Field &field) { return key == field.key; }))
      return unknownKey(file, key);
  }
  return target;
}

void setNumber(Target &target, StringRef key, double value) {
  const Field *field = find_if(fields, [&](const Field &known) { return key == known.key; });
  assert(field != std::end(fields) && "a key of the table");
  field->set(target.machine, value);
}

std::string printTarget(const Target &target) {
  std::string text;
  raw_string_ostream os(text);
  json::OStream out(os, 2);
  out.object([&] {
    out.attribute("name", target.name);
    out.attribute("arch", target.arch);
    out.attribute("kind", target.isGpu() ? "gpu" : "cpu");
    if (!target.source.empty())
      out.attribute("source", target.source);
    for (const Field &field : fields)
      if (field.isInteger())
        out.attribute(field.key, static_cast<int64_t>(field.get(target.machine)));
      else
        out.attribute(field.key, field.get(target.machine));
  });
  return text + "\n";
}

std::vector<std::string> targetDirectories() {
  std::vector<std::string> directories;
  if (std::optional<std::string> path = sys::Process::GetEnv("MIXC_TARGETS"); path && !path->empty())
    directories.push_back(*path);
  static int anchor;
  const std::string program = sys::fs::getMainExecutable(nullptr, &anchor);
  const StringRef bin = sys::path::parent_path(program);
  if (!bin.empty()) {
    SmallString<128> path(bin);
    sys::path::append(path, "../share/mixc/targets");
    sys::path::remove_dots(path, /*remove_dot_dot=*/true);
    directories.push_back(path.str().str());
  }
  directories.push_back(MIXC_SOURCE_TARGETS);
  return directories;
}

Expected<Target> loadTarget(StringRef name) {
  if (name.ends_with(".json"))
    return readTarget(name);
  auto targets = listTargets();
  if (!targets)
    return targets.takeError();
  SmallVector<StringRef> names;
  for (const auto &[stem, path] : *targets) {
    if (stem == name)
      return readTarget(path);
    names.push_back(stem);
  }
  const size_t machines = names.size();
  if (const std::optional<Arch> wanted = parseArch(name)) {
    std::optional<Target> best;
    for (const auto &[stem, path] : *targets) {
      Expected<Target> target = readTarget(path);
      if (!target)
        return target.takeError();
      const std::optional<Arch> arch = target->isGpu() ? parseArch(target->arch) : std::nullopt;
      if (arch && arch->number <= wanted->number && (!best || arch->number > parseArch(best->arch)->number))
        best = *target;
    }
    if (best) {
      best->arch = name.str();
      return *best;
    }
  }
  names.append({"sm_80", "sm_86", "sm_87", "sm_88", "sm_89", "sm_90", "sm_90a", "sm_100", "sm_120"});
  return createStringError("expected a machine (" + join(names.begin(), names.begin() + machines, ", ") + "), an architecture (" +
                           kKnownArchs + ") or the path of a machine's description (.json), got '" + name + "'" + didYouMean(name, names));
}

mixer::TargetAttr targetToAttr(mlir::MLIRContext *context, const Target &target) {
  mlir::Builder builder(context);
  SmallVector<mlir::NamedAttribute> numbers{builder.getNamedAttr("arch", builder.getStringAttr(target.arch))};
  for (const Field &field : fields) {
    const double value = field.get(target.machine);
    numbers.push_back(builder.getNamedAttr(field.key, field.isInteger()
                                                          ? mlir::Attribute(builder.getI64IntegerAttr(static_cast<int64_t>(value)))
                                                          : mlir::Attribute(builder.getF64FloatAttr(value))));
  }
  return mixer::TargetAttr::get(context, target.name, target.isGpu() ? mixer::MachineKind::GPU : mixer::MachineKind::CPU,
                                builder.getDictionaryAttr(numbers));
}

Expected<Target> targetFromAttr(mixer::TargetAttr attr) {
  Target target;
  target.name = attr.getName().str();
  target.file = "target '" + target.name + "'";
  target.machine.kind = attr.getKind() == mixer::MachineKind::GPU ? MIXC_DEVICE_CUDA : MIXC_DEVICE_CPU;
  const mlir::DictionaryAttr numbers = attr.getNumbers();
  if (auto arch = numbers.getAs<mlir::StringAttr>("arch"))
    target.arch = arch.str();
  if (Error error = checkArch(target))
    return std::move(error);
  for (const Field &field : fields) {
    std::optional<double> value;
    const mlir::Attribute number = numbers.get(field.key);
    if (auto integer = dyn_cast_or_null<mlir::IntegerAttr>(number))
      value = static_cast<double>(integer.getInt());
    else if (auto real = dyn_cast_or_null<mlir::FloatAttr>(number))
      value = real.getValueAsDouble();
    std::string got = "nothing";
    if (number) {
      got.clear();
      raw_string_ostream(got) << number;
    }
    if (std::string error = numberError(field, value, got); !error.empty())
      return fail(target.file, error);
    field.set(target.machine, *value);
  }
  for (const mlir::NamedAttribute &entry : numbers)
    if (entry.getName() != "arch" && none_of(fields, [&](const Field &field) { return entry.getName() == field.key; }))
      return unknownKey(target.file, entry.getName());
  return target;
}

} // namespace mixc
