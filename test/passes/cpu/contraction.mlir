// RUN: mixer-opt %s --tile-to-cpu --canonicalize --cse --split-input-file | FileCheck %s
// RUN: mixer-opt %s --tile-to-cpu="vector-width=8" --canonicalize --cse --split-input-file | FileCheck %s --check-prefix=NARROW

// Accumulators are SSA values over the reduction: 6 rows of 4 vectors of 16, or 6 x 2 of 8.
// A zero start needs no memory. The second operand is stored with the result's columns contiguous (T x N instead of
// N x T), transposed as it is loaded.
// CHECK-LABEL: func.func @product__main
// CHECK: vector.shuffle
// CHECK: scf.for %{{.*}} = %c0 to %c36 step %c6
// CHECK: scf.for %{{.*}} = %c0 to %c128 step %c1 iter_args({{.*}}) -> ({{(vector<16xf32>, ){23}(vector)}}<16xf32>)
// CHECK-COUNT-24: vector.fma {{.*}} : vector<16xf32>
// CHECK-NOT: vector.fma
// NARROW-LABEL: func.func @product__main
// NARROW: scf.for %{{.*}} = %c0 to %c128 step %c1 iter_args({{.*}}) -> ({{(vector<8xf32>, ){11}(vector)}}<8xf32>)
!m = memref<?x?xf32, strided<[?, ?], offset: ?>>
tile.program @product of @spec plan "plan" buffers [] {
  tile.kernel @main(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !m, %y: !m)
      attributes {grid = #tile.grid<blocks = 1>} {
    %a = tile.load %x[0, 0] dims [0, 1] limits [36, 128] : !m -> tensor<36x128xf32>
    %b = tile.load %x[0, 0] dims [0, 1] limits [64, 128] : !m -> tensor<64x128xf32>
    %z = arith.constant dense<0.0> : tensor<36x64xf32>
    %r = linalg.contract indexing_maps = [affine_map<(i, j, k) -> (i, k)>, affine_map<(i, j, k) -> (j, k)>, affine_map<(i, j, k) -> (i, j)>]
        ins(%a, %b : tensor<36x128xf32>, tensor<64x128xf32>) outs(%z : tensor<36x64xf32>) -> tensor<36x64xf32>
    tile.store %r, %y[0, 0] dims [0, 1] limits [36, 64] : tensor<36x64xf32> -> !m
    tile.return
  }
}

// -----

// Rows that no block size divides: even blocks and a rest.
// CHECK-LABEL: func.func @rest__main
// CHECK: scf.for %{{.*}} = %c0 to %c12 step %c6
// CHECK-COUNT-24: vector.fma
// CHECK: scf.for
// CHECK-COUNT-20: vector.fma
// CHECK-NOT: vector.fma
!m = memref<?x?xf32, strided<[?, ?], offset: ?>>
tile.program @rest of @spec plan "plan" buffers [] {
  tile.kernel @main(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !m, %y: !m)
      attributes {grid = #tile.grid<blocks = 1>} {
    %a = tile.load %x[0, 0] dims [0, 1] limits [17, 16] : !m -> tensor<17x16xf32>
    %b = tile.load %x[0, 0] dims [0, 1] limits [16, 64] : !m -> tensor<16x64xf32>
    %z = arith.constant dense<0.0> : tensor<17x64xf32>
    %r = linalg.contract indexing_maps = [affine_map<(i, j, k) -> (i, k)>, affine_map<(i, j, k) -> (k, j)>, affine_map<(i, j, k) -> (i, j)>]
        ins(%a, %b : tensor<17x16xf32>, tensor<16x64xf32>) outs(%z : tensor<17x64xf32>) -> tensor<17x64xf32>
    tile.store %r, %y[0, 0] dims [0, 1] limits [17, 64] : tensor<17x64xf32> -> !m
    tile.return
  }
}

// -----

