// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What teams compute ahead of those that carry the state: a factor of spans in columns, what a small load scales, and a solved system.
// RUN: mixer-opt %s --tile-assign-roles | FileCheck %s --check-prefix=ROLES
// RUN: mixer-opt %s --tile-to-gpu="arch=sm_90a" | FileCheck %s --check-prefix=GPU
// RUN: mixer-opt %s --tile-to-gpu="arch=sm_90a" --gpu-tile-to-nvvm -o /dev/null
// RUN: sed 's/stages = 2/stages = 4/' %s | mixer-opt --tile-to-gpu="arch=sm_90a" | FileCheck %s --check-prefix=DEEP
// RUN: sed 's/stages = 2, family = sm_90a, teams = 2/stages = 4, family = sm_90a, teams = 4/' %s | mixer-opt --tile-to-gpu="arch=sm_90a" -o %t
// RUN: FileCheck %s --check-prefix=SMALL --input-file=%t
// RUN: mixer-opt %t --gpu-tile-to-nvvm -o /dev/null

// One load is fetched for the teams alone, the other for those who carry the state; the decays are f32, and fetched as well, by a thread of
// each team. There are no helpers: those who carry the state store their results.
// ROLES-NOT: role = helpers
// ROLES: role = fetch, first = 0, warps = 4, parts = 2, single = true, turns = true
// ROLES: role = factors, first = 0, warps = 4, parts = 2, registers = {{[0-9]+}}, turns = true
// ROLES: role = compute, first = 8
// ROLES-DAG: tile.load {{.*}} #gpu_tile.work<[fetch], through = [!gpu_tile.shared<16x128xf32, swizzle = 0, panel = 32>]>
// ROLES-DAG: tile.load {{.*}} #gpu_tile.work<[fetch], through = [!gpu_tile.shared<16x128xbf16, swizzle = 0, panel = 64>]>
// ROLES-DAG: tile.load {{.*}} #gpu_tile.work<[fetch], through = [!gpu_tile.shared<16x64xbf16, swizzle = 0>]>
// ROLES: tile.spans {{.*}} #gpu_tile.work<[factors]>
// ROLES: gpu_tile.work = #gpu_tile.work<[factors], through = [!gpu_tile.shared<16x128xbf16, swizzle = 0, panel = 64>]>
// ROLES: linalg.contract {{.*}} #gpu_tile.work<[factors]>
// ROLES: tile.solve {{.*}} #gpu_tile.work<[factors]>
// ROLES: gpu_tile.work = #gpu_tile.work<[factors], through = [!gpu_tile.shared<16x16xbf16, swizzle = 0, panel = 64>]>
// ROLES: linalg.contract {{.*}} #gpu_tile.work<[compute], order
// ROLES: tile.store {{.*}} #gpu_tile.work<[compute], order

