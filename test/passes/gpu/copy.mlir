// Copies between device and shared memory: 16 bytes at a time where pointer, strides, offset and limit are even, else single
// elements; what lies outside the limits is filled with zeros, or not written.
// RUN: mixer-opt %s --gpu-tile-to-nvvm --split-input-file --canonicalize --cse | FileCheck %s

!x = memref<?x?x64xbf16, strided<[?, ?, ?], offset: ?>>
gpu_tile.program @p of @spec plan "plan" buffers [] {
  // CHECK-LABEL: llvm.func @p__wide
  // CHECK-SAME: %{{[^:]*}}: i64, %[[T:[^:]*]]: i64, %{{[^:]*}}: i64, %{{[^:]*}}: i64, %{{[^:]*}}: i64, %{{[^:]*}}: i64, %{{[^:]*}}: i64, %{{[^:]*}}: i64, %{{[^:]*}}: i64, %{{[^:]*}}: i64, %[[X:[^:]*]]: !llvm.ptr<1>, %[[S0:[^:]*]]: i64, %[[S1:[^:]*]]: i64, %[[S2:[^:]*]]: i64, %{{[^:]*}}: i64, %{{[^:]*}}: i64, %{{[^:]*}}: i64, %{{[^:]*}}: i64)
  gpu_tile.kernel @wide(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !x)
      attributes {grid = #tile.grid<blocks = 4>, threads = 128 : i32, shared_bytes = 8192 : i32, arch = "sm_80"} {
    // CHECK-DAG: %[[C15:.*]] = arith.constant 15 : i64
    // CHECK-DAG: %[[C16:.*]] = arith.constant 16 : i32
    // CHECK-DAG: %[[ZERO:.*]] = arith.constant 0 : i32
    // The stride of the innermost dimension must be 1; pointer and other strides, in bytes, multiples of 16: decided once, in the entry.
    // CHECK: %[[P:.*]] = llvm.ptrtoint %[[X]]
    // CHECK: %[[B0:.*]] = arith.muli %[[S0]], %c2_i64
    // CHECK: %[[O0:.*]] = arith.ori %[[P]], %[[B0]]
    // CHECK: %[[B1:.*]] = arith.muli %[[S1]], %c2_i64
    // CHECK: %[[O1:.*]] = arith.ori %[[O0]], %[[B1]]
    // CHECK: %[[LOW:.*]] = arith.andi %[[O1]], %[[C15]]
    // CHECK: %[[EVEN:.*]] = arith.cmpi eq, %[[LOW]], %c0_i64
    // CHECK: %[[DENSE:.*]] = arith.cmpi eq, %[[S2]], %c1_i64
    // CHECK: %[[ALIGNED:.*]] = arith.andi %[[EVEN]], %[[DENSE]]
    // The limit of the rows, 0 to 64.
    // CHECK: %[[MIN:.*]] = arith.minsi %[[T]], %c64_i64
    // CHECK: %[[MAX:.*]] = arith.maxsi %[[MIN]], %c0_i64
    // CHECK: %[[LIMIT:.*]] = arith.trunci %[[MAX]] : i64 to i32
    %s = gpu_tile.alloc at 0 : !gpu_tile.shared<64x64xbf16, swizzle = 0>
    // CHECK: scf.if %[[ALIGNED]] {
    // 512 pieces over 128 threads: four copies, rows 16 apart. A piece past the limit reads no byte and fills with zeros.
    // CHECK: %[[IN:.*]] = arith.cmpi slt, %[[ROW:.*]], %[[LIMIT]] : i32
    // CHECK: %[[BYTES:.*]] = arith.select %[[IN]], %[[C16]], %[[ZERO]] : i32
    // Piece k of row r goes to byte 128 r + (16 k xor 16 (r mod 8)).
    // CHECK: %[[LINE:.*]] = arith.muli %[[ROW]], %c128_i32
    // CHECK: %[[PIECE:.*]] = arith.muli %{{.*}}, %[[C16]]
    // CHECK: %[[MOD:.*]] = arith.andi %[[ROW]], %c7_i32
    // CHECK: %[[KEY:.*]] = arith.shli %[[MOD]], %c4_i32
    // CHECK: %[[PLACE:.*]] = arith.xori %[[PIECE]], %[[KEY]]
    // CHECK: %[[AT:.*]] = arith.addi %[[LINE]], %[[PLACE]]
    // CHECK: %[[DEST:.*]] = llvm.getelementptr %{{.*}}[%[[AT]]]
    // CHECK: nvvm.cp.async.shared.global %[[DEST]], %{{.*}}, 16, cache ={{ +}}cg, %[[BYTES]]
    // CHECK: arith.addi %[[ROW]], %[[C16]]
    // CHECK: %[[DEST1:.*]] = llvm.getelementptr %[[DEST]][2048]
    // CHECK: nvvm.cp.async.shared.global %[[DEST1]]
    // CHECK: arith.addi %[[ROW]], %c32_i32
    // CHECK: %[[DEST2:.*]] = llvm.getelementptr %[[DEST]][4096]
    // CHECK: nvvm.cp.async.shared.global %[[DEST2]]
    // CHECK: arith.addi %[[ROW]], %c48_i32
    // CHECK: %[[DEST3:.*]] = llvm.getelementptr %[[DEST]][6144]
    // CHECK: nvvm.cp.async.shared.global %[[DEST3]]
    // CHECK-NOT: nvvm.cp.async
    // CHECK: } else {
    // Every thread its elements, every 128th; no byte outside the limits is read.
    // CHECK: scf.for %{{.*}} = %{{.*}} to %c4096_i32 step %c128_i32
    // CHECK: %[[VALUE:.*]] = scf.if %{{.*}} -> (bf16) {
    // CHECK: llvm.load {{.*}} -> bf16
    // CHECK: } else {
    // CHECK-NEXT: scf.yield %cst : bf16
    // CHECK: llvm.store %[[VALUE]]
    gpu_tile.copy %x[0, 0, 0] dims [1, 2] limits [%T, 64] to %s : !x -> !gpu_tile.shared<64x64xbf16, swizzle = 0>
    // Whole rows at a run-time column: eight columns apart or not wide; no limit, no select.
    // CHECK: %[[OFF:.*]] = arith.andi %{{.*}}, %c7_i64
    // CHECK: %[[OFFEVEN:.*]] = arith.cmpi eq, %[[OFF]], %c0_i64
    // CHECK: %[[BOTH:.*]] = arith.andi %[[ALIGNED]], %[[OFFEVEN]]
    // CHECK: scf.if %[[BOTH]] {
    // CHECK-NOT: arith.select
    // CHECK: nvvm.cp.async.shared.global %{{.*}}, %{{.*}}, 16, cache ={{ +}}cg :
    // CHECK: } else {
    gpu_tile.copy %x[0, 0, %block] dims [1, 2] limits [64, 64] to %s : !x -> !gpu_tile.shared<64x64xbf16, swizzle = 0>
    // A run-time limit of the columns that is not a multiple of 8 takes the narrow way.
    // CHECK: %[[REST:.*]] = arith.andi %[[LIMIT]], %c7_i32
    // CHECK: arith.cmpi eq, %[[REST]], %[[ZERO]]
    // CHECK: scf.if
    gpu_tile.copy %x[0, 0, 0] dims [1, 2] limits [64, %T] to %s : !x -> !gpu_tile.shared<64x64xbf16, swizzle = 0>
    gpu_tile.return
  }
}

