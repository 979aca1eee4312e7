// The recurrence token by token: who holds which rows of the state, and what every warp writes.
// RUN: mixer-opt %s --gpu-tile-to-nvvm --split-input-file --canonicalize --cse | FileCheck %s

gpu_tile.program @p of @spec plan "plan" buffers [] {
  // Two heads of four rows over four warps: two rows a warp, half of a head; the warp's half is its share.
  // CHECK-LABEL: llvm.func @p__split
  // CHECK: %[[WARP:.*]] = arith.divui %{{.*}}, %c32_i32
  // CHECK: %[[FIRST:.*]] = arith.muli %[[WARP]], %c2_i32
  // CHECK: %[[HEAD:.*]] = arith.divui %[[FIRST]], %c4_i32
  // CHECK: %[[ROW:.*]] = arith.remui %[[FIRST]], %c4_i32
  // CHECK: %[[SHARE:.*]] = arith.divui %[[ROW]], %c2_i32
  // CHECK: scf.for %[[Q:.*]] = %c0_i32 to %c8_i32 step %c1_i32 iter_args(%[[S0:.*]] = %{{.*}}, %[[S1:.*]] = %{{.*}}) -> (f32, f32)
  // b and c of row 0 and 1, then the decay and x.
  // CHECK: %[[B0:.*]] = llvm.load
  // CHECK: %[[B1:.*]] = llvm.load
  // CHECK: %[[C0:.*]] = llvm.load
  // CHECK: %[[C1:.*]] = llvm.load
  // CHECK: %[[DECAY:.*]] = llvm.load
  // A factor of 0 forgets the state.
  // CHECK: %[[FORGETS:.*]] = arith.cmpf oeq, %[[DECAY]], %{{.*}}
  // CHECK: %[[OLD0:.*]] = arith.select %[[FORGETS]], %{{.*}}, %[[S0]]
  // CHECK: %[[OLD1:.*]] = arith.select %[[FORGETS]], %{{.*}}, %[[S1]]
  // CHECK: %[[KEPT0:.*]] = arith.mulf %[[DECAY]], %[[OLD0]] fastmath<contract>
  // CHECK: %[[KEPT1:.*]] = arith.mulf %[[DECAY]], %[[OLD1]] fastmath<contract>
  // CHECK: %[[ATTOKEN:.*]] = arith.muli %[[Q]], %c128_i32
  // CHECK: %[[ATHEAD:.*]] = arith.muli %[[HEAD]], %c64_i32
  // CHECK: %[[X:.*]] = llvm.load
  // CHECK: %[[IN0:.*]] = arith.mulf %[[B0]], %[[X]] fastmath<contract>
  // CHECK: %[[N0:.*]] = arith.addf %[[KEPT0]], %[[IN0]] fastmath<contract>
  // CHECK: %[[N1:.*]] = arith.addf %[[KEPT1]], %{{.*}} fastmath<contract>
  // CHECK: arith.mulf %[[C0]], %[[N0]] fastmath<contract>
  // CHECK: arith.mulf %[[C1]], %[[N1]] fastmath<contract>
  // Sixteen columns: the upper lanes have none. partials [share, q, h, p]: 1024 bytes a share, 128 a token, 64 a head.
  // CHECK: scf.if
  // CHECK: %[[ATSHARE:.*]] = arith.muli %[[SHARE]], %c1024_i32
  // CHECK: %[[SUM:.*]] = arith.addi %[[ATSHARE]], %[[ATTOKEN]]
  // CHECK: arith.addi %[[SUM]], %[[ATHEAD]]
  // CHECK: llvm.store %{{.*}}, %{{.*}} : f32, !llvm.ptr<3>
  // CHECK: scf.yield %[[N0]], %[[N1]] : f32, f32
  gpu_tile.kernel @split(%block: index, %B: index, %T: index, %splits: index, %span: index, %y: memref<?x?x?xf32, strided<[?, ?, ?], offset: ?>>)
      attributes {grid = #tile.grid<blocks = 1>, threads = 128 : i32, shared_bytes = 8192 : i32, arch = "sm_80"} {
    %x = gpu_tile.alloc at 0 : !gpu_tile.shared<8x2x16xf32>
    %b = gpu_tile.alloc at 1024 : !gpu_tile.shared<8x4xf32>
    %c = gpu_tile.alloc at 1152 : !gpu_tile.shared<8x4xf32>
    %d = gpu_tile.alloc at 1280 : !gpu_tile.shared<2x8xf32>
    %u = gpu_tile.alloc at 2048 : !gpu_tile.shared<2x8x2x16xf32>
    %i = gpu_tile.constant 0.0 : !gpu_tile.fragment<2x4x16xf32, #gpu_tile.lanes<rows = 2>>
    %s = gpu_tile.scan x = %x, b = %b, c = %c, decay = %d : !gpu_tile.shared<2x8xf32>, init = %i partials %u : !gpu_tile.shared<8x2x16xf32>, !gpu_tile.shared<8x4xf32>, !gpu_tile.shared<8x4xf32>, !gpu_tile.fragment<2x4x16xf32, #gpu_tile.lanes<rows = 2>>, !gpu_tile.shared<2x8x2x16xf32> -> !gpu_tile.fragment<2x4x16xf32, #gpu_tile.lanes<rows = 2>>
    gpu_tile.store %s to %y[0, 0, 0] dims [0, 1, 2] limits [2, 4, 16] : !gpu_tile.fragment<2x4x16xf32, #gpu_tile.lanes<rows = 2>> -> memref<?x?x?xf32, strided<[?, ?, ?], offset: ?>>
    gpu_tile.return
  }
}

