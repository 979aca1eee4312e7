// Running sums inside the warp that holds the row: four shuffles over 16 lanes, then the sum of such blocks in order; steps below
// -150 count as resets and add nothing.
// RUN: mixer-opt %s --gpu-tile-to-nvvm --split-input-file --canonicalize --cse | FileCheck %s

gpu_tile.program @p of @spec plan "plan" buffers [] {
  // CHECK-LABEL: llvm.func @p__short
  // CHECK-DAG: %[[THRESHOLD:.*]] = arith.constant -1.500000e+02 : f32
  // CHECK-DAG: %[[ZERO:.*]] = arith.constant 0.000000e+00 : f32
  // CHECK-DAG: %[[ALL:.*]] = arith.constant -1 : i32
  // CHECK: %[[LANE:.*]] = arith.andi %{{.*}}, %c31_i32
  // CHECK: %[[X:.*]] = scf.if
  // CHECK: %[[INBLOCK:.*]] = arith.andi %[[LANE]], %c15_i32
  // CHECK: %[[UPPER:.*]] = arith.cmpi uge, %[[LANE]], %c16_i32
  // CHECK: %[[SHIFT:.*]] = arith.subi %c31_i32, %[[LANE]]
  // CHECK: %[[UPTO:.*]] = arith.shrui %[[ALL]], %[[SHIFT]]
  // CHECK: %[[RESET:.*]] = arith.cmpf olt, %[[X]], %[[THRESHOLD]]
  // CHECK: %[[V:.*]] = arith.select %[[RESET]], %[[ZERO]], %[[X]]
  // A shuffle up inside each half warp (clamp 16 << 8), taken by the lanes that have such a lane below.
  // CHECK: %[[S1:.*]] = nvvm.shfl.sync up %[[ALL]], %[[V]], %c1_i32, %c4096_i32
  // CHECK: %[[T1:.*]] = arith.cmpi uge, %[[INBLOCK]], %c1_i32
  // CHECK: %[[A1:.*]] = arith.addf %[[V]], %[[S1]]
  // CHECK: %[[V1:.*]] = arith.select %[[T1]], %[[A1]], %[[V]]
  // CHECK: nvvm.shfl.sync up %[[ALL]], %[[V1]], %c2_i32, %c4096_i32
  // CHECK: nvvm.shfl.sync up %{{.*}}, %{{.*}}, %c4_i32, %c4096_i32
  // CHECK: nvvm.shfl.sync up %{{.*}}, %{{.*}}, %c8_i32, %c4096_i32
  // CHECK: %[[V8:.*]] = arith.select
  // The upper block starts from the sum of the lower one.
  // CHECK: %[[LAST:.*]] = nvvm.shfl.sync idx %{{.*}}, %[[V8]], %c15_i32, %c31_i32
  // CHECK: %[[MIDDLE:.*]] = arith.addf %[[LAST]], %[[ZERO]]
  // CHECK: %[[BASE:.*]] = arith.select %[[UPPER]], %[[MIDDLE]], %[[ZERO]]
  // CHECK: arith.addf %[[BASE]], %[[V8]]
  // Resets are counted by a vote, up to the own lane.
  // CHECK: %[[VOTES:.*]] = nvvm.vote.sync ballot %[[ALL]], %[[RESET]]
  // CHECK: %[[MINE:.*]] = arith.andi %[[VOTES]], %[[UPTO]]
  // CHECK: %[[COUNT:.*]] = llvm.intr.ctpop(%[[MINE]])
  // CHECK: arith.sitofp %[[COUNT]] : i32 to f32
  // CHECK-NOT: nvvm.shfl.sync up
  gpu_tile.kernel @short(%block: index, %B: index, %T: index, %splits: index, %span: index, %y: memref<?x?xf32, strided<[?, ?], offset: ?>>)
      attributes {grid = #tile.grid<blocks = 1>, threads = 128 : i32, shared_bytes = 0 : i32, arch = "sm_80"} {
    %g = gpu_tile.load %y[0, 0] dims [0, 1] limits [4, %T] : memref<?x?xf32, strided<[?, ?], offset: ?>> -> !gpu_tile.fragment<4x32xf32, #gpu_tile.lanes<rows = 1>>
    %sums, %resets = gpu_tile.cumsum %g : !gpu_tile.fragment<4x32xf32, #gpu_tile.lanes<rows = 1>>
    gpu_tile.store %sums to %y[0, 0] dims [0, 1] limits [4, 32] : !gpu_tile.fragment<4x32xf32, #gpu_tile.lanes<rows = 1>> -> memref<?x?xf32, strided<[?, ?], offset: ?>>
    gpu_tile.store %resets to %y[4, 0] dims [0, 1] limits [4, 32] : !gpu_tile.fragment<4x32xf32, #gpu_tile.lanes<rows = 1>> -> memref<?x?xf32, strided<[?, ?], offset: ?>>
    gpu_tile.return
  }
}

