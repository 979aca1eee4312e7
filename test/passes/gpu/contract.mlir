// Matrix products: what the matrix units get, and by which loads.
// RUN: mixer-opt %s --gpu-tile-to-nvvm --split-input-file --canonicalize --cse | FileCheck %s

// Both operands along the contracted dimension: ldmatrix as they lie in memory, rows in the order of the A operand (upper left,
// lower left, upper right, lower right), columns (k lower, k upper) of the left 8, then of the right 8. Two products of 16 x 8.
// CHECK-LABEL: llvm.func @p__plain
// CHECK: %[[SMEM:.*]] = llvm.mlir.addressof @dyn_smem
// CHECK: %[[A:.*]] = nvvm.ldmatrix %{{.*}} {eltType = #nvvm.ld_st_matrix_elt_type<b16>, layout = #nvvm.mma_layout<row>, num = 4 : i32
// CHECK: %[[A0:.*]] = llvm.extractvalue %[[A]][0]
// CHECK: %[[A1:.*]] = llvm.extractvalue %[[A]][1]
// CHECK: %[[A2:.*]] = llvm.extractvalue %[[A]][2]
// CHECK: %[[A3:.*]] = llvm.extractvalue %[[A]][3]
// CHECK: %[[B:.*]] = nvvm.ldmatrix %{{.*}} {eltType = #nvvm.ld_st_matrix_elt_type<b16>, layout = #nvvm.mma_layout<row>, num = 4 : i32
// CHECK: %[[B0:.*]] = llvm.extractvalue %[[B]][0]
// CHECK: %[[B1:.*]] = llvm.extractvalue %[[B]][1]
// CHECK: %[[B2:.*]] = llvm.extractvalue %[[B]][2]
// CHECK: %[[B3:.*]] = llvm.extractvalue %[[B]][3]
// CHECK: %[[D0:.*]] = nvvm.mma.sync A[%[[A0]], %[[A1]], %[[A2]], %[[A3]]] B[%[[B0]], %[[B1]]] C[%{{.*}}] {layoutA = #nvvm.mma_layout<row>, layoutB = #nvvm.mma_layout<col>, multiplicandAPtxType = #nvvm.mma_type<bf16>, multiplicandBPtxType = #nvvm.mma_type<bf16>, shape = #nvvm.shape<m = 16, n = 8, k = 16>}
// CHECK: %[[D1:.*]] = nvvm.mma.sync A[%[[A0]], %[[A1]], %[[A2]], %[[A3]]] B[%[[B2]], %[[B3]]]
// CHECK-NOT: nvvm.mma.sync
// CHECK-NOT: nvvm.ldmatrix
// CHECK: llvm.return
gpu_tile.program @p of @spec plan "plan" buffers [] {
  gpu_tile.kernel @plain(%block: index, %B: index, %T: index, %splits: index, %span: index, %y: memref<?x?xf32, strided<[?, ?], offset: ?>>, %w: memref<?x?xbf16, strided<[?, ?], offset: ?>>)
      attributes {grid = #tile.grid<blocks = 1>, threads = 32 : i32, shared_bytes = 8192 : i32, arch = "sm_80"} {
    %l = gpu_tile.alloc at 0 : !gpu_tile.shared<16x16xbf16, swizzle = 0>
    %r = gpu_tile.alloc at 4096 : !gpu_tile.shared<16x16xbf16, swizzle = 0>
    %zero = gpu_tile.constant 0.0 : !gpu_tile.fragment<16x16xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [1, 1]>>
    %0 = gpu_tile.contract %l, %r, %zero maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>] : !gpu_tile.shared<16x16xbf16, swizzle = 0>, !gpu_tile.shared<16x16xbf16, swizzle = 0> -> !gpu_tile.fragment<16x16xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [1, 1]>>
    gpu_tile.store %0 to %y[0, 0] dims [0, 1] limits [16, 16] : !gpu_tile.fragment<16x16xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [1, 1]>> -> memref<?x?xf32, strided<[?, ?], offset: ?>>
    gpu_tile.return
  }
}

