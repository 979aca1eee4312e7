// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Generator.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Regex.h"
#include <optional>
#include <random>
#include <vector>

using namespace mixc::test;

namespace {
/// A tile by the letters of its dimensions: T (tokens of the chunk), N, P, D (distances of two tokens within two chunks, less a chunk).
struct Drawn {
  std::string name, axes;
  bool wide; ///< f32, not the operands' type
};

class Generator {
public:
  Generator(uint64_t seed, bool forRoles) : random(seed), seed(seed), forRoles(forRoles) {}
  ProgramText draw();

private:
  int64_t below(int64_t n) { return int64_t(random() % uint64_t(n)); }
  bool chance(int64_t percent) { return below(100) < percent; }
  template <typename T> const T &any(const std::vector<T> &from) { return from[below(from.size())]; }

  int64_t sizeOf(char axis) const { return axis == 'T' ? chunk : axis == 'D' ? 2 * chunk : axis == 'N' ? n : p; }
  std::string typeOf(llvm::StringRef axes, bool wide) const {
    std::string type = "tensor<";
    for (char axis : axes)
      type += std::to_string(sizeOf(axis)) + "x";
    return type + (wide ? "f32" : dtype) + ">";
  }
  std::string typeOf(const Drawn &tile) const { return typeOf(tile.axes, tile.wide); }
  void line(const std::string &text) { body += indent + text + "\n"; }
  std::string fresh() { return "%v" + std::to_string(next++); }

  void load(char tensor, llvm::StringRef axes, bool wide);
  void store(const Drawn &tile);
  std::string zeros(llvm::StringRef axes);
  std::string compute(const std::vector<std::string> &arguments, bool wide);
  Drawn map(const std::vector<Drawn> &inputs, llvm::StringRef axes, bool wide);
  Drawn narrow(const Drawn &tile) { return tile.wide == isWide ? tile : map({tile}, tile.axes, isWide); }
  std::optional<Drawn> product(const Drawn &left, const Drawn &right, llvm::StringRef wanted, llvm::StringRef onto);
  bool productOfTwo();
  void step();
  Drawn nextState(const Drawn &state);
  void loop(const std::string &init, const std::string &result);

  std::mt19937_64 random;
  uint64_t seed;
  bool forRoles;
  std::string dtype, body, indent;
  int64_t chunk = 0, n = 0, p = 0, next = 0;
  int64_t earlier = 0; ///< tokens by which the tensors of kMoved are moved up
  bool isWide = false; ///< operands are f32
  std::vector<Drawn> tiles;
};
} // namespace

static const char *const kScalars[] = {"arith.addf", "arith.subf", "arith.mulf"};
/// Tensors that a program may see moved up, with their types and what the kernel calls them.
static const std::pair<std::string, std::string> kMoved[] = {{"bb", "a"}, {"d", "c"}, {"e", "e"}, {"g", "g"}};

/// The batch entry is %b, the tensor b is %bb in the kernel. Tensors a, b: [B,T,H,N] and c, d: [B,T,H,P] in the operands' type, e:
/// [B,T,H,N] and g: [B,T,H] in f32.
void Generator::load(char tensor, llvm::StringRef axes, bool wide) {
  Drawn tile{fresh(), axes.str(), wide};
  std::string dims, limits;
  bool vector = axes.size() == 1;
  for (char axis : axes) {
    const bool ofTokens = axis == 'T' || axis == 'D';
    dims += (dims.empty() ? "" : ", ") + std::string(ofTokens ? "1" : "3");
    limits += (limits.empty() ? "" : ", ") + (ofTokens ? "%left" : std::to_string(sizeOf(axis)));
  }
  std::string memref = std::string("!") + (tensor == 'e' || tensor == 'g' ? std::string(1, tensor) : axes.contains('N') ? "a" : "c");
  std::string source = tensor == 'b' ? "bb" : std::string(1, tensor);
  if (earlier && llvm::is_contained(llvm::make_first_range(kMoved), source))
    source += "_before";
  line(tile.name + " = tile.load %" + source + "[%b, %i, %h" + (vector ? "" : ", 0") + "] dims [" + dims + "] limits [" + limits +
       "] : " + memref + " -> " + typeOf(tile));
  tiles.push_back(tile);
}

std::string Generator::zeros(llvm::StringRef axes) {
  std::string name = fresh();
  line(name + " = arith.constant dense<0.0> : " + typeOf(axes, true));
  return name;
}