// -----

gpu_tile.program @p of @spec plan "plan" buffers [] {
  // Across the columns: the lanes of two rows are added up in five steps, the first of which makes one number of the two; the first two
  // lanes have a row each. Lanes past the last column add nothing.
  // CHECK-LABEL: llvm.func @p__across
  // CHECK: %[[HAS:.*]] = arith.cmpi ult, %{{.*}}, %c16_i32
  // CHECK: scf.for
  // CHECK: %[[C:.*]] = arith.select %[[HAS]], %{{.*}}, %{{.*}} : f32
  // CHECK: %[[R0:.*]] = arith.mulf %[[C]], %{{.*}} fastmath<contract>
  // CHECK: %[[R1:.*]] = arith.mulf %[[C]], %{{.*}} fastmath<contract>
  // CHECK-COUNT-5: nvvm.shfl.sync bfly
  // CHECK-NOT: nvvm.shfl
  // CHECK: %[[ROW:.*]] = arith.cmpi ult, %{{.*}}, %c2_i32
  // CHECK: scf.if %[[ROW]]
  // CHECK: llvm.store %{{.*}}, %{{.*}} : f32, !llvm.ptr<3>
  // CHECK: scf.yield
  gpu_tile.kernel @across(%block: index, %B: index, %T: index, %splits: index, %span: index, %y: memref<?x?x?xf32, strided<[?, ?, ?], offset: ?>>)
      attributes {grid = #tile.grid<blocks = 1>, threads = 128 : i32, shared_bytes = 8192 : i32, arch = "sm_80"} {
    %x = gpu_tile.alloc at 0 : !gpu_tile.shared<8x2x16xf32>
    %b = gpu_tile.alloc at 1024 : !gpu_tile.shared<8x4xf32>
    %u = gpu_tile.alloc at 2048 : !gpu_tile.shared<1x8x2x4xf32>
    %i = gpu_tile.constant 0.0 : !gpu_tile.fragment<2x4x16xf32, #gpu_tile.lanes<rows = 2>>
    %s = gpu_tile.scan x = %x, b = %b, c = %x, init = %i partials %u across : !gpu_tile.shared<8x2x16xf32>, !gpu_tile.shared<8x4xf32>, !gpu_tile.shared<8x2x16xf32>, !gpu_tile.fragment<2x4x16xf32, #gpu_tile.lanes<rows = 2>>, !gpu_tile.shared<1x8x2x4xf32> -> !gpu_tile.fragment<2x4x16xf32, #gpu_tile.lanes<rows = 2>>
    gpu_tile.store %s to %y[0, 0, 0] dims [0, 1, 2] limits [2, 4, 16] : !gpu_tile.fragment<2x4x16xf32, #gpu_tile.lanes<rows = 2>> -> memref<?x?x?xf32, strided<[?, ?, ?], offset: ?>>
    gpu_tile.return
  }
}

