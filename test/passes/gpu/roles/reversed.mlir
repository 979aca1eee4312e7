// Tiles of reversed tensors are fetched where their rows are what is reversed, one row at a time. What is stored to one, those store who have
// it: a bulk copy of a whole tile has one order.
// RUN: mixer-opt %s --tile-assign-roles | FileCheck %s
// RUN: mixer-opt %s --tile-to-gpu=arch=sm_90a | FileCheck %s --check-prefix=FETCH
// RUN: mixer-opt %s --tile-to-gpu=arch=sm_90a --gpu-tile-to-nvvm | FileCheck %s --check-prefix=ROWS

// CHECK-LABEL: tile.kernel @reversed
// CHECK: scf.for
// CHECK: tile.load {{.*}} {gpu_tile.work = #gpu_tile.work<[fetch], through = [!gpu_tile.shared<64x64xbf16, swizzle = 0>]>}
// CHECK: tile.load {{.*}} {gpu_tile.work = #gpu_tile.work<[fetch], through = [!gpu_tile.shared<64x64xbf16, swizzle = 0>]>}
// CHECK: tile.store {{.*}} {gpu_tile.work = #gpu_tile.work<[compute]
// FETCH: gpu_tile.role "fetch"
// FETCH: %[[R:.*]] = tile.reverse %{{.*}} dim 1 of
// FETCH: gpu_tile.fetch %[[R]] [
// FETCH-NOT: gpu_tile.role "flush"
// The box has one row; one thread, which is elected, copies eight of them in an iteration.
// ROWS: box = array<i64: 1, 1, 1, 64>
// ROWS: %[[ONE:.*]] = nvvm.elect.sync
// ROWS: scf.if %[[ONE]]
// ROWS-COUNT-8: nvvm.cp.async.bulk.tensor.shared.cluster.global
// ROWS: }
!x = memref<?x?x2x64xbf16, strided<[?, ?, ?, ?], offset: ?>>
!s = memref<?x2x64x64xf32, strided<[?, ?, ?, ?], offset: ?>>
#km = affine_map<(m, n, k) -> (k, m)>
#kn = affine_map<(m, n, k) -> (k, n)>
#mk = affine_map<(m, n, k) -> (m, k)>
#mn = affine_map<(m, n, k) -> (m, n)>
tile.program @p of @spec plan #mixer.algorithm<chunked, chunk = 64, operand = bf16, stages = 2, warps = 4, family = sm_90a> buffers [] {
  tile.kernel @reversed(%block: index, %B: index, %T: index, %splits: index, %span: index, %q: !x, %k: !x, %o: !x, %s: !s) attributes {grid = #tile.grid<blocks = 1>} {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c64 = arith.constant 64 : index
    %zero = arith.constant dense<0.0> : tensor<64x64xf32>
    %kr = tile.reverse %k dim 1 of %T : !x
    %qr = tile.reverse %q dim 1 of %T : !x
    %or = tile.reverse %o dim 1 of %T : !x
    %end = scf.for %i = %c0 to %T step %c64 iter_args(%S = %zero) -> (tensor<64x64xf32>) {
      %left = arith.subi %T, %i : index
      %kt = tile.load %kr[0, %i, %c1, 0] dims [1, 3] limits [%left, 64] : !x -> tensor<64x64xbf16>
      %qt = tile.load %qr[0, %i, %c1, 0] dims [1, 3] limits [%left, 64] : !x -> tensor<64x64xbf16>
      %y = linalg.contract indexing_maps = [#mk, #kn, #mn] ins(%qt, %kt : tensor<64x64xbf16>, tensor<64x64xbf16>) outs(%zero : tensor<64x64xf32>) -> tensor<64x64xf32>
      %yn = arith.truncf %y : tensor<64x64xf32> to tensor<64x64xbf16>
      tile.store %yn, %or[0, %i, %c1, 0] dims [1, 3] limits [%left, 64] : tensor<64x64xbf16> -> !x
      %next = linalg.contract indexing_maps = [#km, #kn, #mn] ins(%kt, %qt : tensor<64x64xbf16>, tensor<64x64xbf16>) outs(%S : tensor<64x64xf32>) -> tensor<64x64xf32>
      scf.yield %next : tensor<64x64xf32>
    }
    tile.store %end, %s[0, %c1, 0, 0] dims [2, 3] limits [64, 64] : tensor<64x64xf32> -> !s
    tile.return
  }
}