/// Ops of a map's body on values in f32; the result's name.
std::string Generator::compute(const std::vector<std::string> &arguments, bool wide) {
  std::string value = arguments[0];
  for (size_t i = 1; i < arguments.size(); ++i) {
    std::string made = fresh();
    line("  " + made + " = " + kScalars[below(3)] + " " + value + ", " + arguments[i] + " : f32");
    value = made;
  }
  std::string made = fresh();
  switch (below(4)) {
  case 0: {
    std::string square = fresh(), power = fresh();
    line("  " + square + " = arith.mulf " + value + ", " + value + " : f32");
    line("  " + power + " = arith.negf " + square + " : f32");
    line("  " + made + " = math.exp2 " + power + " : f32");
    break;
  }
  case 1:
    line("  " + made + " = arith.maximumf " + value + ", %zero : f32");
    break;
  default:
    line("  " + made + " = arith.mulf " + value + ", %quarter : f32");
  }
  if (wide)
    return made;
  std::string rounded = fresh();
  line("  " + rounded + " = arith.truncf " + made + " : f32 to " + dtype);
  return rounded;
}

/// Elementwise work on tiles whose dimensions are all among `axes`, which are different but for two T; beside those D, at their distance.
Drawn Generator::map(const std::vector<Drawn> &inputs, llvm::StringRef axes, bool wide) {
  Drawn made{fresh(), axes.str(), wide};
  std::string outer, maps, names, types, arguments;
  for (size_t d = 0; d < axes.size(); ++d)
    outer += (d ? ", d" : "d") + std::to_string(d);
  for (auto [i, input] : llvm::enumerate(inputs)) {
    std::string from;
    for (auto [d, axis] : llvm::enumerate(input.axes)) {
      size_t at = axes == "TT" ? (input.axes.size() == 2 ? d : 0) : axes.find(axis);
      from += (from.empty() ? "" : ", ") + (axis == 'D' ? "d0 - d1 + " + std::to_string(chunk) : "d" + std::to_string(at));
    }
    maps += "affine_map<(" + outer + ") -> (" + from + ")>, ";
    names += (i ? ", " : "") + input.name;
    types += (i ? ", " : "") + typeOf(input);
    arguments += "%x" + std::to_string(i) + ": " + (input.wide ? "f32" : dtype) + ", ";
  }
  maps += "affine_map<(" + outer + ") -> (" + outer + ")>";
  std::string kinds;
  for (size_t d = 0; d < axes.size(); ++d)
    kinds += d ? ", \"parallel\"" : "\"parallel\"";
  std::string empty = fresh();
  line(empty + " = tensor.empty() : " + typeOf(made));
  line(made.name + " = linalg.generic {indexing_maps = [" + maps + "], iterator_types = [" + kinds + "]} ins(" + names + " : " + types +
       ") outs(" + empty + " : " + typeOf(made) + ") {");
  line("^bb0(" + arguments + "%old: " + (wide ? "f32" : dtype) + "):");
  std::vector<std::string> values;
  for (auto [i, input] : llvm::enumerate(inputs)) {
    values.push_back("%x" + std::to_string(i));
    if (input.wide)
      continue;
    std::string widened = fresh();
    line("  " + widened + " = arith.extf " + values.back() + " : " + dtype + " to f32");
    values.back() = widened;
  }
  if (axes == "TT") { // causal
    std::string row = fresh(), column = fresh(), below = fresh(), kept = fresh();
    line("  " + row + " = linalg.index 0 : index");
    line("  " + column + " = linalg.index 1 : index");
    line("  " + below + " = arith.cmpi ule, " + column + ", " + row + " : index");
    line("  " + kept + " = arith.select " + below + ", " + values[0] + ", %zero : f32");
    values[0] = kept;
  }
  std::string result = compute(values, wide);
  line("  linalg.yield " + result + " : " + (wide ? "f32" : dtype));
  line("} -> " + typeOf(made));
  return made;
}

