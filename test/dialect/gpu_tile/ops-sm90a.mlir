// What kernels for sm_90a have beyond those for every GPU.
// RUN: mixer-opt %s | mixer-opt | FileCheck %s
// RUN: mixer-opt %s --mlir-print-op-generic | mixer-opt | FileCheck %s

!x = memref<?x?x4x64xbf16, strided<[?, ?, ?, ?], offset: ?>>
!tile = !gpu_tile.shared<64x64xbf16, swizzle = 0>
!acc = !gpu_tile.fragment<64x64xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>

gpu_tile.program @p of @spec plan "plan" buffers [] {
  gpu_tile.kernel @roles(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !x)
      attributes {grid = #tile.grid<blocks = 4>, threads = 384 : i32, shared_bytes = 65536 : i32, arch = "sm_90a"} {
    %c0 = arith.constant 0 : index
    // CHECK: %[[RING:.*]] = gpu_tile.alloc at 0 : <64x128xbf16, swizzle = 0, stages = 2, panel = 64>
    %ring = gpu_tile.alloc at 0 : !gpu_tile.shared<64x128xbf16, swizzle = 0, stages = 2, panel = 64>
    %tile = gpu_tile.alloc at 32768 : !tile
    // CHECK: %[[FULL:.*]] = gpu_tile.mbarriers at 40960 arrivals 2 : <3>
    %full = gpu_tile.mbarriers at 40960 arrivals 2 : !gpu_tile.mbarriers<3>
    // CHECK: %[[EMPTY:.*]] = gpu_tile.mbarriers arrivals 1 : <3>
    %empty = gpu_tile.mbarriers arrivals 1 : !gpu_tile.mbarriers<3>
    // CHECK: gpu_tile.role "helpers" first 0 warps 4 registers 56 {
    gpu_tile.role "helpers" first 0 warps 4 registers 56 {
    ^bb0(%g: index):
      // CHECK: %[[BLOCK:.*]] = gpu_tile.block{{$}}
      %number = gpu_tile.block
      // CHECK: %{{.*}} = gpu_tile.block of %[[BLOCK]]
      %again = gpu_tile.block of %number
      // CHECK: %{{.*}} = gpu_tile.grid
      %launched = gpu_tile.grid
      // CHECK: gpu_tile.role "fetch" first 0 warps 1 single {
      gpu_tile.role "fetch" first 0 warps 1 single {
      ^bb0(%f: index):
        // CHECK: gpu_tile.await_launch
        gpu_tile.await_launch
        // CHECK: gpu_tile.await %[[EMPTY]][%{{.*}}] parity %{{.*}} : <3>
        gpu_tile.await %empty[%c0] parity %c0 : !gpu_tile.mbarriers<3>
        // CHECK: gpu_tile.expect %[[FULL]][%{{.*}}] bytes 8192 : <3>
        gpu_tile.expect %full[%c0] bytes 8192 : !gpu_tile.mbarriers<3>
        // CHECK: gpu_tile.fetch %{{.*}} [0, %{{.*}}, 3, 0] dims [1, 3] limits [%{{.*}}, 64] to %{{.*}} signals %[[FULL]][%{{.*}}] reused : memref<{{.*}}> -> <64x64xbf16, swizzle = 0>, <3>
        gpu_tile.fetch %x[0, %block, 3, 0] dims [1, 3] limits [%T, 64] to %tile signals %full[%c0] reused : !x -> !tile, !gpu_tile.mbarriers<3>
      }
    }
    // CHECK: gpu_tile.role "compute" first 4 warps 4 parts 2 registers 224 {
    gpu_tile.role "compute" first 4 warps 4 parts 2 registers 224 {
    ^bb0(%part: index):
      %zero = gpu_tile.constant 0.0 : !acc
      // CHECK: %[[PRODUCT:.*]] = gpu_tile.wgmma %{{.*}}, %{{.*}}, %{{.*}} maps [#{{.*}}, #{{.*}}, #{{.*}}] : !gpu_tile.shared<64x64xbf16, swizzle = 0>, <64x64xbf16, swizzle = 0> -> <64x64xf32,
      %product = gpu_tile.wgmma %tile, %tile, %zero maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>] : !tile, !tile -> !acc
      // CHECK: gpu_tile.wgmma_wait %[[PRODUCT]] pending 1 : <64x64xf32,
      %done = gpu_tile.wgmma_wait %product pending 1 : !acc
      // CHECK: gpu_tile.arrive %[[EMPTY]][%{{.*}}] : <3>
      gpu_tile.arrive %empty[%c0] : !gpu_tile.mbarriers<3>
      // CHECK: gpu_tile.fence
      gpu_tile.fence
      // CHECK: gpu_tile.flush %{{.*}} to %{{.*}} [0, 0, 1, 0] dims [1, 3] limits [%{{.*}}, 64] optional : <64x64xbf16, swizzle = 0> -> memref
      gpu_tile.flush %tile to %x[0, 0, 1, 0] dims [1, 3] limits [%T, 64] optional : !tile -> !x
      // CHECK: gpu_tile.drain{{$}}
      gpu_tile.drain
      // CHECK: gpu_tile.drain written
      gpu_tile.drain written
      // CHECK: gpu_tile.single {
      gpu_tile.single {
        // CHECK: gpu_tile.await %[[EMPTY]][%{{.*}}] parity %{{.*}} : <3>
        gpu_tile.await %empty[%c0] parity %c0 : !gpu_tile.mbarriers<3>
      }
      // CHECK: gpu_tile.write %{{.*}} to %{{.*}} [0, 0, 1, 0] dims [1, 3] limits [%{{.*}}, 64] strips 4 : <64x64xbf16, swizzle = 0> -> memref
      gpu_tile.write %tile to %x[0, 0, 1, 0] dims [1, 3] limits [%T, 64] strips 4 : !tile -> !x
    }
    gpu_tile.return
  }
}
