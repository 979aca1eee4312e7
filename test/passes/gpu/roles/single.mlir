// One thread of a group runs a role that is single: elected, and of a group of several warps in the first one.
// RUN: mixer-opt %s --gpu-tile-to-nvvm | FileCheck %s

!x = memref<?x?x4x64xbf16, strided<[?, ?, ?, ?], offset: ?>>
gpu_tile.program @p of @spec plan "plan" buffers [] {
  // CHECK-LABEL: llvm.func @p__several
  // CHECK: %[[NUMBER:.*]] = arith.andi %{{.*}}, %c127_i32
  // CHECK: %[[FIRST:.*]] = arith.cmpi ult, %[[NUMBER]], %c32_i32
  // CHECK: %[[BOTH:.*]] = arith.andi %{{.*}}, %[[FIRST]] : i1
  // CHECK: scf.if %[[BOTH]]
  // CHECK-NEXT: %[[ONE:.*]] = nvvm.elect.sync
  // CHECK-NEXT: scf.if %[[ONE]]
  gpu_tile.kernel @several(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !x)
      attributes {grid = #tile.grid<blocks = 1>, threads = 256 : i32, shared_bytes = 65536 : i32, arch = "sm_90a"} {
    gpu_tile.role "a" first 4 warps 4 single {
    ^bb0(%i: index):
    }
    gpu_tile.return
  }
}