// -----

gpu_tile.program @p of @spec plan "plan" buffers [] {
  // 40 steps are two rounds; the lanes past the end add nothing and count nothing, and the second round starts from the sum and the
  // count of the first.
  // CHECK-LABEL: llvm.func @p__long
  // CHECK: %[[IN:.*]] = arith.cmpi ult, %{{.*}}, %c40_i32
  // CHECK-COUNT-4: nvvm.shfl.sync up
  // CHECK: %[[SUM15:.*]] = nvvm.shfl.sync idx %{{.*}}, %[[V:.*]], %c15_i32, %c31_i32
  // CHECK: %[[MIDDLE:.*]] = arith.addf %[[SUM15]], %{{.*}}
  // CHECK: %[[LAST:.*]] = nvvm.shfl.sync idx %{{.*}}, %[[V]], %c31_i32, %c31_i32
  // CHECK: %[[BEFORE:.*]] = arith.addf %[[MIDDLE]], %[[LAST]]
  // CHECK: %[[VOTES:.*]] = nvvm.vote.sync ballot
  // CHECK: %[[COUNT:.*]] = llvm.intr.ctpop(%[[VOTES]])
  // CHECK: arith.select %[[IN]], %{{.*}}, %{{.*}} : f32
  // CHECK: %[[RESET:.*]] = arith.andi %{{.*}}, %[[IN]] : i1
  // CHECK-COUNT-4: nvvm.shfl.sync up
  // CHECK: arith.addf %[[BEFORE]], %{{.*}}
  // CHECK: nvvm.vote.sync ballot %{{.*}}, %[[RESET]]
  // CHECK: arith.addi %[[COUNT]], %{{.*}} : i32
  gpu_tile.kernel @long(%block: index, %B: index, %T: index, %splits: index, %span: index, %y: memref<?x?xf32, strided<[?, ?], offset: ?>>)
      attributes {grid = #tile.grid<blocks = 1>, threads = 32 : i32, shared_bytes = 0 : i32, arch = "sm_80"} {
    %g = gpu_tile.load %y[0, 0] dims [1] limits [40] : memref<?x?xf32, strided<[?, ?], offset: ?>> -> !gpu_tile.fragment<40xf32, #gpu_tile.lanes<rows = 0>>
    %sums, %resets = gpu_tile.cumsum %g : !gpu_tile.fragment<40xf32, #gpu_tile.lanes<rows = 0>>
    gpu_tile.store %sums to %y[0, 0] dims [1] limits [40] : !gpu_tile.fragment<40xf32, #gpu_tile.lanes<rows = 0>> -> memref<?x?xf32, strided<[?, ?], offset: ?>>
    gpu_tile.store %resets to %y[4, 0] dims [1] limits [40] : !gpu_tile.fragment<40xf32, #gpu_tile.lanes<rows = 0>> -> memref<?x?xf32, strided<[?, ?], offset: ?>>
    gpu_tile.return
  }
}
