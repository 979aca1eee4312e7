// What only some of the warps can do is done by those: loads that no bulk copy can fetch, factors that are computed first.
// RUN: mixer-opt %s --tile-to-gpu=arch=sm_90a --split-input-file | FileCheck %s
// RUN: mixer-opt %s --tile-to-gpu=arch=sm_90a --gpu-tile-to-nvvm --split-input-file -o %t

// f32 operands are no wgmma's: the kernel has no roles.
// CHECK-LABEL: gpu_tile.kernel @staged
// CHECK-NOT: gpu_tile.role
// CHECK: gpu_tile.contract
!x = memref<?x?x64xf32, strided<[?, ?, ?], offset: ?>>
!o = memref<?x?xf32, strided<[?, ?], offset: ?>>
tile.program @p of @spec plan #mixer.algorithm<chunked, chunk = 64, operand = bf16, stages = 2, warps = 4, family = sm_90a> buffers [] {
  tile.kernel @staged(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !x, %o: !o) attributes {grid = #tile.grid<blocks = 1>} {
    %c0 = arith.constant 0 : index
    %c64 = arith.constant 64 : index
    %zero = arith.constant dense<0.0> : tensor<64x32xf32>
    %sum = scf.for %i = %c0 to %T step %c64 iter_args(%s = %zero) -> (tensor<64x32xf32>) {
      %a = tile.load %x[0, %i, 0] dims [1, 2] limits [64, 64] : !x -> tensor<64x64xf32>
      %next = linalg.contract indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>]
        ins(%a, %s : tensor<64x64xf32>, tensor<64x32xf32>) outs(%s : tensor<64x32xf32>) -> tensor<64x32xf32>
      scf.yield %next : tensor<64x32xf32>
    }
    tile.store %sum, %o[0, 0] dims [0, 1] limits [64, 32] : tensor<64x32xf32> -> !o
    tile.return
  }
}

// -----

// The address of b is not known ahead: those who multiply copy it, and fence it for wgmma.
// CHECK-LABEL: gpu_tile.kernel @address
// CHECK: gpu_tile.role "fetch"
// CHECK: gpu_tile.fetch
// CHECK-NOT: gpu_tile.fetch
// CHECK: gpu_tile.role "compute"
// CHECK: gpu_tile.copy
// CHECK: gpu_tile.wait 0
// CHECK-NEXT: gpu_tile.fence
// CHECK: gpu_tile.wgmma
!x = memref<?x?x64xbf16, strided<[?, ?, ?], offset: ?>>
!o = memref<?x?xf32, strided<[?, ?], offset: ?>>
tile.program @p of @spec plan #mixer.algorithm<chunked, chunk = 64, operand = bf16, stages = 2, warps = 4, family = sm_90a> buffers [] {
  tile.kernel @address(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !x, %o: !o) attributes {grid = #tile.grid<blocks = 1>} {
    %c0 = arith.constant 0 : index
    %c64 = arith.constant 64 : index
    %zero = arith.constant dense<0.0> : tensor<64x64xf32>
    %sum, %end = scf.for %i = %c0 to %T step %c64 iter_args(%s = %zero, %at = %c0) -> (tensor<64x64xf32>, index) {
      %more = arith.addi %at, %i : index
      %a = tile.load %x[0, %i, 0] dims [1, 2] limits [64, 64] : !x -> tensor<64x64xbf16>
      %b = tile.load %x[0, %at, 0] dims [1, 2] limits [64, 64] : !x -> tensor<64x64xbf16>
      %next = linalg.contract indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>]
        ins(%a, %b : tensor<64x64xbf16>, tensor<64x64xbf16>) outs(%s : tensor<64x64xf32>) -> tensor<64x64xf32>
      scf.yield %next, %more : tensor<64x64xf32>, index
    }
    tile.store %sum, %o[0, 0] dims [0, 1] limits [64, 64] : tensor<64x64xf32> -> !o
    tile.return
  }
}

// -----