// -----

gpu_tile.program @p of @spec plan "plan" buffers [] {
  // Five heads of one row over two warps: three heads a warp, and one too many, which repeats the last as its registers do (rows 3,
  // 4, 4 of warp 1) and is not stored. Without decay nothing is multiplied.
  // CHECK-LABEL: llvm.func @p__surplus
  // CHECK: %[[WARP:.*]] = arith.divui %{{.*}}, %c32_i32
  // CHECK: %[[HEAD:.*]] = arith.muli %[[WARP]], %c3_i32
  // CHECK: %[[IN0:.*]] = arith.cmpi ult, %[[HEAD]], %c5_i32
  // CHECK: %[[AT0:.*]] = arith.minui %[[HEAD]], %c4_i32
  // CHECK: %[[H1:.*]] = arith.addi %[[HEAD]], %c1_i32
  // CHECK: %[[IN1:.*]] = arith.cmpi ult, %[[H1]], %c5_i32
  // CHECK: %[[AT1:.*]] = arith.minui %[[H1]], %c4_i32
  // CHECK: %[[H2:.*]] = arith.addi %[[HEAD]], %c2_i32
  // CHECK: %[[IN2:.*]] = arith.cmpi ult, %[[H2]], %c5_i32
  // CHECK: scf.for {{.*}} iter_args(%[[S0:.*]] = %{{.*}}, %[[S1:.*]] = %{{.*}}, %[[S2:.*]] = %{{.*}}) -> (f32, f32, f32)
  // CHECK: arith.muli %[[AT0]], %c128_i32
  // CHECK: %[[N0:.*]] = arith.addf %[[S0]], %{{.*}} fastmath<contract>
  // CHECK: scf.if %[[IN0]]
  // CHECK: arith.muli %[[AT1]], %c128_i32
  // CHECK: arith.addf %[[S1]], %{{.*}} fastmath<contract>
  // CHECK: scf.if %[[IN1]]
  // CHECK: scf.if %[[IN2]]
  gpu_tile.kernel @surplus(%block: index, %B: index, %T: index, %splits: index, %span: index, %y: memref<?x?x?xf32, strided<[?, ?, ?], offset: ?>>)
      attributes {grid = #tile.grid<blocks = 1>, threads = 64 : i32, shared_bytes = 16384 : i32, arch = "sm_80"} {
    %x = gpu_tile.alloc at 0 : !gpu_tile.shared<8x5x32xf32>
    %b = gpu_tile.alloc at 5120 : !gpu_tile.shared<8x1xf32>
    %u = gpu_tile.alloc at 8192 : !gpu_tile.shared<1x8x5x32xf32>
    %i = gpu_tile.constant 0.0 : !gpu_tile.fragment<5x1x32xf32, #gpu_tile.lanes<rows = 2>>
    %s = gpu_tile.scan x = %x, b = %b, c = %b, init = %i partials %u : !gpu_tile.shared<8x5x32xf32>, !gpu_tile.shared<8x1xf32>, !gpu_tile.shared<8x1xf32>, !gpu_tile.fragment<5x1x32xf32, #gpu_tile.lanes<rows = 2>>, !gpu_tile.shared<1x8x5x32xf32> -> !gpu_tile.fragment<5x1x32xf32, #gpu_tile.lanes<rows = 2>>
    gpu_tile.store %s to %y[0, 0, 0] dims [0, 1, 2] limits [5, 1, 32] : !gpu_tile.fragment<5x1x32xf32, #gpu_tile.lanes<rows = 2>> -> memref<?x?x?xf32, strided<[?, ?, ?], offset: ?>>
    gpu_tile.return
  }
}

// -----