// -----

!x = memref<?x?x64xbf16, strided<[?, ?, ?], offset: ?>>
gpu_tile.program @p of @spec plan "plan" buffers [] {
  // Rows of 20 elements are no multiple of 16 bytes: pieces of 8.
  // CHECK-LABEL: llvm.func @p__shorter
  // CHECK: arith.andi %{{.*}}, %c7_i64
  // CHECK: nvvm.cp.async.shared.global %{{.*}}, %{{.*}}, 8, cache = ca
  // CHECK: scf.for %{{.*}} = %{{.*}} to %c320_i32 step %c64_i32
  // CHECK: llvm.return
  gpu_tile.kernel @shorter(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !x)
      attributes {grid = #tile.grid<blocks = 4>, threads = 64 : i32, shared_bytes = 8192 : i32, arch = "sm_80"} {
    %s = gpu_tile.alloc at 0 : !gpu_tile.shared<16x20xbf16>
    gpu_tile.copy %x[0, 0, 0] dims [1, 2] limits [16, 20] to %s : !x -> !gpu_tile.shared<16x20xbf16>
    gpu_tile.return
  }
}

// -----

!x = memref<?x?x6xbf16, strided<[?, ?, ?], offset: ?>>
gpu_tile.program @p of @spec plan "plan" buffers [] {
  // The tensor's rows of 6 elements: pieces of 4 bytes, of which those behind the row are zeros.
  // CHECK-LABEL: llvm.func @p__shortest
  // CHECK: nvvm.cp.async.shared.global %{{.*}}, %{{.*}}, 4, cache = ca, %{{.*}}
  // CHECK: llvm.return
  gpu_tile.kernel @shortest(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !x)
      attributes {grid = #tile.grid<blocks = 4>, threads = 64 : i32, shared_bytes = 8192 : i32, arch = "sm_80"} {
    %s = gpu_tile.alloc at 0 : !gpu_tile.shared<16x16xbf16>
    gpu_tile.copy %x[0, 0, 0] dims [1, 2] limits [16, 6] to %s : !x -> !gpu_tile.shared<16x16xbf16>
    gpu_tile.return
  }
}

