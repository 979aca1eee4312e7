// Programs that no algorithm makes, but the verifier allows: tiles in several roles at once.
// RUN: mixer-opt %s --tile-to-gpu --split-input-file | FileCheck %s
// RUN: mixer-opt %s --tile-to-gpu --gpu-tile-to-nvvm --split-input-file -o %t

!m = memref<?x?xf32, strided<[?, ?], offset: ?>>
#mk = affine_map<(m, n, k) -> (m, k)>
#kn = affine_map<(m, n, k) -> (k, n)>
#mn = affine_map<(m, n, k) -> (m, n)>
tile.program @p of @spec plan "plan" buffers [] {
  // A loaded tile as an operand, as the sum to start from, as what a loop starts from, and stored as it is: it lies in shared memory
  // and is read back in the layout of each user.
  // CHECK-LABEL: gpu_tile.kernel @operand
  // CHECK: gpu_tile.copy %{{.*}} to %[[A:[^ ]*]] :
  // CHECK: %[[INIT:.*]] = gpu_tile.map(%[[A]]) {{.*}} -> !gpu_tile.fragment<64x64xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>
  // CHECK: scf.for {{.*}} iter_args(%[[S:[^ ]*]] = %[[INIT]])
  // CHECK: gpu_tile.contract %[[A]], %[[A]], %[[S]]
  // CHECK: %[[SUM:.*]] = gpu_tile.map(%[[A]]) {{.*}} -> !gpu_tile.fragment<64x64xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>
  // CHECK: gpu_tile.contract %[[A]], %[[A]], %[[SUM]]
  // CHECK: %[[LINEAR:.*]] = gpu_tile.map(%[[A]]) {{.*}} -> !gpu_tile.fragment<64x64xf32, #gpu_tile.linear>
  // CHECK: gpu_tile.store %[[LINEAR]]
  tile.kernel @operand(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !m) attributes {grid = #tile.grid<blocks = 1>} {
    %c1 = arith.constant 1 : index
    %a = tile.load %x[0, 0] dims [0, 1] limits [64, 64] : !m -> tensor<64x64xf32>
    %l = scf.for %i = %c1 to %T step %c1 iter_args(%s = %a) -> (tensor<64x64xf32>) {
      %n = linalg.contract indexing_maps = [#mk, #kn, #mn] ins(%a, %a : tensor<64x64xf32>, tensor<64x64xf32>) outs(%s : tensor<64x64xf32>) -> tensor<64x64xf32>
      scf.yield %n : tensor<64x64xf32>
    }
    %r = linalg.contract indexing_maps = [#mk, #kn, #mn] ins(%a, %a : tensor<64x64xf32>, tensor<64x64xf32>) outs(%a : tensor<64x64xf32>) -> tensor<64x64xf32>
    tile.store %l, %x[64, 0] dims [0, 1] limits [64, 64] : tensor<64x64xf32> -> !m
    tile.store %r, %x[128, 0] dims [0, 1] limits [64, 64] : tensor<64x64xf32> -> !m
    tile.store %a, %x[192, 0] dims [0, 1] limits [64, 64] : tensor<64x64xf32> -> !m
    tile.return
  }
}

// -----

!m = memref<?x?xf32, strided<[?, ?], offset: ?>>
#mk = affine_map<(m, n, k) -> (m, k)>
#kn = affine_map<(m, n, k) -> (k, n)>
#mn = affine_map<(m, n, k) -> (m, n)>
tile.program @p of @spec plan "plan" buffers [] {
  // A constant as an operand, inside a loop and after it: each in a buffer of its own, in the region that uses it. An empty tile is a
  // tile of zeros.
  // CHECK-LABEL: gpu_tile.kernel @constants
  // CHECK: scf.for
  // CHECK: %[[ONE:.*]] = gpu_tile.constant 1.000000e+00
  // CHECK: gpu_tile.put %[[ONE]] to %[[INSIDE:.*]] perm
  // CHECK: gpu_tile.contract %{{.*}}, %[[INSIDE]],
  // CHECK: scf.yield
  // CHECK: gpu_tile.put %{{.*}} to %[[AFTER:.*]] perm
  // CHECK: gpu_tile.contract %{{.*}}, %[[AFTER]],
  // CHECK: %[[ZERO:.*]] = gpu_tile.constant 0.000000e+00
  // CHECK: gpu_tile.store %[[ZERO]]
  tile.kernel @constants(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !m) attributes {grid = #tile.grid<blocks = 1>} {
    %c1 = arith.constant 1 : index
    %one = arith.constant dense<1.0> : tensor<64x64xf32>
    %zero = arith.constant dense<0.0> : tensor<64x64xf32>
    %empty = tensor.empty() : tensor<64x64xf32>
    %a = tile.load %x[0, 0] dims [0, 1] limits [64, 64] : !m -> tensor<64x64xf32>
    %l = scf.for %i = %c1 to %T step %c1 iter_args(%s = %zero) -> (tensor<64x64xf32>) {
      %n = linalg.contract indexing_maps = [#mk, #kn, #mn] ins(%a, %one : tensor<64x64xf32>, tensor<64x64xf32>) outs(%s : tensor<64x64xf32>) -> tensor<64x64xf32>
      scf.yield %n : tensor<64x64xf32>
    }
    %r = linalg.contract indexing_maps = [#mk, #kn, #mn] ins(%a, %one : tensor<64x64xf32>, tensor<64x64xf32>) outs(%l : tensor<64x64xf32>) -> tensor<64x64xf32>
    tile.store %r, %x[64, 0] dims [0, 1] limits [64, 64] : tensor<64x64xf32> -> !m
    tile.store %empty, %x[128, 0] dims [0, 1] limits [64, 64] : tensor<64x64xf32> -> !m
    tile.return
  }
}

// -----

!m = memref<?x?xf32, strided<[?, ?], offset: ?>>
#mk = affine_map<(m, n, k) -> (m, k)>
#kn = affine_map<(m, n, k) -> (k, n)>
#mn = affine_map<(m, n, k) -> (m, n)>
tile.program @p of @spec plan "plan" buffers [] {
  // Running sums of a constant and of an operand: brought to lanes, one row a warp.
  // CHECK-LABEL: gpu_tile.kernel @sums
  // CHECK: gpu_tile.contract
  // CHECK: %[[BACK:.*]] = gpu_tile.map(%{{.*}}) {{.*}} -> !gpu_tile.fragment<64x64xf32, #gpu_tile.lanes<rows = 1>>
  // CHECK: gpu_tile.cumsum %[[BACK]]
  // CHECK: %[[ONE:.*]] = gpu_tile.constant 1.000000e+00 : <64x64xf32, #gpu_tile.lanes<rows = 1>>
  // CHECK: gpu_tile.cumsum %[[ONE]]
  tile.kernel @sums(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !m) attributes {grid = #tile.grid<blocks = 1>} {
    %one = arith.constant dense<1.0> : tensor<64x64xf32>
    %zero = arith.constant dense<0.0> : tensor<64x64xf32>
    %a = tile.load %x[0, 0] dims [0, 1] limits [64, 64] : !m -> tensor<64x64xf32>
    %r = linalg.contract indexing_maps = [#mk, #kn, #mn] ins(%a, %a : tensor<64x64xf32>, tensor<64x64xf32>) outs(%zero : tensor<64x64xf32>) -> tensor<64x64xf32>
    tile.store %r, %x[64, 0] dims [0, 1] limits [64, 64] : tensor<64x64xf32> -> !m
    %s, %q = tile.cumsum %a : tensor<64x64xf32>
    tile.store %s, %x[128, 0] dims [0, 1] limits [64, 64] : tensor<64x64xf32> -> !m
    %t, %u = tile.cumsum %one : tensor<64x64xf32>
    tile.store %t, %x[192, 0] dims [0, 1] limits [64, 64] : tensor<64x64xf32> -> !m
    tile.return
  }
}
