// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// tile.sequence, tile.kept and tile.seed as a thread computes them. A call without a table, the most frequent, takes one branch.

#include "mixc/dialect/Tile.h"
#include "mixc/runtime/descriptor.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "llvm/Support/SaveAndRestore.h"

using namespace mlir;
using namespace mixc;
using namespace mixc::tile;

namespace {
/// The op's results, in their order.
struct Found {
  Value batch, part, parts, row, length, source, target, buffer, place;
  SmallVector<Value> values() const { return {batch, part, parts, row, length, source, target, buffer, place}; }
};

/// Reads of a table's arrays.
class TableReader {
public:
  TableReader(ImplicitLocOpBuilder &b, Value kinds, unsigned addressSpace, size_t results)
      : b(b), results(results), kinds(kinds), pointer(LLVM::LLVMPointerType::get(b.getContext(), addressSpace)) {}

protected:
  Value i64(int64_t value) { return arith::ConstantIntOp::create(b, value, 64); }
  Value compare(arith::CmpIPredicate predicate, Value x, Value y) { return arith::CmpIOp::create(b, predicate, x, y); }
  Value isSet(int64_t bits) { return compare(arith::CmpIPredicate::ne, arith::AndIOp::create(b, kinds, i64(bits)), i64(0)); }

  SmallVector<Value> choose(Value condition, function_ref<SmallVector<Value>()> yes, function_ref<SmallVector<Value>()> no) {
    auto branch = scf::IfOp::create(b, SmallVector<Type>(results, b.getI64Type()), condition, /*addThenBlock=*/true, /*addElseBlock=*/true);
    for (auto [block, make] : {std::pair(branch.thenBlock(), yes), {branch.elseBlock(), no}}) {
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPointToStart(block);
      scf::YieldOp::create(b, make());
    }
    return branch.getResults();
  }
  Value chooseOne(Value condition, function_ref<Value()> yes, function_ref<Value()> no) {
    llvm::SaveAndRestore one(results, size_t(1));
    return choose(condition, [&] { return SmallVector<Value>{yes()}; }, [&] { return SmallVector<Value>{no()}; }).front();
  }

  /// An element of an array of i32, or i64 where the bit is set.
  Value read(Value address, Value index, int64_t wideBit) {
    auto load = [&](Type type, int64_t bytes) -> Value {
      Value at = arith::AddIOp::create(b, address, arith::MulIOp::create(b, index, i64(bytes)));
      return LLVM::LoadOp::create(b, type, LLVM::IntToPtrOp::create(b, pointer, at), bytes);
    };
    return chooseOne(
        isSet(wideBit), [&] { return load(b.getI64Type(), 8); },
        [&]() -> Value { return arith::ExtSIOp::create(b, b.getI64Type(), load(b.getI32Type(), 4)); });
  }

  ImplicitLocOpBuilder &b;
  size_t results; ///< of `choose`
  Value kinds;
  Type pointer;
};

class Expansion : TableReader {
public:
  Expansion(ImplicitLocOpBuilder &b, SequenceOp op, Value number, const SequenceSizes &sizes, const SequenceTable &table,
            unsigned addressSpace)
      : TableReader(b, table.kinds, addressSpace, op->getNumResults()), op(op), number(number), sizes(sizes), table(table) {}

  SmallVector<Value> run() {
    return choose(isSet(~0), [&] { return ofTable(); }, [&] { return plain(number).values(); });
  }

private:
  Value i32(Value value) { return arith::TruncIOp::create(b, b.getI32Type(), value); }
  Value wide(Value value) { return arith::ExtUIOp::create(b, b.getI64Type(), value); }
  Value ceilDiv(Value x, Value by) {
    return arith::DivUIOp::create(b, arith::AddIOp::create(b, x, arith::SubIOp::create(b, by, i64(1))), by);
  }
  Value start(Value index) { return read(table.starts, index, MIXC_STARTS_WIDE); }

  /// Without a table. Where the number counts parts, it has as many digits.
  Found plain(Value number) {
    Found found;
    found.length = sizes.length;
    found.place = i64(0);
    const int64_t rows = op.getRows();
    found.batch = number;
    found.part = i64(0);
    found.parts = rows > 0 ? ceilDiv(sizes.length, i64(rows)) : sizes.splits;
    if (rows > 0 || op.getSplit()) { // a division takes a GPU some time, which one segment can do without
      llvm::SaveAndRestore two(results, size_t(2));
      SmallVector<Value> digits = choose(
          compare(arith::CmpIPredicate::ugt, found.parts, i64(1)),
          [&]() -> SmallVector<Value> {
            // In 32 bits: there are no more blocks.
            Value all = i32(number), parts = i32(found.parts);
            return {wide(arith::RemUIOp::create(b, all, parts)), wide(arith::DivUIOp::create(b, all, parts))};
          },
          [&]() -> SmallVector<Value> { return {i64(0), number}; });
      found.part = digits[0];
      found.batch = digits[1];
    }
    found.row = found.source = found.target = found.buffer = found.batch;
    return found;
  }

