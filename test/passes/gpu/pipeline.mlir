// Loops whose loads run ahead: copies into a ring of buffers `stages - 1` iterations before their use, small tiles in registers.
// RUN: mixer-opt %s --tile-to-gpu --split-input-file | FileCheck %s

!x = memref<?x?x32xbf16, strided<[?, ?, ?], offset: ?>>
!o = memref<?x32xf32, strided<[?, ?], offset: ?>>
tile.program @p of @spec plan #mixer.algorithm<chunked, chunk = 32, stages = 3> buffers [] {
  // CHECK-LABEL: gpu_tile.kernel @ahead
  // CHECK-SAME: (%{{[^:]*}}: index, %{{[^:]*}}: index, %[[T:[^:]*]]: index
  // CHECK-DAG: %[[C0:.*]] = arith.constant 0 : index
  // CHECK-DAG: %[[C32:.*]] = arith.constant 32 : index
  // CHECK: %[[RING:.*]] = gpu_tile.alloc at {{.*}} : <32x32xbf16, swizzle = 0, stages = 3>
  // Two copies before the loop, each where there is such an iteration, each a group whether it is or not.
  // CHECK: %[[IN0:.*]] = arith.cmpi slt, %[[C0]], %[[T]]
  // CHECK: scf.if %[[IN0]] {
  // CHECK: %[[SLOT0:.*]] = gpu_tile.slot %[[RING]][%{{.*}}]
  // CHECK: gpu_tile.copy %{{.*}} to %[[SLOT0]]
  // CHECK: }
  // CHECK-NEXT: gpu_tile.commit
  // CHECK: scf.if %{{.*}} {
  // CHECK: gpu_tile.copy
  // CHECK: }
  // CHECK-NEXT: gpu_tile.commit
  // CHECK-NOT: gpu_tile.copy
  // CHECK: scf.for %[[I:.*]] = %[[C0]] to %[[T]] step %[[C32]] iter_args(%[[SUM:[^ ]*]] = %{{.*}}, %[[STAGE:[^ ]*]] = %{{.*}}, %{{.*}} = %{{.*}}) -> (!gpu_tile.fragment<32x32xf32, {{.*}}>, index, index)
  // The oldest copy has arrived, and all threads are through with the slot that is filled next: two iterations ahead, in the
  // stage before this one.
  // CHECK: arith.constant 2 : index
  // CHECK: %[[FAR:.*]] = arith.addi %[[I]], %{{.*}}
  // CHECK: gpu_tile.wait 1
  // CHECK-NEXT: gpu_tile.barrier{{$}}
  // CHECK: %[[NEXT:.*]] = arith.addi %[[STAGE]], %{{.*}}
  // CHECK: %[[WRAPS:.*]] = arith.cmpi sge, %[[NEXT]], %{{.*}}
  // CHECK: %[[BEHIND:.*]] = arith.subi %[[NEXT]], %{{.*}}
  // CHECK: %[[FILL:.*]] = arith.select %[[WRAPS]], %[[BEHIND]], %[[NEXT]]
  // CHECK: %[[IN:.*]] = arith.cmpi slt, %[[FAR]], %[[T]]
  // CHECK: scf.if %[[IN]] {
  // The limit, too, is that of the later iteration.
  // CHECK: %[[LEFT:.*]] = arith.subi %[[T]], %[[FAR]]
  // CHECK: %[[TO:.*]] = gpu_tile.slot %[[RING]][%[[FILL]]]
  // CHECK: gpu_tile.copy %{{.*}} [0, %[[FAR]], 0] dims [1, 2] limits [%[[LEFT]], 32] to %[[TO]]
  // CHECK: gpu_tile.commit
  // CHECK: %[[NOW:.*]] = gpu_tile.slot %[[RING]][%[[STAGE]]]
  // CHECK-NOT: gpu_tile.barrier
  // CHECK: gpu_tile.contract %[[NOW]], %[[NOW]], %[[SUM]]
  // CHECK: scf.yield
  tile.kernel @ahead(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !x, %o: !o) attributes {grid = #tile.grid<blocks = 1>} {
    %c0 = arith.constant 0 : index
    %c32 = arith.constant 32 : index
    %zero = arith.constant dense<0.0> : tensor<32x32xf32>
    %sum = scf.for %i = %c0 to %T step %c32 iter_args(%s = %zero) -> (tensor<32x32xf32>) {
      %left = arith.subi %T, %i : index
      %a = tile.load %x[0, %i, 0] dims [1, 2] limits [%left, 32] : !x -> tensor<32x32xbf16>
      %next = linalg.contract indexing_maps = [affine_map<(m, n, k) -> (k, m)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>]
        ins(%a, %a : tensor<32x32xbf16>, tensor<32x32xbf16>) outs(%s : tensor<32x32xf32>) -> tensor<32x32xf32>
      scf.yield %next : tensor<32x32xf32>
    }
    tile.store %sum, %o[0, 0] dims [0, 1] limits [32, 32] : tensor<32x32xf32> -> !o
    tile.return
  }
}

