// Results that `flush` writes back, and those that `compute` stores itself.
// RUN: mixer-opt %s --tile-assign-roles --split-input-file | FileCheck %s

// CHECK-LABEL: tile.kernel @results
// CHECK-SAME: #gpu_tile.role<role = flush, first = 3, warps = 1, single = true>
// CHECK: tile.store {{.*}} {gpu_tile.work = #gpu_tile.work<[flush, compute], order = {{[0-9]+}}, through = [!gpu_tile.shared<64x64xbf16, swizzle = 0>]>}
// A limit inside of the tensor is none that a tensor map has; f32 is none of its tiles.
// CHECK: tile.store {{.*}} {gpu_tile.work = #gpu_tile.work<[compute], order = {{[0-9]+}}>}
// CHECK: tile.store {{.*}} {gpu_tile.work = #gpu_tile.work<[compute], order = {{[0-9]+}}>}
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
  tile.kernel @results(%block: index, %B: index, %T: index, %splits: index, %span: index, %q: !x, %k: !x, %v: !x, %g: !v, %o: !x, %u: !x, %s: !s) attributes {grid = #tile.grid<blocks = 1>} {
    %c0 = arith.constant 0 : index
    %c64 = arith.constant 64 : index
    %h = arith.constant 0 : index
    %zero = arith.constant dense<0.0> : tensor<64x64xf32>
    %end = scf.for %i = %c0 to %T step %c64 iter_args(%S = %zero) -> (tensor<64x64xf32>) {
      %left = arith.subi %T, %i : index
      %qt = tile.load %q[0, %i, %h, 0] dims [1, 3] limits [%left, 64] : !x -> tensor<64x64xbf16>
      %kt = tile.load %k[0, %i, %h, 0] dims [1, 3] limits [%left, 64] : !x -> tensor<64x64xbf16>
      %vt = tile.load %v[0, %i, %h, 0] dims [1, 3] limits [%left, 64] : !x -> tensor<64x64xbf16>
      %e = tensor.empty() : tensor<64x64xbf16>
      %low = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%S : tensor<64x64xf32>) outs(%e : tensor<64x64xbf16>) {
      ^bb0(%lowv: f32, %lowo: bf16):
        %lowt = arith.truncf %lowv : f32 to bf16
        linalg.yield %lowt : bf16
      } -> tensor<64x64xbf16>
      %yf = linalg.contract indexing_maps = [#mk, #kn, #mn] ins(%qt, %low : tensor<64x64xbf16>, tensor<64x64xbf16>) outs(%zero : tensor<64x64xf32>) -> tensor<64x64xf32>
      %y = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%yf : tensor<64x64xf32>) outs(%e : tensor<64x64xbf16>) {
      ^bb0(%yv: f32, %yo: bf16):
        %yt = arith.truncf %yv : f32 to bf16
        linalg.yield %yt : bf16
      } -> tensor<64x64xbf16>
      tile.store %y, %o[0, %i, %h, 0] dims [1, 3] limits [%left, 64] : tensor<64x64xbf16> -> !x
      tile.store %y, %u[0, %i, %h, 0] dims [1, 3] limits [32, 64] : tensor<64x64xbf16> -> !x
      tile.store %yf, %s[0, %h, 0, 0] dims [2, 3] limits [64, 64] : tensor<64x64xf32> -> !s
      %next = linalg.contract indexing_maps = [#km, #kn, #mn] ins(%kt, %vt : tensor<64x64xbf16>, tensor<64x64xbf16>) outs(%S : tensor<64x64xf32>) -> tensor<64x64xf32>
      scf.yield %next : tensor<64x64xf32>
    }
    tile.store %end, %s[0, %h, 0, 0] dims [2, 3] limits [64, 64] : tensor<64x64xf32> -> !s
    tile.return
  }
}

// -----

// A bulk copy might overtake another one to the same place: these `compute` stores.
// CHECK-LABEL: tile.kernel @again
// CHECK-NOT: role = flush
// CHECK: tile.store {{.*}} {gpu_tile.work = #gpu_tile.work<[compute], order = {{[0-9]+}}>}
!x = memref<?x?x2x64xbf16, strided<[?, ?, ?, ?], offset: ?>>
#kn = affine_map<(m, n, k) -> (k, n)>
#km = affine_map<(m, n, k) -> (k, m)>
#mn = affine_map<(m, n, k) -> (m, n)>
#id = affine_map<(i, j) -> (i, j)>
tile.program @p of @spec plan #mixer.algorithm<chunked, chunk = 64, operand = bf16, stages = 2, warps = 4, family = sm_90a> buffers [] {
  tile.kernel @again(%block: index, %B: index, %T: index, %splits: index, %span: index, %k: !x, %v: !x, %o: !x) attributes {grid = #tile.grid<blocks = 1>} {
    %c0 = arith.constant 0 : index
    %c64 = arith.constant 64 : index
    %zero = arith.constant dense<0.0> : tensor<64x64xf32>
    %end = scf.for %i = %c0 to %T step %c64 iter_args(%S = %zero) -> (tensor<64x64xf32>) {
      %left = arith.subi %T, %i : index
      %kt = tile.load %k[0, %i, 0, 0] dims [1, 3] limits [%left, 64] : !x -> tensor<64x64xbf16>
      %vt = tile.load %v[0, %i, 0, 0] dims [1, 3] limits [%left, 64] : !x -> tensor<64x64xbf16>
      %next = linalg.contract indexing_maps = [#km, #kn, #mn] ins(%kt, %vt : tensor<64x64xbf16>, tensor<64x64xbf16>) outs(%S : tensor<64x64xf32>) -> tensor<64x64xf32>
      %e = tensor.empty() : tensor<64x64xbf16>
      %y = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%next : tensor<64x64xf32>) outs(%e : tensor<64x64xbf16>) {
      ^bb0(%yv: f32, %yo: bf16):
        %yt = arith.truncf %yv : f32 to bf16
        linalg.yield %yt : bf16
      } -> tensor<64x64xbf16>
      tile.store %y, %o[0, 0, 0, 0] dims [1, 3] limits [%T, 64] : tensor<64x64xbf16> -> !x
      scf.yield %next : tensor<64x64xf32>
    }
    tile.return
  }
}
