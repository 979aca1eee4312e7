// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Generator.h"
#include "mixc/runtime/descriptor.h"
#include "llvm/ADT/StringExtras.h"

using namespace llvm;

namespace mixc::calls {

namespace {
/// A value of a spec: its name with %, and its dimensions.
struct Drawn {
  std::string name, dims;

  bool has(char dim) const { return StringRef(dims).contains(dim); }
};

/// What a recurrence is made of; values without a name are absent.
struct Operands {
  Drawn x, b, c, decay, keep, l, r, init, mask;
  std::string read, direction;

  std::string text() const {
    std::string text = "mixer.semiseparable x = " + x.name + ", b = " + b.name + ", c = " + c.name;
    std::pair<const char *, const Drawn *> others[] = {{"decay", &decay}, {"keep", &keep}, {"l", &l},
                                                       {"r", &r},         {"init", &init}, {"mask", &mask}};
    for (auto [key, value] : others)
      if (!value->name.empty())
        text += std::string(", ") + key + " = " + value->name;
    return text + (read.empty() ? "" : ", read = " + read) + (direction.empty() ? "" : ", direction = " + direction);
  }
};

/// The most tokens by which a drawn spec looks back.
constexpr int64_t kMostBefore = 3;
/// The most kernels of a call.
constexpr int64_t kMostKernels = 8;

class Generator {
public:
  explicit Generator(Random &random) : random(random) {}

  /// None if it has more tensors than specs may have.
  std::optional<DrawnSpec> draw(const std::string &name) {
    drawSizes();
    updates = chance(12);
    readsBefore = chance(20);
    Operands first = drawRecurrence();
    auto [o, state] = recurrence(first);
    Drawn y = around(o, first);
    result(y, "y");
    if (hasN && hasP && !spec.isQuadratic && fitsABlock() && chance(8))
      readOtherSide(first);
    if (chance(15))
      result(o, "o");
    if (first.direction != "both" && first.mask.name.empty() && chance(60))
      result(state, "hT", /*mayBeIo=*/false, chance(50));
    for (const char *dim : {"G", "Q", "K", "V", "R", "W", "L", "N", "P"})
      if (!is_contained(used, dim[0]))
        spec.sizes.erase(dim);
    if (arguments.size() + results.size() > MIXC_MAX_TENSORS)
      return std::nullopt;
    spec.name = name;
    spec.text = "mixer.spec @" + name + "(" + join(arguments, ", ") + ")\n    -> (" + join(results, ", ") + ") {\n" + body +
                "  mixer.return " + join(returned, ", ") + "\n}\n";
    return spec;
  }

private:
  bool chance(int64_t percent) { return below(random, 100) < percent; }
  std::string pickFrom(std::vector<const char *> choices) { return pick(random, choices); }
  std::string fresh() { return "%v" + std::to_string(next++); }

  //===--- Sizes and arguments ---===//

  void drawSizes() {
    const int64_t heads[] = {1, 1, 2, 2, 3, 4, 6}, sizes[] = {1, 1, 16, 16, 16, 16, 32, 32, 48, 64, 80, 96, 128, 192, 256, 3, 5, 20, 33};
    const char *const dtypes[] = {"f32", "f32", "bf16", "f16"};
    spec.dtype = pick(random, dtypes);
    hasN = !chance(8);
    hasP = !chance(8);
    int64_t &H = spec.sizes["H"] = pick(random, heads), &N = spec.sizes["N"] = pick(random, sizes),
            &P = spec.sizes["P"] = pick(random, sizes);
    if (N * P > 64 * 128)
      H = std::min<int64_t>(H, 2);
    std::vector<int64_t> groups;
    for (int64_t G = 1; G <= H; ++G)
      if (H % G == 0)
        groups.push_back(G);
    for (const char *dim : {"G", "Q", "K", "V"})
      spec.sizes[dim] = pick(random, groups);
    spec.sizes["R"] = chance(50) ? 2 : 4;
    spec.sizes["W"] = 1 + below(random, 4);
    spec.sizes["L"] = kMostBefore + below(random, 3);
  }

  std::string shuffled(std::string dims, int64_t percent) {
    if (chance(percent))
      for (size_t i = dims.size(); i > 1; --i)
        std::swap(dims[i - 1], dims[below(random, i)]);
    return dims;
  }