// -----

!x = memref<?x?x64xbf16, strided<[?, ?, ?], offset: ?>>
gpu_tile.program @p of @spec plan "plan" buffers [] {
  // Rows of 21 elements cannot be cut in pieces: no wide way at all.
  // CHECK-LABEL: llvm.func @p__narrow
  // CHECK-NOT: nvvm.cp.async
  // CHECK: scf.for %{{.*}} = %{{.*}} to %c336_i32 step %c64_i32
  // CHECK: llvm.store %{{.*}} : bf16, !llvm.ptr<3>
  // CHECK-NOT: nvvm.cp.async
  // CHECK: llvm.return
  gpu_tile.kernel @narrow(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !x)
      attributes {grid = #tile.grid<blocks = 4>, threads = 64 : i32, shared_bytes = 8192 : i32, arch = "sm_80"} {
    %s = gpu_tile.alloc at 0 : !gpu_tile.shared<16x21xbf16>
    gpu_tile.copy %x[0, 0, 0] dims [1, 2] limits [16, 21] to %s : !x -> !gpu_tile.shared<16x21xbf16>
    gpu_tile.return
  }
}

// -----

!x = memref<?x?xf32, strided<[?, ?], offset: ?>>
gpu_tile.program @p of @spec plan "plan" buffers [] {
  // A null pointer is a tile without rows: nothing is read, zeros are filled in.
  // CHECK-LABEL: llvm.func @p__optional
  // CHECK-SAME: %[[X:[^:]*]]: !llvm.ptr<1>
  // CHECK: %[[ADDRESS:.*]] = llvm.ptrtoint %[[X]]
  // CHECK: %[[PRESENT:.*]] = arith.cmpi ne, %[[ADDRESS]], %c0_i64
  // CHECK: %[[ROWS:.*]] = arith.select %[[PRESENT]], %c16_i32, %c0_i32 : i32
  // CHECK: %[[IN:.*]] = arith.cmpi slt, %{{.*}}, %[[ROWS]]
  // CHECK: %[[BYTES:.*]] = arith.select %[[IN]], %c16_i32, %c0_i32
  // CHECK: nvvm.cp.async.shared.global %{{.*}}, %{{.*}}, 16, cache ={{ +}}cg, %[[BYTES]]
  gpu_tile.kernel @optional(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !x)
      attributes {grid = #tile.grid<blocks = 4>, threads = 64 : i32, shared_bytes = 8192 : i32, arch = "sm_80"} {
    %s = gpu_tile.alloc at 0 : !gpu_tile.shared<16x16xf32>
    gpu_tile.copy %x[0, 0] dims [0, 1] limits [16, 16] optional to %s : !x -> !gpu_tile.shared<16x16xf32>
    gpu_tile.return
  }
}

// -----