// The update of a carried state, S = S * f + b^T x: the product with f is done on the accumulators as they are loaded, the
// state stays in one place (8192 bytes, behind it x and b).
// CHECK-LABEL: func.func @state__main
// CHECK-SAME: mixc.scratch_bytes = 14336 : i64
// CHECK: scf.for {{.*}} {
// CHECK: arith.mulf {{.*}} : vector<16xf32>
// CHECK: vector.fma
// CHECK: llvm.store
#id = affine_map<(n, p) -> (n, p)>
!m = memref<?x?xf32, strided<[?, ?], offset: ?>>
tile.program @state of @spec plan "plan" buffers [] {
  tile.kernel @main(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !m, %y: !m)
      attributes {grid = #tile.grid<blocks = 1>} {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %f = arith.constant 0.5 : f32
    %z = arith.constant dense<0.0> : tensor<32x64xf32>
    %x0 = tile.load %x[0, 0] dims [0, 1] limits [16, 64] : !m -> tensor<16x64xf32>
    %b0 = tile.load %x[0, 0] dims [0, 1] limits [16, 32] : !m -> tensor<16x32xf32>
    %S = scf.for %i = %c0 to %T step %c1 iter_args(%s = %z) -> (tensor<32x64xf32>) {
      %e = tensor.empty() : tensor<32x64xf32>
      %s1 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
          ins(%s : tensor<32x64xf32>) outs(%e : tensor<32x64xf32>) {
      ^bb0(%in: f32, %out: f32):
        %v = arith.mulf %in, %f : f32
        linalg.yield %v : f32
      } -> tensor<32x64xf32>
      %s2 = linalg.contract indexing_maps = [affine_map<(n, p, k) -> (k, n)>, affine_map<(n, p, k) -> (k, p)>, affine_map<(n, p, k) -> (n, p)>]
          ins(%b0, %x0 : tensor<16x32xf32>, tensor<16x64xf32>) outs(%s1 : tensor<32x64xf32>) -> tensor<32x64xf32>
      scf.yield %s2 : tensor<32x64xf32>
    }
    tile.store %S, %y[0, 0] dims [0, 1] limits [32, 64] : tensor<32x64xf32> -> !m
    tile.return
  }
}

// -----

// What follows a contraction is evaluated on its accumulators, before they are stored.
// CHECK-LABEL: func.func @after__main
// CHECK: %[[SUM:.*]]:{{[0-9]+}} = scf.for
// CHECK: math.absf %[[SUM]]#0 : vector<16xf32>
// CHECK: llvm.store
!m = memref<?x?xf32, strided<[?, ?], offset: ?>>
tile.program @after of @spec plan "plan" buffers [] {
  tile.kernel @main(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !m, %y: !m)
      attributes {grid = #tile.grid<blocks = 1>} {
    %a = tile.load %x[0, 0] dims [0, 1] limits [16, 16] : !m -> tensor<16x16xf32>
    %z = arith.constant dense<0.0> : tensor<16x16xf32>
    %r = linalg.contract indexing_maps = [affine_map<(i, j, k) -> (i, k)>, affine_map<(i, j, k) -> (k, j)>, affine_map<(i, j, k) -> (i, j)>]
        ins(%a, %a : tensor<16x16xf32>, tensor<16x16xf32>) outs(%z : tensor<16x16xf32>) -> tensor<16x16xf32>
    %s = math.absf %r : tensor<16x16xf32>
    tile.store %s, %y[0, 0] dims [0, 1] limits [16, 16] : tensor<16x16xf32> -> !m
    tile.return
  }
}

// -----

// A masked operand, zero above its diagonal: the sum stops where the block of rows ends.
// CHECK-LABEL: func.func @masked__main
// CHECK: scf.for %[[ROW:.*]] = %c0 to %c30 step %c6
// CHECK: %[[BELOW:.*]] = arith.addi %[[ROW]], %c6
// CHECK: %[[END:.*]] = arith.minui %[[BELOW]], %c32
// CHECK: scf.for %{{.*}} = %c0 to %[[END]] step %c1 iter_args
#id = affine_map<(i, k) -> (i, k)>
!m = memref<?x?xf32, strided<[?, ?], offset: ?>>
tile.program @masked of @spec plan "plan" buffers [] {
  tile.kernel @main(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !m, %y: !m)
      attributes {grid = #tile.grid<blocks = 1>} {
    %a = tile.load %x[0, 0] dims [0, 1] limits [32, 32] : !m -> tensor<32x32xf32>
    %b = tile.load %x[0, 0] dims [0, 1] limits [32, 64] : !m -> tensor<32x64xf32>
    %e = tensor.empty() : tensor<32x32xf32>
    %w = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
        ins(%a : tensor<32x32xf32>) outs(%e : tensor<32x32xf32>) {
    ^bb0(%in: f32, %out: f32):
      %zero = arith.constant 0.0 : f32
      %i = linalg.index 0 : index
      %k = linalg.index 1 : index
      %ok = arith.cmpi ule, %k, %i : index
      %v = arith.select %ok, %in, %zero : f32
      linalg.yield %v : f32
    } -> tensor<32x32xf32>
    %z = arith.constant dense<0.0> : tensor<32x64xf32>
    %r = linalg.contract indexing_maps = [affine_map<(i, j, k) -> (i, k)>, affine_map<(i, j, k) -> (k, j)>, affine_map<(i, j, k) -> (i, j)>]
        ins(%w, %b : tensor<32x32xf32>, tensor<32x64xf32>) outs(%z : tensor<32x64xf32>) -> tensor<32x64xf32>
    tile.store %r, %y[0, 0] dims [0, 1] limits [32, 64] : tensor<32x64xf32> -> !m
    tile.return
  }
}