gpu_tile.program @p of @spec plan "plan" buffers [] {
  // Decays of each entry, made of a number of the column at the token and one of the entry, which is loaded before the tokens. Two rows a
  // warp. The factor and what it leaves out: what is added to b x.
  // CHECK-LABEL: llvm.func @p__columns
  // CHECK: %[[A0:.*]] = llvm.load
  // CHECK: %[[A1:.*]] = llvm.load
  // CHECK: scf.for %[[Q:.*]] = %c0_i32 to %c8_i32 step %c1_i32 iter_args(%[[S0:.*]] = %{{.*}}, %[[S1:.*]] = %{{.*}}) -> (f32, f32)
  // CHECK: %[[B0:.*]] = llvm.load
  // CHECK: %[[B1:.*]] = llvm.load
  // CHECK: %[[C0:.*]] = llvm.load
  // CHECK: %[[C1:.*]] = llvm.load
  // CHECK: %[[D0:.*]] = llvm.load
  // CHECK: %[[DECAY0:.*]] = arith.mulf %[[D0]], %[[A0]]
  // CHECK: %[[DECAY1:.*]] = arith.mulf %{{.*}}, %[[A1]]
  // CHECK: %[[E0:.*]] = arith.subf %{{.*}}, %[[A0]]
  // CHECK: %[[E1:.*]] = arith.subf %{{.*}}, %[[A1]]
  // CHECK: %[[FORGETS0:.*]] = arith.cmpf oeq, %[[DECAY0]]
  // CHECK: %[[OLD0:.*]] = arith.select %[[FORGETS0]], %{{.*}}, %[[S0]]
  // CHECK: %[[EXCESS0:.*]] = arith.select %[[FORGETS0]], %{{.*}}, %[[E0]]
  // CHECK: %[[ADDED0:.*]] = arith.mulf %[[EXCESS0]], %[[OLD0]] fastmath<contract>
  // CHECK: %[[KEPT0:.*]] = arith.mulf %[[DECAY0]], %[[OLD0]] fastmath<contract>
  // CHECK: %[[X:.*]] = llvm.load
  // CHECK: %[[IN0:.*]] = arith.mulf %[[B0]], %[[X]] fastmath<contract>
  // CHECK: %[[SUM0:.*]] = arith.addf %[[IN0]], %[[ADDED0]] fastmath<contract>
  // CHECK: %[[N0:.*]] = arith.addf %[[KEPT0]], %[[SUM0]] fastmath<contract>
  // CHECK: scf.yield %[[N0]], %{{.*}} : f32, f32
  gpu_tile.kernel @columns(%block: index, %B: index, %T: index, %splits: index, %span: index, %y: memref<?x?x?xf32, strided<[?, ?, ?], offset: ?>>)
      attributes {grid = #tile.grid<blocks = 1>, threads = 64 : i32, shared_bytes = 16384 : i32, arch = "sm_80"} {
    %x = gpu_tile.alloc at 0 : !gpu_tile.shared<8x1x32xf32>
    %b = gpu_tile.alloc at 1024 : !gpu_tile.shared<8x4xf32>
    %c = gpu_tile.alloc at 1152 : !gpu_tile.shared<8x4xf32>
    %d = gpu_tile.alloc at 1280 : !gpu_tile.shared<8x32xf32>
    %a = gpu_tile.alloc at 2304 : !gpu_tile.shared<4x32xf32>
    %u = gpu_tile.alloc at 4096 : !gpu_tile.shared<2x8x1x32xf32>
    %i = gpu_tile.constant 0.0 : !gpu_tile.fragment<1x4x32xf32, #gpu_tile.lanes<rows = 2>>
    %g = gpu_tile.map deferred (%d, %a) maps [affine_map<(q, h, n, p) -> (q, p)>, affine_map<(q, h, n, p) -> (n, p)>] : (!gpu_tile.shared<8x32xf32>, !gpu_tile.shared<4x32xf32>) -> !gpu_tile.fragment<8x1x4x32xf32, #gpu_tile.lanes<rows = 3>> {
    ^bb0(%l: f32, %r: f32):
      %v = arith.mulf %l, %r : f32
      gpu_tile.yield %v : f32
    }
    %e = gpu_tile.map deferred (%d, %a) maps [affine_map<(q, h, n, p) -> (q, p)>, affine_map<(q, h, n, p) -> (n, p)>] : (!gpu_tile.shared<8x32xf32>, !gpu_tile.shared<4x32xf32>) -> !gpu_tile.fragment<8x1x4x32xf32, #gpu_tile.lanes<rows = 3>> {
    ^bb0(%l: f32, %r: f32):
      %v = arith.subf %l, %r : f32
      gpu_tile.yield %v : f32
    }
    %s = gpu_tile.scan x = %x, b = %b, c = %c, decay = %g : !gpu_tile.fragment<8x1x4x32xf32, #gpu_tile.lanes<rows = 3>>, excess = %e : !gpu_tile.fragment<8x1x4x32xf32, #gpu_tile.lanes<rows = 3>>, init = %i partials %u : !gpu_tile.shared<8x1x32xf32>, !gpu_tile.shared<8x4xf32>, !gpu_tile.shared<8x4xf32>, !gpu_tile.fragment<1x4x32xf32, #gpu_tile.lanes<rows = 2>>, !gpu_tile.shared<2x8x1x32xf32> -> !gpu_tile.fragment<1x4x32xf32, #gpu_tile.lanes<rows = 2>>
    gpu_tile.store %s to %y[0, 0, 0] dims [0, 1, 2] limits [1, 4, 32] : !gpu_tile.fragment<1x4x32xf32, #gpu_tile.lanes<rows = 2>> -> memref<?x?x?xf32, strided<[?, ?, ?], offset: ?>>
    gpu_tile.return
  }
}