/// A product of two tiles over a dimension that both have, added to `onto` or to zeros; its dimensions are `wanted`, unless that is empty.
std::optional<Drawn> Generator::product(const Drawn &left, const Drawn &right, llvm::StringRef wanted, llvm::StringRef onto) {
  if (left.axes.size() != 2 || right.axes.size() != 2)
    return std::nullopt;
  std::vector<std::pair<int, int>> ways;
  for (int i = 0; i < 2; ++i)
    for (int j = 0; j < 2; ++j) {
      std::string made{left.axes[1 - i], right.axes[1 - j]};
      bool square = made[0] == made[1] && made[0] != 'T';
      if (left.axes[i] == right.axes[j] && !square && (wanted.empty() || wanted == made))
        ways.push_back({i, j});
    }
  if (ways.empty())
    return std::nullopt;
  auto [i, j] = any(ways);
  Drawn made{fresh(), {left.axes[1 - i], right.axes[1 - j]}, true};
  std::string init = onto.empty() ? zeros(made.axes) : onto.str();
  std::string lhs = i == 0 ? "(k, m)" : "(m, k)", rhs = j == 0 ? "(k, n)" : "(n, k)", type = typeOf(made.axes, true);
  line(made.name + " = linalg.contract indexing_maps = [affine_map<(m, n, k) -> " + lhs + ">, affine_map<(m, n, k) -> " + rhs +
       ">, affine_map<(m, n, k) -> (m, n)>] ins(" + left.name + ", " + right.name + " : " + typeOf(left) + ", " + typeOf(right) +
       ") outs(" + init + " : " + type + ") -> " + type);
  return made;
}

/// A tile times two others side by side, of which each half of the result is one more tile; false where those that were drawn do not fit.
bool Generator::productOfTwo() {
  const Drawn first = any(tiles), second = any(tiles), rows = any(tiles);
  if (first.axes.size() != 2 || first.axes != second.axes || rows.axes.size() != 2)
    return false;
  const int i = int(below(2)), j = int(below(2)); // what is contracted
  const std::string axes{rows.axes[1 - j], first.axes[1 - i]};
  if (first.axes[i] != rows.axes[j] || axes[0] == axes[1] || first.axes == "TT")
    return false;
  const Drawn a = narrow(first), b = narrow(second), lhs = narrow(rows);
  const std::string element = isWide ? "f32" : dtype, two = typeOf(a), type = "tensor<2x" + two.substr(7);
  const std::string empty = fresh(), both = fresh();
  line(empty + " = tensor.empty() : " + type);
  line(both +
       " = linalg.generic {indexing_maps = [affine_map<(d, i, j) -> (i, j)>, affine_map<(d, i, j) -> (i, j)>, affine_map<(d, i, j) -> "
       "(d, i, j)>], iterator_types = [\"parallel\", \"parallel\", \"parallel\"]} ins(" +
       a.name + ", " + b.name + " : " + two + ", " + two + ") outs(" + empty + " : " + type + ") {");
  line("^bb0(%x0: " + element + ", %x1: " + element + ", %old: " + element + "):");
  line("  %which = linalg.index 0 : index");
  line("  %isFirst = arith.cmpi eq, %which, %c0 : index");
  line("  %one = arith.select %isFirst, %x0, %x1 : " + element);
  line("  linalg.yield %one : " + element);
  line("} -> " + type);
  const std::string m = std::to_string(sizeOf(axes[0])), n = std::to_string(sizeOf(axes[1])), made = "tensor<" + m + "x2x" + n + "xf32>";
  const std::string init = fresh(), read = fresh();
  line(init + " = arith.constant dense<0.0> : " + made);
  line(read + " = linalg.contract indexing_maps = [affine_map<(m, d, n, k) -> " + (j == 0 ? "(k, m)" : "(m, k)") +
       ">, affine_map<(m, d, n, k) -> " + (i == 0 ? "(d, k, n)" : "(d, n, k)") + ">, affine_map<(m, d, n, k) -> (m, d, n)>] ins(" +
       lhs.name + ", " + both + " : " + typeOf(lhs) + ", " + type + ") outs(" + init + " : " + made + ") -> " + made);
  for (int which = 0; which < 2; ++which) {
    const Drawn half{fresh(), axes, true};
    const std::string none = fresh();
    line(none + " = tensor.empty() : " + typeOf(half));
    line(half.name + " = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, " + std::to_string(which) +
         ", j)>, affine_map<(i, j) -> (i, j)>], iterator_types = [\"parallel\", \"parallel\"]} ins(" + read + " : " + made + ") outs(" +
         none + " : " + typeOf(half) + ") {");
    line("^bb0(%x0: f32, %old: f32):");
    line("  linalg.yield %x0 : f32");
    line("} -> " + typeOf(half));
    tiles.push_back(half);
  }
  return true;
}

