// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef MIXC_DIALECT_TILE_TILE
#define MIXC_DIALECT_TILE_TILE

include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/EnumAttr.td"
include "mlir/IR/OpBase.td"

def Tile_Dialect : Dialect {
  let name = "tile";
  let cppNamespace = "::mixc::tile";
  let summary = "the program of one thread block, over static value tiles";
  let description = [{
    A tile program says how one block computes its share of a mixer: which tiles it loads, what it
    contracts, which state a loop over chunks carries. It has no threads, barriers or memory spaces, so the
    same program is lowered to vector code for a CPU core and to a thread block of a GPU.

    Tiles are builtin tensors of static shape. Strided memrefs stand at the edge only; `tile.load` and
    `tile.store` move tiles between them and carry the bounds. In between stand `linalg.generic` for
    elementwise work, `linalg.contract` for matrix products (accumulated in f32), `arith`, `math`, `scf`,
    and the own operations below for what upstream lacks.

    `tile.tf32` on a `linalg.contract` of f32 operands: a target may round them to tf32, which keeps 10 of 23 bits of the
    mantissa. Without it products are those of f32.
  }];
  let discardableAttrs = (ins "::mlir::UnitAttr":$tf32);
  let hasOperationAttrVerify = 1;
  let useDefaultAttributePrinterParser = 1;
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::linalg::LinalgDialect",
                           "::mlir::math::MathDialect", "::mlir::memref::MemRefDialect",
                           "::mlir::scf::SCFDialect", "::mlir::tensor::TensorDialect"];
}

def Tile_When : I32EnumAttr<"When", "when a kernel of a program is launched", [
    I32EnumAttrCase<"Always", 0, "always">,
    I32EnumAttrCase<"Split", 1, "split">,
    I32EnumAttrCase<"State", 2, "state">,
    I32EnumAttrCase<"Halved", 3, "halved">,
    I32EnumAttrCase<"Between", 4, "between">,
    I32EnumAttrCase<"Copied", 5, "copied">]> {
  let cppNamespace = "::mixc::tile";
  let genSpecializedAttr = 0;
}

def Tile_WhenAttr : EnumAttr<Tile_Dialect, Tile_When, "when"> {
  let assemblyFormat = "`<` $value `>`";
}

def Tile_GridAttr : AttrDef<Tile_Dialect, "Grid"> {
  let mnemonic = "grid";
  let summary = "number of blocks of a kernel";
  let description = [{
    `blocks * (bands ? bands : 1) * (batch ? B : 1) * (splits ? splits : 1) * (rows ? ceil(T / rows) : 1)` blocks run the kernel;
    the block index counts those of a band of heads fastest, then bands (`tile.bands`), then what else `blocks` stands for, such as pieces
    of a segment, then rows or splits, then the batch.

    With `halves`, the work of the first h of these blocks may be cut in two along T, which evens out the last wave of a
    launch: h more blocks run, the first h compute first halves and hand the state over to the last h (`tile.release`,
    `tile.acquire`). h is chosen at run time, 0 if splits > 1; a kernel finds it from `tile.blocks`.

    Constraints:
    - C1: `blocks` is from 1 to 2^48, `rows` from 0 to 2^16.
  }];
  let parameters = (ins "int64_t":$blocks, DefaultValuedParameter<"bool", "false">:$batch,
                        DefaultValuedParameter<"bool", "false">:$splits,
                        DefaultValuedParameter<"int64_t", "0">:$rows,
                        DefaultValuedParameter<"bool", "false">:$halves,
                        DefaultValuedParameter<"bool", "false">:$bands);
  let assemblyFormat = "`<` struct(params) `>`";
  let genVerifyDecl = 1;
}

def Tile_BufferAttr : AttrDef<Tile_Dialect, "Buffer"> {
  let mnemonic = "buffer";
  let summary = "shape of an f32 workspace buffer of a program; -1 is B, -2 is T, -3 is splits";
  let description = [{
    Dimension `bands` has so many entries for each band of heads (`tile.bands`).

    With `most` the call fails where the kernels leave a larger number in the buffer, which is 0 before them; `of` says of what.

    Constraints:
    - C1: `most` and `of` come together; `most` is at least 0, and the first size is then B.
    - C2: `bands` is a dimension of a static size.
  }];
  let parameters = (ins ArrayRefParameter<"int64_t">:$shape, DefaultValuedParameter<"int64_t", "-1">:$bands,
                        OptionalParameter<"::mlir::FloatAttr">:$most, OptionalParameter<"::mlir::StringAttr">:$of);
  let builders = [AttrBuilder<(ins "::llvm::ArrayRef<int64_t>":$shape), [{ return $_get($_ctxt, shape, -1, nullptr, nullptr); }]>];
  let assemblyFormat = "`<` `[` $shape `]` (`bands` $bands^)? (`,` struct($most, $of)^)? `>`";
  let genVerifyDecl = 1;
}

class Tile_Op<string mnemonic, list<Trait> traits = []> : Op<Tile_Dialect, mnemonic, traits>;

#endif // MIXC_DIALECT_TILE_TILE
