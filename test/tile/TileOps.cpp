// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "TileOps.h"
#include <cmath>

using namespace mlir;
using namespace mixc;
using namespace mixc::test;

double mixc::test::rounded(double value, Type type) {
  if (!type.isBF16() && !type.isF16())
    return value;
  llvm::APFloat exact(value);
  bool lost;
  exact.convert(cast<FloatType>(type).getFloatSemantics(), llvm::APFloat::rmNearestTiesToEven, &lost);
  exact.convert(llvm::APFloat::IEEEdouble(), llvm::APFloat::rmNearestTiesToEven, &lost);
  return exact.convertToDouble();
}

double Tile::at(ArrayRef<int64_t> index) const {
  int64_t place = 0;
  for (auto [size, i] : llvm::zip_equal(shape, index))
    place = place * size + i;
  return values[place];
}

Walk::Walk(ArrayRef<int64_t> shape) : shape(shape), index(shape.size(), 0) {
  for (int64_t size : shape)
    total *= size;
}

void Walk::next() {
  ++count;
  for (size_t d = shape.size(); d-- > 0;) {
    if (++index[d] < shape[d])
      return;
    index[d] = 0;
  }
}

//===--- Elements ---===//

std::optional<std::vector<Tile>> mixc::test::evaluateGeneric(linalg::GenericOp op, ArrayRef<Tile> operands, Lookup outer) {
  size_t inputs = op.getNumDpsInputs();
  std::vector<Tile> results(operands.begin() + inputs, operands.end());
  SmallVector<AffineMap> maps = op.getIndexingMapsArray();
  Block *body = op.getBody();
  for (Walk walk(op.getStaticLoopRanges()); !walk.done(); walk.next()) {
    llvm::DenseMap<Value, Scalar> scalars;
    auto placeOf = [&](size_t i) { return maps[i].compose(walk.indices()); };
    for (auto [i, arg] : llvm::enumerate(body->getArguments())) {
      const Tile &tile = i < inputs ? operands[i] : results[i - inputs];
      scalars[arg] = {0, tile.at(placeOf(i))};
    }
    for (Operation &inner : body->without_terminator()) {
      if (auto position = dyn_cast<linalg::IndexOp>(inner)) {
        scalars[position.getResult()] = {walk[position.getDim()], 0};
        continue;
      }
      std::optional<Scalar> value = evaluateScalar(&inner, [&](Value v) {
        auto found = scalars.find(v);
        return found == scalars.end() ? outer(v) : found->second;
      });
      if (!value)
        return std::nullopt;
      scalars[inner.getResult(0)] = *value;
    }
    for (auto [i, yielded] : llvm::enumerate(body->getTerminator()->getOperands())) {
      auto found = scalars.find(yielded);
      double value = found == scalars.end() ? outer(yielded).f : found->second.f;
      Tile &tile = results[i];
      int64_t place = 0;
      for (auto [size, at] : llvm::zip_equal(tile.shape, placeOf(inputs + i)))
        place = place * size + at;
      tile.values[place] = value;
    }
  }
  return results;
}

/// Elements that one step of each of the op's dimensions takes in a tile.
static SmallVector<int64_t> stridesOf(AffineMap map, const Tile &tile) {
  SmallVector<int64_t> strides(map.getNumDims(), 0);
  int64_t stride = 1;
  for (size_t d = tile.shape.size(); d-- > 0; stride *= tile.shape[d])
    strides[cast<AffineDimExpr>(map.getResult(d)).getPosition()] = stride;
  return strides;
}

Tile mixc::test::evaluateContract(linalg::ContractOp op, const Tile &lhs, const Tile &rhs, Tile init) {
  SmallVector<AffineMap> maps = op.getIndexingMapsArray();
  const Tile *tiles[] = {&lhs, &rhs, &init};
  SmallVector<int64_t> ranges(maps[0].getNumDims(), 1), strides[3];
  for (int i = 0; i < 3; ++i) {
    strides[i] = stridesOf(maps[i], *tiles[i]);
    for (auto [expr, size] : llvm::zip_equal(maps[i].getResults(), tiles[i]->shape))
      ranges[cast<AffineDimExpr>(expr).getPosition()] = size;
  }
  for (Walk walk(ranges); !walk.done(); walk.next()) {
    int64_t places[3] = {0, 0, 0};
    for (size_t d = 0; d < ranges.size(); ++d)
      for (int i = 0; i < 3; ++i)
        places[i] += walk[d] * strides[i][d];
    init.values[places[2]] += lhs.values[places[0]] * rhs.values[places[1]];
  }
  return init;
}