// -----

!x = memref<?x?x32xbf16, strided<[?, ?, ?], offset: ?>>
!o = memref<?x32xf32, strided<[?, ?], offset: ?>>
tile.program @p of @spec plan #mixer.algorithm<chunked, chunk = 32, stages = 1> buffers [] {
  // One stage: the copy is issued, waited for and shown to all threads inside the iteration.
  // CHECK-LABEL: gpu_tile.kernel @none
  // CHECK: gpu_tile.alloc at {{.*}} : <32x32xbf16, swizzle = 0>
  // CHECK-NOT: gpu_tile.copy
  // CHECK: scf.for
  // CHECK: gpu_tile.barrier{{$}}
  // CHECK: gpu_tile.copy
  // CHECK: gpu_tile.commit
  // CHECK-NEXT: gpu_tile.wait 0
  // CHECK-NEXT: gpu_tile.barrier{{$}}
  // CHECK: gpu_tile.contract
  tile.kernel @none(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !x, %o: !o) attributes {grid = #tile.grid<blocks = 1>} {
    %c0 = arith.constant 0 : index
    %c32 = arith.constant 32 : index
    %zero = arith.constant dense<0.0> : tensor<32x32xf32>
    %sum = scf.for %i = %c0 to %T step %c32 iter_args(%s = %zero) -> (tensor<32x32xf32>) {
      %a = tile.load %x[0, %i, 0] dims [1, 2] limits [32, 32] : !x -> tensor<32x32xbf16>
      %next = linalg.contract indexing_maps = [affine_map<(m, n, k) -> (k, m)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>]
        ins(%a, %a : tensor<32x32xbf16>, tensor<32x32xbf16>) outs(%s : tensor<32x32xf32>) -> tensor<32x32xf32>
      scf.yield %next : tensor<32x32xf32>
    }
    tile.store %sum, %o[0, 0] dims [0, 1] limits [32, 32] : tensor<32x32xf32> -> !o
    tile.return
  }
}

// -----

