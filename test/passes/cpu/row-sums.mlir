// Sums along a dimension, with vectors along the rows or across them; elementwise work on the same tile is done row by row with them.
// RUN: mixer-opt %s --tile-to-cpu --canonicalize --cse | FileCheck %s

// One loop over four rows makes what is stored of them and adds it up from registers; what the rows multiply by is read once for all. Then
// the lanes of the four sums are added up together.
// CHECK-LABEL: func.func @along__main
// CHECK: scf.for %[[ROW:.*]] = %c0{{.*}} to %c64{{.*}} step %c4
// CHECK-NEXT: %[[SUMS:.*]]:8 = scf.for %{{.*}} = %c0{{.*}} to %c128{{.*}} step %c32{{.*}} iter_args
// CHECK:     llvm.load
// CHECK:     %[[NEXT:.*]] = arith.addf {{.*}} fastmath<contract> : vector<16xf32>
// CHECK:     llvm.store %[[NEXT]]
// CHECK:     llvm.load
// CHECK:     arith.mulf %[[NEXT]], %{{.*}} fastmath<contract>
// 7 rows' vectors, and one more of what they multiply by
// CHECK-COUNT-8: llvm.load
// CHECK-NOT: llvm.load
// CHECK:     scf.yield
// CHECK-COUNT-4: arith.addf %[[SUMS]]#
// CHECK: vector.shuffle {{.*}} : vector<16xf32>, vector<16xf32>
// CHECK: vector.shuffle {{.*}} [0, 4, 8, 12] : vector<16xf32>, vector<16xf32>
// CHECK: llvm.store %{{.*}} : vector<4xf32>

// Across rows a vector has a sum in each lane, four vectors side by side.
// CHECK-LABEL: func.func @across__main
// CHECK: scf.for %{{.*}} = %c0{{.*}} to %c128{{.*}} step %c64
// CHECK:   scf.for %{{.*}} = %c0{{.*}} to %c64{{.*}} -> (vector<16xf32>, vector<16xf32>, vector<16xf32>, vector<16xf32>)
// CHECK-NOT: vector.shuffle
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