  std::string typeOf(const std::string &dims, bool io) {
    std::vector<std::string> letters;
    for (char dim : dims) {
      letters.push_back(std::string(1, dim));
      used += dim;
    }
    return "[" + join(letters, ",") + "]" + (io ? " io" : "");
  }

  /// Its dimensions in the order of an array that the caller has.
  Drawn argument(const std::string &name, std::string dims, bool mayBeIo = true, bool optional = false) {
    dims = shuffled(dims, 20);
    arguments.push_back("%" + name + ": " + typeOf(dims, mayBeIo && chance(70)) + (optional ? " optional" : ""));
    return {"%" + name, dims};
  }

  void result(const Drawn &value, const std::string &name, bool mayBeIo = true, bool optional = false) {
    results.push_back("%" + name + ": " + typeOf(shuffled(value.dims, 20), mayBeIo && chance(70)) + (optional ? " optional" : ""));
    returned.push_back(value.name);
  }

  /// The heads that an operand has: all, or groups, or none.
  std::string drawHeads() { return pickFrom({"H", "H", "H", "G", "G", "Q", "K", "V", ""}); }

  /// Of an operand with those dimensions; now and then the same for all sequences, or for all tokens.
  std::string seldomConstant(const std::string &dims, bool mayLackTokens = true) {
    std::string kept;
    for (char dim : dims)
      if (!(dim == 'B' && chance(5)) && !(dim == 'T' && mayLackTokens && chance(4)))
        kept += dim;
    return kept;
  }

  //===--- Ops ---===//

  /// The parameters of the expression are a, b, c, ... in the order of the operands.
  Drawn map(const std::vector<Drawn> &operands, const std::string &expression) {
    Drawn mapped{fresh(), ""};
    std::vector<std::string> names, parameters;
    for (size_t rank = 5; rank > 0; --rank)
      for (const Drawn &operand : operands)
        for (char dim : operand.dims)
          if (operand.dims.size() == rank && !mapped.has(dim))
            mapped.dims += dim;
    // Of groups of different kinds it is over all heads.
    std::string others = mapped.dims;
    erase_if(others, [](char dim) { return StringRef("HGQKV").contains(dim); });
    if (others.size() + 1 < mapped.dims.size())
      mapped.dims = others + "H";
    for (const Drawn &operand : operands) {
      parameters.push_back(std::string(1, char('a' + names.size())));
      names.push_back(operand.name);
    }
    line(mapped.name + " = mixer.map(" + join(names, ", ") + ") { (" + join(parameters, ", ") + ") -> " + expression + " }");
    return mapped;
  }

  /// With groups, that adds up the heads of each.
  Drawn sum(const Drawn &operand, char dim, char groups = 0) {
    Drawn summed{fresh(), ""};
    for (char other : operand.dims)
      if (other != dim)
        summed.dims += other;
      else if (groups)
        summed.dims += groups;
    used += std::string(groups ? 1 : 0, groups);
    line(summed.name + " = mixer.sum " + operand.name + " over " + dim + (groups ? std::string(" in ") + groups : ""));
    return summed;
  }

  static char headDim(const Drawn &value) {
    for (char dim : value.dims)
      if (StringRef("HGQKV").contains(dim))
        return dim;
    return 0;
  }

  /// Groups in which the entries of a dimension of heads can be added up; 0 for all at once.
  char drawGroups(char dim) {
    std::string choices(1, '\0');
    for (char groups : {'G', 'Q', 'K', 'V'})
      if (groups != dim && spec.sizes.at(std::string(1, dim)) % spec.sizes.at(std::string(1, groups)) == 0)
        choices += groups;
    return chance(40) ? 0 : choices[below(random, choices.size())];
  }

  Drawn constant(const std::string &value, const std::string &dims) {
    Drawn made{fresh(), dims};
    line(made.name + " = mixer.constant " + value + " : " + typeOf(dims, false));
    return made;
  }