// A factor that is computed from a loaded tile: the warpgroup that works ahead computes it too.
// CHECK-LABEL: gpu_tile.kernel @mapped
// CHECK: gpu_tile.role "early"
// CHECK: arith.negf
// CHECK: gpu_tile.fence
// CHECK: gpu_tile.wgmma
// CHECK: gpu_tile.role "compute"
// CHECK-NOT: arith.negf
!x = memref<?x?x64xbf16, strided<[?, ?, ?], offset: ?>>
!o = memref<?x?xf32, strided<[?, ?], offset: ?>>
#mk = affine_map<(m, n, k) -> (m, k)>
#nk = affine_map<(m, n, k) -> (n, k)>
#kn = affine_map<(m, n, k) -> (k, n)>
#mn = affine_map<(m, n, k) -> (m, n)>
#id = affine_map<(i, j) -> (i, j)>
tile.program @p of @spec plan #mixer.algorithm<chunked, chunk = 64, operand = bf16, stages = 2, warps = 4, family = sm_90a> buffers [] {
  tile.kernel @mapped(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !x, %o: !o) attributes {grid = #tile.grid<blocks = 1>} {
    %c0 = arith.constant 0 : index
    %c64 = arith.constant 64 : index
    %zero = arith.constant dense<0.0> : tensor<64x64xf32>
    %sum = scf.for %i = %c0 to %T step %c64 iter_args(%s = %zero) -> (tensor<64x64xf32>) {
      %a = tile.load %x[0, %i, 0] dims [1, 2] limits [64, 64] : !x -> tensor<64x64xbf16>
      %e = tensor.empty() : tensor<64x64xbf16>
      %f = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%a : tensor<64x64xbf16>) outs(%e : tensor<64x64xbf16>) {
      ^bb0(%v: bf16, %old: bf16):
        %n = arith.negf %v : bf16
        linalg.yield %n : bf16
      } -> tensor<64x64xbf16>
      %scores = linalg.contract indexing_maps = [#mk, #nk, #mn] ins(%a, %f : tensor<64x64xbf16>, tensor<64x64xbf16>) outs(%zero : tensor<64x64xf32>) -> tensor<64x64xf32>
      %weights = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%scores : tensor<64x64xf32>) outs(%e : tensor<64x64xbf16>) {
      ^bb0(%v: f32, %old: bf16):
        %n = arith.truncf %v : f32 to bf16
        linalg.yield %n : bf16
      } -> tensor<64x64xbf16>
      %next = linalg.contract indexing_maps = [#mk, #kn, #mn] ins(%a, %weights : tensor<64x64xbf16>, tensor<64x64xbf16>) outs(%s : tensor<64x64xf32>) -> tensor<64x64xf32>
      scf.yield %next : tensor<64x64xf32>
    }
    tile.store %sum, %o[0, 0] dims [0, 1] limits [64, 64] : tensor<64x64xf32> -> !o
    tile.return
  }
}

// -----

