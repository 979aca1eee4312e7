// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Kind.h"
#include "Mutator.h"
#include "Process.h"

using namespace mixc::fuzz;

static const char kToy[] = R"(// Two specs, so that --spec has a meaning.
mixer.spec @toy(%x: [B,T,H,P] io, %b: [B,T,G,N] io, %c: [B,T,G,N] io, %g: [B,T,H], %h0: [B,H,P,N] optional)
    -> (%y: [B,T,H,P] io, %hT: [B,H,P,N] optional) {
  %y, %S = mixer.semiseparable x = %x, b = %b, c = %c, decay = %g, init = %h0
  mixer.return %y, %S
}
)";
static const char kForms[] =
    R"(mixer.spec @gla(%q: [B,T,H,N] io, %k: [B,T,H,N] io, %v: [B,T,H,P] io, %g: [B,T,H,N]) -> (%o: [B,T,H,P] io) {
  %o, %S = mixer.semiseparable x = %v, b = %k, c = %q, decay = %g
  mixer.return %o
}
mixer.spec @other(%q: [B,T,H,N] io, %v: [B,T,H,P] io) -> (%o: [B,T,H,P] io) {
  %o, %S = mixer.semiseparable x = %v, b = %q, c = %q
  mixer.return %o
}
)";

static const std::vector<std::string> lines = {
    "compile\ntoy.mlir\n--shape=H=2,P=16,N=16,G=1\n--target=x86-64\n--algorithm=scan\n-o\nout",
    "compile\ntoy.mlir\n--shape=H=2,P=16,N=16,G=1\n--target=sm_80\n--ptxas=none\n--dtype=bf16\n-o\nout",
    "compile\ntoy.mlir\n--shape=H=2,P=64,N=64,G=1\n--target=sm_90a\n--emit=ptx\n--dtype=f16",
    "compile\nlinear_attn\n--shape=H=2,P=16,N=16\n--target=x86-64\n--emit=llvm\n--chunk=32\n-o\nout.ll",
    "compile\nmamba2\n--shape=B=1,T=64,H=2,P=16,N=16,G=1\n--target=h100\n--emit=gpu_tile\n--dtype=bf16",
    "compile\ntoy.mlir\n--shape=H=4,P=16,N=16,G=2\n--target=x86-64\n--emit=tile\n--all-algorithms",
    "compile\nforms.mlir\ntoy.mlir\n--spec=other,toy\n--shape=@toy.few:H=2,P=16,N=16,G=1\n--shape=H=2,P=16,N=16\n--target=x86-64\n"
    "--algorithm=scan\n--variants=1\n--max-bytes=1000000\n-o\nout",
    "compile\nforms.mlir\n--spec=other\n--shape=H=2,P=16,N=16\n--target=x86-64\n--emit=mixer",
    "run\ntoy.mlir\n--shape=B=2,T=40,H=2,P=16,N=16,G=1\n--check\n--seed=3",
    "run\nretention\n--shape=B=1,T=17,H=2,P=16,N=16\n--dtype=bf16\n--algorithm=chunked\n--chunk=16\n--segments=2",
    "run\ntoy.mlir\n--shape=B=1,T=3,H=2,P=16,N=16,G=2\n--out=result.npz\n--device=cpu",
    "bench\ntoy.mlir\n--shape=B=1,T=16,H=2,P=16,N=16,G=1\n--repeat=3\n--segments=1,2\n--json=bench.json",
    "explain\nmamba2\n--shape=B=1,T=4096,H=24,P=64,N=128,G=1\n--target=h100\n--dtype=bf16",
    "explain\ntoy.mlir\n--shape=B=4,T=100,H=2,P=16,N=16,G=1\n--json\n--algorithm=quadratic",
    "explain\ntoy.mlir\n--shape=B=2,T=100,H=2,P=16,N=16,G=1\n--all\n--report=page.html\n--measure",
    "explain\nforms.mlir\n--spec=gla\n--shape=B=1,T=8,H=2,P=16,N=16",
    "compile\n--help",
    "--version"};