  /// An argument with tokens of before mixed in, where the spec reads those and it has tokens.
  Drawn withBefore(const Drawn &argument) {
    if (!readsBefore || !argument.has('B') || !argument.has('T') || argument.has('R') || chance(40))
      return argument;
    const std::string name = argument.name.substr(1);
    std::string handed = argument.dims, after;
    std::replace(handed.begin(), handed.end(), 'T', 'L');
    if (chance(70))
      after = " after " + this->argument(name + "0", handed, true, chance(50)).name;
    Drawn mixed{fresh(), argument.dims};
    if (spec.dtype != "f16" && chance(50)) {
      std::string channels = "W";
      for (char dim : argument.dims)
        if (dim != 'B' && dim != 'T' && chance(80))
          channels += dim;
      line(mixed.name + " = mixer.conv " + argument.name + " by " + this->argument(name + "w", shuffled(channels, 50)).name + after);
    } else {
      line(mixed.name + " = mixer.previous " + argument.name + " by " + std::to_string(1 + below(random, kMostBefore)) + after);
      mixed = map({argument, mixed}, "a - 0.5 * b");
    }
    if (chance(60)) {
      Drawn last{fresh(), handed};
      line(last.name + " = mixer.last " + argument.name + after);
      result(last, name + "T", true, chance(50));
    }
    return mixed;
  }

  /// A running value of a value with B and T, and the one before each token; now and then the last one is a result.
  std::pair<Drawn, Drawn> running(const std::string &name, const Drawn &value, const std::string &kind, const Drawn &decay = {}) {
    ++ownKernels;
    Drawn now{fresh(), value.dims}, before{fresh(), value.dims}, last{fresh(), value.dims};
    erase_if(last.dims, [](char dim) { return dim == 'T'; });
    std::string text = "mixer.running " + kind + " of " + value.name + (decay.name.empty() ? "" : ", decay = " + decay.name);
    if (chance(40)) {
      const Drawn init = argument(name + "0", last.dims, false, chance(50));
      last.dims = init.dims;
      text += ", init = " + init.name;
    }
    line(now.name + ", " + before.name + ", " + last.name + " = " + text);
    if (chance(50))
      result(last, name + "T", /*mayBeIo=*/false, chance(50));
    return {now, before};
  }

  std::pair<Drawn, Drawn> recurrence(const Operands &operands) {
    Drawn y{fresh(), operands.c.has('P')   ? "BTHN"
                     : operands.x.has('P') ? "BTHP"
                                           : "BTH"},
        state{fresh(), std::string("BH") + (hasN ? "N" : "") + (operands.x.has('P') ? "P" : "")};
    line(y.name + ", " + state.name + " = " + operands.text());
    return {y, state};
  }

  void line(const std::string &text) { body += "  " + text + "\n"; }

  //===--- Operands ---===//

  /// What b, c, l and r are over; R only where it may, beside T, and the recurrence has several updates a token.
  std::string keyDims(bool mayHaveUpdates, bool mayLackTokens = true) {
    const std::string kept = seldomConstant("BT", mayLackTokens);
    const bool hasUpdates = updates && mayHaveUpdates && StringRef(kept).contains('T') && chance(70);
    return kept + (hasUpdates ? "R" : "") + drawHeads() + (hasN ? "N" : "");
  }

  /// Divided by its norm.
  Drawn normalised(const Drawn &key) {
    Drawn squares = map({key}, "a * a");
    return map({key, hasN ? sum(squares, 'N') : squares}, "a * rsqrt(b + 1e-3)");
  }

  /// Divided by its norm over heads, too.
  Drawn normalisedOverHeads(const Drawn &key) {
    const char heads = headDim(key);
    if (!heads || key.has('R') || ownKernels == mostOwnKernels)
      return key;
    ++ownKernels;
    Drawn squares = map({key}, "a * a");
    Drawn norm = sum(hasN && key.has('N') ? sum(squares, 'N') : squares, heads, drawGroups(heads));
    return map({key, norm}, "a * rsqrt(b + 1e-2)");
  }

