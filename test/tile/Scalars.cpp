// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "TileOps.h"
#include "llvm/ADT/TypeSwitch.h"
#include <cmath>

using namespace mlir;
using namespace mixc::test;

static std::optional<Scalar> constantOf(arith::ConstantOp op) {
  if (auto number = dyn_cast<IntegerAttr>(op.getValue()))
    return Scalar{number.getType().isInteger(1) ? number.getValue().getZExtValue() != 0 : number.getInt(), 0};
  auto number = dyn_cast<FloatAttr>(op.getValue());
  return number ? std::optional(Scalar{0, number.getValueAsDouble()}) : std::nullopt;
}

static bool compare(arith::CmpIPredicate predicate, int64_t x, int64_t y) {
  uint64_t ux = x, uy = y;
  switch (predicate) {
  case arith::CmpIPredicate::eq:
    return x == y;
  case arith::CmpIPredicate::ne:
    return x != y;
  case arith::CmpIPredicate::slt:
    return x < y;
  case arith::CmpIPredicate::sle:
    return x <= y;
  case arith::CmpIPredicate::sgt:
    return x > y;
  case arith::CmpIPredicate::sge:
    return x >= y;
  case arith::CmpIPredicate::ult:
    return ux < uy;
  case arith::CmpIPredicate::ule:
    return ux <= uy;
  case arith::CmpIPredicate::ugt:
    return ux > uy;
  case arith::CmpIPredicate::uge:
    return ux >= uy;
  }
  llvm_unreachable("all predicates are listed");
}

static bool compare(arith::CmpFPredicate predicate, double x, double y) {
  bool unordered = std::isnan(x) || std::isnan(y);
  switch (predicate) {
  case arith::CmpFPredicate::AlwaysFalse:
    return false;
  case arith::CmpFPredicate::OEQ:
    return x == y;
  case arith::CmpFPredicate::OGT:
    return x > y;
  case arith::CmpFPredicate::OGE:
    return x >= y;
  case arith::CmpFPredicate::OLT:
    return x < y;
  case arith::CmpFPredicate::OLE:
    return x <= y;
  case arith::CmpFPredicate::ONE:
    return !unordered && x != y;
  case arith::CmpFPredicate::ORD:
    return !unordered;
  case arith::CmpFPredicate::UEQ:
    return unordered || x == y;
  case arith::CmpFPredicate::UGT:
    return unordered || x > y;
  case arith::CmpFPredicate::UGE:
    return unordered || x >= y;
  case arith::CmpFPredicate::ULT:
    return unordered || x < y;
  case arith::CmpFPredicate::ULE:
    return unordered || x <= y;
  case arith::CmpFPredicate::UNE:
    return unordered || x != y;
  case arith::CmpFPredicate::UNO:
    return unordered;
  case arith::CmpFPredicate::AlwaysTrue:
    return true;
  }
  llvm_unreachable("all predicates are listed");
}

static double withNan(double x, double y, double finite) { return std::isnan(x) || std::isnan(y) ? NAN : finite; }

static std::optional<int64_t> evaluateInteger(Operation *op, int64_t x, int64_t y) {
  using Result = std::optional<int64_t>;
  return llvm::TypeSwitch<Operation *, Result>(op)
      .Case([&](arith::AddIOp) { return x + y; })
      .Case([&](arith::SubIOp) { return x - y; })
      .Case([&](arith::MulIOp) { return x * y; })
      .Case<arith::DivSIOp, arith::DivUIOp>([&](auto) { return y ? Result(x / y) : std::nullopt; })
      .Case<arith::RemSIOp, arith::RemUIOp>([&](auto) { return y ? Result(x % y) : std::nullopt; })
      .Case<arith::CeilDivSIOp, arith::CeilDivUIOp>([&](auto) { return y > 0 ? Result((x + y - 1) / y) : std::nullopt; })
      .Case([&](arith::FloorDivSIOp) { return y > 0 ? Result((x - ((x % y) + y) % y) / y) : std::nullopt; })
      .Case<arith::MinSIOp, arith::MinUIOp>([&](auto) { return std::min(x, y); })
      .Case<arith::MaxSIOp, arith::MaxUIOp>([&](auto) { return std::max(x, y); })
      .Case([&](arith::AndIOp) { return x & y; })
      .Case([&](arith::ShRUIOp) { return y < 0 || y > 63 ? std::nullopt : Result(uint64_t(x) >> y); })
      .Case([&](arith::OrIOp) { return x | y; })
      .Case([&](arith::XOrIOp) { return x ^ y; })
      .Case<arith::IndexCastOp, arith::IndexCastUIOp, arith::ExtSIOp, arith::ExtUIOp, arith::TruncIOp>([&](auto) { return x; })
      .Case([&](arith::CmpIOp cmp) { return int64_t(compare(cmp.getPredicate(), x, y)); })
      .Default([](Operation *) { return std::nullopt; });
}

