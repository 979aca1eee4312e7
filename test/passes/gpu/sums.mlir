// Sums of a tile that stays in registers: a thread adds up what it has, lanes exchange their sums.
// RUN: mixer-opt %s --tile-to-gpu="arch=sm_80" -o %t.mlir
// RUN: mixer-opt %t.mlir | FileCheck %s
// RUN: mixer-opt %t.mlir --gpu-tile-to-nvvm | FileCheck %s --check-prefix=CODE
// RUN: mixer-opt %s --tile-to-gpu="arch=sm_90a" | FileCheck %s

// What rows share, and single numbers, every thread has in its registers: nothing of them goes through shared memory.
// CHECK-LABEL: gpu_tile.program @along_rows
// CHECK: %[[S:.*]] = gpu_tile.load {{.*}} -> <64x128xf32, #gpu_tile.pieces<width = 4, lanes = 32>>
// CHECK: %[[C:.*]] = gpu_tile.load {{.*}} -> <128xf32, #gpu_tile.pieces<width = 4, lanes = 32>>
// CHECK: %[[PRODUCT:.*]] = gpu_tile.map(%[[S]], %[[C]])
// CHECK: gpu_tile.sum %[[PRODUCT]] to %[[SUMS:.*]] dims [1] : <64x128xf32, #gpu_tile.pieces<width = 4, lanes = 32>> -> <64xf32>
// CHECK-NEXT: gpu_tile.barrier
// CHECK: gpu_tile.map(%[[SUMS]])
// CHECK-NOT: gpu_tile.barrier
// CHECK: gpu_tile.return

// Lanes halve a warp's eight rows among them, and then add up: 4 + 2 + 1 + 1 + 1 shuffles.
// CODE-LABEL: llvm.func @along_rows__main
// CODE: llvm.load {{.*}} {alignment = 16 : i64} : !llvm.ptr<1> -> vector<4xf32>
// CODE-COUNT-9: nvvm.shfl.sync  bfly
// CODE-NOT: nvvm.shfl.sync

// Over rows each warp has a share, which who reads the sums adds up.
// CHECK-LABEL: gpu_tile.program @over_rows
// CHECK: gpu_tile.sum %{{.*}} to %[[SHARES:.*]] dims [0] : <64x128xf32, #gpu_tile.pieces<width = 4, lanes = 32>> -> <8x128xf32>
// CHECK-NEXT: gpu_tile.barrier
// CHECK: gpu_tile.map({{.*}}%[[SHARES]], %[[SHARES]], %[[SHARES]], %[[SHARES]], %[[SHARES]], %[[SHARES]], %[[SHARES]], %[[SHARES]])
// CHECK: gpu_tile.store

// A maximum is written out term by term.
// CHECK-LABEL: gpu_tile.program @maximum
// CHECK-NOT: gpu_tile.sum
// CHECK: gpu_tile.return

tile.program @along_rows of @spec plan "plan" buffers [] {
  tile.kernel @main(%block: index, %B: index, %T: index, %splits: index, %span: index, %s: memref<64x128xf32, strided<[?, ?], offset: ?>>, %c: memref<128xf32, strided<[?], offset: ?>>, %y: memref<64xf32, strided<[?], offset: ?>>) attributes {grid = #tile.grid<blocks = 1>} {
    %S = tile.load %s[0, 0] dims [0, 1] limits [64, 128] : memref<64x128xf32, strided<[?, ?], offset: ?>> -> tensor<64x128xf32>
    %C = tile.load %c[0] dims [0] limits [128] : memref<128xf32, strided<[?], offset: ?>> -> tensor<128xf32>
    %e = tensor.empty() : tensor<64x128xf32>
    %p = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (j)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]} ins(%S, %C : tensor<64x128xf32>, tensor<128xf32>) outs(%e : tensor<64x128xf32>) {
    ^bb0(%a: f32, %b: f32, %o: f32):
      %m = arith.mulf %a, %b : f32
      linalg.yield %m : f32
    } -> tensor<64x128xf32>
    %zero = arith.constant dense<0.0> : tensor<64xf32>
    %sum = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i)>], iterator_types = ["parallel", "reduction"]} ins(%p : tensor<64x128xf32>) outs(%zero : tensor<64xf32>) {
    ^bb0(%a: f32, %o: f32):
      %m = arith.addf %o, %a : f32
      linalg.yield %m : f32
    } -> tensor<64xf32>
    tile.store %sum, %y[0] dims [0] limits [64] : tensor<64xf32> -> memref<64xf32, strided<[?], offset: ?>>
    tile.return
  }
}

tile.program @over_rows of @spec plan "plan" buffers [] {
  tile.kernel @main(%block: index, %B: index, %T: index, %splits: index, %span: index, %s: memref<64x128xf32, strided<[?, ?], offset: ?>>, %y: memref<64x128xf32, strided<[?, ?], offset: ?>>) attributes {grid = #tile.grid<blocks = 1>} {
    %S = tile.load %s[0, 0] dims [0, 1] limits [64, 128] : memref<64x128xf32, strided<[?, ?], offset: ?>> -> tensor<64x128xf32>
    %zero = arith.constant dense<0.0> : tensor<128xf32>
    %sum = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (j)>], iterator_types = ["reduction", "parallel"]} ins(%S : tensor<64x128xf32>) outs(%zero : tensor<128xf32>) {
    ^bb0(%a: f32, %o: f32):
      %m = arith.addf %o, %a : f32
      linalg.yield %m : f32
    } -> tensor<128xf32>
    %e = tensor.empty() : tensor<64x128xf32>
    %p = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (j)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]} ins(%S, %sum : tensor<64x128xf32>, tensor<128xf32>) outs(%e : tensor<64x128xf32>) {
    ^bb0(%a: f32, %b: f32, %o: f32):
      %m = arith.subf %a, %b : f32
      linalg.yield %m : f32
    } -> tensor<64x128xf32>
    tile.store %p, %y[0, 0] dims [0, 1] limits [64, 128] : tensor<64x128xf32> -> memref<64x128xf32, strided<[?, ?], offset: ?>>
    tile.return
  }
}

tile.program @maximum of @spec plan "plan" buffers [] {
  tile.kernel @main(%block: index, %B: index, %T: index, %splits: index, %span: index, %s: memref<64x16xf32, strided<[?, ?], offset: ?>>, %y: memref<64xf32, strided<[?], offset: ?>>) attributes {grid = #tile.grid<blocks = 1>} {
    %S = tile.load %s[0, 0] dims [0, 1] limits [64, 16] : memref<64x16xf32, strided<[?, ?], offset: ?>> -> tensor<64x16xf32>
    %zero = arith.constant dense<0.0> : tensor<64xf32>
    %sum = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i)>], iterator_types = ["parallel", "reduction"]} ins(%S : tensor<64x16xf32>) outs(%zero : tensor<64xf32>) {
    ^bb0(%a: f32, %o: f32):
      %m = arith.maximumf %o, %a : f32
      linalg.yield %m : f32
    } -> tensor<64xf32>
    tile.store %sum, %y[0] dims [0] limits [64] : tensor<64xf32> -> memref<64xf32, strided<[?], offset: ?>>
    tile.return
  }
}
