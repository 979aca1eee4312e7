// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Who does what of a tile.kernel whose warps will have roles: written by --tile-assign-roles on the kernel and its ops, and all that
// the lowering to roles goes by. Included by GpuTile.td.

def GpuTile_RoleAttr : GpuTile_Attr<"Role", "role"> {
  let summary = "a role of a kernel's warps, an entry of the kernel's attribute gpu_tile.roles";
  let description = [{
    `parts` groups of `warps` warps each, from warp `first` of the block on. Their threads have `registers` registers (0: what they got at
    launch). `single`: one thread of each group does the work. `turns`: the groups take turns at the chunks, each of which has all
    parts of the block; else each group does one part of every chunk.

    - `helpers` is the warpgroup that `fetch`, `vectors` and `flush` are warps of; there is none beside `factors`.
    - `fetch` copies a coming chunk's tiles to shared memory: a helper, or, with the warps of `factors`, a thread of each team.
    - `vectors` computes a chunk's small tiles, which follow from small loads.
    - `flush` writes results back.
    - `early` computes products that do not depend on the state, and what they need.
    - `factors` computes all tiles that do not depend on the state and others read, by teams of warps.
    - `compute` does all the rest, with the state in its registers.

    Constraints:
    - C1: `first` is not negative, `warps` and `parts` are positive, and they end below the 1024 threads of a block.
    - C2: `registers` is not negative.
  }];
  let parameters = (ins EnumParameter<GpuTile_Role>:$role, "int64_t":$first, "int64_t":$warps,
                        DefaultValuedParameter<"int64_t", "1">:$parts, DefaultValuedParameter<"int64_t", "0">:$registers,
                        DefaultValuedParameter<"bool", "false">:$single, DefaultValuedParameter<"bool", "false">:$turns);
  let assemblyFormat = "`<` struct(params) `>`";
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    /// The warp after the role's.
    int64_t getEnd() const { return getFirst() + getWarps() * getParts(); }
  }];
}

def GpuTile_WorkAttr : GpuTile_Attr<"Work", "work"> {
  let summary = "who carries out an op, and how its results get to the others: the op's attribute gpu_tile.work";
  let description = [{
    An op without it is a constant, or a scalar outside of the loop over chunks, which each role computes for itself. That loop is the
    `scf.for` that has one.

    - `roles`: who carries it out; each of them for itself, but for a store of `flush` and `compute`, which hands the tile over, and the
      other writes it back.
    - `each_part`: once for each part, else once for all parts of the block. A role whose groups are the parts needs no such word.
    - `order`: the place in the role `compute`'s order.
    - `ahead`: computed where products are under way that do not need it, not where it is used.
    - `through`: for each result, or for the tile that a store stores, what it is in shared memory, through which other roles get it;
      `none` for those that stay. A stage of a ring of as many chunks as are under way.
    - `held`: how a fetched tile lies in the registers of the role `compute`, which reads it from shared memory once.

    Constraints:
    - C1: at least one role, none twice, and not `helpers`.
    - C2: `through` has shared tiles of one stage, and `none`; as many as the op has results, or one for an op without.
    - C3: `held` is a layout.
  }];
  let parameters = (ins ArrayRefParameter<"::mixc::gpu_tile::Role">:$roles, "bool":$eachPart, "std::optional<int64_t>":$order,
                        "bool":$ahead, ArrayRefParameter<"::mlir::Type">:$through, "::mlir::Attribute":$held);
  let assemblyFormat = "`<` custom<Work>($roles, $eachPart, $order, $ahead, $through, $held) `>`";
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    bool has(::mixc::gpu_tile::Role role) const { return ::llvm::is_contained(getRoles(), role); }
  }];
}