// -----

// Both along the result: the same matrices, transposed on the way.
// CHECK-LABEL: llvm.func @p__transposed
// CHECK: nvvm.ldmatrix %{{.*}} {eltType = #nvvm.ld_st_matrix_elt_type<b16>, layout = #nvvm.mma_layout<col>, num = 4 : i32
// CHECK: nvvm.ldmatrix %{{.*}} {eltType = #nvvm.ld_st_matrix_elt_type<b16>, layout = #nvvm.mma_layout<col>, num = 4 : i32
// CHECK: nvvm.mma.sync
// CHECK: nvvm.mma.sync
// CHECK-NOT: nvvm.mma.sync
// CHECK: llvm.return
gpu_tile.program @p of @spec plan "plan" buffers [] {
  gpu_tile.kernel @transposed(%block: index, %B: index, %T: index, %splits: index, %span: index, %y: memref<?x?xf32, strided<[?, ?], offset: ?>>, %w: memref<?x?xbf16, strided<[?, ?], offset: ?>>)
      attributes {grid = #tile.grid<blocks = 1>, threads = 32 : i32, shared_bytes = 8192 : i32, arch = "sm_80"} {
    %l = gpu_tile.alloc at 0 : !gpu_tile.shared<16x16xbf16, swizzle = 0>
    %r = gpu_tile.alloc at 4096 : !gpu_tile.shared<16x16xbf16, swizzle = 0>
    %zero = gpu_tile.constant 0.0 : !gpu_tile.fragment<16x16xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [1, 1]>>
    %0 = gpu_tile.contract %l, %r, %zero maps [affine_map<(m, n, k) -> (k, m)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>] : !gpu_tile.shared<16x16xbf16, swizzle = 0>, !gpu_tile.shared<16x16xbf16, swizzle = 0> -> !gpu_tile.fragment<16x16xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [1, 1]>>
    gpu_tile.store %0 to %y[0, 0] dims [0, 1] limits [16, 16] : !gpu_tile.fragment<16x16xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [1, 1]>> -> memref<?x?xf32, strided<[?, ?], offset: ?>>
    gpu_tile.return
  }
}

// -----

// f16 multiplies on its own unit, its registers are pairs of it.
// CHECK-LABEL: llvm.func @p__half
// CHECK-COUNT-4: nvvm.mma.sync A[{{.*}}] {layoutA = #nvvm.mma_layout<row>, layoutB = #nvvm.mma_layout<col>, shape = #nvvm.shape<m = 16, n = 8, k = 16>} : (vector<2xf16>, vector<2xf16>, f32)
// CHECK-NOT: nvvm.mma.sync
// CHECK: llvm.return
gpu_tile.program @p of @spec plan "plan" buffers [] {
  gpu_tile.kernel @half(%block: index, %B: index, %T: index, %splits: index, %span: index, %y: memref<?x?xf32, strided<[?, ?], offset: ?>>, %w: memref<?x?xf16, strided<[?, ?], offset: ?>>)
      attributes {grid = #tile.grid<blocks = 1>, threads = 32 : i32, shared_bytes = 8192 : i32, arch = "sm_80"} {
    %l = gpu_tile.alloc at 0 : !gpu_tile.shared<16x32xf16, swizzle = 0>
    %r = gpu_tile.alloc at 4096 : !gpu_tile.shared<16x32xf16, swizzle = 0>
    %zero = gpu_tile.constant 0.0 : !gpu_tile.fragment<16x16xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [1, 1]>>
    %0 = gpu_tile.contract %l, %r, %zero maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>] : !gpu_tile.shared<16x32xf16, swizzle = 0>, !gpu_tile.shared<16x32xf16, swizzle = 0> -> !gpu_tile.fragment<16x16xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [1, 1]>>
    gpu_tile.store %0 to %y[0, 0] dims [0, 1] limits [16, 16] : !gpu_tile.fragment<16x16xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [1, 1]>> -> memref<?x?xf32, strided<[?, ?], offset: ?>>
    gpu_tile.return
  }
}

