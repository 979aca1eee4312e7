// Sums along a dimension, with vectors along the rows or across them; elementwise work on the same tile is done row by row with them.
// RUN: mixer-opt %s --tile-to-cpu --canonicalize --cse | FileCheck %s

// The state's row is written, and then read again for its sum, before the next row.
// CHECK-LABEL: func.func @along__main
// CHECK: scf.for %{{.*}} = %c0{{.*}} to %c64
// CHECK:   scf.for %{{.*}} = %c0{{.*}} to %c128{{.*}} step %c16
// CHECK:     llvm.store
// CHECK:   }
// CHECK:   %[[SUMS:.*]] = scf.for %{{.*}} = %c0{{.*}} to %c128{{.*}} step %c16{{.*}} iter_args({{.*}}) -> (vector<16xf32>)
// CHECK:     arith.addf {{.*}} fastmath<contract>
// CHECK:   }
// CHECK:   vector.reduction <add>, %[[SUMS]]
// CHECK: }

// Across rows a vector has a sum in each lane.
// CHECK-LABEL: func.func @across__main
// CHECK: scf.for %{{.*}} = %c0{{.*}} to %c128{{.*}} step %c16
// CHECK:   scf.for %{{.*}} = %c0{{.*}} to %c64
// CHECK-NOT: vector.reduction
!m = memref<?x?xf32, strided<[?, ?], offset: ?>>
!v = memref<?xf32, strided<[?], offset: ?>>
#id = affine_map<(i, j) -> (i, j)>
#row = affine_map<(i, j) -> (i)>
#column = affine_map<(i, j) -> (j)>
tile.program @along of @spec plan "plan" buffers [] {
  tile.kernel @main(%block: index, %B: index, %T: index, %splits: index, %span: index, %s: !m, %c: !m, %to: !m, %y: !v)
      attributes {grid = #tile.grid<blocks = 1>} {
    %S = tile.load %s[0, 0] dims [0, 1] limits [64, 128] : !m -> tensor<64x128xf32>
    %e = tensor.empty() : tensor<64x128xf32>
    %next = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
        ins(%S : tensor<64x128xf32>) outs(%e : tensor<64x128xf32>) {
    ^bb0(%a: f32, %o: f32):
      %m = arith.addf %a, %a : f32
      linalg.yield %m : f32
    } -> tensor<64x128xf32>
    %C = tile.load %c[0, 0] dims [0, 1] limits [1, 128] : !m -> tensor<1x128xf32>
    %p = linalg.generic {indexing_maps = [#id, affine_map<(i, j) -> (0, j)>, #id], iterator_types = ["parallel", "parallel"]}
        ins(%next, %C : tensor<64x128xf32>, tensor<1x128xf32>) outs(%e : tensor<64x128xf32>) {
    ^bb0(%a: f32, %b: f32, %o: f32):
      %m = arith.mulf %a, %b : f32
      linalg.yield %m : f32
    } -> tensor<64x128xf32>
    %zero = arith.constant dense<0.0> : tensor<64xf32>
    %sum = linalg.generic {indexing_maps = [#id, #row], iterator_types = ["parallel", "reduction"]}
        ins(%p : tensor<64x128xf32>) outs(%zero : tensor<64xf32>) {
    ^bb0(%a: f32, %o: f32):
      %m = arith.addf %o, %a : f32
      linalg.yield %m : f32
    } -> tensor<64xf32>
    tile.store %sum, %y[0] dims [0] limits [64] : tensor<64xf32> -> !v
    tile.store %next, %to[0, 0] dims [0, 1] limits [64, 128] : tensor<64x128xf32> -> !m
    tile.return
  }
}

tile.program @across of @spec plan "plan" buffers [] {
  tile.kernel @main(%block: index, %B: index, %T: index, %splits: index, %span: index, %s: !m, %y: !v)
      attributes {grid = #tile.grid<blocks = 1>} {
    %S = tile.load %s[0, 0] dims [0, 1] limits [64, 128] : !m -> tensor<64x128xf32>
    %zero = arith.constant dense<0.0> : tensor<128xf32>
    %sum = linalg.generic {indexing_maps = [#id, #column], iterator_types = ["reduction", "parallel"]}
        ins(%S : tensor<64x128xf32>) outs(%zero : tensor<128xf32>) {
    ^bb0(%a: f32, %o: f32):
      %m = arith.addf %o, %a : f32
      linalg.yield %m : f32
    } -> tensor<128xf32>
    tile.store %sum, %y[0] dims [0] limits [128] : tensor<128xf32> -> !v
    tile.return
  }
}
