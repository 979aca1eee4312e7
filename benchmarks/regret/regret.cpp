// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Regret: the time of the plan that a call takes, of an object compiled without B and T, over that of the best of all plans there are:
// every algorithm, chunks of 16 to 128, up to 32 segments.
//
//     regret [--device=cpu|cuda] [--target=NAME] [--processes=N] [--only=MIXER] [--seconds=S] [--objects=DIR]
//
// A line a call; then the median, the 95th percentile and the worst. Objects are compiled by N processes before anything is timed; times
// are medians by the device's clock. With --objects they are kept, and those that are there already are taken: so they can be compiled on
// one machine (--seconds=0 times nothing) for another.

#include "Device.h"
#include "Execution.h"
#include "Objects.h"
#include "RandomInputs.h"
#include "llvm/ADT/ScopeExit.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include <chrono>

using namespace llvm;
using namespace mixc;
using namespace mixc::regret;

namespace {

struct Options {
  mixc_device device = {MIXC_DEVICE_CPU, 0};
  std::string target, only, objects;
  uint64_t processes = 2, seconds = 1000000;
};

struct Row {
  std::string text;
  double regret;
};

/// A variant, or -1, and a number of segments, or 0.
using Wish = std::pair<int32_t, int64_t>;

struct Timed {
  const mixc_spec_desc *object = nullptr;
  mixc_plan plan = {};
  double seconds = INFINITY;
  std::string text() const { return formatv("{0} x{1}", object->variants[plan.variant].name, plan.splits); }
};

} // namespace

static std::optional<Options> parse(int argc, char **argv) {
  Options options;
  for (StringRef arg : ArrayRef(argv + 1, argc - 1)) {
    auto [name, value] = arg.split('=');
    bool bad = false;
    if (name == "--device") {
      Expected<mixc_device> device = parseDevice(value);
      bad = !device;
      if (device)
        options.device = *device;
      else
        consumeError(device.takeError());
    } else if (name == "--target") {
      options.target = value.str();
    } else if (name == "--only") {
      options.only = value.str();
    } else if (name == "--objects") {
      options.objects = value.str();
    } else if (name == "--processes") {
      bad = value.getAsInteger(10, options.processes) || options.processes == 0;
    } else if (name == "--seconds") {
      bad = value.getAsInteger(10, options.seconds);
    } else {
      bad = true;
    }
    if (bad) {
      errs() << "regret: expected --device=cpu|cuda, --target=NAME, --only=MIXER, --objects=DIR, or --processes or --seconds with a "
                "number, got '"
             << arg << "'\n";
      return std::nullopt;
    }
  }
  return options;
}

/// The median of some calls; of few where they are long, or longer than twice `best`.
static double measure(Execution &execution, const mixc_plan &plan, double best) {
  constexpr size_t kLeast = 3, kMost = 30;
  constexpr double kBudget = 0.1;
  std::vector<double> seconds;
  double total = 0;
  for (int i = 0; seconds.size() < kMost && (seconds.size() < kLeast || total < kBudget); ++i) {
    Expected<double> time = execution.call(plan);
    if (!time) {
      errs() << "regret: " << toString(time.takeError()) << "\n";
      return INFINITY;
    }
    if (i == 0 && *time < 10 * best) // the first call warms up
      continue;
    seconds.push_back(*time);
    total += *time;
    if (*time > 2 * best)
      break;
  }
  llvm::sort(seconds);
  return seconds[seconds.size() / 2];
}

/// The fastest of some plans of an object, if it is faster than what `best` is.
static void timePlans(const mixc_spec_desc *desc, Device &device, const HostTensors &inputs, const std::map<std::string, int64_t> &sizes,
                      ArrayRef<Wish> wishes, Timed &best) {
  Expected<std::unique_ptr<Execution>> execution = Execution::create(desc, device, inputs, sizes);
  if (!execution) {
    errs() << "regret: " << toString(execution.takeError()) << "\n";
    return;
  }
  std::set<Wish> seen;
  for (auto [variant, splits] : wishes) {
    Expected<mixc_plan> plan = (*execution)->plan(variant, splits);
    if (!plan) { // not for these tensors
      consumeError(plan.takeError());
      continue;
    }
    if (!seen.insert({plan->variant, plan->splits}).second)
      continue;
    const double seconds = measure(**execution, *plan, best.seconds);
    if (seconds < best.seconds)
      best = {desc, *plan, seconds};
  }
}

/// Every plan of an object that runs on such a device.
static std::vector<Wish> allPlans(const mixc_spec_desc *desc, const Device &device) {
  std::vector<Wish> wishes;
  for (int32_t variant = 0; variant < desc->n_variants; ++variant)
    if (desc->variants[variant].device == device.id().kind)
      for (int64_t splits : {0, 1, 2, 4, 8, 16, 32})
        wishes.push_back({variant, splits});
  return wishes;
}

