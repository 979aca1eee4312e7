// Where threads wait for each other: for the block, for the warp only where every row stays in its warp, and not at all between reads.
// RUN: mixer-opt %s --tile-to-gpu --split-input-file | FileCheck %s

!g = memref<?x?xf32, strided<[?, ?], offset: ?>>
#row = affine_map<(h, q) -> (h, q)>
#last = affine_map<(h, q) -> (h, 63)>
#turned = affine_map<(q, h) -> (h, q)>
#id = affine_map<(q, h) -> (q, h)>
tile.program @p of @spec plan #mixer.algorithm<chunked, chunk = 64> buffers [] {
  // Every warp sums its own rows and then reads the last sum of the same rows: a barrier of the warp. The transposed read below is of
  // other warps' rows: a barrier of the block, once for both reads.
  // CHECK-LABEL: gpu_tile.kernel @rows
  // CHECK: %[[SUMS:[^,]*]], %{{.*}} = gpu_tile.cumsum %{{.*}} : <64x64xf32, #gpu_tile.lanes<rows = 1>>
  // CHECK: gpu_tile.put %[[SUMS]] to %[[S:.*]] perm [0, 1]
  // CHECK-NEXT: gpu_tile.barrier warp
  // CHECK-NEXT: %{{.*}} = gpu_tile.map(%[[SUMS]], %[[S]])
  // CHECK: gpu_tile.store
  // CHECK: gpu_tile.barrier{{$}}
  // CHECK-NEXT: %{{.*}} = gpu_tile.map(%[[S]])
  // CHECK-NOT: gpu_tile.barrier
  // CHECK: gpu_tile.map(%[[S]])
  // CHECK-NOT: gpu_tile.barrier
  tile.kernel @rows(%block: index, %B: index, %T: index, %splits: index, %span: index, %g: !g) attributes {grid = #tile.grid<blocks = 1>} {
    %d = tile.load %g[0, 0] dims [0, 1] limits [64, 64] : !g -> tensor<64x64xf32>
    %sums, %resets = tile.cumsum %d : tensor<64x64xf32>
    %e = tensor.empty() : tensor<64x64xf32>
    %toEnd = linalg.generic {indexing_maps = [#row, #last, #row], iterator_types = ["parallel", "parallel"]}
        ins(%sums, %sums : tensor<64x64xf32>, tensor<64x64xf32>) outs(%e : tensor<64x64xf32>) {
    ^bb0(%s: f32, %l: f32, %old: f32):
      %v = arith.subf %l, %s : f32
      linalg.yield %v : f32
    } -> tensor<64x64xf32>
    tile.store %toEnd, %g[64, 0] dims [0, 1] limits [64, 64] : tensor<64x64xf32> -> !g
    %turned = linalg.generic {indexing_maps = [#turned, #id], iterator_types = ["parallel", "parallel"]}
        ins(%sums : tensor<64x64xf32>) outs(%e : tensor<64x64xf32>) {
    ^bb0(%s: f32, %old: f32):
      linalg.yield %s : f32
    } -> tensor<64x64xf32>
    tile.store %turned, %g[128, 0] dims [0, 1] limits [64, 64] : tensor<64x64xf32> -> !g
    %again = linalg.generic {indexing_maps = [#turned, #id], iterator_types = ["parallel", "parallel"]}
        ins(%sums : tensor<64x64xf32>) outs(%e : tensor<64x64xf32>) {
    ^bb0(%s: f32, %old: f32):
      %n = arith.negf %s : f32
      linalg.yield %n : f32
    } -> tensor<64x64xf32>
    tile.store %again, %g[192, 0] dims [0, 1] limits [64, 64] : tensor<64x64xf32> -> !g
    tile.return
  }
}

// -----

!x = memref<?x?x32xbf16, strided<[?, ?, ?], offset: ?>>
!o = memref<?x32xf32, strided<[?, ?], offset: ?>>
tile.program @p of @spec plan #mixer.algorithm<chunked, chunk = 32, stages = 2> buffers [] {
  // The end of an iteration meets the start of the next: the state is put to shared memory at the top, where other warps may still
  // read the one before. The loop's own barrier stands between.
  // CHECK-LABEL: gpu_tile.kernel @around
  // CHECK: scf.for {{.*}} iter_args(%[[STATE:[^ ]*]] =
  // CHECK: gpu_tile.wait 0
  // CHECK-NEXT: gpu_tile.barrier{{$}}
  // CHECK-NOT: gpu_tile.barrier
  // CHECK: gpu_tile.put %{{.*}} to %[[PUT:.*]] perm [0, 1]
  // CHECK: gpu_tile.barrier{{$}}
  // CHECK-NEXT: %{{.*}} = gpu_tile.contract %{{.*}}, %[[PUT]], %[[STATE]]
  // CHECK-NOT: gpu_tile.barrier
  // CHECK: scf.yield
  tile.kernel @around(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !x, %o: !o) attributes {grid = #tile.grid<blocks = 1>} {
    %c0 = arith.constant 0 : index
    %c32 = arith.constant 32 : index
    %zero = arith.constant dense<0.0> : tensor<32x32xf32>
    %sum = scf.for %i = %c0 to %T step %c32 iter_args(%s = %zero) -> (tensor<32x32xf32>) {
      %a = tile.load %x[0, %i, 0] dims [1, 2] limits [32, 32] : !x -> tensor<32x32xbf16>
      %e = tensor.empty() : tensor<32x32xbf16>
      %low = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]}
          ins(%s : tensor<32x32xf32>) outs(%e : tensor<32x32xbf16>) {
      ^bb0(%v: f32, %old: bf16):
        %n = arith.truncf %v : f32 to bf16
        linalg.yield %n : bf16
      } -> tensor<32x32xbf16>
      %next = linalg.contract indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>]
        ins(%a, %low : tensor<32x32xbf16>, tensor<32x32xbf16>) outs(%s : tensor<32x32xf32>) -> tensor<32x32xf32>
      scf.yield %next : tensor<32x32xf32>
    }
    tile.store %sum, %o[0, 0] dims [0, 1] limits [32, 32] : tensor<32x32xf32> -> !o
    tile.return
  }
}

// -----

!g = memref<?x?xf32, strided<[?, ?], offset: ?>>
#row = affine_map<(h, q) -> (h, q)>
#turned = affine_map<(q, h) -> (h, q)>
#id = affine_map<(q, h) -> (q, h)>
tile.program @p of @spec plan #mixer.algorithm<chunked, chunk = 64> buffers [] {
  // A barrier inside a branch is none for what follows it: the read after it has its own.
  // CHECK-LABEL: gpu_tile.kernel @branch
  // CHECK: gpu_tile.put
  // CHECK: scf.if
  // CHECK-NEXT: gpu_tile.barrier{{$}}
  // CHECK-NEXT: %{{.*}} = gpu_tile.map(
  // CHECK: }
  // CHECK: }
  // CHECK: gpu_tile.barrier{{$}}
  // CHECK-NEXT: %{{.*}} = gpu_tile.map(
  tile.kernel @branch(%block: index, %B: index, %T: index, %splits: index, %span: index, %g: !g) attributes {grid = #tile.grid<blocks = 1>} {
    %d = tile.load %g[0, 0] dims [0, 1] limits [64, 64] : !g -> tensor<64x64xf32>
    %sums, %resets = tile.cumsum %d : tensor<64x64xf32>
    %e = tensor.empty() : tensor<64x64xf32>
    %some = arith.cmpi slt, %block, %B : index
    scf.if %some {
      %turned = linalg.generic {indexing_maps = [#turned, #id], iterator_types = ["parallel", "parallel"]}
          ins(%sums : tensor<64x64xf32>) outs(%e : tensor<64x64xf32>) {
      ^bb0(%s: f32, %old: f32):
        linalg.yield %s : f32
      } -> tensor<64x64xf32>
      tile.store %turned, %g[128, 0] dims [0, 1] limits [64, 64] : tensor<64x64xf32> -> !g
    }
    %again = linalg.generic {indexing_maps = [#turned, #id], iterator_types = ["parallel", "parallel"]}
        ins(%sums : tensor<64x64xf32>) outs(%e : tensor<64x64xf32>) {
    ^bb0(%s: f32, %old: f32):
      linalg.yield %s : f32
    } -> tensor<64x64xf32>
    tile.store %again, %g[192, 0] dims [0, 1] limits [64, 64] : tensor<64x64xf32> -> !g
    tile.return
  }
}

// -----

!g = memref<?x?xf32, strided<[?, ?], offset: ?>>
#turned = affine_map<(q, h) -> (h, q)>
#id = affine_map<(q, h) -> (q, h)>
tile.program @p of @spec plan #mixer.algorithm<chunked, chunk = 64> buffers [] {
  // A kernel of one warp needs no barrier of the block.
  // CHECK-LABEL: gpu_tile.kernel @one_warp
  // CHECK-SAME: threads = 32 : i32
  // CHECK: gpu_tile.put
  // CHECK-NEXT: gpu_tile.barrier warp
  // CHECK-NEXT: %{{.*}} = gpu_tile.map(
  tile.kernel @one_warp(%block: index, %B: index, %T: index, %splits: index, %span: index, %g: !g) attributes {grid = #tile.grid<blocks = 1>} {
    %d = tile.load %g[0, 0] dims [0, 1] limits [16, 16] : !g -> tensor<16x16xf32>
    %sums, %resets = tile.cumsum %d : tensor<16x16xf32>
    %e = tensor.empty() : tensor<16x16xf32>
    %turned = linalg.generic {indexing_maps = [#turned, #id], iterator_types = ["parallel", "parallel"]}
        ins(%sums : tensor<16x16xf32>) outs(%e : tensor<16x16xf32>) {
    ^bb0(%s: f32, %old: f32):
      linalg.yield %s : f32
    } -> tensor<16x16xf32>
    tile.store %turned, %g[128, 0] dims [0, 1] limits [16, 16] : tensor<16x16xf32> -> !g
    tile.return
  }
}

// -----

!g = memref<?x?xf32, strided<[?, ?], offset: ?>>
#turned = affine_map<(q, h) -> (h, q)>
#id = affine_map<(q, h) -> (q, h)>
tile.program @p of @spec plan #mixer.algorithm<chunked, chunk = 64> buffers [] {
  // What is under way before a branch counts once behind it, however many branches there are: none of these doubles it.
  // CHECK-LABEL: gpu_tile.kernel @branches
  // CHECK: gpu_tile.barrier
  // CHECK: scf.if
  // CHECK-NOT: gpu_tile.barrier
  // CHECK: gpu_tile.return
  tile.kernel @branches(%block: index, %B: index, %T: index, %splits: index, %span: index, %g: !g) attributes {grid = #tile.grid<blocks = 1>} {
    %c = arith.cmpi ult, %block, %T : index
    %d = tile.load %g[0, 0] dims [0, 1] limits [16, 16] : !g -> tensor<16x16xf32>
    %sums, %resets = tile.cumsum %d : tensor<16x16xf32>
    %e = tensor.empty() : tensor<16x16xf32>
    %turned = linalg.generic {indexing_maps = [#turned, #id], iterator_types = ["parallel", "parallel"]}
        ins(%sums : tensor<16x16xf32>) outs(%e : tensor<16x16xf32>) {
    ^bb0(%s: f32, %old: f32):
      linalg.yield %s : f32
    } -> tensor<16x16xf32>
    scf.if %c { tile.store %turned, %g[144, 0] dims [0, 1] limits [16, 16] : tensor<16x16xf32> -> !g }
    scf.if %c { tile.store %turned, %g[160, 0] dims [0, 1] limits [16, 16] : tensor<16x16xf32> -> !g }
    scf.if %c { tile.store %turned, %g[176, 0] dims [0, 1] limits [16, 16] : tensor<16x16xf32> -> !g }
    scf.if %c { tile.store %turned, %g[192, 0] dims [0, 1] limits [16, 16] : tensor<16x16xf32> -> !g }
    scf.if %c { tile.store %turned, %g[208, 0] dims [0, 1] limits [16, 16] : tensor<16x16xf32> -> !g }
    scf.if %c { tile.store %turned, %g[224, 0] dims [0, 1] limits [16, 16] : tensor<16x16xf32> -> !g }
    scf.if %c { tile.store %turned, %g[240, 0] dims [0, 1] limits [16, 16] : tensor<16x16xf32> -> !g }
    scf.if %c { tile.store %turned, %g[256, 0] dims [0, 1] limits [16, 16] : tensor<16x16xf32> -> !g }
    scf.if %c { tile.store %turned, %g[272, 0] dims [0, 1] limits [16, 16] : tensor<16x16xf32> -> !g }
    scf.if %c { tile.store %turned, %g[288, 0] dims [0, 1] limits [16, 16] : tensor<16x16xf32> -> !g }
    scf.if %c { tile.store %turned, %g[304, 0] dims [0, 1] limits [16, 16] : tensor<16x16xf32> -> !g }
    scf.if %c { tile.store %turned, %g[320, 0] dims [0, 1] limits [16, 16] : tensor<16x16xf32> -> !g }
    scf.if %c { tile.store %turned, %g[336, 0] dims [0, 1] limits [16, 16] : tensor<16x16xf32> -> !g }
    scf.if %c { tile.store %turned, %g[352, 0] dims [0, 1] limits [16, 16] : tensor<16x16xf32> -> !g }
    scf.if %c { tile.store %turned, %g[368, 0] dims [0, 1] limits [16, 16] : tensor<16x16xf32> -> !g }
    scf.if %c { tile.store %turned, %g[384, 0] dims [0, 1] limits [16, 16] : tensor<16x16xf32> -> !g }
    scf.if %c { tile.store %turned, %g[400, 0] dims [0, 1] limits [16, 16] : tensor<16x16xf32> -> !g }
    scf.if %c { tile.store %turned, %g[416, 0] dims [0, 1] limits [16, 16] : tensor<16x16xf32> -> !g }
    scf.if %c { tile.store %turned, %g[432, 0] dims [0, 1] limits [16, 16] : tensor<16x16xf32> -> !g }
    scf.if %c { tile.store %turned, %g[448, 0] dims [0, 1] limits [16, 16] : tensor<16x16xf32> -> !g }
    scf.if %c { tile.store %turned, %g[464, 0] dims [0, 1] limits [16, 16] : tensor<16x16xf32> -> !g }
    scf.if %c { tile.store %turned, %g[480, 0] dims [0, 1] limits [16, 16] : tensor<16x16xf32> -> !g }
    scf.if %c { tile.store %turned, %g[496, 0] dims [0, 1] limits [16, 16] : tensor<16x16xf32> -> !g }
    scf.if %c { tile.store %turned, %g[512, 0] dims [0, 1] limits [16, 16] : tensor<16x16xf32> -> !g }
    scf.if %c { tile.store %turned, %g[528, 0] dims [0, 1] limits [16, 16] : tensor<16x16xf32> -> !g }
    scf.if %c { tile.store %turned, %g[544, 0] dims [0, 1] limits [16, 16] : tensor<16x16xf32> -> !g }
    scf.if %c { tile.store %turned, %g[560, 0] dims [0, 1] limits [16, 16] : tensor<16x16xf32> -> !g }
    scf.if %c { tile.store %turned, %g[576, 0] dims [0, 1] limits [16, 16] : tensor<16x16xf32> -> !g }
    scf.if %c { tile.store %turned, %g[592, 0] dims [0, 1] limits [16, 16] : tensor<16x16xf32> -> !g }
    scf.if %c { tile.store %turned, %g[608, 0] dims [0, 1] limits [16, 16] : tensor<16x16xf32> -> !g }
    scf.if %c { tile.store %turned, %g[624, 0] dims [0, 1] limits [16, 16] : tensor<16x16xf32> -> !g }
    scf.if %c { tile.store %turned, %g[640, 0] dims [0, 1] limits [16, 16] : tensor<16x16xf32> -> !g }
    scf.if %c { tile.store %turned, %g[656, 0] dims [0, 1] limits [16, 16] : tensor<16x16xf32> -> !g }
    scf.if %c { tile.store %turned, %g[672, 0] dims [0, 1] limits [16, 16] : tensor<16x16xf32> -> !g }
    scf.if %c { tile.store %turned, %g[688, 0] dims [0, 1] limits [16, 16] : tensor<16x16xf32> -> !g }
    scf.if %c { tile.store %turned, %g[704, 0] dims [0, 1] limits [16, 16] : tensor<16x16xf32> -> !g }
    scf.if %c { tile.store %turned, %g[720, 0] dims [0, 1] limits [16, 16] : tensor<16x16xf32> -> !g }
    scf.if %c { tile.store %turned, %g[736, 0] dims [0, 1] limits [16, 16] : tensor<16x16xf32> -> !g }
    scf.if %c { tile.store %turned, %g[752, 0] dims [0, 1] limits [16, 16] : tensor<16x16xf32> -> !g }
    scf.if %c { tile.store %turned, %g[768, 0] dims [0, 1] limits [16, 16] : tensor<16x16xf32> -> !g }
    tile.return
  }
}