// A product that the early role takes and does not read is over before its operands are handed back.
// CHECK-LABEL: gpu_tile.kernel @unread
// CHECK: gpu_tile.role "early"
// CHECK: gpu_tile.wgmma
// CHECK-NEXT: gpu_tile.wgmma_wait
// CHECK: %[[UNREAD:.*]] = gpu_tile.wgmma
// CHECK: gpu_tile.wgmma_wait %[[UNREAD]] pending 0
// CHECK-NEXT: gpu_tile.arrive
// CHECK: gpu_tile.role "compute"
!x = memref<?x?x64xbf16, strided<[?, ?, ?], offset: ?>>
!g = memref<?x?xf32, strided<[?, ?], offset: ?>>
#mk = affine_map<(m, n, k) -> (m, k)>
#nk = affine_map<(m, n, k) -> (n, k)>
#kn = affine_map<(m, n, k) -> (k, n)>
#mn = affine_map<(m, n, k) -> (m, n)>
tile.program @p of @spec plan #mixer.algorithm<chunked, chunk = 64, operand = bf16, stages = 2, warps = 4, family = sm_90a> buffers [] {
  tile.kernel @unread(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !x, %g: !g, %o: !g) attributes {grid = #tile.grid<blocks = 1>} {
    %c0 = arith.constant 0 : index
    %c64 = arith.constant 64 : index
    %zero = arith.constant dense<0.0> : tensor<64x64xf32>
    %sum = scf.for %i = %c0 to %T step %c64 iter_args(%s = %zero) -> (tensor<64x64xf32>) {
      %a = tile.load %x[0, %i, 0] dims [1, 2] limits [64, 64] : !x -> tensor<64x64xbf16>
      %small = tile.load %g[0, %i] dims [1] limits [64] : !g -> tensor<64xf32>
      %f = tensor.empty() : tensor<64x64xf32>
      %start = linalg.generic {indexing_maps = [affine_map<(m, n) -> (m)>, affine_map<(m, n) -> (m, n)>], iterator_types = ["parallel", "parallel"]}
          ins(%small : tensor<64xf32>) outs(%f : tensor<64x64xf32>) {
      ^bb0(%v: f32, %old: f32):
        %e = math.exp2 %v : f32
        linalg.yield %e : f32
      } -> tensor<64x64xf32>
      %scores = linalg.contract indexing_maps = [#mk, #nk, #mn]
        ins(%a, %a : tensor<64x64xbf16>, tensor<64x64xbf16>) outs(%zero : tensor<64x64xf32>) -> tensor<64x64xf32>
      %unread = linalg.contract indexing_maps = [#mk, #nk, #mn]
        ins(%a, %a : tensor<64x64xbf16>, tensor<64x64xbf16>) outs(%start : tensor<64x64xf32>) -> tensor<64x64xf32>
      %h = tensor.empty() : tensor<64x64xbf16>
      %weights = linalg.generic {indexing_maps = [affine_map<(m, n) -> (m, n)>, affine_map<(m, n) -> (m, n)>, affine_map<(m, n) -> (m, n)>], iterator_types = ["parallel", "parallel"]}
          ins(%scores, %unread : tensor<64x64xf32>, tensor<64x64xf32>) outs(%h : tensor<64x64xbf16>) {
      ^bb0(%v: f32, %u: f32, %old: bf16):
        %n = arith.truncf %v : f32 to bf16
        linalg.yield %n : bf16
      } -> tensor<64x64xbf16>
      %next = linalg.contract indexing_maps = [#mk, #kn, #mn]
        ins(%a, %weights : tensor<64x64xbf16>, tensor<64x64xbf16>) outs(%s : tensor<64x64xf32>) -> tensor<64x64xf32>
      scf.yield %next : tensor<64x64xf32>
    }
    tile.store %sum, %o[0, 0] dims [0, 1] limits [64, 64] : tensor<64x64xf32> -> !g
    tile.return
  }
}

// -----

// A limit that ends inside the tensor: a bulk copy would read on, so those who multiply copy it.
// CHECK-LABEL: gpu_tile.kernel @limits
// CHECK: gpu_tile.role "fetch"
// CHECK: gpu_tile.fetch
// CHECK-NOT: gpu_tile.fetch
// CHECK: gpu_tile.role "compute"
// CHECK: gpu_tile.copy
// CHECK: gpu_tile.wgmma
!x = memref<?x?x64xbf16, strided<[?, ?, ?], offset: ?>>
!o = memref<?x?xf32, strided<[?, ?], offset: ?>>
tile.program @p of @spec plan #mixer.algorithm<chunked, chunk = 64, operand = bf16, stages = 2, warps = 4, family = sm_90a> buffers [] {
  tile.kernel @limits(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !x, %o: !o) attributes {grid = #tile.grid<blocks = 1>} {
    %c0 = arith.constant 0 : index
    %c64 = arith.constant 64 : index
    %zero = arith.constant dense<0.0> : tensor<64x64xf32>
    %sum = scf.for %i = %c0 to %T step %c64 iter_args(%s = %zero) -> (tensor<64x64xf32>) {
      %left = arith.subi %T, %i : index
      %a = tile.load %x[0, %i, 0] dims [1, 2] limits [%left, 64] : !x -> tensor<64x64xbf16>
      %b = tile.load %x[0, %i, 0] dims [1, 2] limits [%left, 32] : !x -> tensor<64x64xbf16>
      %next = linalg.contract indexing_maps = [affine_map<(m, n, k) -> (k, m)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>]
        ins(%a, %b : tensor<64x64xbf16>, tensor<64x64xbf16>) outs(%s : tensor<64x64xf32>) -> tensor<64x64xf32>
      scf.yield %next : tensor<64x64xf32>
    }
    tile.store %sum, %o[0, 0] dims [0, 1] limits [64, 64] : tensor<64x64xf32> -> !o
    tile.return
  }
}