!x = memref<?x?x64xbf16, strided<[?, ?, ?], offset: ?>>
gpu_tile.program @p of @spec plan "plan" buffers [] {
  // Writing: pieces of four words from shared memory, only inside the limits; the same test as for copies.
  // CHECK-LABEL: llvm.func @p__write
  // CHECK: scf.if %{{.*}} {
  // CHECK: scf.if %{{.*}} {
  // CHECK: %[[DATA:.*]] = llvm.load %{{.*}} {alignment = 16 : i64} : !llvm.ptr<3> -> vector<4xi32>
  // CHECK: llvm.store %[[DATA]], %{{.*}} {alignment = 16 : i64} : vector<4xi32>, !llvm.ptr<1>
  // CHECK: } else {
  // CHECK: scf.for
  // CHECK: scf.if
  // CHECK: %[[ONE:.*]] = llvm.load %{{.*}} : !llvm.ptr<3> -> bf16
  // CHECK: llvm.store %[[ONE]], %{{.*}} : bf16, !llvm.ptr<1>
  gpu_tile.kernel @write(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !x)
      attributes {grid = #tile.grid<blocks = 4>, threads = 128 : i32, shared_bytes = 8192 : i32, arch = "sm_80"} {
    %s = gpu_tile.alloc at 0 : !gpu_tile.shared<64x64xbf16, swizzle = 0>
    gpu_tile.write %s to %x[0, 0, 0] dims [1, 2] limits [%T, 64] : !gpu_tile.shared<64x64xbf16, swizzle = 0> -> !x
    gpu_tile.return
  }
}

// -----

// A warp writes its own strip: 32 bytes of each of 16 rows, a piece for each lane, in one go. Nothing is done for others' strips.
!x = memref<?x?x64xbf16, strided<[?, ?, ?], offset: ?>>
gpu_tile.program @p of @spec plan "plan" buffers [] {
  // CHECK-LABEL: llvm.func @p__strips
  // CHECK: %[[STRIP:.*]] = arith.muli %{{.*}}, %c16_i32 : i32
  // CHECK: %[[DATA:.*]] = llvm.load %{{.*}} {alignment = 16 : i64} : !llvm.ptr<3> -> vector<4xi32>
  // CHECK: llvm.store %[[DATA]], %{{.*}} {alignment = 16 : i64} : vector<4xi32>, !llvm.ptr<1>
  // CHECK: } else {
  // CHECK: scf.for %{{.*}} = %{{.*}} to %c256_i32 step %c32_i32
  gpu_tile.kernel @strips(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !x)
      attributes {grid = #tile.grid<blocks = 4>, threads = 128 : i32, shared_bytes = 2048 : i32, arch = "sm_80"} {
    %s = gpu_tile.alloc at 0 : !gpu_tile.shared<16x64xbf16, swizzle = 0>
    gpu_tile.write %s to %x[0, 0, 0] dims [1, 2] limits [16, 64] strips 4 : !gpu_tile.shared<16x64xbf16, swizzle = 0> -> !x
    gpu_tile.return
  }
}

// -----

// Of a tensor moved up by 3 tokens: from 3 tokens before the offset, still 16 bytes at a time, zeros before its first token.
!x = memref<?x?x64xbf16, strided<[?, ?, ?], offset: ?>>
gpu_tile.program @p of @spec plan "plan" buffers [] {
  // CHECK-LABEL: llvm.func @p__earlier
  // CHECK: %[[START:.*]] = arith.subi %c3_i64, %[[T:.*]] : i64
  // CHECK: %[[AT:.*]] = arith.subi %[[T]], %c3_i64 : i64
  // CHECK: arith.muli %[[AT]], %{{.*}} : i64
  // CHECK: %[[MIN:.*]] = arith.minsi %[[START]], %c64_i64
  // CHECK: %[[MAX:.*]] = arith.maxsi %[[MIN]], %c0_i64
  // CHECK: %[[FIRST:.*]] = arith.trunci %[[MAX]] : i64 to i32
  // CHECK: scf.if
  // CHECK: %[[IN:.*]] = arith.cmpi sge, %{{.*}}, %[[FIRST]] : i32
  // CHECK: arith.select %[[IN]], %c16_i32, %c0_i32
  // CHECK: nvvm.cp.async.shared.global
  gpu_tile.kernel @earlier(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !x)
      attributes {grid = #tile.grid<blocks = 4>, threads = 128 : i32, shared_bytes = 8192 : i32, arch = "sm_80"} {
    %e = tile.earlier %x dim 1 by 3 : !x
    %s = gpu_tile.alloc at 0 : !gpu_tile.shared<64x64xbf16, swizzle = 0>
    gpu_tile.copy %e[%block, %T, 0] dims [1, 2] limits [64, 64] to %s : !x -> !gpu_tile.shared<64x64xbf16, swizzle = 0>
    gpu_tile.return
  }
}
