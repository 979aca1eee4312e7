// The sequence that a block works on, and bulk copies of packed tokens.
// RUN: mixer-opt %s --gpu-tile-to-nvvm | FileCheck %s

!x = memref<?x?x4x32xbf16, strided<[?, ?, ?, ?], offset: ?>>
!free = memref<?x?x?x32xbf16, strided<[?, ?, ?, ?], offset: ?>>
!m = memref<?x4x32xbf16, strided<[?, ?, ?], offset: ?>>
!tile = !gpu_tile.shared<64x32xbf16, swizzle = 0>
gpu_tile.program @p of @spec plan "plan" buffers [] {
  // CHECK-LABEL: llvm.func @p__packed
  // CHECK-SAME: (%{{[^:]*}}: i64, %[[T:[^:]*]]: i64, %{{[^:]*}}: i64, %{{[^:]*}}: i64, %[[KINDS:[^:]*]]: i64, %[[STARTS:[^:]*]]: i64, %[[SOURCE:[^:]*]]: i64,
  gpu_tile.kernel @packed(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !x, %m: !m, %free: !free) attributes {grid = #tile.grid<blocks = 1>, threads = 128 : i32, shared_bytes = 8192 : i32, arch = "sm_90a"} {
    %c0 = arith.constant 0 : index
    // CHECK: arith.andi %[[KINDS]], %c-1_i64
    // CHECK: %[[FOUND:.*]]:9 = scf.if
    // CHECK: arith.addi %[[STARTS]], %{{.*}} : i64
    // CHECK: llvm.load %{{.*}} {alignment = 8 : i64} : !llvm.ptr<1> -> i64
    // CHECK: llvm.load %{{.*}} {alignment = 4 : i64} : !llvm.ptr<1> -> i32
    // CHECK: arith.addi %[[SOURCE]], %{{.*}} : i64
    %b, %part, %parts, %row, %length, %source, %target, %buffer, %place = tile.sequence %block
    %tile = gpu_tile.alloc at 0 : !tile
    %full = gpu_tile.mbarriers at 4096 arrivals 1 : !gpu_tile.mbarriers<1>
    %left = arith.subi %length, %part : index
    // In a packed call the tensor's map ends where the sequence does: the token is T - length further, and the row is length further.
    // CHECK: %[[TOKEN:.*]] = arith.trunci %[[FOUND]]#1 : i64 to i32
    // CHECK: %[[ROW:.*]] = arith.trunci %[[FOUND]]#3 : i64 to i32
    // CHECK: arith.andi %[[KINDS]], %c1_i64
    // CHECK: %[[PACKED:.*]] = arith.cmpi ne
    // CHECK: %[[ALL:.*]] = arith.trunci %[[T]] : i64 to i32
    // CHECK: %[[OWN:.*]] = arith.trunci %[[FOUND]]#4 : i64 to i32
    // CHECK: %[[BY:.*]] = arith.select %[[PACKED]], %[[OWN]], %c0_i32{{.*}} : i32
    // CHECK: %[[ROW1:.*]] = arith.addi %[[ROW]], %[[BY]] : i32
    // CHECK: %[[REST:.*]] = arith.subi %[[ALL]], %[[OWN]] : i32
    // CHECK: %[[BY:.*]] = arith.select %[[PACKED]], %[[REST]], %c0_i32{{.*}} : i32
    // CHECK: %[[TOKEN1:.*]] = arith.addi %[[TOKEN]], %[[BY]] : i32
    // CHECK: nvvm.cp.async.bulk.tensor.shared.cluster.global {{.*}}box[%{{[^,]*}}, %{{[^,]*}}, %[[TOKEN1]], %[[ROW1]]]
    gpu_tile.fetch %x[%row, %part, 3, 0] dims [1, 3] limits [%left, 32] to %tile signals %full[%c0] : !x -> !tile, !gpu_tile.mbarriers<1>
    // What is reversed goes beyond its first token.
    // CHECK: %[[ROW:.*]] = arith.trunci %[[FOUND]]#3 : i64 to i32
    // CHECK: %[[ALL:.*]] = arith.trunci %[[T]] : i64 to i32
    // CHECK: %[[BY:.*]] = arith.select %{{.*}}, %[[ALL]], %c0_i32{{.*}} : i32
    // CHECK: %[[ROW1:.*]] = arith.addi %[[ROW]], %[[BY]] : i32
    // CHECK: nvvm.cp.async.bulk.tensor.shared.cluster.global {{.*}}%[[ROW1]]]
    %xr = tile.reverse %x dim 1 of %length : !x
    gpu_tile.fetch %xr[%row, %part, 3, 0] dims [1, 3] limits [%left, 32] to %tile signals %full[%c0] : !x -> !tile, !gpu_tile.mbarriers<1>
    // Where heads are of any number as well, tokens are what ends with the sequence.
    // CHECK: %[[TOKEN:.*]] = arith.trunci %[[FOUND]]#1 : i64 to i32
    // CHECK: %[[ROW:.*]] = arith.trunci %[[FOUND]]#3 : i64 to i32
    // CHECK: %[[ROW1:.*]] = arith.addi %[[ROW]], %{{.*}} : i32
    // CHECK: %[[TOKEN1:.*]] = arith.addi %[[TOKEN]], %{{.*}} : i32
    // CHECK: nvvm.cp.async.bulk.tensor.shared.cluster.global {{.*}}box[%{{[^,]*}}, %[[HEAD:[^,]*]], %[[TOKEN1]], %[[ROW1]]]
    gpu_tile.fetch %free[%row, %part, %splits, 0] dims [1, 3] limits [%left, 32] to %tile signals %full[%c0] : !free -> !tile, !gpu_tile.mbarriers<1>
    // So they are where a block has a part of the columns, whose limit is no constant either.
    // CHECK: %[[TOKEN:.*]] = arith.trunci %[[FOUND]]#1 : i64 to i32
    // CHECK: %[[ROW:.*]] = arith.trunci %[[FOUND]]#3 : i64 to i32
    // CHECK: %[[ROW1:.*]] = arith.addi %[[ROW]], %{{.*}} : i32
    // CHECK: %[[TOKEN1:.*]] = arith.addi %[[TOKEN]], %{{.*}} : i32
    // CHECK: nvvm.cp.async.bulk.tensor.shared.cluster.global {{.*}}box[%c0_i32{{[^,]*}}, %c3_i32{{[^,]*}}, %[[TOKEN1]], %[[ROW1]]]
    %columns = arith.subi %T, %part : index
    gpu_tile.fetch %x[%row, %part, 3, 0] dims [1, 3] limits [%left, %columns] to %tile signals %full[%c0] : !x -> !tile, !gpu_tile.mbarriers<1>
    // Positions within a sequence are as they are.
    // CHECK: %[[TOKEN:.*]] = arith.trunci %[[FOUND]]#1 : i64 to i32
    // CHECK: nvvm.cp.async.bulk.tensor.shared.cluster.global {{.*}}box[%{{[^,]*}}, %{{[^,]*}}, %[[TOKEN]]]
    gpu_tile.fetch %m[%part, 3, 0] dims [0, 2] limits [64, 32] to %tile signals %full[%c0] : !m -> !tile, !gpu_tile.mbarriers<1>
    gpu_tile.return
  }
}
