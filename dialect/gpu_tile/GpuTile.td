// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef MIXC_DIALECT_GPU_TILE_GPU_TILE
#define MIXC_DIALECT_GPU_TILE_GPU_TILE

include "Roles.td"
include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/OpBase.td"

def GpuTile_Dialect : Dialect {
  let name = "gpu_tile";
  let cppNamespace = "::mixc::gpu_tile";
  let summary = "a tile program placed on a GPU: registers, shared memory, copies and barriers";
  let description = [{
    The same program as in the `tile` dialect, with every decision made that a GPU needs: which tile lies in
    registers and how it is distributed over the threads (the layout of a fragment), which tile lies in
    shared memory, at which byte offset and with which swizzle, which copies run ahead of their use, and
    where threads wait for each other. Emission (`--gpu-tile-to-nvvm`) decides nothing any more.

    Two attributes stand on ops of the `tile` dialect before that, where the warps of a kernel are to have roles:
    `gpu_tile.roles`, the table of them, an array of `#gpu_tile.role`, on a `tile.kernel`, and `gpu_tile.work`, a
    `#gpu_tile.work`, on the ops in it.
  }];
  let hasOperationAttrVerify = 1;
  let useDefaultAttributePrinterParser = 1;
  let useDefaultTypePrinterParser = 1;
  let dependentDialects = ["::mixc::tile::TileDialect"];
}

//===--- Layouts of fragments ---===//

class GpuTile_Attr<string name, string mnemonic_> : AttrDef<GpuTile_Dialect, name> { let mnemonic = mnemonic_; }

def GpuTile_MmaAttr : GpuTile_Attr<"Mma", "mma"> {
  let summary = "accumulator layout of mma.m16n8";
  let description = [{
    The dimensions `rows`, flattened in their order, are cut in blocks of 16 and dealt out to `warp_rows`
    groups of warps, contiguous blocks to each; `cols`, flattened, are cut in `warp_cols` equal parts; every
    thread holds all of `outer`. Warp w has row group `w mod warp_rows` and column part
    `(w div warp_rows) mod warp_cols`. In a 16 x 8 tile, lane l holds rows `l div 4` and `l div 4 + 8`,
    columns `2 (l mod 4)` and the one after. Surplus blocks and warps repeat the last block.

    Constraints:
    - C1: `outer`, `rows` and `cols` together name every dimension of the tile once.
    - C2: the innermost row dimension and the columns of a warp are multiples of 16.
    - C3: there is a row group and a column part, and there are no more row groups than row blocks.
  }];
  let parameters = (ins OptionalArrayRefParameter<"int64_t">:$outer, ArrayRefParameter<"int64_t">:$rows,
                        ArrayRefParameter<"int64_t">:$cols, "int64_t":$warpRows, "int64_t":$warpCols);
  let assemblyFormat = [{
    `<` (`outer` `=` `[` $outer^ `]` `,` ` `)? `rows` `=` `[` $rows `]` `,` `cols` `=` `[` $cols `]` `,`
    `warps` `=` `[` $warpRows `,` $warpCols `]` `>`
  }];
}

def GpuTile_LanesAttr : GpuTile_Attr<"Lanes", "lanes"> {
  let summary = "one warp a row";
  let description = [{
    The first `rows` dimensions, flattened, are dealt out to the warps (contiguous rows to each), the
    others, flattened, to the lanes: lane l holds elements l, l + 32, ...

    Constraints:
    - C1: the tile has that many dimensions.
  }];
  let parameters = (ins "int64_t":$rows);
  let assemblyFormat = "`<` `rows` `=` $rows `>`";
}

def GpuTile_LinearAttr : GpuTile_Attr<"Linear", "linear"> {
  let summary = "element e in thread e mod threads";
}

def GpuTile_ColumnsAttr : GpuTile_Attr<"Columns", "columns"> {
  let summary = "column n of the last dimension in thread n mod threads, with all that the tile has of it";
}