// Everything has two stages, one for each team. At its turn a team waits for room for its factors; then one thread fetches what the team
// reads, when all of its threads have read the stage before, and what `compute` reads of the chunk, whose stage has room as well.
// GPU-LABEL: gpu_tile.kernel @main
// GPU: gpu_tile.alloc {{.*}} <16x128xf32, swizzle = 0, stages = 2, panel = 32>
// GPU: gpu_tile.alloc {{.*}} <16x64xbf16, swizzle = 0, stages = 2>
// GPU: %[[LOADED:.*]] = gpu_tile.mbarriers at {{.*}} arrivals 1 : <2>
// GPU: %[[READ:.*]] = gpu_tile.mbarriers at {{.*}} arrivals 128 : <2>
// GPU: %[[LOADEDV:.*]] = gpu_tile.mbarriers at {{.*}} arrivals 1 : <2>
// GPU: %[[READV:.*]] = gpu_tile.mbarriers at {{.*}} arrivals 128 : <2>
// GPU: gpu_tile.alloc {{.*}} <16x16xbf16, swizzle = 0, stages = 2, panel = 64>
// GPU: %[[MADE:.*]] = gpu_tile.mbarriers at {{.*}} arrivals 128 : <2>
// GPU: %[[ROOM:.*]] = gpu_tile.mbarriers at {{.*}} arrivals 128 : <2>
// GPU-NOT: role "fetch"
// GPU: role "factors" first 0 warps 4 parts 2 registers {{[0-9]+}} own_bytes {{[1-9][0-9]*}} {
// GPU: gpu_tile.await %[[ROOM]]
// GPU: gpu_tile.single {
// GPU: gpu_tile.await %[[READ]]
// GPU: gpu_tile.expect %[[LOADED]]{{.*}} bytes 12288
// GPU-COUNT-2: gpu_tile.fetch
// GPU: gpu_tile.await %[[READV]]
// GPU: gpu_tile.expect %[[LOADEDV]]{{.*}} bytes 2048
// GPU: gpu_tile.fetch
// GPU: gpu_tile.await %[[LOADED]]
// GPU: gpu_tile.column_spans {{.*}} blocks [16] anchors [0]
// GPU: gpu_tile.contract
// GPU: gpu_tile.solve
// GPU: gpu_tile.arrive %[[READ]]
// GPU: gpu_tile.fence
// GPU: gpu_tile.arrive %[[MADE]]
// GPU: role "compute" first 8
// GPU: gpu_tile.await %[[LOADEDV]]
// GPU-NOT: gpu_tile.contract
// GPU: gpu_tile.wgmma
//
// With two stages for each team, a team's first chunk is fetched before it begins; then at each turn the chunk of the next one, beside the
// solve, in which the first warp alone has work.
// DEEP: role "factors"
// DEEP: gpu_tile.single {
// DEEP: gpu_tile.fetch
// DEEP: gpu_tile.column_spans
// DEEP-NOT: gpu_tile.single
// DEEP: gpu_tile.contract
// DEEP: gpu_tile.single {
// DEEP-COUNT-3: gpu_tile.fetch
// DEEP: gpu_tile.solve
//
// Four teams have two warps each, and the registers of two warpgroups.
// SMALL: arrivals 64 : <4>
// SMALL: role "factors" first 0 warps 2 parts 4 registers {{[0-9]+}} own_bytes {{[1-9][0-9]*}} {
// SMALL: role "compute" first 8 warps 4
//
// Each warp writes the strip of the result that it has put to shared memory.
// GPU: gpu_tile.put {{.*}} perm [1, 0]
// GPU-NEXT: gpu_tile.barrier warp
// GPU-NEXT: gpu_tile.write {{.*}} strips 4
!x = memref<?x?x128xbf16, strided<[?, ?, ?], offset: ?>>
!v = memref<?x?x64xbf16, strided<[?, ?, ?], offset: ?>>
!g = memref<?x?x128xf32, strided<[?, ?, ?], offset: ?>>
!s = memref<?x64x128xf32, strided<[?, ?, ?], offset: ?>>
#mk = affine_map<(m, n, k) -> (m, k)>
#nk = affine_map<(m, n, k) -> (n, k)>
#km = affine_map<(m, n, k) -> (k, m)>
#kn = affine_map<(m, n, k) -> (k, n)>
#mn = affine_map<(m, n, k) -> (m, n)>
#id = affine_map<(i, j) -> (i, j)>
tile.program @p of @spec plan #mixer.algorithm<chunked, chunk = 16, operand = bf16, stages = 2, family = sm_90a, teams = 2> buffers [] {
  tile.kernel @main(%block: index, %B: index, %T: index, %splits: index, %span: index, %k: !x, %v: !v, %g: !g, %o: !v, %s: !s) attributes {grid = #tile.grid<blocks = 1>} {
    %c0 = arith.constant 0 : index
    %c16 = arith.constant 16 : index
    %zero = arith.constant dense<0.0> : tensor<64x128xf32>
    %none = arith.constant dense<0.0> : tensor<64x16xf32>
    %empty = arith.constant dense<0.0> : tensor<16x16xf32>
    %unit = arith.constant dense<1.0> : tensor<1x16x16xf32>
    %end = scf.for %i = %c0 to %T step %c16 iter_args(%S = %zero) -> (tensor<64x128xf32>) {
      %left = arith.subi %T, %i : index
      %gt = tile.load %g[0, %i, 0] dims [1, 2] limits [%left, 128] : !g -> tensor<16x128xf32>
      %kt = tile.load %k[0, %i, 0] dims [1, 2] limits [%left, 128] : !x -> tensor<16x128xbf16>
      %vt = tile.load %v[0, %i, 0] dims [1, 2] limits [%left, 64] : !v -> tensor<16x64xbf16>
      %ef = tensor.empty() : tensor<16x128xf32>
      %e = tensor.empty() : tensor<16x128xbf16>
      %falls = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%gt : tensor<16x128xf32>) outs(%ef : tensor<16x128xf32>) {
      ^bb0(%a: f32, %old: f32):
        %n = arith.negf %a : f32
        linalg.yield %n : f32
      } -> tensor<16x128xf32>
      %spans = tile.spans %falls blocks [16] anchors [0] : tensor<16x128xf32> -> tensor<1x16x128xf32>
      %factor = linalg.generic {indexing_maps = [#id, affine_map<(i, j) -> (0, i, j)>, #id], iterator_types = ["parallel", "parallel"]}
          ins(%kt, %spans : tensor<16x128xbf16>, tensor<1x16x128xf32>) outs(%e : tensor<16x128xbf16>) {
      ^bb0(%a: bf16, %d: f32, %old: bf16):
        %wide = arith.extf %a : bf16 to f32
        %p = math.exp2 %d : f32
        %f = arith.mulf %wide, %p : f32
        %n = arith.truncf %f : f32 to bf16
        linalg.yield %n : bf16
      } -> tensor<16x128xbf16>
      %scores = linalg.contract indexing_maps = [#mk, #nk, #mn] ins(%factor, %factor : tensor<16x128xbf16>, tensor<16x128xbf16>) outs(%empty : tensor<16x16xf32>) -> tensor<16x16xf32>
      %em = tensor.empty() : tensor<1x16x16xf32>
      %matrix = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (i, j)>, affine_map<(h, i, j) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel"]}
          ins(%scores : tensor<16x16xf32>) outs(%em : tensor<1x16x16xf32>) {
      ^bb0(%a: f32, %old: f32):
        linalg.yield %a : f32
      } -> tensor<1x16x16xf32>
      %solved = tile.solve %matrix, %unit : tensor<1x16x16xf32>, tensor<1x16x16xf32> -> tensor<16x1x16xf32>
      %ew = tensor.empty() : tensor<16x16xbf16>
      %inverse = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, 0, j)>, #id], iterator_types = ["parallel", "parallel"]}
          ins(%solved : tensor<16x1x16xf32>) outs(%ew : tensor<16x16xbf16>) {
      ^bb0(%a: f32, %old: bf16):
        %n = arith.truncf %a : f32 to bf16
        linalg.yield %n : bf16
      } -> tensor<16x16xbf16>
      %narrow = arith.truncf %S : tensor<64x128xf32> to tensor<64x128xbf16>
      %read = linalg.contract indexing_maps = [#mk, #nk, #mn] ins(%narrow, %factor : tensor<64x128xbf16>, tensor<16x128xbf16>) outs(%none : tensor<64x16xf32>) -> tensor<64x16xf32>
      %y = linalg.contract indexing_maps = [#km, #nk, #mn] ins(%vt, %inverse : tensor<16x64xbf16>, tensor<16x16xbf16>) outs(%read : tensor<64x16xf32>) -> tensor<64x16xf32>
      tile.store %y, %o[0, %i, 0] dims [2, 1] limits [64, %left] : tensor<64x16xf32> -> !v
      %next = linalg.contract indexing_maps = [#km, #kn, #mn] ins(%vt, %factor : tensor<16x64xbf16>, tensor<16x128xbf16>) outs(%S : tensor<64x128xf32>) -> tensor<64x128xf32>
      scf.yield %next : tensor<64x128xf32>
    }
    tile.store %end, %s[0, 0, 0] dims [1, 2] limits [64, 128] : tensor<64x128xf32> -> !s
    tile.return
  }
}