/// One more tile.
void Generator::step() {
  if (chance(15))
    for (int attempt = 0; attempt < 10; ++attempt)
      if (productOfTwo())
        return;
  const Drawn left = any(tiles), right = any(tiles);
  if (chance(55)) {
    if (left.axes.size() == 2 && right.axes.size() == 2) {
      Drawn l = narrow(left), r = narrow(right);
      if (std::optional<Drawn> made = product(l, r, "", ""))
        tiles.push_back(*made);
    }
    return;
  }
  if (left.axes.size() < 2)
    return;
  std::string axes = left.axes;
  if (axes != "TT" && chance(30))
    std::swap(axes[0], axes[1]);
  std::vector<Drawn> inputs{left};
  bool fits = axes == "TT"
                  ? right.axes == "TT" || right.axes == "T"
                  : llvm::all_of(right.axes, [&](char axis) { return axes.find(axis) != std::string::npos; }) && right.axes != "TT";
  auto distances = llvm::find_if(tiles, [](const Drawn &tile) { return tile.axes == "D"; });
  if (axes == "TT" && distances != tiles.end())
    inputs.push_back(*distances);
  else if (fits && chance(60))
    inputs.push_back(right);
  tiles.push_back(map(inputs, axes, isWide || chance(40)));
}

/// o: [B,T,H,P] in the operands' type, f: [B,T,H,N] in f32.
void Generator::store(const Drawn &tile) {
  bool toO = tile.axes.find('P') != std::string::npos;
  std::string dims, limits;
  for (char axis : tile.axes) {
    dims += (dims.empty() ? "" : ", ") + std::string(axis == 'T' ? "1" : "3");
    limits += (limits.empty() ? "" : ", ") + (axis == 'T' ? "%left" : std::to_string(sizeOf(axis)));
  }
  line("tile.store " + tile.name + ", %" + (toO ? "o" : "f") + "[%b, %i, %h, 0] dims [" + dims + "] limits [" + limits +
       "] : " + typeOf(tile) + " -> " + (toO ? "!c" : "!e"));
}

/// Decayed, or not, with a product added.
Drawn Generator::nextState(const Drawn &state) {
  Drawn decayed = state;
  if (chance(70)) {
    decayed = {fresh(), state.axes, true};
    std::string type = typeOf(decayed), empty = fresh(), made = fresh();
    line(empty + " = tensor.empty() : " + type);
    line(decayed.name +
         " = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>], iterator_types = "
         "[\"parallel\", \"parallel\"]} ins(" +
         state.name + " : " + type + ") outs(" + empty + " : " + type + ") {");
    line("^bb0(%x0: f32, %old: f32):");
    line("  " + made + " = arith.mulf %x0, %quarter : f32");
    line("  linalg.yield " + made + " : f32");
    line("} -> " + type);
  }
  for (int attempt = 0; attempt < 20; ++attempt) {
    const Drawn left = any(tiles), right = any(tiles);
    if (left.axes.size() != 2 || right.axes.size() != 2 || left.axes.find('P') == std::string::npos ||
        right.axes.find('N') == std::string::npos || left.axes.find('T') == std::string::npos || right.axes.find('T') == std::string::npos)
      continue;
    if (std::optional<Drawn> made = product(narrow(left), narrow(right), "PN", decayed.name))
      return *made;
  }
  return decayed;
}

void Generator::loop(const std::string &init, const std::string &result) {
  std::string type = typeOf("PN", true);
  line(result + " = scf.for %i = %c0 to %T step %chunk iter_args(%S = " + init + ") -> (" + type + ") {");
  std::string outer = indent;
  indent += "  ";
  line("%left = arith.subi %T, %i : index");
  tiles.clear();
  load('a', "TN", isWide);
  load('c', "TP", isWide);
  if (chance(60))
    load('b', chance(80) ? "TN" : "NT", isWide);
  if (chance(40))
    load('d', "TP", isWide);
  if (chance(30))
    load('e', "TN", true);
  if (chance(40))
    load('g', "T", true);
  if (chance(25))
    load('g', "D", true);
  Drawn state{"%S", "PN", true};
  if (chance(80)) // reads the state before the chunk
    tiles.push_back(narrow(state));
  for (int64_t steps = 2 + below(6); steps > 0; --steps)
    step();
  std::vector<Drawn> results;
  for (const Drawn &tile : llvm::drop_begin(tiles, 2))
    if (tile.axes.size() == 2 && tile.axes != "TT" && tile.axes.find('T') != std::string::npos)
      results.push_back(tile);
  Drawn after = nextState(state);
  bool stored[2] = {false, false}; // each result once
  for (const Drawn &tile : llvm::reverse(results)) {
    bool toO = tile.axes.find('P') != std::string::npos;
    if (!stored[toO])
      store(tile);
    stored[toO] = true;
  }
  line("scf.yield " + after.name + " : " + type);
  indent = outer;
  line("}");
}

