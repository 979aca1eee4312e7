// The places of buffers: apart from each other where that costs no block a multiprocessor, else shared by those that do not live at
// the same time; with the barriers that this needs.
// RUN: mixer-opt %s --tile-to-gpu=arch=sm_80 --split-input-file | FileCheck %s

!x = memref<?x128xbf16, strided<[?, ?], offset: ?>>
tile.program @p of @spec plan #mixer.algorithm<chunked, chunk = 64> buffers [] {
  // Two operands of 16 KiB one after the other. Apart, 32 KiB let four blocks run; at one place, nine.
  // CHECK-LABEL: gpu_tile.kernel @shared
  // CHECK-SAME: shared_bytes = 16384 : i32
  // CHECK: %[[A:.*]] = gpu_tile.alloc at 0 : <64x128xbf16, swizzle = 0>
  // CHECK: gpu_tile.copy %{{.*}} to %[[A]]
  // CHECK: gpu_tile.barrier{{$}}
  // CHECK-NEXT: gpu_tile.contract %[[A]], %[[A]]
  // CHECK: %[[B:.*]] = gpu_tile.alloc at 0 : <64x128xbf16, swizzle = 0>
  // Before the place is written again, all warps are through with the product.
  // CHECK-NEXT: gpu_tile.barrier{{$}}
  // CHECK-NEXT: gpu_tile.copy %{{.*}} to %[[B]]
  // CHECK-NEXT: gpu_tile.commit
  // CHECK-NEXT: gpu_tile.wait 0
  // CHECK-NEXT: gpu_tile.barrier{{$}}
  // CHECK-NEXT: gpu_tile.contract %[[B]], %[[B]]
  tile.kernel @shared(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !x, %y: memref<?x?xf32, strided<[?, ?], offset: ?>>) attributes {grid = #tile.grid<blocks = 1>} {
    %zero = arith.constant dense<0.0> : tensor<64x64xf32>
    %a = tile.load %x[0, 0] dims [0, 1] limits [64, 128] : !x -> tensor<64x128xbf16>
    %p = linalg.contract indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>]
        ins(%a, %a : tensor<64x128xbf16>, tensor<64x128xbf16>) outs(%zero : tensor<64x64xf32>) -> tensor<64x64xf32>
    %b = tile.load %x[64, 0] dims [0, 1] limits [64, 128] : !x -> tensor<64x128xbf16>
    %q = linalg.contract indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>]
        ins(%b, %b : tensor<64x128xbf16>, tensor<64x128xbf16>) outs(%p : tensor<64x64xf32>) -> tensor<64x64xf32>
    tile.store %q, %y[0, 0] dims [0, 1] limits [64, 64] : tensor<64x64xf32> -> memref<?x?xf32, strided<[?, ?], offset: ?>>
    tile.return
  }
}

// -----

!x = memref<?x128xbf16, strided<[?, ?], offset: ?>>
tile.program @p of @spec plan #mixer.algorithm<chunked, chunk = 64> buffers [] {
  // Both operands of one product live at once, whatever it costs.
  // CHECK-LABEL: gpu_tile.kernel @apart
  // CHECK-SAME: shared_bytes = 32768 : i32
  // CHECK: %[[A:.*]] = gpu_tile.alloc at 0 :
  // CHECK: gpu_tile.copy %{{.*}} to %[[A]]
  // CHECK-NOT: gpu_tile.barrier
  // CHECK: %[[B:.*]] = gpu_tile.alloc at 16384 :
  // CHECK-NEXT: gpu_tile.copy %{{.*}} to %[[B]]
  // One barrier for both copies.
  // CHECK: gpu_tile.barrier{{$}}
  // CHECK-NEXT: gpu_tile.contract %[[A]], %[[B]]
  // CHECK-NOT: gpu_tile.barrier
  // CHECK: gpu_tile.return
  tile.kernel @apart(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !x, %y: memref<?x?xf32, strided<[?, ?], offset: ?>>) attributes {grid = #tile.grid<blocks = 1>} {
    %zero = arith.constant dense<0.0> : tensor<64x64xf32>
    %a = tile.load %x[0, 0] dims [0, 1] limits [64, 128] : !x -> tensor<64x128xbf16>
    %b = tile.load %x[64, 0] dims [0, 1] limits [64, 128] : !x -> tensor<64x128xbf16>
    %p = linalg.contract indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>]
        ins(%a, %b : tensor<64x128xbf16>, tensor<64x128xbf16>) outs(%zero : tensor<64x64xf32>) -> tensor<64x64xf32>
    tile.store %p, %y[0, 0] dims [0, 1] limits [64, 64] : tensor<64x64xf32> -> memref<?x?xf32, strided<[?, ?], offset: ?>>
    tile.return
  }
}

// -----