// Besides what the lines above have. No path that could lead out of the scratch directory and to a file that matters.
static const std::vector<std::string> others = {"",
                                                "-",
                                                "--",
                                                "---",
                                                "=",
                                                ",",
                                                "-o",
                                                "-o=",
                                                "-h",
                                                "help",
                                                "--shape",
                                                "--shape=",
                                                "--shape=H",
                                                "--shape=H=",
                                                "--shape=H=2,H=2",
                                                "--shape=T=0",
                                                "--target=",
                                                "--target=,",
                                                "--target=sm_",
                                                "--target=sm_80a",
                                                "--target=toy.mlir",
                                                "--target=none.json",
                                                "--dtype=",
                                                "--chunk=0",
                                                "--chunk=-16",
                                                "--spec=",
                                                "--spec=@toy",
                                                "--ptxas=none",
                                                "--ptxas=missing",
                                                "--ptxas-timeout=0",
                                                "--emit=",
                                                "--emit=obj",
                                                "--emit=cubin",
                                                "--device=cuda",
                                                "--device=cuda:",
                                                "--device=cuda:99",
                                                "--device=cuda:-1",
                                                "--seed=-1",
                                                "--segments=0",
                                                "--segments=,",
                                                "--lengths=",
                                                "--lengths=3,0,9",
                                                "--lengths=0",
                                                "--lengths=2147483647,2147483647",
                                                "--pool=1",
                                                "--pool=9",
                                                "--pool=2147483647",
                                                "--in=toy.mlir",
                                                "--in=missing.npz",
                                                "--in=.",
                                                "--out=.",
                                                "--out=",
                                                "--json=",
                                                "--repeat=0",
                                                "--check",
                                                ".",
                                                "..",
                                                "out/",
                                                "out/out",
                                                "missing.mlir",
                                                "empty.mlir",
                                                "\xff\xfe",
                                                "--all-algorithms",
                                                "--variants=2",
                                                "--max-bytes=1",
                                                "--shape=few:H=2,P=16,N=16,G=1",
                                                "--shape=@toy:H=2,P=16,N=16,G=1",
                                                "--spec=toy,other",
                                                "--fatal-ptxas-notices",
                                                "--json",
                                                "mamba2_gated",
                                                "cumprodsum"};

namespace {
class CommandLines : public Kind {
public:
  explicit CommandLines(const std::string &mixc) : mixc(mixc), mutator(lines) {}

  std::string make(Random &random) const override {
    std::vector<std::string> args = split(random.pick(lines));
    do
      change(args, random);
    while (random.once(2));
    std::string text;
    for (const std::string &arg : args)
      text += arg + "\n";
    return text;
  }

  void run(const std::string &input) const override {
    writeFile("toy.mlir", kToy);
    writeFile("forms.mlir", kForms);
    writeFile("empty.mlir", "");
    std::vector<std::string> args = split(input);
    args.insert(args.begin(), mixc);
    runProgram(args, /*largestCode=*/4);
  }

  const char *ending() const override { return "args"; }

private:
  static std::vector<std::string> split(const std::string &text) {
    std::vector<std::string> parts;
    for (size_t at = 0, end = 0; at < text.size(); at = end + 1) {
      end = std::min(text.find('\n', at), text.size());
      parts.push_back(text.substr(at, end - at));
    }
    return parts;
  }

  void change(std::vector<std::string> &args, Random &random) const {
    size_t at = args.empty() ? 0 : random.below(args.size());
    size_t what = args.empty() ? 1 : random.below(7);
    switch (what) {
    case 0:
      args.erase(args.begin() + at);
      break;
    case 1:
      args.insert(args.begin() + at, random.pick(others));
      break;
    case 2:
      args[at] = random.pick(others);
      break;
    case 3:
      std::swap(args[at], args[random.below(args.size())]);
      break;
    case 4: {
      std::vector<std::string> from = split(random.pick(lines));
      args.insert(args.begin() + at, random.pick(from));
      break;
    }
    default: {
      // A program named by --ptxas is run, whatever it is; the system takes arguments of at most 128 KiB.
      std::string changed = mutator.mutate(args[at], random);
      if (args[at].find("ptxas") == std::string::npos && changed.find('\n') == std::string::npos && changed.size() < 100000)
        args[at] = changed;
    }
    }
  }

  std::string mixc;
  Mutator mutator;
};
} // namespace

std::unique_ptr<Kind> mixc::fuzz::makeCommandLines(const std::string &mixc) { return std::make_unique<CommandLines>(mixc); }