!x = memref<?x?x32xbf16, strided<[?, ?, ?], offset: ?>>
!g = memref<?x?xf32, strided<[?, ?], offset: ?>>
!o = memref<?x32xf32, strided<[?, ?], offset: ?>>
tile.program @p of @spec plan #mixer.algorithm<chunked, chunk = 32, stages = 2> buffers [] {
  // What follows from small loads alone (the sums, not the product) is computed one iteration ahead into one of two buffers, the
  // loads themselves two ahead, in registers. A small load that is needed as it is goes to such a buffer too.
  // CHECK-LABEL: gpu_tile.kernel @chain
  // CHECK-DAG: %[[SUMS:.*]] = gpu_tile.alloc at {{.*}} : <32xf32, stages = 2>
  // CHECK-DAG: %[[SCALE:.*]] = gpu_tile.alloc at {{.*}} : <32xbf16, stages = 2>
  // CHECK: gpu_tile.cumsum
  // CHECK: gpu_tile.put %{{.*}} to %{{.*}} perm [0] : <32xf32, #gpu_tile.lanes<rows = 0>> -> <32xf32>
  // CHECK: scf.for {{.*}} -> (!gpu_tile.fragment<32x32xf32, {{.*}}>, !gpu_tile.fragment<32xf32, {{.*}}>, !gpu_tile.fragment<32xbf16, {{.*}}>, index, index)
  // CHECK: gpu_tile.wait 0
  // CHECK-NEXT: gpu_tile.barrier{{$}}
  // CHECK-DAG: %[[NOWSUMS:.*]] = gpu_tile.slot %[[SUMS]][%[[PARITY:[a-z0-9]*]]]
  // CHECK-DAG: %[[NOWSCALE:.*]] = gpu_tile.slot %[[SCALE]][%[[PARITY]]]
  // CHECK: %[[OTHER:.*]] = arith.subi %{{.*}}, %[[PARITY]]
  // CHECK-DAG: %[[TOSCALE:.*]] = gpu_tile.slot %[[SCALE]][%[[OTHER]]]
  // CHECK-DAG: gpu_tile.put %{{.*}} to %[[TOSCALE]] perm [0] : <32xbf16
  // CHECK-DAG: %[[TOSUMS:.*]] = gpu_tile.slot %[[SUMS]][%[[OTHER]]]
  // CHECK-DAG: gpu_tile.put %{{.*}} to %[[TOSUMS]] perm [0] : <32xf32
  // CHECK-NOT: gpu_tile.barrier
  // CHECK: gpu_tile.map deferred({{.*}}%[[NOWSUMS]], %[[NOWSCALE]])
  // CHECK: scf.yield
  tile.kernel @chain(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !x, %g: !g, %k: !x, %o: !o) attributes {grid = #tile.grid<blocks = 1>} {
    %c0 = arith.constant 0 : index
    %c32 = arith.constant 32 : index
    %zero = arith.constant dense<0.0> : tensor<32x32xf32>
    %sum = scf.for %i = %c0 to %T step %c32 iter_args(%s = %zero) -> (tensor<32x32xf32>) {
      %a = tile.load %x[0, %i, 0] dims [1, 2] limits [32, 32] : !x -> tensor<32x32xbf16>
      %d = tile.load %g[0, %i] dims [1] limits [32] : !g -> tensor<32xf32>
      %scale = tile.load %k[0, %i, 0] dims [1] limits [32] : !x -> tensor<32xbf16>
      %sums, %resets = tile.cumsum %d : tensor<32xf32>
      %p = linalg.contract indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>]
        ins(%a, %a : tensor<32x32xbf16>, tensor<32x32xbf16>) outs(%zero : tensor<32x32xf32>) -> tensor<32x32xf32>
      %e = tensor.empty() : tensor<32x32xbf16>
      %w = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i)>, affine_map<(i, j) -> (j)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]}
          ins(%p, %sums, %scale : tensor<32x32xf32>, tensor<32xf32>, tensor<32xbf16>) outs(%e : tensor<32x32xbf16>) {
      ^bb0(%q: f32, %t: f32, %c: bf16, %old: bf16):
        %cw = arith.extf %c : bf16 to f32
        %u = arith.mulf %q, %t : f32
        %v = arith.mulf %u, %cw : f32
        %n = arith.truncf %v : f32 to bf16
        linalg.yield %n : bf16
      } -> tensor<32x32xbf16>
      %next = linalg.contract indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>]
        ins(%w, %a : tensor<32x32xbf16>, tensor<32x32xbf16>) outs(%s : tensor<32x32xf32>) -> tensor<32x32xf32>
      scf.yield %next : tensor<32x32xf32>
    }
    tile.store %sum, %o[0, 0] dims [0, 1] limits [32, 32] : tensor<32x32xf32> -> !o
    tile.return
  }
}