//===--- Recurrences ---===//

static bool isReset(double decay) { return decay < tile::kResetThreshold; }

/// Calls visit(first element, elements) of every row along the last dimension.
static void forEachRow(const Tile &tile, llvm::function_ref<void(int64_t, int64_t)> visit) {
  int64_t size = tile.shape.back();
  for (int64_t first = 0; first < int64_t(tile.values.size()); first += size)
    visit(first, size);
}

static std::vector<Tile> evaluateCumsum(const Tile &input) {
  Tile sums = input, resets = input;
  forEachRow(input, [&](int64_t first, int64_t size) {
    double sum = 0, count = 0;
    for (int64_t t = first; t < first + size; ++t) {
      bool reset = isReset(input.values[t]);
      sum = reset ? 0 : sum + input.values[t];
      count += reset;
      sums.values[t] = sum;
      resets.values[t] = count;
    }
  });
  return {sums, resets};
}

/// `low`, the rest of a rounding that float64 does not do, is zero.
static std::vector<Tile> evaluateLag(const Tile &input, const Tile &before, const Tile &beforeLow) {
  Tile lag = input, low = input, level = input, factor = input, resets = input, earlier = input;
  forEachRow(input, [&](int64_t first, int64_t size) {
    double sum = before.values[first + size - 1] + beforeLow.values[first + size - 1], count = 0, last = 0;
    for (int64_t t = first; t < first + size; ++t) {
      bool reset = isReset(input.values[t]);
      earlier.values[t] = t == first ? sum : lag.values[t - 1];
      sum = reset ? 0 : sum + input.values[t];
      count += reset;
      level.values[t] = std::floor(-sum);
      lag.values[t] = sum + level.values[t];
      low.values[t] = 0;
      factor.values[t] = reset ? 0 : std::exp2(std::max(-126.0, last - level.values[t]));
      resets.values[t] = count;
      last = level.values[t];
    }
  });
  return {lag, low, level, factor, resets, earlier};
}

/// `low` as in a lag.
static std::vector<Tile> evaluateRunningSum(const Tile &input, const Tile &before, const Tile &beforeLow) {
  Tile sums = input, low = input, earlier = input;
  forEachRow(input, [&](int64_t first, int64_t size) {
    double sum = before.values[first + size - 1] + beforeLow.values[first + size - 1];
    for (int64_t t = first; t < first + size; ++t) {
      earlier.values[t] = sum;
      sums.values[t] = sum += input.values[t];
      low.values[t] = 0;
    }
  });
  return {sums, low, earlier};
}

static std::vector<Tile> evaluateRunningMax(const Tile &input, const Tile &decay, const Tile &before) {
  Tile maxima = input, earlier = input;
  forEachRow(input, [&](int64_t first, int64_t size) {
    double most = before.values[first + size - 1];
    for (int64_t t = first; t < first + size; ++t) {
      earlier.values[t] = most;
      double x = input.values[t], left = most + decay.values[t];
      bool takes = decay.values[t] == -INFINITY || std::isnan(x) || left < x; // NaN is the larger one
      maxima.values[t] = most = takes ? x : left;
    }
  });
  return {maxima, earlier};
}

static std::vector<Tile> evaluateSpans(tile::SpansOp op, const Tile &input) {
  Tile spans(cast<RankedTensorType>(op.getSpans().getType()));
  int64_t columns = input.shape[1];
  auto step = [&](int64_t u, int64_t n) {
    double value = input.values[u * columns + n];
    return isReset(value) ? -INFINITY : value;
  };
  for (Walk walk(spans.shape); !walk.done(); walk.next()) {
    int64_t t = walk[1], block = op.getBlocks()[walk[0]], anchor = t / block * block + op.getAnchors()[walk[0]];
    double &sum = spans.values[walk.number()] = 0;
    for (int64_t u = anchor; u <= t - op.getPre(); ++u)
      sum += step(u, walk[2]);
    for (int64_t u = t + 1; u < anchor; ++u)
      sum += step(u, walk[2]);
  }
  return {spans};
}

