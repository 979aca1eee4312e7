// Elementwise work in columns, from shared memory to shared memory: a thread's columns are read once each, and stored row by row.
// RUN: mixer-opt %s --gpu-tile-to-nvvm | FileCheck %s

// 192 columns for 128 threads, half of which have a second one: two rows of two columns are four reads, and as many stores.
// CHECK-LABEL: llvm.func @p__k
// CHECK-COUNT-2: llvm.load {{.*}} -> f32
// CHECK: llvm.store {{.*}} bf16
// CHECK-COUNT-2: llvm.load {{.*}} -> f32
// CHECK-NOT: llvm.load {{.*}} -> f32
// CHECK-COUNT-3: llvm.store {{.*}} bf16
// CHECK: llvm.return
#id = affine_map<(i, j) -> (i, j)>
#level = affine_map<(i, j) -> (0, i, j)>
gpu_tile.program @p of @spec plan #mixer.algorithm<chunked, chunk = 16, operand = bf16> buffers [] {
  gpu_tile.kernel @k(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>, threads = 128 : i32, shared_bytes = 8192 : i32, arch = "sm_80"} {
    %in = gpu_tile.alloc at 0 : <2x192xf32>
    %out = gpu_tile.alloc at 4096 : <2x192xbf16>
    %decay = gpu_tile.map(%in) maps [#id] : (!gpu_tile.shared<2x192xf32>) -> !gpu_tile.fragment<2x192xf32, #gpu_tile.columns> {
    ^bb0(%a: f32):
      gpu_tile.yield %a : f32
    }
    %spans = gpu_tile.column_spans %decay blocks [2] anchors [0] : <2x192xf32, #gpu_tile.columns> -> <1x2x192xf32, #gpu_tile.columns>
    %narrow = gpu_tile.map(%spans) maps [#level] : (!gpu_tile.fragment<1x2x192xf32, #gpu_tile.columns>) -> !gpu_tile.fragment<2x192xbf16, #gpu_tile.columns> {
    ^bb0(%a: f32):
      %n = arith.truncf %a : f32 to bf16
      gpu_tile.yield %n : bf16
    }
    gpu_tile.put %narrow to %out perm [0, 1] : <2x192xbf16, #gpu_tile.columns> -> <2x192xbf16>
    gpu_tile.return
  }
}
