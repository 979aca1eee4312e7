// RUN: mixer-opt %s --gpu-tile-to-nvvm --split-input-file --canonicalize --cse | FileCheck %s
// Sums and maxima inside the warp that holds the row: five shuffles over 32 lanes, then from block to block.

gpu_tile.program @p of @spec plan "plan" buffers [] {
  // Numbers of 64 bits are shuffled in halves. 40 steps are two rounds: lanes past the end add 0.
  // CHECK-LABEL: llvm.func @p__sum
  // CHECK-DAG: %[[ZERO:.*]] = arith.constant 0.000000e+00 : f32
  // What was there before stands in the last of the 40.
  // CHECK: nvvm.shfl.sync idx %{{.*}}, %{{.*}}, %c7_i32, %c31_i32
  // CHECK: %[[CARRY:.*]] = arith.addf %{{.*}}, %{{.*}} : f64
  // CHECK: llvm.bitcast %{{.*}} : f64 to vector<2xi32>
  // CHECK: nvvm.shfl.sync up %{{.*}}, %{{.*}}, %c1_i32, %c0_i32 : i32 -> i32
  // CHECK: nvvm.shfl.sync up %{{.*}}, %{{.*}}, %c16_i32, %c0_i32 : i32 -> i32
  // CHECK: %[[SUM:.*]] = arith.addf %[[CARRY]], %{{.*}} : f64
  // CHECK: arith.truncf %[[SUM]] : f64 to f32
  // The value before is that of the lane below.
  // CHECK: nvvm.shfl.sync up %{{.*}}, %{{.*}}, %c1_i32, %c0_i32 : f32 -> f32
  // CHECK: nvvm.shfl.sync idx %{{.*}}, %{{.*}}, %c31_i32, %c31_i32
  // CHECK: arith.select %{{.*}}, %{{.*}}, %[[ZERO]] : f32
  gpu_tile.kernel @sum(%block: index, %B: index, %T: index, %splits: index, %span: index, %y: memref<?x?xf32, strided<[?, ?], offset: ?>>)
      attributes {grid = #tile.grid<blocks = 1>, threads = 32 : i32, shared_bytes = 0 : i32, arch = "sm_80"} {
    %g = gpu_tile.load %y[0, 0] dims [1] limits [40] : memref<?x?xf32, strided<[?, ?], offset: ?>> -> !gpu_tile.fragment<40xf32, #gpu_tile.lanes<rows = 0>>
    %s, %l, %e = gpu_tile.running_sum %g after %g, %g : !gpu_tile.fragment<40xf32, #gpu_tile.lanes<rows = 0>>
    gpu_tile.store %s to %y[0, 0] dims [1] limits [40] : !gpu_tile.fragment<40xf32, #gpu_tile.lanes<rows = 0>> -> memref<?x?xf32, strided<[?, ?], offset: ?>>
    gpu_tile.store %l to %y[1, 0] dims [1] limits [40] : !gpu_tile.fragment<40xf32, #gpu_tile.lanes<rows = 0>> -> memref<?x?xf32, strided<[?, ?], offset: ?>>
    gpu_tile.store %e to %y[2, 0] dims [1] limits [40] : !gpu_tile.fragment<40xf32, #gpu_tile.lanes<rows = 0>> -> memref<?x?xf32, strided<[?, ?], offset: ?>>
    gpu_tile.return
  }
}

// -----

gpu_tile.program @p of @spec plan "plan" buffers [] {
  // Lanes hand on the maximum and the sum of decays that it is less by; a decay of -inf stays -inf, and forgets.
  // CHECK-LABEL: llvm.func @p__max
  // CHECK-DAG: %[[NONE:.*]] = arith.constant 0xFF800000 : f32
  // CHECK-COUNT-2: nvvm.shfl.sync up %{{.*}}, %{{.*}}, %c1_i32, %c0_i32 : f32 -> f32
  // CHECK-DAG: arith.cmpf oeq, %{{.*}}, %[[NONE]] : f32
  // CHECK-DAG: arith.maximumf
  // CHECK: nvvm.shfl.sync up %{{.*}}, %{{.*}}, %c16_i32, %c0_i32 : f32 -> f32
  // CHECK: arith.select %{{.*}}, %[[NONE]], %{{.*}} : f32
  gpu_tile.kernel @max(%block: index, %B: index, %T: index, %splits: index, %span: index, %y: memref<?x?xf32, strided<[?, ?], offset: ?>>)
      attributes {grid = #tile.grid<blocks = 1>, threads = 128 : i32, shared_bytes = 0 : i32, arch = "sm_80"} {
    %g = gpu_tile.load %y[0, 0] dims [0, 1] limits [4, %T] : memref<?x?xf32, strided<[?, ?], offset: ?>> -> !gpu_tile.fragment<4x32xf32, #gpu_tile.lanes<rows = 1>>
    %m, %e = gpu_tile.running_max %g decay %g after %g : !gpu_tile.fragment<4x32xf32, #gpu_tile.lanes<rows = 1>>
    gpu_tile.store %m to %y[0, 0] dims [0, 1] limits [4, 32] : !gpu_tile.fragment<4x32xf32, #gpu_tile.lanes<rows = 1>> -> memref<?x?xf32, strided<[?, ?], offset: ?>>
    gpu_tile.return
  }
}