// -----

gpu_tile.program @p of @spec plan "plan" buffers [] {
  // One number a head, tokens over lanes: pairs (a, u) combined by five shuffles, 32 tokens at a time, the state handed on.
  // CHECK-LABEL: llvm.func @p__associative
  // CHECK-DAG: %[[ONE:.*]] = arith.constant 1.000000e+00 : f32
  // CHECK-DAG: %[[NONE:.*]] = arith.constant 0.000000e+00 : f32
  // CHECK: scf.for %[[Q:.*]] = %c0_i32 to %c64_i32 step %c32_i32 iter_args(%[[STATE:.*]] = %{{.*}}) -> (f32)
  // Forty tokens: past them stands the identity.
  // CHECK: %[[TOKEN:.*]] = arith.addi %[[Q]], %[[LANE:.*]] : i32
  // CHECK: %[[IN:.*]] = arith.cmpi ult, %[[TOKEN]], %c40_i32
  // CHECK: arith.select %[[IN]], %{{.*}}, %[[ONE]]
  // CHECK: arith.select %[[IN]], %{{.*}}, %[[NONE]]
  // CHECK: %[[TAKES:.*]] = arith.cmpi uge, %[[LANE]], %c1_i32
  // CHECK: nvvm.shfl.sync {{ *}}up %{{.*}}, %[[A:.*]], %c1_i32, %c0_i32
  // CHECK: %[[EARLIER:.*]] = nvvm.shfl.sync {{ *}}up %{{.*}}, %[[U:.*]], %c1_i32, %c0_i32
  // CHECK: %[[SOME:.*]] = arith.cmpf une, %[[A]], %[[NONE]]
  // CHECK: %[[KEEPS:.*]] = arith.andi %[[TAKES]], %[[SOME]]
  // CHECK: %[[SUM:.*]] = llvm.intr.fma(%[[A]], %[[EARLIER]], %[[U]])
  // CHECK: arith.select %[[KEEPS]], %[[SUM]], %[[U]]
  // CHECK: nvvm.shfl.sync {{ *}}up %{{.*}}, %{{.*}}, %c2_i32, %c0_i32
  // CHECK: nvvm.shfl.sync {{ *}}up %{{.*}}, %{{.*}}, %c4_i32, %c0_i32
  // CHECK: nvvm.shfl.sync {{ *}}up %{{.*}}, %{{.*}}, %c8_i32, %c0_i32
  // CHECK: nvvm.shfl.sync {{ *}}up %{{.*}}, %{{.*}}, %c16_i32, %c0_i32
  // CHECK: %[[ALL:.*]] = llvm.intr.fma(%{{.*}}, %[[STATE]], %{{.*}})
  // CHECK: %[[NOW:.*]] = arith.select %{{.*}}, %[[ALL]]
  // CHECK: %[[Y:.*]] = arith.mulf %{{.*}}, %[[NOW]]
  // CHECK: scf.if %[[IN]]
  // CHECK: llvm.store %[[Y]]
  // CHECK: %[[LAST:.*]] = nvvm.shfl.sync {{ *}}idx %{{.*}}, %[[NOW]], %c31_i32, %c31_i32
  // CHECK: scf.yield %[[LAST]]
  gpu_tile.kernel @associative(%block: index, %B: index, %T: index, %splits: index, %span: index, %y: memref<?x?x?xf32, strided<[?, ?, ?], offset: ?>>)
      attributes {grid = #tile.grid<blocks = 1>, threads = 64 : i32, shared_bytes = 8192 : i32, arch = "sm_80"} {
    %x = gpu_tile.alloc at 0 : !gpu_tile.shared<40x2x1xf32>
    %b = gpu_tile.alloc at 1024 : !gpu_tile.shared<40x1xf32>
    %d = gpu_tile.alloc at 2048 : !gpu_tile.shared<2x40xf32>
    %u = gpu_tile.alloc at 4096 : !gpu_tile.shared<1x40x2x1xf32>
    %i = gpu_tile.constant 0.0 : !gpu_tile.fragment<2x1x1xf32, #gpu_tile.lanes<rows = 2>>
    %s = gpu_tile.scan x = %x, b = %b, c = %b, decay = %d : !gpu_tile.shared<2x40xf32>, init = %i partials %u associative : !gpu_tile.shared<40x2x1xf32>, !gpu_tile.shared<40x1xf32>, !gpu_tile.shared<40x1xf32>, !gpu_tile.fragment<2x1x1xf32, #gpu_tile.lanes<rows = 2>>, !gpu_tile.shared<1x40x2x1xf32> -> !gpu_tile.fragment<2x1x1xf32, #gpu_tile.lanes<rows = 2>>
    gpu_tile.store %s to %y[0, 0, 0] dims [0, 1, 2] limits [2, 1, 1] : !gpu_tile.fragment<2x1x1xf32, #gpu_tile.lanes<rows = 2>> -> memref<?x?x?xf32, strided<[?, ?, ?], offset: ?>>
    gpu_tile.return
  }
}

