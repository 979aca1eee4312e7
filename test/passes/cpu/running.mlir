// RUN: mixer-opt %s --tile-to-cpu --canonicalize --cse --split-input-file | FileCheck %s

// A sum goes on in f64 from what the tile before ended with, of which rounding to f32 has left a rest.
// CHECK-LABEL: func.func @sum__main
// CHECK: %[[START:.*]] = arith.addf %{{.*}}, %{{.*}} : f64
// CHECK: scf.for {{.*}} iter_args(%[[SUM:.*]] = %[[START]], %[[EARLIER:.*]] = %{{.*}}) -> (f64, f32)
// CHECK:   %[[NEXT:.*]] = arith.addf %[[SUM]], %{{.*}} : f64
// CHECK:   %[[ROUNDED:.*]] = arith.truncf %[[NEXT]] : f64 to f32
// CHECK:   vector.broadcast %[[EARLIER]] : f32
// CHECK:   %[[REST:.*]] = arith.subf %[[NEXT]], %{{.*}} : f64
// CHECK:   %[[FINITE:.*]] = arith.cmpf oeq, %[[REST]], %[[REST]] : f64
// CHECK:   arith.select %[[FINITE]], %[[REST]], %{{.*}} : f64
// CHECK:   scf.yield %[[NEXT]], %[[ROUNDED]]
!m = memref<?x?xf32, strided<[?, ?], offset: ?>>
tile.program @sum of @spec plan "plan" buffers [] {
  tile.kernel @main(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !m, %y: !m)
      attributes {grid = #tile.grid<blocks = 1>} {
    %t = tile.load %x[0, 0] dims [0, 1] limits [3, 32] : !m -> tensor<3x32xf32>
    %a = tile.load %x[3, 0] dims [0, 1] limits [3, 32] : !m -> tensor<3x32xf32>
    %s, %l, %e = tile.running_sum %t after %a, %a : tensor<3x32xf32>
    tile.store %s, %y[0, 0] dims [0, 1] limits [3, 32] : tensor<3x32xf32> -> !m
    tile.store %l, %y[3, 0] dims [0, 1] limits [3, 32] : tensor<3x32xf32> -> !m
    tile.store %e, %y[6, 0] dims [0, 1] limits [3, 32] : tensor<3x32xf32> -> !m
    tile.return
  }
}

// -----

// A decay of minus infinity leaves nothing of the maximum, NaN neither.
// CHECK-LABEL: func.func @max__main
// CHECK: scf.for {{.*}} iter_args(%[[MOST:.*]] = %{{.*}}) -> (f32)
// CHECK-DAG: %[[FORGETS:.*]] = arith.cmpf oeq, %[[DECAY:.*]], %{{.*}} : f32
// CHECK-DAG: %[[LEFT:.*]] = arith.addf %[[MOST]], %[[DECAY]] : f32
// CHECK: %[[NEXT:.*]] = arith.maximumf %[[LEFT]], %[[X:.*]] : f32
// CHECK: %[[TAKEN:.*]] = arith.select %[[FORGETS]], %[[X]], %[[NEXT]] : f32
// CHECK: scf.yield %[[TAKEN]]
!m = memref<?x?xf32, strided<[?, ?], offset: ?>>
tile.program @max of @spec plan "plan" buffers [] {
  tile.kernel @main(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !m, %y: !m)
      attributes {grid = #tile.grid<blocks = 1>} {
    %t = tile.load %x[0, 0] dims [1] limits [32] : !m -> tensor<32xf32>
    %a = tile.load %x[1, 0] dims [1] limits [32] : !m -> tensor<32xf32>
    %m, %e = tile.running_max %t decay %a after %a : tensor<32xf32>
    tile.store %m, %y[0, 0] dims [1] limits [32] : tensor<32xf32> -> !m
    tile.return
  }
}