  /// b or c: an argument and what is mapped on it.
  Drawn drawKey(const std::string &name, bool mayHaveUpdates) {
    Drawn key = withBefore(argument(name, keyDims(mayHaveUpdates)));
    const std::string heads = drawHeads();
    switch (below(random, 16)) {
    case 0:
      return map({key}, "a * 0.5");
    case 1:
      return map({key}, "elu(a) + 1");
    case 2:
      return map({key}, "relu(a)");
    case 3:
      return map({key}, "exp(0.5 * a)");
    case 4:
      return map({key, argument(name + "i", chance(70) ? "BT" + heads : pickFrom({"B", "T"}) + heads)}, "a * sigmoid(b)");
    case 5:
      return normalised(key);
    case 6:
      return hasN ? map({key}, "a * rsqrt(N)") : key;
    case 7:
      return map({key, argument(name + "s", hasN ? heads + "N" : heads.empty() ? "B" : heads, false)}, "silu(a * b)");
    case 8: // positions as angles
      return map({key, argument(name + "p", "BT", false)}, "a * cos(3 * b)");
    case 14: { // angles that add up over the tokens
      if (ownKernels == mostOwnKernels)
        return key;
      // Inputs of one sign do not add up to angles whose sines f32 does not know.
      Drawn turn = map({argument(name + "turn", "BT" + heads + (hasN && chance(50) ? "N" : ""), false)}, "0.1 * (a * a - 1)");
      auto [now, before] = running(name + "z", turn, "sum");
      return map({key, chance(70) ? now : before}, pickFrom({"a * cos(b)", "a * sin(b)"}));
    }
    case 9:
      return map({key}, pickFrom({"gelu(a)", "clamp(a, -1, 1)", "sign(a) * pow(abs(a), 1.5)", "a * sin(a)"}));
    case 15:
      return normalisedOverHeads(key);
    default:
      return key;
    }
  }

  /// In f16 nothing but what scales with x and h0: random calls keep their results small by these.
  Drawn drawValues(Drawn x) {
    switch (below(random, spec.dtype == "f16" ? 8 : 10)) {
    case 0: {
      Drawn step = map({argument("step", "BTH"), argument("bias", "H", false)}, "softplus(a + b)");
      return map({step, x}, "a * b");
    }
    case 1:
      return map({x, argument("gate", x.dims)}, "a * sigmoid(b)");
    case 2:
      return map({x}, "0.3 * a");
    case 8:
      return map({x}, "silu(a)");
    case 9:
      return map({x}, "exp(0.5 * a)");
    default:
      return x;
    }
  }

  /// Of log decays at most 0; none: no decay.
  Drawn drawDecay(const std::string &name, bool entries) {
    std::string of =
        entries ? pickFrom({"BTHN", "BTHN", "BTHN", "HN", "BTN", "THN", "N"}) : pickFrom({"BTH", "BTH", "BTH", "H", "BT", "TH", "T", "BH"});
    const std::string heads = drawHeads();
    if (size_t at = of.find('H'); at != std::string::npos && (of.size() > 1 || !heads.empty()))
      of.replace(at, 1, heads);
    const char *const strengths[] = {"", "", "0.01 * ", "8 * ", "1e-4 * ", "200 * "};
    const std::string strength = pick(random, strengths);
    switch (below(random, entries ? 6 : 9)) {
    case 0:
      return argument(name, of);
    case 1:
      return map({argument(name, of)}, "-softplus(" + strength + "a)");
    case 2:
      return map({argument(name, of)}, strength + "log(sigmoid(a))");
    case 3: {
      Drawn step = map({argument(name, entries ? "BTH" : of), argument(name + "0", "H", false)}, "softplus(a + b)");
      return map({step, argument(name + "A", entries ? "HN" : "H", false)}, strength + "a * b");
    }
    case 4:
      return map({argument(name, of), argument(name + "f", "BT")}, "where(b > 1.5, -inf, -" + strength + "abs(a))");
    case 5:
      return map({argument(name, of)}, "-exp(a)");
    case 6:
      return constant("-0.05", of);
    case 7: { // a forget gate less what a running maximum takes out of it, which an input gate would have, too
      if (ownKernels == mostOwnKernels)
        return constant("-0.05", of);
      const std::string over = "BT" + drawHeads();
      Drawn gate = map({argument(name, over)}, "-softplus(" + strength + "a)");
      auto [now, before] = running(name + "m", argument(name + "i", over, false), "max", gate);
      return map({gate, before, now}, "where(b == -inf, b, min(a - (c - b), 0))");
    }
    default: {
      Drawn index{fresh(), "H"};
      line(index.name + " = mixer.index H");
      return map({index}, "log1p(-exp2(-3 - a))");
    }
    }
  }