!x = memref<?x128xbf16, strided<[?, ?], offset: ?>>
tile.program @p of @spec plan #mixer.algorithm<chunked, chunk = 64> buffers [] {
  // What is put before a loop and used in it lives to the loop's end: its place is nobody else's, though the last use comes first.
  // CHECK-LABEL: gpu_tile.kernel @loop
  // CHECK: gpu_tile.alloc at [[KEPT:[0-9]+]] : <64x128xbf16, swizzle = 0>
  // CHECK: scf.for
  // CHECK: gpu_tile.contract
  // CHECK-NOT: gpu_tile.alloc at [[KEPT]] :
  // CHECK: gpu_tile.return
  tile.kernel @loop(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !x, %y: memref<?x?xf32, strided<[?, ?], offset: ?>>) attributes {grid = #tile.grid<blocks = 1>} {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %zero = arith.constant dense<0.0> : tensor<64x64xf32>
    %a = tile.load %x[0, 0] dims [0, 1] limits [64, 128] : !x -> tensor<64x128xbf16>
    %s = scf.for %i = %c0 to %T step %c1 iter_args(%sum = %zero) -> (tensor<64x64xf32>) {
      %p = linalg.contract indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>]
          ins(%a, %a : tensor<64x128xbf16>, tensor<64x128xbf16>) outs(%sum : tensor<64x64xf32>) -> tensor<64x64xf32>
      %e = tensor.empty() : tensor<64x64xbf16>
      %low = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]}
          ins(%p : tensor<64x64xf32>) outs(%e : tensor<64x64xbf16>) {
      ^bb0(%v: f32, %old: bf16):
        %n = arith.truncf %v : f32 to bf16
        linalg.yield %n : bf16
      } -> tensor<64x64xbf16>
      %q = linalg.contract indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>]
          ins(%low, %low : tensor<64x64xbf16>, tensor<64x64xbf16>) outs(%p : tensor<64x64xf32>) -> tensor<64x64xf32>
      scf.yield %q : tensor<64x64xf32>
    }
    tile.store %s, %y[0, 0] dims [0, 1] limits [64, 64] : tensor<64x64xf32> -> memref<?x?xf32, strided<[?, ?], offset: ?>>
    tile.return
  }
}

// -----

!x = memref<?x128xbf16, strided<[?, ?], offset: ?>>
tile.program @p of @spec plan #mixer.algorithm<chunked, chunk = 64, stages = 3> buffers [] {
  // Copies into the stages of a ring, which a loop issues ahead, may go to the place of what was read before the loop.
  // CHECK-LABEL: gpu_tile.kernel @ring
  // CHECK: %[[A:.*]] = gpu_tile.alloc at 0 : <64x128xbf16, swizzle = 0>
  // CHECK: gpu_tile.contract %[[A]], %[[A]]
  // CHECK: %[[RING:.*]] = gpu_tile.alloc at 0 : <64x128xbf16, swizzle = 0, stages = 3>
  // CHECK: scf.if
  // CHECK: %[[STAGE:.*]] = gpu_tile.slot %[[RING]]
  // CHECK-NEXT: gpu_tile.barrier{{$}}
  // CHECK-NEXT: gpu_tile.copy %{{.*}} to %[[STAGE]]
  // In the loop its own barrier, behind the wait, is all that is needed.
  // CHECK: scf.for
  // CHECK: gpu_tile.wait 1
  // CHECK-NEXT: gpu_tile.barrier{{$}}
  // CHECK-NOT: gpu_tile.barrier
  // CHECK: scf.yield
  // CHECK: gpu_tile.return
  tile.kernel @ring(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !x, %y: memref<?x?xf32, strided<[?, ?], offset: ?>>) attributes {grid = #tile.grid<blocks = 1>} {
    %c0 = arith.constant 0 : index
    %c64 = arith.constant 64 : index
    %zero = arith.constant dense<0.0> : tensor<64x64xf32>
    %a = tile.load %x[0, 0] dims [0, 1] limits [64, 128] : !x -> tensor<64x128xbf16>
    %p = linalg.contract indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>]
        ins(%a, %a : tensor<64x128xbf16>, tensor<64x128xbf16>) outs(%zero : tensor<64x64xf32>) -> tensor<64x64xf32>
    %q = scf.for %i = %c0 to %T step %c64 iter_args(%S = %p) -> (tensor<64x64xf32>) {
      %left = arith.subi %T, %i : index
      %b = tile.load %x[%i, 0] dims [0, 1] limits [%left, 128] : !x -> tensor<64x128xbf16>
      %r = linalg.contract indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>]
          ins(%b, %b : tensor<64x128xbf16>, tensor<64x128xbf16>) outs(%S : tensor<64x64xf32>) -> tensor<64x64xf32>
      scf.yield %r : tensor<64x64xf32>
    }
    tile.store %q, %y[0, 0] dims [0, 1] limits [64, 64] : tensor<64x64xf32> -> memref<?x?xf32, strided<[?, ?], offset: ?>>
    tile.return
  }
}
