// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Last tokens and running values in place. Blocks of several heads, columns and segments read those that a sequence begins with, and one of
// them writes the ones it leaves, some of which are those before, moved by a few places. So where a result takes the place of such an
// argument, a kernel before all others copies what the sequences begin with, and the others read the copies: whatever the pool, in which
// order blocks run and what they keep inside the call, none reads what another one has written.

#include "Kernels.h"

using namespace mlir;

namespace mixc {
namespace {
/// What is copied, and the result that stands for the copy while it is made.
struct Copy {
  unsigned argument, result;
  mixer::TensorType type;
};
} // namespace

static SmallVector<Copy> findCopies(mixer::SpecOp spec) {
  SmallVector<Copy> copies;
  for (unsigned i = 0; i < spec.getNumOutputs(); ++i)
    if (std::optional<unsigned> argument = spec.getHandedOn(i))
      copies.push_back({*argument, spec.getNumArgs() + i, spec.getArgType(*argument)});
  return copies;
}

/// As the tensor lies; of groups a tile has one.
static SmallVector<Axis> axesOf(mixer::TensorType type) {
  SmallVector<Axis> axes;
  for (StringAttr dim : type.getDims())
    for (Axis axis : {Axis::Handed, Axis::H, Axis::P, Axis::N})
      if (dim.getValue() == letterOf(axis))
        axes.push_back(axis);
  if (axes.empty())
    axes.push_back(Axis::One);
  return axes;
}

/// Whether the block is the first one of its group, or of all where the tensor has no heads: null where each has some of its own.
static Value isFirstOf(TileBuilder &b, mixer::TensorType type) {
  const StringRef dim = type.getHeadDim();
  if (dim == "H")
    return {};
  const bool isOne = dim.empty() || StringRef(b.shape.sharedGroups).contains(dim);
  Value place = isOne ? b.head : arith::RemUIOp::create(b, b.head, b.index(b.shape.headsPerGroup.at(dim.front()))).getResult();
  return arith::CmpIOp::create(b, arith::CmpIPredicate::eq, place, b.index(0));
}

static void copy(TileBuilder &b, const Copy &copy) {
  OpBuilder::InsertionGuard guard(b);
  if (Value isFirst = isFirstOf(b, copy.type))
    b.setInsertionPointToStart(scf::IfOp::create(b, isFirst, /*withElse=*/false).thenBlock());
  TokenRange all{b.index(0), b.index(b.shape.handed)};
  const TokenRange *tokens = copy.type.hasDim("L") ? &all : nullptr;
  Tile tile = b.load(copy.argument, copy.type, axesOf(copy.type), b.getF32Type(), tokens, /*optional=*/true);
  auto memref = llvm::cast<MemRefType>(b.arg(tile::KernelOp::kFirstMemref + copy.result).getType());
  b.store(b.cast(tile, memref.getElementType()), copy.result, copy.type, tokens, /*optional=*/true);
}

void addCopyKernel(ProgramBuilder &program) {
  const SmallVector<Copy> copies = findCopies(program.spec);
  if (copies.empty())
    return;
  std::string letters;
  int64_t most = 1;
  for (const auto &[argument, result, type] : copies) {
    letters += type.getHeadDim();
    int64_t elements = 1;
    for (StringRef dim : {"L", "N", "P"})
      elements *= type.hasDim(dim) ? program.spec.getSize(dim).value_or(1) : 1;
    if (type.getHeadDim() == "H")
      most = std::max(most, elements);
  }
  program.addCopyKernel(program.shape.ofCopies(letters, most), [&](TileBuilder &b) {
    for (const Copy &each : copies)
      copy(b, each);
  });
}

} // namespace mixc
