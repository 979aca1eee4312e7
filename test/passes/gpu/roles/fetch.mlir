// Tiles that `fetch` copies to shared memory, and those that it cannot.
// RUN: mixer-opt %s --tile-assign-roles --split-input-file | FileCheck %s

// What a head has is copied for each part, what all parts read once. A swizzle by the row, panels of 128 bytes.
// CHECK-LABEL: tile.kernel @parts
// CHECK-SAME: #gpu_tile.role<role = fetch, first = 0, warps = 1, single = true>
// CHECK: scf.for
// The address is computed by all who need it.
// CHECK: arith.subi {{.*}} #gpu_tile.work<[fetch, compute], order = {{[0-9]+}}>
// CHECK: tile.load {{.*}} {gpu_tile.work = #gpu_tile.work<[fetch], through = [!gpu_tile.shared<64x64xbf16, swizzle = 0>]>}
// CHECK: tile.load {{.*}} {gpu_tile.work = #gpu_tile.work<[fetch], each_part, through = [!gpu_tile.shared<64x64xbf16, swizzle = 0>]>}
// CHECK: } {gpu_tile.work = #gpu_tile.work<[fetch, compute]>}
!x = memref<?x?x2x64xbf16, strided<[?, ?, ?, ?], offset: ?>>
!v = memref<?x?x2xf32, strided<[?, ?, ?], offset: ?>>
!s = memref<?x2x64x64xf32, strided<[?, ?, ?, ?], offset: ?>>
#mk = affine_map<(m, n, k) -> (m, k)>
#nk = affine_map<(m, n, k) -> (n, k)>
#km = affine_map<(m, n, k) -> (k, m)>
#kn = affine_map<(m, n, k) -> (k, n)>
#mn = affine_map<(m, n, k) -> (m, n)>
#id = affine_map<(i, j) -> (i, j)>
tile.program @p of @spec plan #mixer.algorithm<chunked, chunk = 64, operand = bf16, stages = 2, warps = 8, family = sm_90a, parts = 2> buffers [] {
  tile.kernel @parts(%block: index, %B: index, %T: index, %splits: index, %span: index, %q: !x, %k: !x, %v: !x, %g: !v, %o: !x, %s: !s) attributes {grid = #tile.grid<blocks = 1>} {
    %c0 = arith.constant 0 : index
    %c64 = arith.constant 64 : index
    %h = tile.part of 2
    %zero = arith.constant dense<0.0> : tensor<64x64xf32>
    %end = scf.for %i = %c0 to %T step %c64 iter_args(%S = %zero) -> (tensor<64x64xf32>) {
      %left = arith.subi %T, %i : index
      %c1 = arith.constant 1 : index
      %kt = tile.load %k[0, %i, %c1, 0] dims [1, 3] limits [%left, 64] : !x -> tensor<64x64xbf16>
      %vt = tile.load %v[0, %i, %h, 0] dims [1, 3] limits [%left, 64] : !x -> tensor<64x64xbf16>
      %next = linalg.contract indexing_maps = [#km, #kn, #mn] ins(%kt, %vt : tensor<64x64xbf16>, tensor<64x64xbf16>) outs(%S : tensor<64x64xf32>) -> tensor<64x64xf32>
      scf.yield %next : tensor<64x64xf32>
    }
    tile.store %end, %s[0, %h, 0, 0] dims [2, 3] limits [64, 64] : tensor<64x64xf32> -> !s
    tile.return
  }
}

// -----

// An address that the loop carries is not known ahead, a limit inside of the tensor is none that a tensor map has, a tensor of f32 is no
// operand of wgmma: `compute` loads these for itself.
// CHECK-LABEL: tile.kernel @alone
// CHECK: tile.load %arg5{{.*}} #gpu_tile.work<[fetch],
// CHECK: tile.load %arg6{{.*}} {gpu_tile.work = #gpu_tile.work<[compute], order = {{[0-9]+}}>}
// CHECK: tile.load %arg7{{.*}} {gpu_tile.work = #gpu_tile.work<[compute], order = {{[0-9]+}}>}
!x = memref<?x?x2x64xbf16, strided<[?, ?, ?, ?], offset: ?>>
!v = memref<?x?x2xf32, strided<[?, ?, ?], offset: ?>>
!s = memref<?x2x64x64xf32, strided<[?, ?, ?, ?], offset: ?>>
#mk = affine_map<(m, n, k) -> (m, k)>
#nk = affine_map<(m, n, k) -> (n, k)>
#km = affine_map<(m, n, k) -> (k, m)>
#kn = affine_map<(m, n, k) -> (k, n)>
#mn = affine_map<(m, n, k) -> (m, n)>
#id = affine_map<(i, j) -> (i, j)>
tile.program @p of @spec plan #mixer.algorithm<chunked, chunk = 64, operand = bf16, stages = 2, warps = 4, family = sm_90a> buffers [] {
  tile.kernel @alone(%block: index, %B: index, %T: index, %splits: index, %span: index, %q: !x, %k: !x, %v: !x, %g: !v, %o: !x, %s: !s) attributes {grid = #tile.grid<blocks = 1>} {
    %c0 = arith.constant 0 : index
    %c64 = arith.constant 64 : index
    %h = arith.constant 0 : index
    %zero = arith.constant dense<0.0> : tensor<64x64xf32>
    %end, %last = scf.for %i = %c0 to %T step %c64 iter_args(%S = %zero, %at = %c0) -> (tensor<64x64xf32>, index) {
      %left = arith.subi %T, %i : index
      %qt = tile.load %q[0, %i, %h, 0] dims [1, 3] limits [%left, 64] : !x -> tensor<64x64xbf16>
      %short = arith.minui %left, %c64 : index
      %kt = tile.load %k[0, %i, %h, 0] dims [1, 3] limits [%short, 64] : !x -> tensor<64x64xbf16>
      %again = arith.subi %T, %i : index
      %vt = tile.load %v[0, %at, %h, 0] dims [1, 3] limits [%left, 64] : !x -> tensor<64x64xbf16>
      %a = linalg.contract indexing_maps = [#km, #kn, #mn] ins(%qt, %kt : tensor<64x64xbf16>, tensor<64x64xbf16>) outs(%S : tensor<64x64xf32>) -> tensor<64x64xf32>
      %next = linalg.contract indexing_maps = [#km, #kn, #mn] ins(%qt, %vt : tensor<64x64xbf16>, tensor<64x64xbf16>) outs(%a : tensor<64x64xf32>) -> tensor<64x64xf32>
      scf.yield %next, %again : tensor<64x64xf32>, index
    }
    tile.store %end, %s[0, %h, 0, 0] dims [2, 3] limits [64, 64] : tensor<64x64xf32> -> !s
    tile.return
  }
}