// -----

// f32 in tf32, rounded to nearest, in steps of 8; element by element, since ldmatrix knows 16 bits only. In every 8 of the
// contracted dimension a thread holds 2 l and 2 l + 1 for l and l + 4: rows and columns agree on that.
// CHECK-LABEL: llvm.func @p__tf32
// CHECK-NOT: nvvm.ldmatrix
// CHECK-COUNT-8: llvm.load %{{.*}} : !llvm.ptr<3> -> f32
// CHECK: %[[A0:.*]] = llvm.call_intrinsic "llvm.nvvm.f2tf32.rna"(%{{.*}}) : (f32) -> i32
// CHECK: %[[A1:.*]] = llvm.call_intrinsic "llvm.nvvm.f2tf32.rna"
// CHECK: %[[A2:.*]] = llvm.call_intrinsic "llvm.nvvm.f2tf32.rna"
// CHECK: %[[A3:.*]] = llvm.call_intrinsic "llvm.nvvm.f2tf32.rna"
// CHECK-COUNT-4: llvm.call_intrinsic "llvm.nvvm.f2tf32.rna"
// CHECK-COUNT-8: llvm.load %{{.*}} : !llvm.ptr<3> -> f32
// CHECK: %[[B0:.*]] = llvm.call_intrinsic "llvm.nvvm.f2tf32.rna"
// CHECK: %[[B1:.*]] = llvm.call_intrinsic "llvm.nvvm.f2tf32.rna"
// CHECK: nvvm.mma.sync A[%[[A0]], %[[A2]], %[[A1]], %[[A3]]] B[%[[B0]], %[[B1]]] C[%{{.*}}] {layoutA = #nvvm.mma_layout<row>, layoutB = #nvvm.mma_layout<col>, multiplicandAPtxType = #nvvm.mma_type<tf32>, multiplicandBPtxType = #nvvm.mma_type<tf32>, shape = #nvvm.shape<m = 16, n = 8, k = 8>}
// CHECK-COUNT-3: nvvm.mma.sync
// CHECK-NOT: nvvm.mma.sync
// CHECK: llvm.return
gpu_tile.program @p of @spec plan "plan" buffers [] {
  gpu_tile.kernel @tf32(%block: index, %B: index, %T: index, %splits: index, %span: index, %y: memref<?x?xf32, strided<[?, ?], offset: ?>>, %w: memref<?x?xf32, strided<[?, ?], offset: ?>>)
      attributes {grid = #tile.grid<blocks = 1>, threads = 32 : i32, shared_bytes = 8192 : i32, arch = "sm_80"} {
    %l = gpu_tile.alloc at 0 : !gpu_tile.shared<16x16xf32, swizzle = 0>
    %r = gpu_tile.alloc at 4096 : !gpu_tile.shared<16x16xf32, swizzle = 0>
    %zero = gpu_tile.constant 0.0 : !gpu_tile.fragment<16x16xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [1, 1]>>
    %0 = gpu_tile.contract %l, %r, %zero maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>] tf32 : !gpu_tile.shared<16x16xf32, swizzle = 0>, !gpu_tile.shared<16x16xf32, swizzle = 0> -> !gpu_tile.fragment<16x16xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [1, 1]>>
    gpu_tile.store %0 to %y[0, 0] dims [0, 1] limits [16, 16] : !gpu_tile.fragment<16x16xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [1, 1]>> -> memref<?x?xf32, strided<[?, ?], offset: ?>>
    gpu_tile.return
  }
}

// -----