  /// The last sequence whose first part's number is not above the number: (first - origin) / tokens + b <= number, by halving.
  Value find(Value tokens, Value origin) {
    Value low = i64(0), high = arith::SubIOp::create(b, sizes.batch, i64(1));
    SmallVector<Type> types(2, b.getI64Type());
    SmallVector<Location> locs(2, b.getLoc());
    auto loop = scf::WhileOp::create(b, types, ValueRange{low, high});
    OpBuilder::InsertionGuard guard(b);
    Block *before = b.createBlock(&loop.getBefore(), {}, types, locs);
    scf::ConditionOp::create(b, compare(arith::CmpIPredicate::slt, before->getArgument(0), before->getArgument(1)), before->getArguments());
    Block *after = b.createBlock(&loop.getAfter(), {}, types, locs);
    low = after->getArgument(0);
    high = after->getArgument(1);
    Value middle = arith::DivUIOp::create(b, arith::AddIOp::create(b, arith::AddIOp::create(b, low, high), i64(1)), i64(2));
    Value left = arith::AddIOp::create(b, arith::SubIOp::create(b, number, middle), i64(1));
    Value since = arith::SubIOp::create(b, start(middle), origin);
    Value isBelow = compare(arith::CmpIPredicate::slt, since, arith::MulIOp::create(b, left, tokens));
    scf::YieldOp::create(b, ValueRange{arith::SelectOp::create(b, isBelow, middle, low),
                                       arith::SelectOp::create(b, isBelow, high, arith::SubIOp::create(b, middle, i64(1)))});
    return loop.getResult(0);
  }

  /// The sequence that is worked on as that of the number.
  Value inOrder() {
    return chooseOne(isSet(MIXC_ORDER), [&] { return read(table.order, number, MIXC_ORDER_WIDE); }, [&] { return number; });
  }

  Found packed() {
    Found found;
    const int64_t rows = op.getRows();
    Value tokens = rows > 0 ? i64(rows) : sizes.span, several = compare(arith::CmpIPredicate::ugt, sizes.splits, i64(1));
    const bool counts = rows > 0 || op.getSplit();
    if (rows > 0)
      found.batch = find(tokens, start(i64(0)));
    else if (op.getSplit())
      found.batch = chooseOne(several, [&] { return find(tokens, start(i64(0))); }, [&] { return inOrder(); });
    else
      found.batch = inOrder();
    found.row = start(found.batch);
    found.length = arith::SubIOp::create(b, start(arith::AddIOp::create(b, found.batch, i64(1))), found.row);
    auto partsOf = [&]() -> Value { return arith::MaxUIOp::create(b, ceilDiv(found.length, tokens), i64(1)); };
    auto placeOf = [&]() -> Value {
      Value before = arith::SubIOp::create(b, found.row, start(i64(0)));
      return arith::AddIOp::create(b, arith::DivUIOp::create(b, before, tokens), found.batch);
    };
    found.parts = rows > 0 ? partsOf() : chooseOne(several, partsOf, [&] { return i64(1); });
    found.place = rows > 0 ? placeOf() : chooseOne(several, placeOf, [&] { return found.batch; });
    auto partOf = [&]() -> Value { return arith::SubIOp::create(b, number, found.place); };
    found.part = rows > 0 ? partOf() : counts ? chooseOne(several, partOf, [&] { return i64(0); }) : i64(0);
    // Rows beyond a sequence's last one look at none before them.
    if (rows > 0)
      found.part = arith::MinUIOp::create(b, found.part, found.parts);
    found.buffer = i64(0);
    found.source = found.target = found.batch; // if the table has none
    return found;
  }