// -----

gpu_tile.program @p of @spec plan "plan" buffers [] {
  // A wider state takes its tokens in turn, whatever the order of additions may be.
  // CHECK-LABEL: llvm.func @p__wide_associative
  // CHECK-NOT: nvvm.shfl.sync
  // CHECK: scf.for %{{.*}} = %c0_i32 to %c8_i32 step %c1_i32
  // CHECK-NOT: nvvm.shfl.sync
  gpu_tile.kernel @wide_associative(%block: index, %B: index, %T: index, %splits: index, %span: index, %y: memref<?x?x?xf32, strided<[?, ?, ?], offset: ?>>)
      attributes {grid = #tile.grid<blocks = 1>, threads = 64 : i32, shared_bytes = 8192 : i32, arch = "sm_80"} {
    %x = gpu_tile.alloc at 0 : !gpu_tile.shared<8x2x16xf32>
    %b = gpu_tile.alloc at 1024 : !gpu_tile.shared<8x1xf32>
    %u = gpu_tile.alloc at 4096 : !gpu_tile.shared<1x8x2x16xf32>
    %i = gpu_tile.constant 0.0 : !gpu_tile.fragment<2x1x16xf32, #gpu_tile.lanes<rows = 2>>
    %s = gpu_tile.scan x = %x, b = %b, c = %b, init = %i partials %u associative : !gpu_tile.shared<8x2x16xf32>, !gpu_tile.shared<8x1xf32>, !gpu_tile.shared<8x1xf32>, !gpu_tile.fragment<2x1x16xf32, #gpu_tile.lanes<rows = 2>>, !gpu_tile.shared<1x8x2x16xf32> -> !gpu_tile.fragment<2x1x16xf32, #gpu_tile.lanes<rows = 2>>
    gpu_tile.store %s to %y[0, 0, 0] dims [0, 1, 2] limits [2, 1, 16] : !gpu_tile.fragment<2x1x16xf32, #gpu_tile.lanes<rows = 2>> -> memref<?x?x?xf32, strided<[?, ?, ?], offset: ?>>
    gpu_tile.return
  }
}