// f32 by three products in tf32: hi = value rounded to nearest, lo = value - hi. The small products come first, from 0; what the
// matrix units add up over at most 32 steps is added to the accumulator with rounding.
// CHECK-LABEL: llvm.func @p__f32
// CHECK-DAG: %[[HALF:.*]] = arith.constant 4096 : i32
// CHECK-DAG: %[[MASK:.*]] = arith.constant -8192 : i32
// CHECK-DAG: %[[ZERO:.*]] = arith.constant 0.000000e+00 : f32
// CHECK-NOT: nvvm.ldmatrix
// CHECK-NOT: f2tf32
// CHECK-COUNT-8: llvm.load %{{.*}} : !llvm.ptr<3> -> f32
// CHECK: %[[BITS:.*]] = arith.bitcast %[[VALUE:.*]] : f32 to i32
// CHECK: %[[SUM:.*]] = arith.addi %[[BITS]], %[[HALF]]
// CHECK: %[[H0:.*]] = arith.andi %[[SUM]], %[[MASK]]
// CHECK: %[[FLOAT:.*]] = arith.bitcast %[[H0]] : i32 to f32
// CHECK: %[[REST:.*]] = arith.subf %[[VALUE]], %[[FLOAT]] : f32
// CHECK: %[[LOW:.*]] = arith.bitcast %[[REST]] : f32 to i32
// CHECK: %[[L0:.*]] = arith.andi %[[LOW]], %[[MASK]]
// CHECK-COUNT-7: arith.subf
// CHECK-COUNT-8: llvm.load %{{.*}} : !llvm.ptr<3> -> f32
// CHECK: %[[CSUM:.*]] = arith.addi %{{.*}}, %[[HALF]]
// CHECK: %[[HB:.*]] = arith.andi %[[CSUM]], %[[MASK]]
// CHECK: %[[CREST:.*]] = arith.subf
// CHECK: %[[CLOW:.*]] = arith.bitcast %[[CREST]] : f32 to i32
// CHECK: %[[LB:.*]] = arith.andi %[[CLOW]], %[[MASK]]
// CHECK-COUNT-7: arith.subf
// CHECK: nvvm.mma.sync A[%[[L0]], %{{.*}}] B[%[[HB]], %{{.*}}] C[%[[ZERO]], %[[ZERO]], %[[ZERO]], %[[ZERO]]] {{.*}}#nvvm.mma_type<tf32>{{.*}} k = 8>
// CHECK: nvvm.mma.sync
// CHECK: nvvm.mma.sync A[%[[H0]], %{{.*}}] B[%[[LB]], %{{.*}}]
// CHECK: nvvm.mma.sync
// CHECK: nvvm.mma.sync A[%[[H0]], %{{.*}}] B[%[[HB]], %{{.*}}]
// CHECK: nvvm.mma.sync
// CHECK-COUNT-4: arith.addf %{{.*}} : f32
// CHECK-COUNT-6: nvvm.mma.sync
// CHECK-COUNT-4: arith.addf %{{.*}} : f32
// CHECK-NOT: nvvm.mma.sync
// CHECK: llvm.return
gpu_tile.program @p of @spec plan "plan" buffers [] {
  gpu_tile.kernel @f32(%block: index, %B: index, %T: index, %splits: index, %span: index, %y: memref<?x?xf32, strided<[?, ?], offset: ?>>, %w: memref<?x?xf32, strided<[?, ?], offset: ?>>)
      attributes {grid = #tile.grid<blocks = 1>, threads = 32 : i32, shared_bytes = 8192 : i32, arch = "sm_80"} {
    %l = gpu_tile.alloc at 0 : !gpu_tile.shared<16x16xf32, swizzle = 0>
    %r = gpu_tile.alloc at 4096 : !gpu_tile.shared<16x16xf32, swizzle = 0>
    %zero = gpu_tile.constant 0.0 : !gpu_tile.fragment<16x16xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [1, 1]>>
    %0 = gpu_tile.contract %l, %r, %zero maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>] : !gpu_tile.shared<16x16xf32, swizzle = 0>, !gpu_tile.shared<16x16xf32, swizzle = 0> -> !gpu_tile.fragment<16x16xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [1, 1]>>
    gpu_tile.store %0 to %y[0, 0] dims [0, 1] limits [16, 16] : !gpu_tile.fragment<16x16xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [1, 1]>> -> memref<?x?xf32, strided<[?, ?], offset: ?>>
    gpu_tile.return
  }
}