static std::vector<Tile> evaluateSolve(const Tile &matrix, const Tile &sums, RankedTensorType type) {
  Tile result(type);
  int64_t heads = sums.shape[0], columns = sums.shape[1], tokens = sums.shape[2];
  for (int64_t t = 0; t < tokens; ++t)
    for (int64_t h = 0; h < heads; ++h)
      for (int64_t p = 0; p < columns; ++p) {
        double sum = sums.at({h, p, t});
        for (int64_t s = 0; s < t; ++s)
          sum += matrix.at({h, t, s}) * result.at({s, h, p});
        result.values[(t * heads + h) * columns + p] = sum;
      }
  return {result};
}

static std::vector<Tile> evaluateGuard(const Tile &x, const Tile &sums, const Tile *resets, bool pre) {
  Tile finite = x, guarded = sums;
  for (double &value : finite.values)
    value = std::isfinite(value) ? value : 0;
  for (Walk walk(sums.shape); !walk.done(); walk.next()) {
    int64_t h = walk[0], p = walk[1], t = walk[2];
    double &value = guarded.values[walk.number()];
    const int64_t last = t - pre;
    const double count = resets && last >= 0 ? resets->at({h, last}) : 0;
    if (count > 0)
      value = 0;
    for (int64_t s = 0; s <= last; ++s)
      if (!std::isfinite(x.at({s, h, p})) && (!resets || resets->at({h, s}) == count))
        value = NAN;
  }
  return {finite, guarded};
}

static std::vector<Tile> evaluateSinceReset(const Tile &state, const Tile &x, const Tile &scale, const Tile &b, const Tile &resets) {
  Tile result = state;
  int64_t tokens = b.shape[0];
  for (Walk walk(state.shape); !walk.done(); walk.next()) {
    int64_t h = walk[0], p = walk[1], n = walk[2];
    double last = resets.at({h, tokens - 1});
    if (last == 0)
      continue;
    double sum = 0;
    for (int64_t s = 0; s < tokens; ++s)
      if (resets.at({h, s}) == last)
        sum += x.at({s, h, p}) * scale.at({h, s}) * b.at({s, n});
    result.values[walk.number()] = sum;
  }
  return {result};
}

/// The rows of a state at a token: each column's, each head's, or those of all.
static double rowAt(const Tile &rows, int64_t q, int64_t h, int64_t n, int64_t p) {
  if (rows.shape.size() == 4)
    return rows.at({q, h, rows.shape[2] == 1 ? 0 : n, p});
  return rows.shape.size() == 3 ? rows.at({q, h, n}) : rows.at({q, n});
}

static double decayAt(const Tile &decay, int64_t q, int64_t h, int64_t n, int64_t p) {
  if (decay.shape.size() == 4)
    return rowAt(decay, q, h, n, p);
  return decay.shape.size() == 3 ? decay.at({h, n, q}) : decay.at({h, q});
}

static std::vector<Tile> evaluateScan(tile::ScanOp op, llvm::function_ref<const Tile *(Value)> tile) {
  const Tile *decay = tile(op.getDecay()), *excess = tile(op.getExcess()), *l = tile(op.getL()), *r = tile(op.getR());
  const Tile &x = *tile(op.getX()), &b = *tile(op.getB()), &c = *tile(op.getC());
  Tile y(cast<RankedTensorType>(op.getY().getType())), state = *tile(op.getInit());
  int64_t tokens = x.shape[0], heads = x.shape[1], columns = x.shape[2];
  auto read = [&](int64_t q) {
    for (Walk walk(state.shape); !walk.done(); walk.next()) {
      const int64_t h = walk[0], n = walk[1], p = walk[2], at = op.getAcross() ? n : p;
      const double factor = op.getAcross() ? c.at({q, h, p}) : rowAt(c, q, h, n, p);
      y.values[(q * heads + h) * y.shape[2] + at] += factor * state.values[walk.number()];
    }
  };
  for (int64_t q = 0; q < tokens; ++q) {
    std::vector<double> u(heads * columns);
    for (Walk walk(state.shape); r && !walk.done(); walk.next())
      u[walk[0] * columns + walk[2]] += rowAt(*r, q, walk[0], walk[1], walk[2]) * state.values[walk.number()];
    if (op.getPre())
      read(q);
    for (Walk walk(state.shape); !walk.done(); walk.next()) {
      int64_t h = walk[0], n = walk[1], p = walk[2];
      double factor = decay ? decayAt(*decay, q, h, n, p) : 1, &s = state.values[walk.number()];
      if (factor != 0 && excess)
        factor += decayAt(*excess, q, h, n, p);
      s = (decay && decayAt(*decay, q, h, n, p) == 0 ? 0 : factor * s) + rowAt(b, q, h, n, p) * x.at({q, h, p});
      if (r)
        s += (l ? rowAt(*l, q, h, n, p) : -rowAt(b, q, h, n, p)) * u[h * columns + p];
    }
    if (!op.getPre())
      read(q);
  }
  return {y, state};
}

