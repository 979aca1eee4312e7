// Running sums inside the warp that holds the row: four shuffles over 16 lanes, then the sum of such blocks in order; steps below -150
// are resets: they are counted, and sums start anew there.
// RUN: mixer-opt %s --gpu-tile-to-nvvm --split-input-file --canonicalize --cse | FileCheck %s

gpu_tile.program @p of @spec plan "plan" buffers [] {
  // CHECK-LABEL: llvm.func @p__short
  // CHECK-DAG: %[[THRESHOLD:.*]] = arith.constant -1.500000e+02 : f32
  // CHECK-DAG: %[[ZERO:.*]] = arith.constant 0.000000e+00 : f32
  // CHECK-DAG: %[[ALL:.*]] = arith.constant -1 : i32
  // CHECK: %[[X:.*]] = scf.if
  // CHECK: %[[RESET:.*]] = arith.cmpf olt, %[[X]], %[[THRESHOLD]]
  // CHECK: %[[V:.*]] = arith.select %[[RESET]], %[[ZERO]], %[[X]]
  // Resets are known by a vote, the last one up to the own lane by its leading zeros.
  // CHECK: %[[VOTES:.*]] = nvvm.vote.sync ballot %[[ALL]], %[[RESET]]
  // CHECK: llvm.intr.ctlz
  // CHECK: scf.if
  // With resets a lane takes from below only what lies after the last one.
  // CHECK: %[[S1:.*]] = nvvm.shfl.sync up %[[ALL]], %[[V]], %c1_i32, %c4096_i32
  // CHECK: arith.cmpi sge
  // CHECK: nvvm.shfl.sync up %{{.*}}, %{{.*}}, %c8_i32, %c4096_i32
  // CHECK: } else {
  // Without, a shuffle up inside each half warp (clamp 16 << 8), taken by the lanes that have such a lane below.
  // CHECK: %[[S2:.*]] = nvvm.shfl.sync up %[[ALL]], %[[V]], %c1_i32, %c4096_i32
  // CHECK: %[[T1:.*]] = arith.cmpi uge
  // CHECK: %[[A1:.*]] = arith.addf %[[V]], %[[S2]]
  // CHECK: %[[V1:.*]] = arith.select %[[T1]], %[[A1]], %[[V]]
  // CHECK: nvvm.shfl.sync up %[[ALL]], %[[V1]], %c2_i32, %c4096_i32
  // CHECK: nvvm.shfl.sync up %{{.*}}, %{{.*}}, %c4_i32, %c4096_i32
  // CHECK: nvvm.shfl.sync up %{{.*}}, %{{.*}}, %c8_i32, %c4096_i32
  // The upper block starts from the sum of the lower one.
  // CHECK: nvvm.shfl.sync idx %{{.*}}, %{{.*}}, %c15_i32, %c31_i32
  // CHECK: llvm.intr.ctpop
  // CHECK: arith.sitofp %{{.*}} : i32 to f32
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
  // CHECK: %[[FIRST:.*]]:2 = scf.if
  // CHECK: llvm.intr.ctpop
  // CHECK: arith.select %[[IN]], %{{.*}}, %{{.*}} : f32
  // CHECK: %[[RESET:.*]] = arith.andi %{{.*}}, %[[IN]] : i1
  // CHECK: nvvm.vote.sync ballot %{{.*}}, %[[RESET]]
  // CHECK: scf.if
  // CHECK: arith.addf %[[FIRST]]#1, %{{.*}}
  gpu_tile.kernel @long(%block: index, %B: index, %T: index, %splits: index, %span: index, %y: memref<?x?xf32, strided<[?, ?], offset: ?>>)
      attributes {grid = #tile.grid<blocks = 1>, threads = 32 : i32, shared_bytes = 0 : i32, arch = "sm_80"} {
    %g = gpu_tile.load %y[0, 0] dims [1] limits [40] : memref<?x?xf32, strided<[?, ?], offset: ?>> -> !gpu_tile.fragment<40xf32, #gpu_tile.lanes<rows = 0>>
    %sums, %resets = gpu_tile.cumsum %g : !gpu_tile.fragment<40xf32, #gpu_tile.lanes<rows = 0>>
    gpu_tile.store %sums to %y[0, 0] dims [1] limits [40] : !gpu_tile.fragment<40xf32, #gpu_tile.lanes<rows = 0>> -> memref<?x?xf32, strided<[?, ?], offset: ?>>
    gpu_tile.store %resets to %y[4, 0] dims [1] limits [40] : !gpu_tile.fragment<40xf32, #gpu_tile.lanes<rows = 0>> -> memref<?x?xf32, strided<[?, ?], offset: ?>>
    gpu_tile.return
  }
}