// -----

// Rows from registers: the accumulator's order is that of the A operand, nothing is loaded for them.
// CHECK-LABEL: llvm.func @p__registers
// CHECK-COUNT-4: llvm.call_intrinsic "llvm.nvvm.ff2bf16x2.rn"
// CHECK: nvvm.ldmatrix
// CHECK-NOT: nvvm.ldmatrix
// CHECK: nvvm.mma.sync
// CHECK: nvvm.mma.sync
// CHECK-NOT: nvvm.mma.sync
// CHECK: llvm.return
gpu_tile.program @p of @spec plan "plan" buffers [] {
  gpu_tile.kernel @registers(%block: index, %B: index, %T: index, %splits: index, %span: index, %y: memref<?x?xf32, strided<[?, ?], offset: ?>>, %w: memref<?x?xbf16, strided<[?, ?], offset: ?>>)
      attributes {grid = #tile.grid<blocks = 1>, threads = 32 : i32, shared_bytes = 8192 : i32, arch = "sm_80"} {
    %l = gpu_tile.load %w[0, 0] dims [0, 1] limits [16, 16] : memref<?x?xbf16, strided<[?, ?], offset: ?>> -> !gpu_tile.fragment<16x16xbf16, #gpu_tile.mma<rows = [0], cols = [1], warps = [1, 1]>>
    %r = gpu_tile.alloc at 4096 : !gpu_tile.shared<16x16xbf16, swizzle = 0>
    %zero = gpu_tile.constant 0.0 : !gpu_tile.fragment<16x16xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [1, 1]>>
    %0 = gpu_tile.contract %l, %r, %zero maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>] : !gpu_tile.fragment<16x16xbf16, #gpu_tile.mma<rows = [0], cols = [1], warps = [1, 1]>>, !gpu_tile.shared<16x16xbf16, swizzle = 0> -> !gpu_tile.fragment<16x16xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [1, 1]>>
    gpu_tile.store %0 to %y[0, 0] dims [0, 1] limits [16, 16] : !gpu_tile.fragment<16x16xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [1, 1]>> -> memref<?x?xf32, strided<[?, ?], offset: ?>>
    gpu_tile.return
  }
}

// -----