  /// A delta rule over keys of length 1 at most: b, l and r of one key. The first
  /// update of a token sees the state before its decay.
  void drawDelta(Operands &operands) {
    Drawn key = normalised(argument("k", keyDims(/*mayHaveUpdates=*/true)));
    Drawn beta = argument("beta", "BT" + drawHeads());
    const std::string strength = pickFrom({"a * b", "a * sigmoid(b)", "2 * a * sigmoid(b)"});
    spec.grows |= strength == "a * b"; // a beta below 0 or above 2 lengthens the state
    Drawn write = map({key, beta}, strength);
    operands.b = write;
    operands.l = map({write}, "-a");
    operands.r = key;
    if (!key.has('R') && chance(15))
      operands.c = key; // whose scores the correction has, too
    const bool decays = !operands.decay.name.empty(), keeps = !operands.keep.name.empty();
    if (!decays && !keeps)
      return;
    if (!keeps && (!updates || chance(30))) {
      operands.r = map({operands.decay, key}, "exp(a) * b");
      return;
    }
    // A state that turns its sign before a key that reads the one before grows by up to three times at each token.
    Drawn factor = !keeps ? operands.decay : decays ? map({operands.decay, operands.keep}, "exp(a) * b") : operands.keep;
    if (!updates) {
      operands.r = map({factor, key}, "a * b");
      return;
    }
    Drawn number{fresh(), "R"};
    used += "R";
    line(number.name + " = mixer.index R");
    operands.r = map({factor, key, number}, keeps ? "where(c == 0, a, 1) * b" : "where(c == 0, exp(a), 1) * b");
  }

  /// Numbers of distances, which leave no state.
  Drawn drawMask() {
    Drawn mask = argument("mask", (chance(15) ? "B" : "") + std::string("T") + drawHeads());
    switch (below(random, 4)) {
    case 0:
      return map({mask}, spec.dtype != "f16" && chance(50) ? "exp(0.5 * a)" : "where(abs(a) < 1, 0, a)");
    case 1:
      return map({mask, argument("slope", "H", false)}, "a * sigmoid(b)");
    default:
      return mask;
    }
  }

  Operands drawRecurrence() {
    Operands operands;
    const bool masked = !updates && !readsBefore && chance(10);
    const int64_t kind = below(random, masked ? 4 : 10); // none, a decay for each head, for each entry, both with corrections
    const bool corrects = kind >= 6, entries = hasN && (kind == 4 || kind == 5 || kind == 9), decays = kind != 0 && kind != 6;
    operands.x = drawValues(
        withBefore(argument("x", std::string("BT") + (updates ? "R" : "") + (chance(80) ? "H" : drawHeads()) + (hasP ? "P" : ""))));
    if (decays)
      operands.decay = drawDecay("rate", entries);
    spec.isQuadratic = masked;
    if (masked)
      operands.mask = drawMask();
    if (!masked && chance(12))
      operands.keep = map({argument("kept", chance(80) ? "BT" + drawHeads() : pickFrom({"H", "B", "T"}), false)},
                          pickFrom({"tanh(2 * a)", "cos(3 * a)", "clamp(a, -1, 1)", "where(abs(a) < 0.3, 0, -1)", "-sigmoid(a)"}));
    // In f16 only delta rules, which do not grow.
    if (corrects && (spec.dtype == "f16" || chance(60))) {
      drawDelta(operands);
    } else {
      operands.b = drawKey("b", /*mayHaveUpdates=*/true);
      if (corrects) {
        spec.grows = true;
        operands.l = map({argument("l", keyDims(true, false))}, "-0.25 * a"); // shrinks the state where all inputs have one sign
        operands.r = argument("r", keyDims(true, false));
      }
    }
    if (operands.c.name.empty())
      operands.c = drawKey("c", /*mayHaveUpdates=*/false);
    if (chance(30) && !updates)
      operands.read = "pre";
    const bool isFull = corrects && ownKernels > 0; // of kernels
    operands.direction = readsBefore || isFull ? "" : updates ? pickFrom({"", "anticausal"}) : pickFrom({"", "", "", "anticausal", "both"});
    if (corrects && operands.direction == "both")
      mostOwnKernels = 0;
    if (operands.direction != "both" && !masked && chance(50)) {
      operands.init = argument("h0", std::string("BH") + (hasN ? "N" : "") + (hasP ? "P" : ""), false, chance(50));
      if (chance(10))
        operands.init = map({operands.init}, "0.5 * a");
    }
    return operands;
  }

  //===--- Results ---===//

  /// A block that reads the other side has all of a state, beside another one here.
  bool fitsABlock() const { return spec.sizes.at("N") <= 80 && spec.sizes.at("P") <= 80; }