/// Of the rank of its source, with constant bounds; none else.
static std::optional<std::vector<Tile>> evaluateSlice(tensor::ExtractSliceOp op, const Tile &source) {
  Tile part(op.getType());
  if (!op.getOffsets().empty() || !op.getStrides().empty() || part.shape.size() != source.shape.size())
    return std::nullopt;
  for (Walk walk(part.shape); !walk.done(); walk.next()) {
    SmallVector<int64_t> at;
    for (auto [d, offset, stride] : llvm::enumerate(op.getStaticOffsets(), op.getStaticStrides()))
      at.push_back(offset + walk[d] * stride);
    part.values[walk.number()] = source.at(at);
  }
  return std::vector{part};
}

std::optional<std::vector<Tile>> mixc::test::evaluateTileOp(Operation *op, ArrayRef<Tile> in) {
  if (auto empty = dyn_cast<tensor::EmptyOp>(op))
    return std::vector{Tile(cast<RankedTensorType>(empty.getType()))};
  if (auto constant = dyn_cast<arith::ConstantOp>(op)) {
    Tile tile(cast<RankedTensorType>(constant.getType()));
    auto dense = dyn_cast<DenseFPElementsAttr>(constant.getValue());
    if (!dense)
      return std::nullopt;
    for (auto [to, from] : llvm::zip_equal(tile.values, dense.getValues<APFloat>())) {
      bool lost;
      APFloat value = from;
      value.convert(APFloat::IEEEdouble(), APFloat::rmNearestTiesToEven, &lost);
      to = value.convertToDouble();
    }
    return std::vector{tile};
  }
  if (auto slice = dyn_cast<tensor::ExtractSliceOp>(op))
    return evaluateSlice(slice, in[0]);
  if (isa<arith::TruncFOp, arith::ExtFOp>(op)) {
    Tile converted = in[0];
    converted.element = cast<RankedTensorType>(op->getResult(0).getType()).getElementType();
    for (double &value : converted.values)
      value = rounded(value, converted.element);
    return std::vector{converted};
  }
  if (isa<tile::CumsumOp>(op))
    return evaluateCumsum(in[0]);
  if (isa<tile::LagOp>(op))
    return evaluateLag(in[0], in[1], in[2]);
  if (isa<tile::RunningSumOp>(op))
    return evaluateRunningSum(in[0], in[1], in[2]);
  if (isa<tile::RunningMaxOp>(op))
    return evaluateRunningMax(in[0], in[1], in[2]);
  if (auto guard = dyn_cast<tile::GuardOp>(op))
    return evaluateGuard(in[0], in[1], in.size() > 2 ? &in[2] : nullptr, guard.getPre());
  if (auto spans = dyn_cast<tile::SpansOp>(op))
    return evaluateSpans(spans, in[0]);
  if (isa<tile::SolveOp>(op))
    return evaluateSolve(in[0], in[1], cast<RankedTensorType>(op->getResult(0).getType()));
  if (isa<tile::SinceResetOp>(op))
    return evaluateSinceReset(in[0], in[1], in[2], in[3], in[4]);
  if (auto scan = dyn_cast<tile::ScanOp>(op))
    return evaluateScan(scan, [&](Value value) {
      auto at = llvm::find(op->getOperands(), value);
      return value ? &in[at - op->operand_begin()] : nullptr;
    });
  return std::nullopt;
}