// Row blocks share the columns that they are multiplied with: two blocks a warp, columns loaded once for both. Row groups and
// column parts follow from the warp's number.
// CHECK-LABEL: llvm.func @p__blocks
// CHECK: %[[TID:.*]] = nvvm.read.ptx.sreg.tid.x
// CHECK: %[[WARP:.*]] = arith.divui %[[TID]], %c32_i32
// Row group: the warp's number modulo 2, 32 rows each. Column part: its number divided by 2, 16 columns each.
// CHECK: %[[GROUP:.*]] = arith.remui %[[WARP]], %c2_i32
// CHECK: arith.muli %[[GROUP]], %c32_i32
// CHECK: nvvm.ldmatrix {{.*}}layout = #nvvm.mma_layout<row>
// The second block's rows are 16 rows of 32 bytes further.
// CHECK: llvm.getelementptr %{{.*}}[512]
// CHECK: nvvm.ldmatrix {{.*}}layout = #nvvm.mma_layout<row>
// CHECK: %[[PART:.*]] = arith.divui %[[WARP]], %c2_i32
// CHECK: arith.muli %[[PART]], %c16_i32
// CHECK: nvvm.ldmatrix {{.*}}layout = #nvvm.mma_layout<col>
// CHECK-NOT: nvvm.ldmatrix
// CHECK-COUNT-4: nvvm.mma.sync
// CHECK-NOT: nvvm.mma.sync
// CHECK: llvm.return
gpu_tile.program @p of @spec plan "plan" buffers [] {
  gpu_tile.kernel @blocks(%block: index, %B: index, %T: index, %splits: index, %span: index, %y: memref<?x?xf32, strided<[?, ?], offset: ?>>)
      attributes {grid = #tile.grid<blocks = 1>, threads = 128 : i32, shared_bytes = 8192 : i32, arch = "sm_80"} {
    %l = gpu_tile.alloc at 0 : !gpu_tile.shared<64x16xbf16, swizzle = 0>
    %r = gpu_tile.alloc at 4096 : !gpu_tile.shared<16x32xbf16, swizzle = 0>
    %zero = gpu_tile.constant 0.0 : !gpu_tile.fragment<64x32xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [2, 2]>>
    %0 = gpu_tile.contract %l, %r, %zero maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>] : !gpu_tile.shared<64x16xbf16, swizzle = 0>, !gpu_tile.shared<16x32xbf16, swizzle = 0> -> !gpu_tile.fragment<64x32xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [2, 2]>>
    gpu_tile.store %0 to %y[0, 0] dims [0, 1] limits [64, 32] : !gpu_tile.fragment<64x32xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [2, 2]>> -> memref<?x?xf32, strided<[?, ?], offset: ?>>
    gpu_tile.return
  }
}

// -----

// Rows whose length is no multiple of eight, columns in the last dimension but the contraction in the one before: the operand's
// pieces hold other batches, so that pairs are put together from single elements.
// CHECK-LABEL: llvm.func @p__single
// CHECK: nvvm.ldmatrix
// CHECK-NOT: nvvm.ldmatrix
// CHECK-COUNT-8: llvm.load %{{.*}} : !llvm.ptr<3> -> bf16
// CHECK-COUNT-8: llvm.insertelement
// CHECK: nvvm.mma.sync
gpu_tile.program @p of @spec plan "plan" buffers [] {
  gpu_tile.kernel @single(%block: index, %B: index, %T: index, %splits: index, %span: index, %y: memref<?x?x?xf32, strided<[?, ?, ?], offset: ?>>)
      attributes {grid = #tile.grid<blocks = 1>, threads = 64 : i32, shared_bytes = 8192 : i32, arch = "sm_80"} {
    %l = gpu_tile.alloc at 0 : !gpu_tile.shared<2x16x16xbf16>
    %r = gpu_tile.alloc at 4096 : !gpu_tile.shared<16x16x2xbf16>
    %zero = gpu_tile.constant 0.0 : !gpu_tile.fragment<2x16x16xf32, #gpu_tile.mma<rows = [0, 1], cols = [2], warps = [2, 1]>>
    %0 = gpu_tile.contract %l, %r, %zero maps [affine_map<(h, m, n, k) -> (h, m, k)>, affine_map<(h, m, n, k) -> (k, n, h)>, affine_map<(h, m, n, k) -> (h, m, n)>] : !gpu_tile.shared<2x16x16xbf16>, !gpu_tile.shared<16x16x2xbf16> -> !gpu_tile.fragment<2x16x16xf32, #gpu_tile.mma<rows = [0, 1], cols = [2], warps = [2, 1]>>
    gpu_tile.store %0 to %y[0, 0, 0] dims [0, 1, 2] limits [2, 16, 16] : !gpu_tile.fragment<2x16x16xf32, #gpu_tile.mma<rows = [0, 1], cols = [2], warps = [2, 1]>> -> memref<?x?x?xf32, strided<[?, ?, ?], offset: ?>>
    gpu_tile.return
  }
}