def GpuTile_PiecesAttr : GpuTile_Attr<"Pieces", "pieces"> {
  let summary = "the last dimension in pieces, which threads move at once";
  let description = [{
    A row, of the last dimension, is cut in pieces of `width` elements, dealt out to `lanes` lanes in turn; the rows, all other dimensions
    flattened, are dealt out in turn to the block's groups of so many lanes. A single row is in all groups.

    Constraints:
    - C1: `width` divides the last dimension.
    - C2: `lanes` is a power of two up to 32.
  }];
  let parameters = (ins "int64_t":$width, "int64_t":$lanes);
  let assemblyFormat = "`<` `width` `=` $width `,` `lanes` `=` $lanes `>`";
}

include "WorkAttrs.td"

//===--- Types ---===//

class GpuTile_Type<string name, string mnemonic_> : TypeDef<GpuTile_Dialect, name> { let mnemonic = mnemonic_; }

def GpuTile_FragmentType : GpuTile_Type<"Fragment", "fragment"> {
  let summary = "a tile in the registers of a block's threads";
  let description = [{
    Constraints:
    - C1: elements are f32, bf16 or f16.
    - C2: at least one dimension, positive sizes, at most 1048576 elements.
    - C3: the layout is mma, lanes, linear, columns or pieces and fits the shape.
  }];
  let parameters = (ins ArrayRefParameter<"int64_t">:$shape, "::mlir::Type":$elementType, "::mlir::Attribute":$layout);
  let assemblyFormat = "`<` custom<TileShape>($shape, $elementType) `,` $layout `>`";
  let genVerifyDecl = 1;
}

def GpuTile_SharedType : GpuTile_Type<"Shared", "shared"> {
  let summary = "a tile in shared memory";
  let description = [{
    Row-major. With `swizzle = r`, the 16-byte pieces of the part of the tile inside one index i of
    dimension r are permuted: piece k lies at `k xor ((i >> shift) and mask)`, where mask + 1 is the largest
    power of two up to 8 that divides the number of pieces and `(mask + 1) << shift = 8`; eight consecutive
    indices of r then touch all banks at the same k. `stages` such tiles lie one behind the other.

    With `panel = n`, the tile is cut along its last dimension in panels of n elements, which lie one behind the other,
    each row-major and swizzled as a tile of its own. The last panel has the room of a whole one, however much of it the tile fills.

    Constraints:
    - C1: `swizzle` names a dimension but the last, and what lies inside one index is a multiple of 16 bytes.
    - C2: elements are f32, bf16 or f16; at least one dimension, positive sizes.
    - C3: at least one stage; all stages together have less than 2 GiB.
    - C4: `panel` is 0, or a power of two up to 2147483647 whose bytes are a multiple of 16.
  }];
  let parameters = (ins ArrayRefParameter<"int64_t">:$shape, "::mlir::Type":$elementType,
                        DefaultValuedParameter<"int64_t", "-1">:$swizzle, DefaultValuedParameter<"int64_t", "1">:$stages,
                        DefaultValuedParameter<"int64_t", "0">:$panel);
  let assemblyFormat = [{
    `<` custom<TileShape>($shape, $elementType) `` custom<SharedClauses>($swizzle, $stages, $panel) `>`
  }];
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    int64_t getNumElements() const;
    /// Bytes of one stage, whole panels.
    int64_t getBytes() const;
    /// Elements from one index of dimension d to the next, inside a panel.
    int64_t getStride(unsigned d) const;
    /// Elements of a panel's row, the whole last dimension if there are no panels.
    int64_t getRow() const { return getPanel() ? getPanel() : getShape().back(); }
    /// Elements from one panel to the next.
    int64_t getPanelStride() const { return getNumElements() / getShape().back() * getRow(); }
    /// Parameters of the swizzle: the permutation's mask (0 without swizzle) and shift.
    int64_t getMask() const;
    int64_t getShift() const;
    /// One stage of this.
    SharedType getStage() const;
  }];
}

def GpuTile_MbarriersType : GpuTile_Type<"Mbarriers", "mbarriers"> {
  let summary = "barriers in shared memory";
  let description = [{
    Constraints:
    - C1: at least one.
  }];
  let parameters = (ins "int64_t":$count);
  let assemblyFormat = "`<` $count `>`";
  let genVerifyDecl = 1;
}

class GpuTile_Op<string mnemonic, list<Trait> traits = []> : Op<GpuTile_Dialect, mnemonic, traits>;

#endif // MIXC_DIALECT_GPU_TILE_GPU_TILE