static Expected<Row> compare(ArrayRef<std::unique_ptr<LoadedSpec>> objects, const Mixer &mixer, mixer::SpecOp spec, const Call &call,
                             mixc_device id) {
  Expected<std::unique_ptr<Device>> device = openDevice(id); // whose memory goes with it
  if (!device)
    return device.takeError();
  std::map<std::string, int64_t> sizes = mixer.sizes;
  sizes["B"] = call.batch;
  sizes["T"] = call.length;
  const HostTensors inputs = randomInputs(spec, sizes, 1);
  const mixc_spec_desc *own = objects[0]->descriptor();
  const Wish asCalled{-1, 0};
  Timed chosen;
  timePlans(own, **device, inputs, sizes, asCalled, chosen);
  if (!chosen.object)
    return createStringError(mixer.text() + ": no plan runs");
  Timed best = chosen;
  for (const std::unique_ptr<LoadedSpec> &object : objects.drop_front())
    if (object)
      timePlans(object->descriptor(), **device, inputs, sizes, allPlans(object->descriptor(), **device), best);
  // The least of many medians is below its own: what seems best is measured again, and so is what was first, and cold.
  Timed again, winner;
  timePlans(own, **device, inputs, sizes, asCalled, again);
  timePlans(best.object, **device, inputs, sizes, Wish{best.plan.variant, best.plan.splits}, winner);
  chosen.seconds = std::min(chosen.seconds, again.seconds);
  const double least = std::min(winner.seconds, chosen.seconds);
  return Row{formatv("{0,-44} {1,4} x {2,-7} {3,10:f4} ms {4,-34} {5,10:f4} ms {6}", mixer.text(), call.batch, call.length,
                     chosen.seconds * 1e3, chosen.text(), least * 1e3, best.text()),
             chosen.seconds / least};
}

static void summarise(std::vector<Row> rows) {
  llvm::sort(rows, [](const Row &a, const Row &b) { return a.regret < b.regret; });
  auto at = [&](double share) { return rows[static_cast<size_t>(share * (rows.size() - 1) + 0.5)].regret; };
  outs() << formatv("{0} calls: median {1:f3}, 95th percentile {2:f3}, worst {3:f3}\n", rows.size(), at(0.5), at(0.95), at(1));
  for (const Row &row : ArrayRef(rows).take_back(10))
    outs() << formatv("  {0:f3}  {1}\n", row.regret, row.text);
}

int main(int argc, char **argv) {
  std::optional<Options> options = parse(argc, argv);
  if (!options)
    return 2;
  commandName = "regret";
  std::vector<Mixer> mixers = mixersFor(options->device.kind);
  erase_if(mixers, [&](const Mixer &mixer) { return !options->only.empty() && mixer.name != options->only; });
  if (mixers.empty()) {
    errs() << "regret: --only: expected a mixer of the grid (benchmarks/regret/Grid.cpp), got '" << options->only << "'\n";
    return 2;
  }
  SmallString<128> directory(options->objects);
  if (std::error_code error =
          directory.empty() ? sys::fs::createUniqueDirectory("mixc-regret", directory) : sys::fs::create_directories(directory)) {
    errs() << "regret: cannot make a directory for objects: " << error.message() << "\n";
    return 1;
  }
  auto remove = make_scope_exit([&] {
    if (options->objects.empty())
      (void)sys::fs::remove_directories(directory);
  });
  std::vector<std::vector<Job>> jobs;
  std::vector<Job> all;
  for (const Mixer &mixer : mixers) {
    jobs.push_back(jobsFor(mixer, directory));
    llvm::append_range(all, jobs.back());
  }
  compileAll(all, options->target.empty() ? options->device.kind == MIXC_DEVICE_CPU ? "x86-64" : "h200" : options->target,
             static_cast<unsigned>(options->processes));
  if (options->seconds == 0)
    return 0;
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(options->seconds);
  std::vector<Row> rows;
  for (auto [mixer, own] : zip_equal(mixers, jobs)) {
    std::unique_ptr<SpecFile> file = SpecFile::open(mixer.name);
    std::vector<std::unique_ptr<LoadedSpec>> objects;
    for (const Job &job : own)
      objects.push_back(load(job));
    if (!file || !objects[0]) {
      errs() << "regret: " << mixer.text() << " does not compile\n";
      return 1;
    }
    mixer::SpecOp spec = *file->module().getOps<mixer::SpecOp>().begin();
    for (const Call &call : callsFor(mixer, options->device.kind)) {
      if (std::chrono::steady_clock::now() > end)
        break;
      Expected<Row> row = compare(objects, mixer, spec, call, options->device);
      if (!row) {
        errs() << "regret: " << toString(row.takeError()) << "\n";
        return 1;
      }
      outs() << formatv("{0:f3}  {1}\n", row->regret, row->text);
      outs().flush();
      rows.push_back(*row);
    }
  }
  if (!rows.empty())
    summarise(std::move(rows));
  return 0;
}