  /// A result over N of the same recurrence, or of one that shares what acts on the state.
  void readOtherSide(Operands operands) {
    operands.c = withBefore(argument("cP", seldomConstant("BT") + drawHeads() + "P"));
    operands.init = {};
    if (chance(30))
      operands.c = map({operands.c}, "0.5 * a");
    Drawn y = recurrence(operands).first;
    if (chance(40))
      y = map({y, sum(map({y}, "a * a"), 'N')}, "a * rsqrt(b / N + 1e-2)");
    result(y, "yN");
  }

  /// A norm of all heads or of those of each group, what is left without their mean, or both; now and then the sum itself is a result. In
  /// f16 nothing that cancels.
  Drawn overHeads(Drawn y) {
    ++ownKernels;
    const char groups = drawGroups('H');
    auto sumOf = [&](const Drawn &value, bool ofColumns) {
      if (!ofColumns || !hasP)
        return sum(value, 'H', groups);
      return chance(80) ? sum(sum(value, 'P'), 'H', groups) : sum(sum(value, 'H', groups), 'P');
    };
    const int64_t kind = spec.dtype == "f16" ? 0 : below(random, 3);
    if (kind > 0)
      y = map({y, sumOf(y, chance(50))}, chance(50) ? "a - 0.1 * b" : "a + b / H");
    if (kind < 2) {
      Drawn norm = sumOf(map({y}, "a * a"), chance(80));
      y = map({y, norm}, "a * rsqrt(b / H + 1e-2)");
      if (chance(20))
        result(norm, "n", /*mayBeIo=*/false, chance(30));
    }
    return y;
  }

  Drawn around(Drawn y, const Operands &operands) {
    if (ownKernels < mostOwnKernels && chance(15))
      return overHeads(chance(50) ? y : map({y, withBefore(argument("z", y.dims))}, "a * silu(b)"));
    switch (updates ? 1 + below(random, 3) : below(random, 10)) {
    case 0:
      y = map({y, argument("D", chance(50) ? "H" : hasP ? "HP" : "H", false), operands.x}, "a + b * c");
      break;
    case 1:
      y = map({y, withBefore(argument("z", y.dims))}, "a * silu(b)");
      break;
    case 2:
      if (hasP) {
        Drawn squares = sum(map({y}, "a * a"), 'P');
        y = map({y, squares}, "a * rsqrt(b / P + 1e-2)");
      }
      break;
    case 3: { // a normaliser
      Operands ones = operands;
      const bool hasUpdates = operands.b.has('R') || operands.l.has('R') || operands.r.has('R');
      ones.x = constant("1", updates && !hasUpdates ? "BTRH" : "BTH"); // something has R where x has
      ones.init = {};
      y = map({y, recurrence(ones).first}, "a / (1 + abs(b))");
      break;
    }
    case 4: { // a recurrence of its own
      Operands other = operands;
      other.b = drawKey("b2", false);
      other.c = drawKey("c2", false);
      if (chance(50))
        other.mask = {};
      other.decay = chance(70) ? drawDecay("rate2", hasN && other.mask.name.empty() && chance(30)) : Drawn();
      other.l = other.r = other.init = {};
      other.direction = readsBefore ? "" : pickFrom({"", "anticausal", "both"});
      other.read = pickFrom({"", "pre"});
      y = map({y, recurrence(other).first}, "a + b");
      break;
    }
    case 5:
      if (hasN) { // what the token itself adds
        Drawn products = sum(map({operands.c, operands.b}, "a * b"), 'N');
        y = map({y, products, operands.x}, "a + b * c");
      }
      break;
    default:
      break;
    }
    return y;
  }

  Random &random;
  DrawnSpec spec;
  bool hasN = true, hasP = true;
  bool updates = false;     ///< several a token
  bool readsBefore = false; ///< tokens before the one that is computed
  std::vector<std::string> arguments, results, returned;
  std::string body, used;
  int64_t next = 0, ownKernels = 0;
  /// The most kernels of running values and sums over heads, beside those of the chunked form in both directions: three each, or four with
  /// corrections.
  int64_t mostOwnKernels = kMostKernels - 6;
};
} // namespace

int64_t stepsOfToken(const DrawnSpec &spec) {
  int64_t steps = 1;
  for (const char *dim : {"H", "R", "N", "P"})
    if (auto found = spec.sizes.find(dim); found != spec.sizes.end())
      steps *= found->second;
  return steps;
}

DrawnSpec drawSpec(const std::string &name, Random &random) {
  std::optional<DrawnSpec> drawn;
  while (!drawn)
    drawn = Generator(random).draw(name);
  return *drawn;
}

} // namespace mixc::calls
