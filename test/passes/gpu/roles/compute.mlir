// What `compute` does, in which order, and which fetched tiles it keeps in registers.
// RUN: mixer-opt %s --tile-assign-roles --split-input-file | FileCheck %s

// The product from zero comes first, rows that do not need the state are packed while it is under way, then the other product. The state
// before the loop and what follows it are this role's too.
// CHECK-LABEL: tile.kernel @order
// CHECK: tile.load %arg10{{.*}} {gpu_tile.work = #gpu_tile.work<[compute], order = 0>}
// CHECK: scf.for
// CHECK: linalg.generic {{.*}} order = [[#FIRST:]], ahead>
// CHECK: linalg.contract {{.*}} order = [[#FIRST + 1]]>
// CHECK: linalg.contract {{.*}} order = [[#FIRST - 1]]>
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
  tile.kernel @order(%block: index, %B: index, %T: index, %splits: index, %span: index, %q: !x, %k: !x, %v: !x, %g: !v, %o: !x, %s: !s) attributes {grid = #tile.grid<blocks = 1>} {
    %c0 = arith.constant 0 : index
    %c64 = arith.constant 64 : index
    %h = arith.constant 0 : index
    %zero = arith.constant dense<0.0> : tensor<64x64xf32>
    %init = tile.load %s[0, %h, 0, 0] dims [2, 3] limits [64, 64] : !s -> tensor<64x64xf32>
    %end = scf.for %i = %c0 to %T step %c64 iter_args(%S = %init) -> (tensor<64x64xf32>) {
      %left = arith.subi %T, %i : index
      %qt = tile.load %q[0, %i, %h, 0] dims [1, 3] limits [%left, 64] : !x -> tensor<64x64xbf16>
      %kt = tile.load %k[0, %i, %h, 0] dims [1, 3] limits [%left, 64] : !x -> tensor<64x64xbf16>
      %vt = tile.load %v[0, %i, %h, 0] dims [1, 3] limits [%left, 64] : !x -> tensor<64x64xbf16>
      %gt = tile.load %g[0, %i, %h] dims [1] limits [%left] : !v -> tensor<64xf32>
      %e = tensor.empty() : tensor<64x64xbf16>
      %kw = linalg.generic {indexing_maps = [affine_map<(i, j) -> (j, i)>, affine_map<(i, j) -> (j)>, #id], iterator_types = ["parallel", "parallel"]} ins(%kt, %gt : tensor<64x64xbf16>, tensor<64xf32>) outs(%e : tensor<64x64xbf16>) {
      ^bb0(%kv: bf16, %kd: f32, %ko: bf16):
        %ka = arith.extf %kv : bf16 to f32
        %kb = arith.mulf %ka, %kd : f32
        %kc = arith.truncf %kb : f32 to bf16
        linalg.yield %kc : bf16
      } -> tensor<64x64xbf16>
      %next = linalg.contract indexing_maps = [#mk, #kn, #mn] ins(%kw, %vt : tensor<64x64xbf16>, tensor<64x64xbf16>) outs(%S : tensor<64x64xf32>) -> tensor<64x64xf32>
      %low = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%S : tensor<64x64xf32>) outs(%e : tensor<64x64xbf16>) {
      ^bb0(%lowv: f32, %lowo: bf16):
        %lowt = arith.truncf %lowv : f32 to bf16
        linalg.yield %lowt : bf16
      } -> tensor<64x64xbf16>
      %yf = linalg.contract indexing_maps = [#km, #nk, #mn] ins(%low, %qt : tensor<64x64xbf16>, tensor<64x64xbf16>) outs(%zero : tensor<64x64xf32>) -> tensor<64x64xf32>
      tile.store %yf, %s[0, %h, 0, 0] dims [2, 3] limits [64, 64] : tensor<64x64xf32> -> !s
      scf.yield %next : tensor<64x64xf32>
    }
    tile.store %end, %s[0, %h, 0, 0] dims [2, 3] limits [64, 64] : tensor<64x64xf32> -> !s
    tile.return
  }
}

// -----

// Rows of a product that elementwise work reads too are read from shared memory once.
// CHECK-LABEL: tile.kernel @held
// CHECK: tile.load %arg7{{.*}} #gpu_tile.work<[fetch], through = [!gpu_tile.shared<64x64xbf16, swizzle = 0>], held = #gpu_tile.mma<rows = [1], cols = [0], warps = [4, 1]>>
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
  tile.kernel @held(%block: index, %B: index, %T: index, %splits: index, %span: index, %q: !x, %k: !x, %v: !x, %g: !v, %o: !x, %s: !s) attributes {grid = #tile.grid<blocks = 1>} {
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
      %gt = tile.load %g[0, %i, %h] dims [1] limits [%left] : !v -> tensor<64xf32>
      %sc = linalg.contract indexing_maps = [#mk, #nk, #mn] ins(%qt, %kt : tensor<64x64xbf16>, tensor<64x64xbf16>) outs(%zero : tensor<64x64xf32>) -> tensor<64x64xf32>
      %W = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%sc : tensor<64x64xf32>) outs(%e : tensor<64x64xbf16>) {
      ^bb0(%Wv: f32, %Wo: bf16):
        %Wt = arith.truncf %Wv : f32 to bf16
        linalg.yield %Wt : bf16
      } -> tensor<64x64xbf16>
      %yf = linalg.contract indexing_maps = [#km, #nk, #mn] ins(%vt, %W : tensor<64x64xbf16>, tensor<64x64xbf16>) outs(%zero : tensor<64x64xf32>) -> tensor<64x64xf32>
      %y = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%yf : tensor<64x64xf32>) outs(%e : tensor<64x64xbf16>) {
      ^bb0(%yv: f32, %yo: bf16):
        %yt = arith.truncf %yv : f32 to bf16
        linalg.yield %yt : bf16
      } -> tensor<64x64xbf16>
      tile.store %y, %o[0, %i, %h, 0] dims [1, 3] limits [%left, 64] : tensor<64x64xbf16> -> !x
      %vw = linalg.generic {indexing_maps = [#id, affine_map<(i, j) -> (i)>, #id], iterator_types = ["parallel", "parallel"]} ins(%vt, %gt : tensor<64x64xbf16>, tensor<64xf32>) outs(%e : tensor<64x64xbf16>) {
      ^bb0(%vwv: bf16, %vww: f32, %vwo: bf16):
        %vwa = arith.extf %vwv : bf16 to f32
        %vwb = arith.mulf %vwa, %vww : f32
        %vwt = arith.truncf %vwb : f32 to bf16
        linalg.yield %vwt : bf16
      } -> tensor<64x64xbf16>
      %next = linalg.contract indexing_maps = [#km, #kn, #mn] ins(%kt, %vw : tensor<64x64xbf16>, tensor<64x64xbf16>) outs(%S : tensor<64x64xf32>) -> tensor<64x64xf32>
      scf.yield %next : tensor<64x64xf32>
    }
    tile.store %end, %s[0, %h, 0, 0] dims [2, 3] limits [64, 64] : tensor<64x64xf32> -> !s
    tile.return
  }
}

// -----

// Rows that are computed before the loop are computed there, once.
// CHECK-LABEL: tile.kernel @before
// CHECK: linalg.generic {{.*}} #gpu_tile.work<[compute], order = 1>
// CHECK: scf.for
// CHECK: linalg.contract {{.*}} #gpu_tile.work<[compute], order = 3>
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
  tile.kernel @before(%block: index, %B: index, %T: index, %splits: index, %span: index, %q: !x, %k: !x, %v: !x, %g: !v, %o: !x, %s: !s) attributes {grid = #tile.grid<blocks = 1>} {
    %c0 = arith.constant 0 : index
    %c64 = arith.constant 64 : index
    %h = arith.constant 0 : index
    %zero = arith.constant dense<0.0> : tensor<64x64xf32>
    %first = tile.load %s[0, %h, 0, 0] dims [2, 3] limits [64, 64] : !s -> tensor<64x64xf32>
    %e = tensor.empty() : tensor<64x64xbf16>
      %rows = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%first : tensor<64x64xf32>) outs(%e : tensor<64x64xbf16>) {
      ^bb0(%rowsv: f32, %rowso: bf16):
        %rowst = arith.truncf %rowsv : f32 to bf16
        linalg.yield %rowst : bf16
      } -> tensor<64x64xbf16>
    %end = scf.for %i = %c0 to %T step %c64 iter_args(%S = %zero) -> (tensor<64x64xf32>) {
      %left = arith.subi %T, %i : index
      %kt = tile.load %k[0, %i, %h, 0] dims [1, 3] limits [%left, 64] : !x -> tensor<64x64xbf16>
      %next = linalg.contract indexing_maps = [#mk, #kn, #mn] ins(%rows, %kt : tensor<64x64xbf16>, tensor<64x64xbf16>) outs(%S : tensor<64x64xf32>) -> tensor<64x64xf32>
      scf.yield %next : tensor<64x64xf32>
    }
    tile.store %end, %s[0, %h, 0, 0] dims [2, 3] limits [64, 64] : tensor<64x64xf32> -> !s
    tile.return
  }
}