ProgramText Generator::draw() {
  dtype = forRoles ? (chance(70) ? "bf16" : "f16") : any(std::vector<std::string>{"bf16", "bf16", "bf16", "f16", "f32"});
  isWide = dtype == "f32";
  chunk = forRoles ? 64 : any(std::vector<int64_t>{16, 32, 64, 64});
  n = forRoles ? any(std::vector<int64_t>{64, 64, 128}) : any(std::vector<int64_t>{16, 32, 64, 64, 80, 128});
  p = forRoles ? 64 : any(std::vector<int64_t>{16, 32, 64, 64, 80});
  std::string name = (forRoles ? "roles" : "drawn") + std::to_string(seed), wide = std::to_string(n), narrow = std::to_string(p);
  auto memref = [&](const std::string &shape, const std::string &element) {
    return "memref<" + shape + "x" + element + ", strided<[" +
           llvm::join(std::vector<std::string>(llvm::StringRef(shape).count('x') + 1, "?"), ", ") + "], offset: ?>>\n";
  };
  indent = "    ";
  earlier = forRoles || seed % 3 ? 0 : 1 + seed / 3 % 20;
  for (const auto &[tensor, type] : kMoved)
    if (earlier)
      line("%" + tensor + "_before = tile.earlier %" + tensor + " dim 1 by " + std::to_string(earlier) + " : !" + type);
  bool twice = chance(15);
  loop("%init", "%r0");
  if (twice)
    loop("%r0", "%r1");
  line(std::string("tile.store %") + (twice ? "r1" : "r0") + ", %s[%b, %h, 0, 0] dims [2, 3] limits [" + narrow + ", " + wide +
       "] : " + typeOf("PN", true) + " -> !s");
  ProgramText made{name, dtype, {{"H", 2}, {"N", n}, {"P", p}}, "", "", forRoles ? int64_t(seed % 3) : 0};
  made.spec = "!a = " + memref("?x?x2x" + wide, dtype) + "!c = " + memref("?x?x2x" + narrow, dtype) +
              "!e = " + memref("?x?x2x" + wide, "f32") + "!g = " + memref("?x?x2", "f32") +
              "!s = " + memref("?x2x" + narrow + "x" + wide, "f32");
  made.spec += "mixer.spec @" + name +
               "(%a: [B,T,H,N] io, %b: [B,T,H,N] io, %c: [B,T,H,P] io, %d: [B,T,H,P] io, %e: [B,T,H,N], %g: [B,T,H], "
               "%s0: [B,H,P,N]) -> (%o: [B,T,H,P] io, %f: [B,T,H,N], %s: [B,H,P,N]) {\n"
               "  %y, %S = mixer.semiseparable x = %c, b = %a, c = %b, init = %s0\n"
               "  %z = mixer.map(%e) { (e) -> e }\n"
               "  mixer.return %y, %z, %S\n}\n";
  made.program =
      "tile.program @" + name + "_tiles of @" + name + " plan #mixer.algorithm<chunked, chunk = " + std::to_string(chunk) +
      ", operand = " + dtype + ", stages = 2, warps = 4, family = portable> buffers [] {\n" +
      "  tile.kernel @k(%block: index, %B: index, %T: index, %splits: index, %span: index, %a: !a, %bb: !a, %c: !c, %d: !c, %e: !e, "
      "%g: !g, %s0: !s, %o: !c, %f: !e, %s: !s) attributes {grid = #tile.grid<blocks = 2, batch = true>} {\n"
      "    %c0 = arith.constant 0 : index\n    %c2 = arith.constant 2 : index\n    %chunk = arith.constant " +
      std::to_string(chunk) +
      " : index\n    %b = arith.divui %block, %c2 : index\n    %h = arith.remui %block, %c2 : index\n"
      "    %zero = arith.constant 0.0 : f32\n    %quarter = arith.constant 0.25 : f32\n"
      "    %init = tile.load %s0[%b, %h, 0, 0] dims [2, 3] limits [" +
      narrow + ", " + wide + "] : !s -> " + typeOf("PN", true) + "\n" + body + "    tile.return\n  }\n}\n";
  return made;
}

ProgramText mixc::test::drawProgram(uint64_t seed, bool forRoles) { return Generator(seed, forRoles).draw(); }

std::string ProgramText::text(const std::vector<std::string> &families) const {
  std::string all = spec;
  for (const std::string &family : families) {
    std::string named = llvm::Regex("@" + name + "_tiles").sub("@" + name + "_" + family, program);
    std::string plan = "family = " + family;
    if (family != "portable")
      plan += ", persistent = 16, teams = " + std::to_string(teams);
    all += llvm::Regex("family = portable").sub(plan, named);
  }
  return all;
}