static std::optional<double> evaluateFloat(Operation *op, double x, double y) {
  using Result = std::optional<double>;
  return llvm::TypeSwitch<Operation *, Result>(op)
      .Case([&](arith::AddFOp) { return x + y; })
      .Case([&](arith::SubFOp) { return x - y; })
      .Case([&](arith::MulFOp) { return x * y; })
      .Case([&](arith::DivFOp) { return x / y; })
      .Case([&](arith::NegFOp) { return -x; })
      .Case([&](arith::MaximumFOp) { return withNan(x, y, std::fmax(x, y)); })
      .Case([&](arith::MinimumFOp) { return withNan(x, y, std::fmin(x, y)); })
      .Case([&](arith::MaxNumFOp) { return std::fmax(x, y); })
      .Case([&](arith::MinNumFOp) { return std::fmin(x, y); })
      .Case([&](arith::ExtFOp) { return x; })
      .Case([&](arith::TruncFOp trunc) { return rounded(x, trunc.getType()); })
      .Case([&](math::ExpOp) { return std::exp(x); })
      .Case([&](math::Exp2Op) { return std::exp2(x); })
      .Case([&](math::ExpM1Op) { return std::expm1(x); })
      .Case([&](math::LogOp) { return std::log(x); })
      .Case([&](math::Log2Op) { return std::log2(x); })
      .Case([&](math::Log1pOp) { return std::log1p(x); })
      .Case([&](math::SqrtOp) { return std::sqrt(x); })
      .Case([&](math::RsqrtOp) { return 1 / std::sqrt(x); })
      .Case([&](math::TanhOp) { return std::tanh(x); })
      .Case([&](math::AbsFOp) { return std::fabs(x); })
      .Case([&](math::FloorOp) { return std::floor(x); })
      .Default([](Operation *) { return std::nullopt; });
}

std::optional<Scalar> mixc::test::evaluateScalar(Operation *op, Lookup lookup) {
  if (op->getNumResults() != 1)
    return std::nullopt;
  if (auto constant = dyn_cast<arith::ConstantOp>(op))
    return constantOf(constant);
  SmallVector<Scalar> in = llvm::map_to_vector(op->getOperands(), lookup);
  if (isa<arith::SelectOp>(op))
    return in[0].i ? in[1] : in[2];
  if (auto cmp = dyn_cast<arith::CmpFOp>(op))
    return Scalar{compare(cmp.getPredicate(), in[0].f, in[1].f), 0};
  if (isa<arith::SIToFPOp, arith::UIToFPOp>(op))
    return Scalar{0, double(in[0].i)};
  if (isa<math::FmaOp>(op))
    return Scalar{0, in[0].f * in[1].f + in[2].f};
  if (in.empty())
    return std::nullopt;
  const Scalar &x = in[0], &y = in.back();
  if (isa<FloatType>(op->getResult(0).getType())) {
    std::optional<double> value = evaluateFloat(op, x.f, y.f);
    return value ? std::optional(Scalar{0, *value}) : std::nullopt;
  }
  std::optional<int64_t> value = evaluateInteger(op, x.i, y.i);
  return value ? std::optional(Scalar{*value, 0}) : std::nullopt;
}