  SmallVector<Value> ofTable() {
    SmallVector<Value> tokens = choose(isSet(MIXC_STARTS), [&] { return packed().values(); }, [&] { return plain(number).values(); });
    Found found{tokens[0], tokens[1], tokens[2], tokens[3], tokens[4], tokens[5], tokens[6], tokens[7], tokens[8]};
    Value none = i64(-1), zero = i64(0);
    found.source =
        chooseOne(isSet(MIXC_SOURCE), [&] { return read(table.source, found.batch, MIXC_SOURCE_WIDE); }, [&] { return found.batch; });
    found.target =
        chooseOne(isSet(MIXC_TARGET), [&] { return read(table.target, found.batch, MIXC_TARGET_WIDE); }, [&] { return found.source; });
    Value isPadding = compare(arith::CmpIPredicate::slt, found.source, zero);
    found.length = arith::SelectOp::create(b, isPadding, zero, found.length);
    found.target = arith::SelectOp::create(b, isPadding, none, arith::MaxSIOp::create(b, found.target, none));
    Value startsAnew = chooseOne(
        isSet(MIXC_HAS_INITIAL),
        [&]() -> Value {
          Value address = arith::AddIOp::create(b, table.hasInitial, found.batch), at = LLVM::IntToPtrOp::create(b, pointer, address);
          return arith::ExtUIOp::create(b, b.getI64Type(), LLVM::LoadOp::create(b, b.getI8Type(), at, 1));
        },
        [&] { return i64(1); });
    Value isFresh = compare(arith::CmpIPredicate::eq, startsAnew, zero);
    found.source = arith::SelectOp::create(b, arith::OrIOp::create(b, isPadding, isFresh), none, found.source);
    return found.values();
  }

  SequenceOp op;
  Value number;
  const SequenceSizes &sizes;
  const SequenceTable &table;
};

class KeptExpansion : TableReader {
public:
  KeptExpansion(ImplicitLocOpBuilder &b, Value kinds, const KeptStates &kept, unsigned addressSpace)
      : TableReader(b, kinds, addressSpace, /*results=*/1), kept(kept) {}

  Value run(Value batch, Value tokens) {
    return chooseOne(isSet(MIXC_KEPT), [&] { return place(batch, tokens); }, [&] { return i64(-1); });
  }

private:
  Value place(Value batch, Value tokens) {
    Value number = arith::DivUIOp::create(b, tokens, kept.every);
    Value rest = arith::SubIOp::create(b, tokens, arith::MulIOp::create(b, number, kept.every));
    Value isEnd = compare(arith::CmpIPredicate::eq, rest, i64(0)), isSome = compare(arith::CmpIPredicate::ugt, number, i64(0)),
          isAsked = compare(arith::CmpIPredicate::ule, number, kept.count);
    return chooseOne(
        arith::AndIOp::create(b, isEnd, arith::AndIOp::create(b, isSome, isAsked)),
        [&]() -> Value {
          Value before = arith::MulIOp::create(b, batch, kept.count), entry = arith::SubIOp::create(b, number, i64(1));
          return arith::MaxSIOp::create(b, read(kept.places, arith::AddIOp::create(b, before, entry), MIXC_KEPT_WIDE), i64(-1));
        },
        [&] { return i64(-1); });
  }

  const KeptStates &kept;
};

class SeedExpansion : TableReader {
public:
  SeedExpansion(ImplicitLocOpBuilder &b, Value address, unsigned addressSpace) : TableReader(b, {}, addressSpace, /*results=*/1) {
    given = compare(arith::CmpIPredicate::ne, address, i64(0));
    seed = chooseOne(
        given, [&]() -> Value { return LLVM::LoadOp::create(b, b.getI64Type(), LLVM::IntToPtrOp::create(b, pointer, address), 8); },
        [&] { return i64(0); });
  }

  Value given, seed;
};
} // namespace

SmallVector<Value> mixc::tile::expandSequence(ImplicitLocOpBuilder &b, SequenceOp op, Value number, const SequenceSizes &sizes,
                                              const SequenceTable &table, unsigned addressSpace) {
  return Expansion(b, op, number, sizes, table, addressSpace).run();
}

Value mixc::tile::expandCopied(ImplicitLocOpBuilder &b, Value kinds) {
  Value bit = arith::AndIOp::create(b, kinds, arith::ConstantIntOp::create(b, MIXC_COPIED, 64));
  return arith::CmpIOp::create(b, arith::CmpIPredicate::ne, bit, arith::ConstantIntOp::create(b, 0, 64));
}

Value mixc::tile::expandKept(ImplicitLocOpBuilder &b, Value batch, Value tokens, Value kinds, const KeptStates &kept,
                             unsigned addressSpace) {
  return KeptExpansion(b, kinds, kept, addressSpace).run(batch, tokens);
}

std::pair<Value, Value> mixc::tile::expandSeed(ImplicitLocOpBuilder &b, const SeedAddress &seed, unsigned addressSpace) {
  SeedExpansion expansion(b, seed.address, addressSpace);
  return {expansion.given, expansion.seed};
}
