// RUN: mixer-opt %s --split-input-file --verify-diagnostics

// expected-error @below {{expected threads to be a multiple of 32 up to 1024, got 48}}
gpu_tile.kernel @kernel_C1_multiple(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>, threads = 48 : i32, shared_bytes = 0 : i32, arch = "sm_80"} {
  gpu_tile.return
}

// -----

// expected-error @below {{expected threads to be a multiple of 32 up to 1024, got 0}}
gpu_tile.kernel @kernel_C1_none(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>, threads = 0 : i32, shared_bytes = 0 : i32, arch = "sm_80"} {
  gpu_tile.return
}

// -----

// expected-error @below {{expected threads to be a multiple of 32 up to 1024, got 2048}}
gpu_tile.kernel @kernel_C1_many(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>, threads = 2048 : i32, shared_bytes = 0 : i32, arch = "sm_80"} {
  gpu_tile.return
}

// -----

// expected-error @below {{expected shared_bytes of at least 0, got -16}}
gpu_tile.kernel @kernel_C2_negative(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>, threads = 32 : i32, shared_bytes = -16 : i32, arch = "sm_80"} {
  gpu_tile.return
}

// -----

gpu_tile.kernel @kernel_C2(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>, threads = 128 : i32, shared_bytes = 1024 : i32, arch = "sm_80"} {
  // expected-error @below {{expected to end within 1024 bytes of shared memory, got 512 bytes at 528}}
  %0 = gpu_tile.alloc at 528 : !gpu_tile.shared<64xf32, stages = 2>
  gpu_tile.return
}

// -----

// expected-error @below {{expected at least 5 arguments, got 1}}
gpu_tile.kernel @kernel_C3_count(%block: index) attributes {grid = #tile.grid<blocks = 1>, threads = 128 : i32, shared_bytes = 1024 : i32, arch = "sm_80"} {
  gpu_tile.return
}

// -----

// expected-error @below {{expected argument 4 to be an index, got 'f32'}}
gpu_tile.kernel @kernel_C3_index(%block: index, %B: index, %T: index, %splits: index, %span: f32) attributes {grid = #tile.grid<blocks = 1>, threads = 128 : i32, shared_bytes = 1024 : i32, arch = "sm_80"} {
  gpu_tile.return
}

// -----

// expected-error @below {{expected argument 5 to be a strided memref with a dynamic offset, got 'memref<?x4xf32>'}}
gpu_tile.kernel @kernel_C3_memref(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: memref<?x4xf32>) attributes {grid = #tile.grid<blocks = 1>, threads = 128 : i32, shared_bytes = 1024 : i32, arch = "sm_80"} {
  gpu_tile.return
}

// -----

// expected-error @below {{expected no results, got 1}}
gpu_tile.kernel @kernel_C3_results(%block: index, %B: index, %T: index, %splits: index, %span: index) -> index attributes {grid = #tile.grid<blocks = 1>, threads = 128 : i32, shared_bytes = 1024 : i32, arch = "sm_80"} {
  gpu_tile.return
}

// -----

// expected-error @below {{expected a body that ends in gpu_tile.return}}
gpu_tile.kernel @kernel_C3_end(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>, threads = 128 : i32, shared_bytes = 1024 : i32, arch = "sm_80"} {
  gpu_tile.barrier
}

// -----

// expected-error @below {{region #0 ('body') failed to verify constraint: region with 1 blocks}}
gpu_tile.kernel @kernel_no_body(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>, threads = 128 : i32, shared_bytes = 1024 : i32, arch = "sm_80"} 

// -----

gpu_tile.kernel @kernel_C4(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>, threads = 128 : i32, shared_bytes = 65536 : i32, arch = "sm_80"} {
  // expected-error @below {{expected a layout for at most 4 warps, got #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 2]>}}
  %0 = gpu_tile.constant 0.0 : !gpu_tile.fragment<64x64xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 2]>>
  gpu_tile.return
}

// -----

gpu_tile.kernel @alloc_C1(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>, threads = 128 : i32, shared_bytes = 65536 : i32, arch = "sm_80"} {
  // expected-error @below {{expected offset to be a multiple of 16, got 8}}
  %0 = gpu_tile.alloc at 8 : !gpu_tile.shared<64xf32>
  gpu_tile.return
}

// -----

gpu_tile.kernel @alloc_C1_negative(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>, threads = 128 : i32, shared_bytes = 65536 : i32, arch = "sm_80"} {
  // expected-error @below {{expected offset to be a multiple of 16, got -16}}
  %0 = gpu_tile.alloc at -16 : !gpu_tile.shared<64xf32>
  gpu_tile.return
}

// -----

gpu_tile.kernel @slot_C1(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>, threads = 128 : i32, shared_bytes = 65536 : i32, arch = "sm_80"} {
  %c0 = arith.constant 0 : index
  %0 = gpu_tile.alloc : !gpu_tile.shared<64xf32, stages = 2>
  // expected-error @below {{expected a slot of type '!gpu_tile.shared<64xf32>', got '!gpu_tile.shared<32xf32>'}}
  %1 = gpu_tile.slot %0[%c0] : !gpu_tile.shared<64xf32, stages = 2> -> !gpu_tile.shared<32xf32>
  gpu_tile.return
}

// -----

gpu_tile.kernel @wait_C1(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>, threads = 128 : i32, shared_bytes = 65536 : i32, arch = "sm_80"} {
  // expected-error @below {{expected pending to be at least 0, got -1}}
  gpu_tile.wait -1
  gpu_tile.return
}

// -----

gpu_tile.kernel @copy_C1_offsets(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: memref<?x4xf32, strided<[?, ?], offset: ?>>) attributes {grid = #tile.grid<blocks = 1>, threads = 128 : i32, shared_bytes = 65536 : i32, arch = "sm_80"} {
  %0 = gpu_tile.alloc : !gpu_tile.shared<8x4xf32>
  // expected-error @below {{expected 2 offset values, got 1}}
  gpu_tile.copy %x[0] dims [0, 1] limits [8, 4] to %0 : memref<?x4xf32, strided<[?, ?], offset: ?>> -> !gpu_tile.shared<8x4xf32>
  gpu_tile.return
}

// -----

gpu_tile.kernel @copy_C1_dims(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: memref<?x4xf32, strided<[?, ?], offset: ?>>) attributes {grid = #tile.grid<blocks = 1>, threads = 128 : i32, shared_bytes = 65536 : i32, arch = "sm_80"} {
  %0 = gpu_tile.alloc : !gpu_tile.shared<8x4xf32>
  // expected-error @below {{expected 2 entries in dims, got 1}}
  gpu_tile.copy %x[0, 0] dims [0] limits [8, 4] to %0 : memref<?x4xf32, strided<[?, ?], offset: ?>> -> !gpu_tile.shared<8x4xf32>
  gpu_tile.return
}

// -----

gpu_tile.kernel @copy_C1_limits(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: memref<?x4xf32, strided<[?, ?], offset: ?>>) attributes {grid = #tile.grid<blocks = 1>, threads = 128 : i32, shared_bytes = 65536 : i32, arch = "sm_80"} {
  %0 = gpu_tile.alloc : !gpu_tile.shared<8x4xf32>
  // expected-error @below {{expected 2 limit values, got 3}}
  gpu_tile.copy %x[0, 0] dims [0, 1] limits [8, 4, 4] to %0 : memref<?x4xf32, strided<[?, ?], offset: ?>> -> !gpu_tile.shared<8x4xf32>
  gpu_tile.return
}

// -----

gpu_tile.kernel @copy_C1_range(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: memref<?x4xf32, strided<[?, ?], offset: ?>>) attributes {grid = #tile.grid<blocks = 1>, threads = 128 : i32, shared_bytes = 65536 : i32, arch = "sm_80"} {
  %0 = gpu_tile.alloc : !gpu_tile.shared<8x4xf32>
  // expected-error @below {{expected distinct dims below 2, got 2}}
  gpu_tile.copy %x[0, 0] dims [0, 2] limits [8, 4] to %0 : memref<?x4xf32, strided<[?, ?], offset: ?>> -> !gpu_tile.shared<8x4xf32>
  gpu_tile.return
}

// -----

gpu_tile.kernel @copy_C1_distinct(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: memref<?x4xf32, strided<[?, ?], offset: ?>>) attributes {grid = #tile.grid<blocks = 1>, threads = 128 : i32, shared_bytes = 65536 : i32, arch = "sm_80"} {
  %0 = gpu_tile.alloc : !gpu_tile.shared<8x4xf32>
  // expected-error @below {{expected distinct dims below 2, got 1}}
  gpu_tile.copy %x[0, 0] dims [1, 1] limits [8, 4] to %0 : memref<?x4xf32, strided<[?, ?], offset: ?>> -> !gpu_tile.shared<8x4xf32>
  gpu_tile.return
}

// -----

gpu_tile.kernel @copy_C2(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: memref<?x4xf32, strided<[?, ?], offset: ?>>) attributes {grid = #tile.grid<blocks = 1>, threads = 128 : i32, shared_bytes = 65536 : i32, arch = "sm_80"} {
  %0 = gpu_tile.alloc : !gpu_tile.shared<8x4xbf16>
  // expected-error @below {{expected elements of 'f32', got 'bf16'}}
  gpu_tile.copy %x[0, 0] dims [0, 1] limits [8, 4] to %0 : memref<?x4xf32, strided<[?, ?], offset: ?>> -> !gpu_tile.shared<8x4xbf16>
  gpu_tile.return
}

// -----

gpu_tile.kernel @write_C1(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: memref<?x4xf32, strided<[?, ?], offset: ?>>) attributes {grid = #tile.grid<blocks = 1>, threads = 128 : i32, shared_bytes = 65536 : i32, arch = "sm_80"} {
  %0 = gpu_tile.alloc : !gpu_tile.shared<8x4xf32>
  // expected-error @below {{expected 2 offset values, got 3}}
  gpu_tile.write %0 to %x[0, 0, 0] dims [0, 1] limits [8, 4] : !gpu_tile.shared<8x4xf32> -> memref<?x4xf32, strided<[?, ?], offset: ?>>
  gpu_tile.return
}

// -----

gpu_tile.kernel @write_C2(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: memref<?x4xf32, strided<[?, ?], offset: ?>>) attributes {grid = #tile.grid<blocks = 1>, threads = 128 : i32, shared_bytes = 65536 : i32, arch = "sm_80"} {
  %0 = gpu_tile.alloc : !gpu_tile.shared<8x4xf16>
  // expected-error @below {{expected elements of 'f32', got 'f16'}}
  gpu_tile.write %0 to %x[0, 0] dims [0, 1] limits [8, 4] : !gpu_tile.shared<8x4xf16> -> memref<?x4xf32, strided<[?, ?], offset: ?>>
  gpu_tile.return
}

// -----

gpu_tile.kernel @load_C1(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: memref<?x4xf32, strided<[?, ?], offset: ?>>) attributes {grid = #tile.grid<blocks = 1>, threads = 128 : i32, shared_bytes = 65536 : i32, arch = "sm_80"} {
  // expected-error @below {{expected distinct dims below 2, got -1}}
  %0 = gpu_tile.load %x[0, 0] dims [0, -1] limits [8, 4] : memref<?x4xf32, strided<[?, ?], offset: ?>> -> !gpu_tile.fragment<8x4xf32, #gpu_tile.linear>
  gpu_tile.return
}

// -----

gpu_tile.kernel @load_C2(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: memref<?x4xf64, strided<[?, ?], offset: ?>>) attributes {grid = #tile.grid<blocks = 1>, threads = 128 : i32, shared_bytes = 65536 : i32, arch = "sm_80"} {
  // expected-error @below {{expected a memref of f32, bf16 or f16, got 'memref<?x4xf64, strided<[?, ?], offset: ?>>'}}
  %0 = gpu_tile.load %x[0, 0] dims [0, 1] limits [8, 4] : memref<?x4xf64, strided<[?, ?], offset: ?>> -> !gpu_tile.fragment<8x4xf32, #gpu_tile.linear>
  gpu_tile.return
}

// -----

gpu_tile.kernel @store_C1(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: memref<?x4xf32, strided<[?, ?], offset: ?>>) attributes {grid = #tile.grid<blocks = 1>, threads = 128 : i32, shared_bytes = 65536 : i32, arch = "sm_80"} {
  %0 = gpu_tile.constant 0.0 : !gpu_tile.fragment<8x4xf32, #gpu_tile.linear>
  // expected-error @below {{expected 2 limit values, got 1}}
  gpu_tile.store %0 to %x[0, 0] dims [0, 1] limits [8] : !gpu_tile.fragment<8x4xf32, #gpu_tile.linear> -> memref<?x4xf32, strided<[?, ?], offset: ?>>
  gpu_tile.return
}

// -----

gpu_tile.kernel @store_C2(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: memref<?x4xf64, strided<[?, ?], offset: ?>>) attributes {grid = #tile.grid<blocks = 1>, threads = 128 : i32, shared_bytes = 65536 : i32, arch = "sm_80"} {
  %0 = gpu_tile.constant 0.0 : !gpu_tile.fragment<8x4xf32, #gpu_tile.linear>
  // expected-error @below {{expected a memref of f32, bf16 or f16, got 'memref<?x4xf64, strided<[?, ?], offset: ?>>'}}
  gpu_tile.store %0 to %x[0, 0] dims [0, 1] limits [8, 4] : !gpu_tile.fragment<8x4xf32, #gpu_tile.linear> -> memref<?x4xf64, strided<[?, ?], offset: ?>>
  gpu_tile.return
}

// -----

gpu_tile.kernel @map_C1_count(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>, threads = 128 : i32, shared_bytes = 65536 : i32, arch = "sm_80"} {
  %a = gpu_tile.constant 0.0 : !gpu_tile.fragment<64x32xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>
  // expected-error @below {{expected 1 maps, got 2}}
  %0 = gpu_tile.map (%a) maps [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>] : (!gpu_tile.fragment<64x32xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>) -> !gpu_tile.fragment<64x32xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>> {
  ^bb0(%p: f32):
    gpu_tile.yield %p : f32
  }
  gpu_tile.return
}

// -----

gpu_tile.kernel @map_C1_dims(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>, threads = 128 : i32, shared_bytes = 65536 : i32, arch = "sm_80"} {
  %a = gpu_tile.constant 0.0 : !gpu_tile.fragment<64x32xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>
  // expected-error @below {{expected map 0 from 2 to 2 dimensions, got affine_map<(d0) -> (d0, d0)>}}
  %0 = gpu_tile.map (%a) maps [affine_map<(i) -> (i, i)>] : (!gpu_tile.fragment<64x32xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>) -> !gpu_tile.fragment<64x32xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>> {
  ^bb0(%p: f32):
    gpu_tile.yield %p : f32
  }
  gpu_tile.return
}

// -----

gpu_tile.kernel @map_C1_results(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>, threads = 128 : i32, shared_bytes = 65536 : i32, arch = "sm_80"} {
  %a = gpu_tile.constant 0.0 : !gpu_tile.fragment<64x32xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>
  // expected-error @below {{expected map 0 from 2 to 2 dimensions, got affine_map<(d0, d1) -> (d0)>}}
  %0 = gpu_tile.map (%a) maps [affine_map<(i, j) -> (i)>] : (!gpu_tile.fragment<64x32xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>) -> !gpu_tile.fragment<64x32xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>> {
  ^bb0(%p: f32):
    gpu_tile.yield %p : f32
  }
  gpu_tile.return
}

// -----

gpu_tile.kernel @map_C1_symbols(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>, threads = 128 : i32, shared_bytes = 65536 : i32, arch = "sm_80"} {
  %a = gpu_tile.constant 0.0 : !gpu_tile.fragment<64x32xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>
  // expected-error @below {{expected map 0 from 2 to 2 dimensions, got affine_map<(d0, d1)[s0] -> (d0, d1 + s0)>}}
  %0 = gpu_tile.map (%a) maps [affine_map<(i, j)[s] -> (i, j + s)>] : (!gpu_tile.fragment<64x32xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>) -> !gpu_tile.fragment<64x32xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>> {
  ^bb0(%p: f32):
    gpu_tile.yield %p : f32
  }
  gpu_tile.return
}

// -----

gpu_tile.kernel @map_input(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>, threads = 128 : i32, shared_bytes = 65536 : i32, arch = "sm_80"} {
  // expected-error @below {{expected input 0 to be a fragment or shared, got 'index'}}
  %0 = gpu_tile.map (%T) maps [affine_map<(i, j) -> ()>] : (index) -> !gpu_tile.fragment<64x32xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>> {
  ^bb0(%p: index):
    gpu_tile.yield %p : index
  }
  gpu_tile.return
}

// -----

gpu_tile.kernel @map_C2_layout(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>, threads = 128 : i32, shared_bytes = 65536 : i32, arch = "sm_80"} {
  %a = gpu_tile.constant 0.0 : !gpu_tile.fragment<64x32xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>
  // expected-error @below {{expected input 0 to be laid out like the result, got}}
  %0 = gpu_tile.map (%a) maps [affine_map<(i, j) -> (i, j)>] : (!gpu_tile.fragment<64x32xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>) -> !gpu_tile.fragment<64x32xf32, #gpu_tile.linear> {
  ^bb0(%p: f32):
    gpu_tile.yield %p : f32
  }
  gpu_tile.return
}

// -----

gpu_tile.kernel @map_C2_warps(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>, threads = 128 : i32, shared_bytes = 65536 : i32, arch = "sm_80"} {
  %a = gpu_tile.constant 0.0 : !gpu_tile.fragment<64x32xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>
  // expected-error @below {{expected input 0 to be laid out like the result, got}}
  %0 = gpu_tile.map (%a) maps [affine_map<(i, j) -> (i, j)>] : (!gpu_tile.fragment<64x32xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>) -> !gpu_tile.fragment<64x32xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [2, 2]>> {
  ^bb0(%p: f32):
    gpu_tile.yield %p : f32
  }
  gpu_tile.return
}

// -----

gpu_tile.kernel @map_C2_sizes(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>, threads = 128 : i32, shared_bytes = 65536 : i32, arch = "sm_80"} {
  %a = gpu_tile.constant 0.0 : !gpu_tile.fragment<64x32xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>
  // expected-error @below {{expected input 0 to be laid out like the result, got}}
  %0 = gpu_tile.map (%a) maps [affine_map<(i, j) -> (i, j)>] : (!gpu_tile.fragment<64x32xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>) -> !gpu_tile.fragment<64x64xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>> {
  ^bb0(%p: f32):
    gpu_tile.yield %p : f32
  }
  gpu_tile.return
}

// -----

gpu_tile.kernel @map_C2_outer(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>, threads = 128 : i32, shared_bytes = 65536 : i32, arch = "sm_80"} {
  %a = gpu_tile.constant 0.0 : !gpu_tile.fragment<2x64x32xf32, #gpu_tile.mma<outer = [0], rows = [1], cols = [2], warps = [4, 1]>>
  // expected-error @below {{expected input 0 to be laid out like the result, got}}
  %0 = gpu_tile.map (%a) maps [affine_map<(i, j) -> (2, i, j)>] : (!gpu_tile.fragment<2x64x32xf32, #gpu_tile.mma<outer = [0], rows = [1], cols = [2], warps = [4, 1]>>) -> !gpu_tile.fragment<64x32xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>> {
  ^bb0(%p: f32):
    gpu_tile.yield %p : f32
  }
  gpu_tile.return
}

// -----

gpu_tile.kernel @map_C3_count(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>, threads = 128 : i32, shared_bytes = 65536 : i32, arch = "sm_80"} {
  %a = gpu_tile.constant 0.0 : !gpu_tile.fragment<64x32xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>
  // expected-error @below {{expected 1 body arguments, got 2}}
  %0 = gpu_tile.map (%a) maps [affine_map<(i, j) -> (i, j)>] : (!gpu_tile.fragment<64x32xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>) -> !gpu_tile.fragment<64x32xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>> {
  ^bb0(%p: f32, %q: f32):
    gpu_tile.yield %p : f32
  }
  gpu_tile.return
}

// -----

gpu_tile.kernel @map_C3_type(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>, threads = 128 : i32, shared_bytes = 65536 : i32, arch = "sm_80"} {
  %a = gpu_tile.constant 0.0 : !gpu_tile.fragment<64x32xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>
  // expected-error @below {{expected body argument 0 of type 'f32'}}
  %0 = gpu_tile.map (%a) maps [affine_map<(i, j) -> (i, j)>] : (!gpu_tile.fragment<64x32xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>) -> !gpu_tile.fragment<64x32xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>> {
  ^bb0(%p: bf16):
    gpu_tile.yield %p : bf16
  }
  gpu_tile.return
}

// -----

gpu_tile.kernel @map_C3_yield(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>, threads = 128 : i32, shared_bytes = 65536 : i32, arch = "sm_80"} {
  %a = gpu_tile.constant 0.0 : !gpu_tile.fragment<64x32xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>
  // expected-error @below {{expected the body to yield 'bf16'}}
  %0 = gpu_tile.map (%a) maps [affine_map<(i, j) -> (i, j)>] : (!gpu_tile.fragment<64x32xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>) -> !gpu_tile.fragment<64x32xbf16, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>> {
  ^bb0(%p: f32):
    gpu_tile.yield %p : f32
  }
  gpu_tile.return
}

// -----

gpu_tile.kernel @map_C3_empty(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>, threads = 128 : i32, shared_bytes = 65536 : i32, arch = "sm_80"} {
  %a = gpu_tile.constant 0.0 : !gpu_tile.fragment<64x32xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>
  // expected-error @below {{expects a non-empty block}}
  %0 = gpu_tile.map (%a) maps [affine_map<(i, j) -> (i, j)>] : (!gpu_tile.fragment<64x32xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>) -> !gpu_tile.fragment<64x32xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>> {
  ^bb0(%p: f32):
  }
  gpu_tile.return
}

// -----

gpu_tile.kernel @map_C4_layout(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: memref<?xf32, strided<[?], offset: ?>>) attributes {grid = #tile.grid<blocks = 1>, threads = 128 : i32, shared_bytes = 65536 : i32, arch = "sm_80"} {
  // expected-error @below {{expected a deferred result to be used in the same block by scan, as it has no mma layout, got gpu_tile.store}}
  %0 = gpu_tile.map deferred () maps [] : () -> !gpu_tile.fragment<64xf32, #gpu_tile.linear> {
    %f = arith.constant 0.0 : f32
    gpu_tile.yield %f : f32
  }
  gpu_tile.store %0 to %x[0] dims [0] limits [64] : !gpu_tile.fragment<64xf32, #gpu_tile.linear> -> memref<?xf32, strided<[?], offset: ?>>
  gpu_tile.return
}

// -----

gpu_tile.kernel @map_C4_use(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: memref<?x4xf32, strided<[?, ?], offset: ?>>) attributes {grid = #tile.grid<blocks = 1>, threads = 128 : i32, shared_bytes = 65536 : i32, arch = "sm_80"} {
  %a = gpu_tile.constant 0.0 : !gpu_tile.fragment<64x32xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>
  // expected-error @below {{expected a deferred result to be used in the same block by}}
  %0 = gpu_tile.map deferred (%a) maps [affine_map<(i, j) -> (i, j)>] : (!gpu_tile.fragment<64x32xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>) -> !gpu_tile.fragment<64x32xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>> {
  ^bb0(%p: f32):
    gpu_tile.yield %p : f32
  }
  gpu_tile.store %0 to %x[0, 0] dims [0, 1] limits [64, 32] : !gpu_tile.fragment<64x32xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>> -> memref<?x4xf32, strided<[?, ?], offset: ?>>
  gpu_tile.return
}

// -----

gpu_tile.kernel @map_C4_block(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>, threads = 128 : i32, shared_bytes = 65536 : i32, arch = "sm_80"} {
  %a = gpu_tile.constant 0.0 : !gpu_tile.fragment<64x32xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>
  %u = gpu_tile.alloc : !gpu_tile.shared<64x32xf32>
  %c = arith.cmpi eq, %B, %T : index
  // expected-error @below {{expected a deferred result to be used in the same block by}}
  %0 = gpu_tile.map deferred (%a) maps [affine_map<(i, j) -> (i, j)>] : (!gpu_tile.fragment<64x32xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>) -> !gpu_tile.fragment<64x32xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>> {
  ^bb0(%p: f32):
    gpu_tile.yield %p : f32
  }
  scf.if %c {
    gpu_tile.put %0 to %u perm [0, 1] : !gpu_tile.fragment<64x32xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>> -> !gpu_tile.shared<64x32xf32>
  }
  gpu_tile.return
}

// -----

gpu_tile.kernel @index_C1(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>, threads = 128 : i32, shared_bytes = 65536 : i32, arch = "sm_80"} {
  %a = gpu_tile.constant 0.0 : !gpu_tile.fragment<64x32xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>
  %0 = gpu_tile.map (%a) maps [affine_map<(i, j) -> (i, j)>] : (!gpu_tile.fragment<64x32xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>) -> !gpu_tile.fragment<64x32xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>> {
  ^bb0(%p: f32):
    // expected-error @below {{expected dim below 2, got 2}}
    %k = gpu_tile.index 2
    gpu_tile.yield %p : f32
  }
  gpu_tile.return
}

// -----

gpu_tile.kernel @index_parent(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>, threads = 128 : i32, shared_bytes = 65536 : i32, arch = "sm_80"} {
  // expected-error @below {{expects parent op 'gpu_tile.map'}}
  %0 = gpu_tile.index 0
  gpu_tile.return
}

// -----

gpu_tile.kernel @contract_C1_count(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>, threads = 128 : i32, shared_bytes = 65536 : i32, arch = "sm_80"} {
  %l = gpu_tile.alloc : !gpu_tile.shared<64x32xbf16>
  %r = gpu_tile.alloc : !gpu_tile.shared<32x64xbf16>
  %a = gpu_tile.constant 0.0 : !gpu_tile.fragment<64x64xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>
  // expected-error @below {{expected 3 maps, got 2}}
  %0 = gpu_tile.contract %l, %r, %a maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>] : !gpu_tile.shared<64x32xbf16>, !gpu_tile.shared<32x64xbf16> -> !gpu_tile.fragment<64x64xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>
  gpu_tile.return
}

// -----

gpu_tile.kernel @contract_C1_plain(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>, threads = 128 : i32, shared_bytes = 65536 : i32, arch = "sm_80"} {
  %l = gpu_tile.alloc : !gpu_tile.shared<64x32xbf16>
  %r = gpu_tile.alloc : !gpu_tile.shared<32x64xbf16>
  %a = gpu_tile.constant 0.0 : !gpu_tile.fragment<64x64xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>
  // expected-error @below {{expected map 1 to name 2 of 3 dimensions, got affine_map<(d0, d1, d2) -> (d2 + 1, d1)>}}
  %0 = gpu_tile.contract %l, %r, %a maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k + 1, n)>, affine_map<(m, n, k) -> (m, n)>] : !gpu_tile.shared<64x32xbf16>, !gpu_tile.shared<32x64xbf16> -> !gpu_tile.fragment<64x64xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>
  gpu_tile.return
}

// -----

gpu_tile.kernel @contract_C1_twice(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>, threads = 128 : i32, shared_bytes = 65536 : i32, arch = "sm_80"} {
  %l = gpu_tile.alloc : !gpu_tile.shared<32x32xbf16>
  %r = gpu_tile.alloc : !gpu_tile.shared<32x64xbf16>
  %a = gpu_tile.constant 0.0 : !gpu_tile.fragment<64x64xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>
  // expected-error @below {{expected map 0 to name 2 of 3 dimensions, got affine_map<(d0, d1, d2) -> (d2, d2)>}}
  %0 = gpu_tile.contract %l, %r, %a maps [affine_map<(m, n, k) -> (k, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>] : !gpu_tile.shared<32x32xbf16>, !gpu_tile.shared<32x64xbf16> -> !gpu_tile.fragment<64x64xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>
  gpu_tile.return
}

// -----

gpu_tile.kernel @contract_C1_space(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>, threads = 128 : i32, shared_bytes = 65536 : i32, arch = "sm_80"} {
  %l = gpu_tile.alloc : !gpu_tile.shared<64x32xbf16>
  %r = gpu_tile.alloc : !gpu_tile.shared<32x64xbf16>
  %a = gpu_tile.constant 0.0 : !gpu_tile.fragment<64x64xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>
  // expected-error @below {{expected map 2 to name 2 of 3 dimensions, got affine_map<(d0, d1) -> (d0, d1)>}}
  %0 = gpu_tile.contract %l, %r, %a maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n) -> (m, n)>] : !gpu_tile.shared<64x32xbf16>, !gpu_tile.shared<32x64xbf16> -> !gpu_tile.fragment<64x64xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>
  gpu_tile.return
}

// -----

gpu_tile.kernel @contract_C1_two(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>, threads = 128 : i32, shared_bytes = 65536 : i32, arch = "sm_80"} {
  %l = gpu_tile.alloc : !gpu_tile.shared<2x64x32xbf16>
  %r = gpu_tile.alloc : !gpu_tile.shared<32x64xbf16>
  %a = gpu_tile.constant 0.0 : !gpu_tile.fragment<64x64xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>
  // expected-error @below {{expected one contracted dimension in lhs and rhs, got 2}}
  %0 = gpu_tile.contract %l, %r, %a maps [affine_map<(m, n, k, l) -> (l, m, k)>, affine_map<(m, n, k, l) -> (k, n)>, affine_map<(m, n, k, l) -> (m, n)>] : !gpu_tile.shared<2x64x32xbf16>, !gpu_tile.shared<32x64xbf16> -> !gpu_tile.fragment<64x64xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>
  gpu_tile.return
}

// -----

gpu_tile.kernel @contract_C1_none(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>, threads = 128 : i32, shared_bytes = 65536 : i32, arch = "sm_80"} {
  %l = gpu_tile.alloc : !gpu_tile.shared<64x64xbf16>
  %r = gpu_tile.alloc : !gpu_tile.shared<32x64xbf16>
  %a = gpu_tile.constant 0.0 : !gpu_tile.fragment<64x64xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>
  // expected-error @below {{expected one contracted dimension in lhs and rhs, got 0}}
  %0 = gpu_tile.contract %l, %r, %a maps [affine_map<(m, n, k) -> (m, n)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>] : !gpu_tile.shared<64x64xbf16>, !gpu_tile.shared<32x64xbf16> -> !gpu_tile.fragment<64x64xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>
  gpu_tile.return
}

// -----

gpu_tile.kernel @contract_C1_rhs(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>, threads = 128 : i32, shared_bytes = 65536 : i32, arch = "sm_80"} {
  %l = gpu_tile.alloc : !gpu_tile.shared<64x32xbf16>
  %r = gpu_tile.alloc : !gpu_tile.shared<2x32x64xbf16>
  %a = gpu_tile.constant 0.0 : !gpu_tile.fragment<64x64xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>
  // expected-error @below {{expected dimension 3 of rhs in the result}}
  %0 = gpu_tile.contract %l, %r, %a maps [affine_map<(m, n, k, l) -> (m, k)>, affine_map<(m, n, k, l) -> (l, k, n)>, affine_map<(m, n, k, l) -> (m, n)>] : !gpu_tile.shared<64x32xbf16>, !gpu_tile.shared<2x32x64xbf16> -> !gpu_tile.fragment<64x64xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>
  gpu_tile.return
}

// -----

gpu_tile.kernel @contract_C2_layout(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>, threads = 128 : i32, shared_bytes = 65536 : i32, arch = "sm_80"} {
  %l = gpu_tile.alloc : !gpu_tile.shared<64x32xbf16>
  %r = gpu_tile.alloc : !gpu_tile.shared<32x64xbf16>
  %a = gpu_tile.constant 0.0 : !gpu_tile.fragment<64x64xf32, #gpu_tile.linear>
  // expected-error @below {{expected a result of mma layout without outer dimensions, got}}
  %0 = gpu_tile.contract %l, %r, %a maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>] : !gpu_tile.shared<64x32xbf16>, !gpu_tile.shared<32x64xbf16> -> !gpu_tile.fragment<64x64xf32, #gpu_tile.linear>
  gpu_tile.return
}

// -----

gpu_tile.kernel @contract_C2_rows(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>, threads = 128 : i32, shared_bytes = 65536 : i32, arch = "sm_80"} {
  %l = gpu_tile.alloc : !gpu_tile.shared<64x32xbf16>
  %r = gpu_tile.alloc : !gpu_tile.shared<32x64xbf16>
  %a = gpu_tile.constant 0.0 : !gpu_tile.fragment<64x64xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>
  // expected-error @below {{expected row dimension 0 of the result in lhs}}
  %0 = gpu_tile.contract %l, %r, %a maps [affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (k, m)>, affine_map<(m, n, k) -> (m, n)>] : !gpu_tile.shared<64x32xbf16>, !gpu_tile.shared<32x64xbf16> -> !gpu_tile.fragment<64x64xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>
  gpu_tile.return
}

// -----

gpu_tile.kernel @contract_C2_batch(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>, threads = 128 : i32, shared_bytes = 65536 : i32, arch = "sm_80"} {
  %l = gpu_tile.alloc : !gpu_tile.shared<4x16x32xbf16>
  %r = gpu_tile.alloc : !gpu_tile.shared<16x32x64xbf16>
  %a = gpu_tile.constant 0.0 : !gpu_tile.fragment<4x16x64xf32, #gpu_tile.mma<rows = [0, 1], cols = [2], warps = [4, 1]>>
  // expected-error @below {{expected the innermost row dimension 1 of the result in lhs only}}
  %0 = gpu_tile.contract %l, %r, %a maps [affine_map<(m, h, n, k) -> (m, h, k)>, affine_map<(m, h, n, k) -> (h, k, n)>, affine_map<(m, h, n, k) -> (m, h, n)>] : !gpu_tile.shared<4x16x32xbf16>, !gpu_tile.shared<16x32x64xbf16> -> !gpu_tile.fragment<4x16x64xf32, #gpu_tile.mma<rows = [0, 1], cols = [2], warps = [4, 1]>>
  gpu_tile.return
}

// -----

gpu_tile.kernel @contract_C2_cols(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>, threads = 128 : i32, shared_bytes = 65536 : i32, arch = "sm_80"} {
  %l = gpu_tile.alloc : !gpu_tile.shared<64x64x32xbf16>
  %r = gpu_tile.alloc : !gpu_tile.shared<32x64xbf16>
  %a = gpu_tile.constant 0.0 : !gpu_tile.fragment<64x64xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>
  // expected-error @below {{expected column dimension 1 of the result in rhs only}}
  %0 = gpu_tile.contract %l, %r, %a maps [affine_map<(m, n, k) -> (m, n, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>] : !gpu_tile.shared<64x64x32xbf16>, !gpu_tile.shared<32x64xbf16> -> !gpu_tile.fragment<64x64xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>
  gpu_tile.return
}

// -----

gpu_tile.kernel @contract_C3_parts(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>, threads = 128 : i32, shared_bytes = 65536 : i32, arch = "sm_80"} {
  %l = gpu_tile.constant 0.0 : !gpu_tile.fragment<64x32xbf16, #gpu_tile.mma<rows = [0], cols = [1], warps = [2, 2]>>
  %r = gpu_tile.alloc : !gpu_tile.shared<32x64xbf16>
  %a = gpu_tile.constant 0.0 : !gpu_tile.fragment<64x64xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>
  // expected-error @below {{expected lhs to hold the result's rows in the same warps, got}}
  %0 = gpu_tile.contract %l, %r, %a maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>] : !gpu_tile.fragment<64x32xbf16, #gpu_tile.mma<rows = [0], cols = [1], warps = [2, 2]>>, !gpu_tile.shared<32x64xbf16> -> !gpu_tile.fragment<64x64xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>
  gpu_tile.return
}

// -----

gpu_tile.kernel @contract_C3_layout(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>, threads = 128 : i32, shared_bytes = 65536 : i32, arch = "sm_80"} {
  %l = gpu_tile.constant 0.0 : !gpu_tile.fragment<64x32xbf16, #gpu_tile.linear>
  %r = gpu_tile.alloc : !gpu_tile.shared<32x64xbf16>
  %a = gpu_tile.constant 0.0 : !gpu_tile.fragment<64x64xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>
  // expected-error @below {{expected lhs to hold the result's rows in the same warps, got}}
  %0 = gpu_tile.contract %l, %r, %a maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>] : !gpu_tile.fragment<64x32xbf16, #gpu_tile.linear>, !gpu_tile.shared<32x64xbf16> -> !gpu_tile.fragment<64x64xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>
  gpu_tile.return
}

// -----

gpu_tile.kernel @contract_C4_operands(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>, threads = 128 : i32, shared_bytes = 65536 : i32, arch = "sm_80"} {
  %l = gpu_tile.alloc : !gpu_tile.shared<64x32xbf16>
  %r = gpu_tile.alloc : !gpu_tile.shared<32x64xf16>
  %a = gpu_tile.constant 0.0 : !gpu_tile.fragment<64x64xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>
  // expected-error @below {{expected equal operand types and an f32 result, got 'bf16' and 'f16'}}
  %0 = gpu_tile.contract %l, %r, %a maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>] : !gpu_tile.shared<64x32xbf16>, !gpu_tile.shared<32x64xf16> -> !gpu_tile.fragment<64x64xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>
  gpu_tile.return
}

// -----

gpu_tile.kernel @contract_C4_result(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>, threads = 128 : i32, shared_bytes = 65536 : i32, arch = "sm_80"} {
  %l = gpu_tile.alloc : !gpu_tile.shared<64x32xbf16>
  %r = gpu_tile.alloc : !gpu_tile.shared<32x64xbf16>
  %a = gpu_tile.constant 0.0 : !gpu_tile.fragment<64x64xbf16, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>
  // expected-error @below {{expected equal operand types and an f32 result, got 'bf16' and 'bf16'}}
  %0 = gpu_tile.contract %l, %r, %a maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>] : !gpu_tile.shared<64x32xbf16>, !gpu_tile.shared<32x64xbf16> -> !gpu_tile.fragment<64x64xbf16, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>
  gpu_tile.return
}

// -----

gpu_tile.kernel @contract_C4_scalar(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>, threads = 128 : i32, shared_bytes = 65536 : i32, arch = "sm_80"} {
  %l = arith.constant 0.0 : f32
  %r = gpu_tile.alloc : !gpu_tile.shared<32x64xbf16>
  %a = gpu_tile.constant 0.0 : !gpu_tile.fragment<64x64xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>
  // expected-error @below {{expected operands in registers or shared memory, got 'f32'}}
  %0 = gpu_tile.contract %l, %r, %a maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>] : f32, !gpu_tile.shared<32x64xbf16> -> !gpu_tile.fragment<64x64xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>
  gpu_tile.return
}

// -----

gpu_tile.kernel @contract_C5(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>, threads = 128 : i32, shared_bytes = 65536 : i32, arch = "sm_80"} {
  %l = gpu_tile.alloc : !gpu_tile.shared<64x24xbf16>
  %r = gpu_tile.alloc : !gpu_tile.shared<24x64xbf16>
  %a = gpu_tile.constant 0.0 : !gpu_tile.fragment<64x64xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>
  // expected-error @below {{expected the contracted dimension to be a multiple of 16, got 24}}
  %0 = gpu_tile.contract %l, %r, %a maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>] : !gpu_tile.shared<64x24xbf16>, !gpu_tile.shared<24x64xbf16> -> !gpu_tile.fragment<64x64xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>
  gpu_tile.return
}

// -----

gpu_tile.kernel @contract_C6(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>, threads = 128 : i32, shared_bytes = 65536 : i32, arch = "sm_80"} {
  %l = gpu_tile.alloc : !gpu_tile.shared<64x32xbf16>
  %r = gpu_tile.alloc : !gpu_tile.shared<48x64xbf16>
  %a = gpu_tile.constant 0.0 : !gpu_tile.fragment<64x64xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>
  // expected-error @below {{expected dimension 2 to have one size, got 32 and 48}}
  %0 = gpu_tile.contract %l, %r, %a maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>] : !gpu_tile.shared<64x32xbf16>, !gpu_tile.shared<48x64xbf16> -> !gpu_tile.fragment<64x64xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>
  gpu_tile.return
}

// -----

gpu_tile.kernel @contract_C7(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>, threads = 128 : i32, shared_bytes = 65536 : i32, arch = "sm_80"} {
  %l = gpu_tile.alloc : !gpu_tile.shared<64x32xbf16>
  %r = gpu_tile.alloc : !gpu_tile.shared<32x64xbf16>
  %a = gpu_tile.constant 0.0 : !gpu_tile.fragment<64x64xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>
  // expected-error @below {{expected operands of f32 with tf32, got 'bf16'}}
  %0 = gpu_tile.contract %l, %r, %a maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>] tf32 : !gpu_tile.shared<64x32xbf16>, !gpu_tile.shared<32x64xbf16> -> !gpu_tile.fragment<64x64xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>
  gpu_tile.return
}

// -----

gpu_tile.kernel @put_C1_rank(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>, threads = 128 : i32, shared_bytes = 65536 : i32, arch = "sm_80"} {
  %a = gpu_tile.constant 0.0 : !gpu_tile.fragment<64x32xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>
  %u = gpu_tile.alloc : !gpu_tile.shared<64x32xf32>
  // expected-error @below {{expected a permutation of 2 dimensions}}
  gpu_tile.put %a to %u perm [0] : !gpu_tile.fragment<64x32xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>> -> !gpu_tile.shared<64x32xf32>
  gpu_tile.return
}

// -----

gpu_tile.kernel @put_C1_twice(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>, threads = 128 : i32, shared_bytes = 65536 : i32, arch = "sm_80"} {
  %a = gpu_tile.constant 0.0 : !gpu_tile.fragment<64x64xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>
  %u = gpu_tile.alloc : !gpu_tile.shared<64x64xf32>
  // expected-error @below {{expected perm to carry}}
  gpu_tile.put %a to %u perm [0, 0] : !gpu_tile.fragment<64x64xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>> -> !gpu_tile.shared<64x64xf32>
  gpu_tile.return
}

// -----

gpu_tile.kernel @put_C1_range(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>, threads = 128 : i32, shared_bytes = 65536 : i32, arch = "sm_80"} {
  %a = gpu_tile.constant 0.0 : !gpu_tile.fragment<64x32xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>
  %u = gpu_tile.alloc : !gpu_tile.shared<64x32xf32>
  // expected-error @below {{expected perm to carry}}
  gpu_tile.put %a to %u perm [0, 2] : !gpu_tile.fragment<64x32xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>> -> !gpu_tile.shared<64x32xf32>
  gpu_tile.return
}

// -----

gpu_tile.kernel @put_C1_shape(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>, threads = 128 : i32, shared_bytes = 65536 : i32, arch = "sm_80"} {
  %a = gpu_tile.constant 0.0 : !gpu_tile.fragment<64x32xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>
  %u = gpu_tile.alloc : !gpu_tile.shared<64x32xf32>
  // expected-error @below {{expected perm to carry}}
  gpu_tile.put %a to %u perm [1, 0] : !gpu_tile.fragment<64x32xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>> -> !gpu_tile.shared<64x32xf32>
  gpu_tile.return
}

// -----

gpu_tile.kernel @put_C2(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>, threads = 128 : i32, shared_bytes = 65536 : i32, arch = "sm_80"} {
  %a = gpu_tile.constant 0.0 : !gpu_tile.fragment<64x32xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>
  %u = gpu_tile.alloc : !gpu_tile.shared<64x32xbf16>
  // expected-error @below {{expected elements of 'f32', got 'bf16'}}
  gpu_tile.put %a to %u perm [0, 1] : !gpu_tile.fragment<64x32xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>> -> !gpu_tile.shared<64x32xbf16>
  gpu_tile.return
}

// -----

gpu_tile.kernel @cumsum_C1_layout(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>, threads = 128 : i32, shared_bytes = 65536 : i32, arch = "sm_80"} {
  %a = gpu_tile.constant 0.0 : !gpu_tile.fragment<2x64xf32, #gpu_tile.linear>
  // expected-error @below {{expected a lanes layout with all dimensions but the last as rows, got}}
  %s, %r = gpu_tile.cumsum %a : !gpu_tile.fragment<2x64xf32, #gpu_tile.linear>
  gpu_tile.return
}

// -----

gpu_tile.kernel @cumsum_C1_rows(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>, threads = 128 : i32, shared_bytes = 65536 : i32, arch = "sm_80"} {
  %a = gpu_tile.constant 0.0 : !gpu_tile.fragment<2x64xf32, #gpu_tile.lanes<rows = 2>>
  // expected-error @below {{expected a lanes layout with all dimensions but the last as rows, got}}
  %s, %r = gpu_tile.cumsum %a : !gpu_tile.fragment<2x64xf32, #gpu_tile.lanes<rows = 2>>
  gpu_tile.return
}

// -----

gpu_tile.kernel @cumsum_C2(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>, threads = 128 : i32, shared_bytes = 65536 : i32, arch = "sm_80"} {
  %a = gpu_tile.constant 0.0 : !gpu_tile.fragment<2x64xbf16, #gpu_tile.lanes<rows = 1>>
  // expected-error @below {{expected elements of f32, got 'bf16'}}
  %s, %r = gpu_tile.cumsum %a : !gpu_tile.fragment<2x64xbf16, #gpu_tile.lanes<rows = 1>>
  gpu_tile.return
}

// -----

gpu_tile.kernel @sum_C1_layout(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>, threads = 128 : i32, shared_bytes = 65536 : i32, arch = "sm_80"} {
  %a = gpu_tile.constant 0.0 : !gpu_tile.fragment<2x64xf32, #gpu_tile.linear>
  %d = gpu_tile.alloc at 0 : !gpu_tile.shared<2xf32>
  // expected-error @below {{expected elements of f32, in pieces, got}}
  gpu_tile.sum %a to %d dims [1] : !gpu_tile.fragment<2x64xf32, #gpu_tile.linear> -> !gpu_tile.shared<2xf32>
  gpu_tile.return
}

// -----

gpu_tile.kernel @sum_C1_elements(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>, threads = 128 : i32, shared_bytes = 65536 : i32, arch = "sm_80"} {
  %a = gpu_tile.constant 0.0 : !gpu_tile.fragment<2x64xbf16, #gpu_tile.pieces<width = 4, lanes = 16>>
  %d = gpu_tile.alloc at 0 : !gpu_tile.shared<2xf32>
  // expected-error @below {{expected elements of f32, in pieces, got}}
  gpu_tile.sum %a to %d dims [1] : !gpu_tile.fragment<2x64xbf16, #gpu_tile.pieces<width = 4, lanes = 16>> -> !gpu_tile.shared<2xf32>
  gpu_tile.return
}

// -----

gpu_tile.kernel @sum_C2_all(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>, threads = 128 : i32, shared_bytes = 65536 : i32, arch = "sm_80"} {
  %a = gpu_tile.constant 0.0 : !gpu_tile.fragment<2x64xf32, #gpu_tile.pieces<width = 4, lanes = 16>>
  %d = gpu_tile.alloc at 0 : !gpu_tile.shared<2xf32>
  // expected-error @below {{expected dims that are the last of the rows', the last one, or both, and not all}}
  gpu_tile.sum %a to %d dims [0, 1] : !gpu_tile.fragment<2x64xf32, #gpu_tile.pieces<width = 4, lanes = 16>> -> !gpu_tile.shared<2xf32>
  gpu_tile.return
}

// -----

gpu_tile.kernel @sum_C2_apart(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>, threads = 128 : i32, shared_bytes = 65536 : i32, arch = "sm_80"} {
  %a = gpu_tile.constant 0.0 : !gpu_tile.fragment<2x4x64xf32, #gpu_tile.pieces<width = 4, lanes = 16>>
  %d = gpu_tile.alloc at 0 : !gpu_tile.shared<4xf32>
  // expected-error @below {{expected dims that are the last of the rows', the last one, or both, and not all}}
  gpu_tile.sum %a to %d dims [0, 2] : !gpu_tile.fragment<2x4x64xf32, #gpu_tile.pieces<width = 4, lanes = 16>> -> !gpu_tile.shared<4xf32>
  gpu_tile.return
}

// -----

gpu_tile.kernel @sum_C3(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>, threads = 128 : i32, shared_bytes = 65536 : i32, arch = "sm_80"} {
  %a = gpu_tile.constant 0.0 : !gpu_tile.fragment<2x4x64xf32, #gpu_tile.pieces<width = 4, lanes = 16>>
  %d = gpu_tile.alloc at 0 : !gpu_tile.shared<4x2x64xf32>
  // expected-error @below {{expected a multiple of 8 rows in a sum, got 4}}
  gpu_tile.sum %a to %d dims [1] : !gpu_tile.fragment<2x4x64xf32, #gpu_tile.pieces<width = 4, lanes = 16>> -> !gpu_tile.shared<4x2x64xf32>
  gpu_tile.return
}

// -----

gpu_tile.kernel @sum_C4_shares(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>, threads = 128 : i32, shared_bytes = 65536 : i32, arch = "sm_80"} {
  %a = gpu_tile.constant 0.0 : !gpu_tile.fragment<2x8x64xf32, #gpu_tile.pieces<width = 4, lanes = 16>>
  %d = gpu_tile.alloc at 0 : !gpu_tile.shared<2x64xf32>
  // expected-error @below {{expected a result of [4, 2, 64], got}}
  gpu_tile.sum %a to %d dims [1] : !gpu_tile.fragment<2x8x64xf32, #gpu_tile.pieces<width = 4, lanes = 16>> -> !gpu_tile.shared<2x64xf32>
  gpu_tile.return
}

// -----

gpu_tile.kernel @sum_C4_shape(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>, threads = 128 : i32, shared_bytes = 65536 : i32, arch = "sm_80"} {
  %a = gpu_tile.constant 0.0 : !gpu_tile.fragment<2x8x64xf32, #gpu_tile.pieces<width = 4, lanes = 16>>
  %d = gpu_tile.alloc at 0 : !gpu_tile.shared<2x64xf32>
  // expected-error @below {{expected a result of [2, 8], got}}
  gpu_tile.sum %a to %d dims [2] : !gpu_tile.fragment<2x8x64xf32, #gpu_tile.pieces<width = 4, lanes = 16>> -> !gpu_tile.shared<2x64xf32>
  gpu_tile.return
}

// -----

gpu_tile.kernel @running_sum_C1(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>, threads = 128 : i32, shared_bytes = 65536 : i32, arch = "sm_80"} {
  %a = gpu_tile.constant 0.0 : !gpu_tile.fragment<2x64xf32, #gpu_tile.linear>
  // expected-error @below {{expected a lanes layout with all dimensions but the last as rows, got}}
  %s, %l, %e = gpu_tile.running_sum %a after %a, %a : !gpu_tile.fragment<2x64xf32, #gpu_tile.linear>
  gpu_tile.return
}

// -----

gpu_tile.kernel @running_max_C2(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>, threads = 128 : i32, shared_bytes = 65536 : i32, arch = "sm_80"} {
  %a = gpu_tile.constant 0.0 : !gpu_tile.fragment<2x64xbf16, #gpu_tile.lanes<rows = 1>>
  // expected-error @below {{expected elements of f32, got 'bf16'}}
  %m, %e = gpu_tile.running_max %a decay %a after %a : !gpu_tile.fragment<2x64xbf16, #gpu_tile.lanes<rows = 1>>
  gpu_tile.return
}

// -----

gpu_tile.kernel @scan_C1_rank(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>, threads = 128 : i32, shared_bytes = 65536 : i32, arch = "sm_80"} {
  %x = gpu_tile.alloc : !gpu_tile.shared<8x32xf32>
  %b = gpu_tile.alloc : !gpu_tile.shared<8x4xf32>
  %c = gpu_tile.alloc : !gpu_tile.shared<8x4xf32>
  %u = gpu_tile.alloc : !gpu_tile.shared<2x8x2x16xf32>
  %i = gpu_tile.constant 0.0 : !gpu_tile.fragment<2x4x16xf32, #gpu_tile.lanes<rows = 2>>
  // expected-error @below {{expected x [q, h, p], init [h, n, p] and partials [share, q, h, p]}}
  %s = gpu_tile.scan x = %x, b = %b, c = %c, init = %i partials %u : !gpu_tile.shared<8x32xf32>, !gpu_tile.shared<8x4xf32>, !gpu_tile.shared<8x4xf32>, !gpu_tile.fragment<2x4x16xf32, #gpu_tile.lanes<rows = 2>>, !gpu_tile.shared<2x8x2x16xf32> -> !gpu_tile.fragment<2x4x16xf32, #gpu_tile.lanes<rows = 2>>
  gpu_tile.return
}

// -----

gpu_tile.kernel @scan_C1_b(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>, threads = 128 : i32, shared_bytes = 65536 : i32, arch = "sm_80"} {
  %x = gpu_tile.alloc : !gpu_tile.shared<8x2x16xf32>
  %b = gpu_tile.alloc : !gpu_tile.shared<8x5xf32>
  %c = gpu_tile.alloc : !gpu_tile.shared<8x4xf32>
  %u = gpu_tile.alloc : !gpu_tile.shared<2x8x2x16xf32>
  %i = gpu_tile.constant 0.0 : !gpu_tile.fragment<2x4x16xf32, #gpu_tile.lanes<rows = 2>>
  // expected-error @below {{expected b of shape [8, 4], got [8, 5]}}
  %s = gpu_tile.scan x = %x, b = %b, c = %c, init = %i partials %u : !gpu_tile.shared<8x2x16xf32>, !gpu_tile.shared<8x5xf32>, !gpu_tile.shared<8x4xf32>, !gpu_tile.fragment<2x4x16xf32, #gpu_tile.lanes<rows = 2>>, !gpu_tile.shared<2x8x2x16xf32> -> !gpu_tile.fragment<2x4x16xf32, #gpu_tile.lanes<rows = 2>>
  gpu_tile.return
}

// -----

gpu_tile.kernel @scan_C1_c(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>, threads = 128 : i32, shared_bytes = 65536 : i32, arch = "sm_80"} {
  %x = gpu_tile.alloc : !gpu_tile.shared<8x2x16xf32>
  %b = gpu_tile.alloc : !gpu_tile.shared<8x4xf32>
  %c = gpu_tile.alloc : !gpu_tile.shared<9x4xf32>
  %u = gpu_tile.alloc : !gpu_tile.shared<2x8x2x16xf32>
  %i = gpu_tile.constant 0.0 : !gpu_tile.fragment<2x4x16xf32, #gpu_tile.lanes<rows = 2>>
  // expected-error @below {{expected c of shape [8, 4], got [9, 4]}}
  %s = gpu_tile.scan x = %x, b = %b, c = %c, init = %i partials %u : !gpu_tile.shared<8x2x16xf32>, !gpu_tile.shared<8x4xf32>, !gpu_tile.shared<9x4xf32>, !gpu_tile.fragment<2x4x16xf32, #gpu_tile.lanes<rows = 2>>, !gpu_tile.shared<2x8x2x16xf32> -> !gpu_tile.fragment<2x4x16xf32, #gpu_tile.lanes<rows = 2>>
  gpu_tile.return
}

// -----

gpu_tile.kernel @scan_C1_init(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>, threads = 128 : i32, shared_bytes = 65536 : i32, arch = "sm_80"} {
  %x = gpu_tile.alloc : !gpu_tile.shared<8x2x16xf32>
  %b = gpu_tile.alloc : !gpu_tile.shared<8x4xf32>
  %c = gpu_tile.alloc : !gpu_tile.shared<8x4xf32>
  %u = gpu_tile.alloc : !gpu_tile.shared<2x8x2x16xf32>
  %i = gpu_tile.constant 0.0 : !gpu_tile.fragment<3x4x16xf32, #gpu_tile.lanes<rows = 2>>
  // expected-error @below {{expected shapes that agree, got x [8, 2, 16], init [3, 4, 16]}}
  %s = gpu_tile.scan x = %x, b = %b, c = %c, init = %i partials %u : !gpu_tile.shared<8x2x16xf32>, !gpu_tile.shared<8x4xf32>, !gpu_tile.shared<8x4xf32>, !gpu_tile.fragment<3x4x16xf32, #gpu_tile.lanes<rows = 2>>, !gpu_tile.shared<2x8x2x16xf32> -> !gpu_tile.fragment<3x4x16xf32, #gpu_tile.lanes<rows = 2>>
  gpu_tile.return
}

// -----

gpu_tile.kernel @scan_C1_partials(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>, threads = 128 : i32, shared_bytes = 65536 : i32, arch = "sm_80"} {
  %x = gpu_tile.alloc : !gpu_tile.shared<8x2x16xf32>
  %b = gpu_tile.alloc : !gpu_tile.shared<8x4xf32>
  %c = gpu_tile.alloc : !gpu_tile.shared<8x4xf32>
  %u = gpu_tile.alloc : !gpu_tile.shared<2x8x2x8xf32>
  %i = gpu_tile.constant 0.0 : !gpu_tile.fragment<2x4x16xf32, #gpu_tile.lanes<rows = 2>>
  // expected-error @below {{expected shapes that agree}}
  %s = gpu_tile.scan x = %x, b = %b, c = %c, init = %i partials %u : !gpu_tile.shared<8x2x16xf32>, !gpu_tile.shared<8x4xf32>, !gpu_tile.shared<8x4xf32>, !gpu_tile.fragment<2x4x16xf32, #gpu_tile.lanes<rows = 2>>, !gpu_tile.shared<2x8x2x8xf32> -> !gpu_tile.fragment<2x4x16xf32, #gpu_tile.lanes<rows = 2>>
  gpu_tile.return
}

// -----

gpu_tile.kernel @scan_C1_decay(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>, threads = 128 : i32, shared_bytes = 65536 : i32, arch = "sm_80"} {
  %x = gpu_tile.alloc : !gpu_tile.shared<8x2x16xf32>
  %b = gpu_tile.alloc : !gpu_tile.shared<8x4xf32>
  %c = gpu_tile.alloc : !gpu_tile.shared<8x4xf32>
  %u = gpu_tile.alloc : !gpu_tile.shared<2x8x2x16xf32>
  %i = gpu_tile.constant 0.0 : !gpu_tile.fragment<2x4x16xf32, #gpu_tile.lanes<rows = 2>>
  %d = gpu_tile.alloc : !gpu_tile.shared<8x2xf32>
  // expected-error @below {{expected decay of shape [2, 8], got [8, 2]}}
  %s = gpu_tile.scan x = %x, b = %b, c = %c, decay = %d : !gpu_tile.shared<8x2xf32>, init = %i partials %u : !gpu_tile.shared<8x2x16xf32>, !gpu_tile.shared<8x4xf32>, !gpu_tile.shared<8x4xf32>, !gpu_tile.fragment<2x4x16xf32, #gpu_tile.lanes<rows = 2>>, !gpu_tile.shared<2x8x2x16xf32> -> !gpu_tile.fragment<2x4x16xf32, #gpu_tile.lanes<rows = 2>>
  gpu_tile.return
}

// -----

gpu_tile.kernel @scan_C1_state(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>, threads = 128 : i32, shared_bytes = 65536 : i32, arch = "sm_80"} {
  %x = gpu_tile.alloc : !gpu_tile.shared<8x2x16xf32>
  %b = gpu_tile.alloc : !gpu_tile.shared<8x4xf32>
  %c = gpu_tile.alloc : !gpu_tile.shared<8x4xf32>
  %u = gpu_tile.alloc : !gpu_tile.shared<2x8x2x16xf32>
  %i = gpu_tile.constant 0.0 : !gpu_tile.fragment<2x4x16xf32, #gpu_tile.lanes<rows = 2>>
  // expected-error @below {{expected a state of init's type}}
  %s = gpu_tile.scan x = %x, b = %b, c = %c, init = %i partials %u : !gpu_tile.shared<8x2x16xf32>, !gpu_tile.shared<8x4xf32>, !gpu_tile.shared<8x4xf32>, !gpu_tile.fragment<2x4x16xf32, #gpu_tile.lanes<rows = 2>>, !gpu_tile.shared<2x8x2x16xf32> -> !gpu_tile.fragment<2x4x32xf32, #gpu_tile.lanes<rows = 2>>
  gpu_tile.return
}

// -----

gpu_tile.kernel @scan_C1_elements(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>, threads = 128 : i32, shared_bytes = 65536 : i32, arch = "sm_80"} {
  %x = gpu_tile.alloc : !gpu_tile.shared<8x2x16xf32>
  %b = gpu_tile.alloc : !gpu_tile.shared<8x4xbf16>
  %c = gpu_tile.alloc : !gpu_tile.shared<8x4xf32>
  %u = gpu_tile.alloc : !gpu_tile.shared<2x8x2x16xf32>
  %i = gpu_tile.constant 0.0 : !gpu_tile.fragment<2x4x16xf32, #gpu_tile.lanes<rows = 2>>
  // expected-error @below {{expected elements of f32, got 'bf16'}}
  %s = gpu_tile.scan x = %x, b = %b, c = %c, init = %i partials %u : !gpu_tile.shared<8x2x16xf32>, !gpu_tile.shared<8x4xbf16>, !gpu_tile.shared<8x4xf32>, !gpu_tile.fragment<2x4x16xf32, #gpu_tile.lanes<rows = 2>>, !gpu_tile.shared<2x8x2x16xf32> -> !gpu_tile.fragment<2x4x16xf32, #gpu_tile.lanes<rows = 2>>
  gpu_tile.return
}

// -----

gpu_tile.kernel @scan_C2_layout(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>, threads = 128 : i32, shared_bytes = 65536 : i32, arch = "sm_80"} {
  %x = gpu_tile.alloc : !gpu_tile.shared<8x2x16xf32>
  %b = gpu_tile.alloc : !gpu_tile.shared<8x4xf32>
  %c = gpu_tile.alloc : !gpu_tile.shared<8x4xf32>
  %u = gpu_tile.alloc : !gpu_tile.shared<2x8x2x16xf32>
  %i = gpu_tile.constant 0.0 : !gpu_tile.fragment<2x4x16xf32, #gpu_tile.lanes<rows = 1>>
  // expected-error @below {{expected a state of layout lanes<rows = 2>, got}}
  %s = gpu_tile.scan x = %x, b = %b, c = %c, init = %i partials %u : !gpu_tile.shared<8x2x16xf32>, !gpu_tile.shared<8x4xf32>, !gpu_tile.shared<8x4xf32>, !gpu_tile.fragment<2x4x16xf32, #gpu_tile.lanes<rows = 1>>, !gpu_tile.shared<2x8x2x16xf32> -> !gpu_tile.fragment<2x4x16xf32, #gpu_tile.lanes<rows = 1>>
  gpu_tile.return
}

// -----

gpu_tile.kernel @scan_C2_warps(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>, threads = 128 : i32, shared_bytes = 65536 : i32, arch = "sm_80"} {
  %x = gpu_tile.alloc : !gpu_tile.shared<8x3x16xf32>
  %b = gpu_tile.alloc : !gpu_tile.shared<8x5xf32>
  %c = gpu_tile.alloc : !gpu_tile.shared<8x5xf32>
  %u = gpu_tile.alloc : !gpu_tile.shared<1x8x3x16xf32>
  %i = gpu_tile.constant 0.0 : !gpu_tile.fragment<3x5x16xf32, #gpu_tile.lanes<rows = 2>>
  // expected-error @below {{expected the rows of a warp to lie in one head, got 4 rows a warp and 5 a head}}
  %s = gpu_tile.scan x = %x, b = %b, c = %c, init = %i partials %u : !gpu_tile.shared<8x3x16xf32>, !gpu_tile.shared<8x5xf32>, !gpu_tile.shared<8x5xf32>, !gpu_tile.fragment<3x5x16xf32, #gpu_tile.lanes<rows = 2>>, !gpu_tile.shared<1x8x3x16xf32> -> !gpu_tile.fragment<3x5x16xf32, #gpu_tile.lanes<rows = 2>>
  gpu_tile.return
}

// -----

gpu_tile.kernel @scan_C5(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>, threads = 128 : i32, shared_bytes = 65536 : i32, arch = "sm_80"} {
  %x = gpu_tile.alloc : !gpu_tile.shared<8x2x16xf32>
  %b = gpu_tile.alloc : !gpu_tile.shared<8x4xf32>
  %c = gpu_tile.alloc : !gpu_tile.shared<8x4xf32>
  %u = gpu_tile.alloc : !gpu_tile.shared<2x8x2x16xf32>
  %i = gpu_tile.constant 0.0 : !gpu_tile.fragment<2x4x16xf32, #gpu_tile.lanes<rows = 2>>
  %d = gpu_tile.constant 1.0 : !gpu_tile.fragment<8x2x4x16xf32, #gpu_tile.linear>
  // expected-error @below {{expected decay to be a shared tile or a deferred map of shared tiles}}
  %s = gpu_tile.scan x = %x, b = %b, c = %c, decay = %d : !gpu_tile.fragment<8x2x4x16xf32, #gpu_tile.linear>, init = %i partials %u : !gpu_tile.shared<8x2x16xf32>, !gpu_tile.shared<8x4xf32>, !gpu_tile.shared<8x4xf32>, !gpu_tile.fragment<2x4x16xf32, #gpu_tile.lanes<rows = 2>>, !gpu_tile.shared<2x8x2x16xf32> -> !gpu_tile.fragment<2x4x16xf32, #gpu_tile.lanes<rows = 2>>
  gpu_tile.return
}

// -----

gpu_tile.kernel @scan_C4_excess(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>, threads = 128 : i32, shared_bytes = 65536 : i32, arch = "sm_80"} {
  %x = gpu_tile.alloc : !gpu_tile.shared<8x2x16xf32>
  %b = gpu_tile.alloc : !gpu_tile.shared<8x4xf32>
  %c = gpu_tile.alloc : !gpu_tile.shared<8x4xf32>
  %u = gpu_tile.alloc : !gpu_tile.shared<2x8x2x16xf32>
  %i = gpu_tile.constant 0.0 : !gpu_tile.fragment<2x4x16xf32, #gpu_tile.lanes<rows = 2>>
  %d = gpu_tile.alloc : !gpu_tile.shared<2x8xf32>
  // expected-error @below {{expected excess with a decay of its shape}}
  %s = gpu_tile.scan x = %x, b = %b, c = %c, excess = %d : !gpu_tile.shared<2x8xf32>, init = %i partials %u : !gpu_tile.shared<8x2x16xf32>, !gpu_tile.shared<8x4xf32>, !gpu_tile.shared<8x4xf32>, !gpu_tile.fragment<2x4x16xf32, #gpu_tile.lanes<rows = 2>>, !gpu_tile.shared<2x8x2x16xf32> -> !gpu_tile.fragment<2x4x16xf32, #gpu_tile.lanes<rows = 2>>
  gpu_tile.return
}

// -----

gpu_tile.kernel @scan_C3(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>, threads = 128 : i32, shared_bytes = 65536 : i32, arch = "sm_80"} {
  %x = gpu_tile.alloc : !gpu_tile.shared<8x2x16xf32>
  %b = gpu_tile.alloc : !gpu_tile.shared<8x4xf32>
  %c = gpu_tile.alloc : !gpu_tile.shared<8x4xf32>
  %u = gpu_tile.alloc : !gpu_tile.shared<1x8x2x16xf32>
  %i = gpu_tile.constant 0.0 : !gpu_tile.fragment<2x4x16xf32, #gpu_tile.lanes<rows = 2>>
  // expected-error @below {{expected 2 shares in partials, got 1}}
  %s = gpu_tile.scan x = %x, b = %b, c = %c, init = %i partials %u : !gpu_tile.shared<8x2x16xf32>, !gpu_tile.shared<8x4xf32>, !gpu_tile.shared<8x4xf32>, !gpu_tile.fragment<2x4x16xf32, #gpu_tile.lanes<rows = 2>>, !gpu_tile.shared<1x8x2x16xf32> -> !gpu_tile.fragment<2x4x16xf32, #gpu_tile.lanes<rows = 2>>
  gpu_tile.return
}

// -----

gpu_tile.kernel @scan_C3_across(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>, threads = 128 : i32, shared_bytes = 65536 : i32, arch = "sm_80"} {
  %x = gpu_tile.alloc : !gpu_tile.shared<8x2x16xf32>
  %b = gpu_tile.alloc : !gpu_tile.shared<8x4xf32>
  %u = gpu_tile.alloc : !gpu_tile.shared<2x8x2x4xf32>
  %i = gpu_tile.constant 0.0 : !gpu_tile.fragment<2x4x16xf32, #gpu_tile.lanes<rows = 2>>
  // expected-error @below {{expected 1 shares in partials, got 2}}
  %s = gpu_tile.scan x = %x, b = %b, c = %x, init = %i partials %u across : !gpu_tile.shared<8x2x16xf32>, !gpu_tile.shared<8x4xf32>, !gpu_tile.shared<8x2x16xf32>, !gpu_tile.fragment<2x4x16xf32, #gpu_tile.lanes<rows = 2>>, !gpu_tile.shared<2x8x2x4xf32> -> !gpu_tile.fragment<2x4x16xf32, #gpu_tile.lanes<rows = 2>>
  gpu_tile.return
}

// -----

gpu_tile.kernel @scan_C1_across(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>, threads = 128 : i32, shared_bytes = 65536 : i32, arch = "sm_80"} {
  %x = gpu_tile.alloc : !gpu_tile.shared<8x2x16xf32>
  %b = gpu_tile.alloc : !gpu_tile.shared<8x4xf32>
  %u = gpu_tile.alloc : !gpu_tile.shared<1x8x2x4xf32>
  %i = gpu_tile.constant 0.0 : !gpu_tile.fragment<2x4x16xf32, #gpu_tile.lanes<rows = 2>>
  // expected-error @below {{expected c of shape [8, 2, 16], got [8, 4]}}
  %s = gpu_tile.scan x = %x, b = %b, c = %b, init = %i partials %u across : !gpu_tile.shared<8x2x16xf32>, !gpu_tile.shared<8x4xf32>, !gpu_tile.shared<8x4xf32>, !gpu_tile.fragment<2x4x16xf32, #gpu_tile.lanes<rows = 2>>, !gpu_tile.shared<1x8x2x4xf32> -> !gpu_tile.fragment<2x4x16xf32, #gpu_tile.lanes<rows = 2>>
  gpu_tile.return
}

// -----

gpu_tile.kernel @copy_C1_dynamic(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: memref<?x4xf32, strided<[?, ?], offset: ?>>) attributes {grid = #tile.grid<blocks = 1>, threads = 128 : i32, shared_bytes = 65536 : i32, arch = "sm_80"} {
  %0 = gpu_tile.alloc : !gpu_tile.shared<8x4xf32>
  // expected-error @below {{expected 1 dynamic limit values}}
  "gpu_tile.copy"(%x, %0) <{dims = array<i64: 0, 1>, operandSegmentSizes = array<i32: 1, 0, 0, 1>, static_limits = array<i64: 8, -9223372036854775808>, static_offsets = array<i64: 0, 0>}> : (memref<?x4xf32, strided<[?, ?], offset: ?>>, !gpu_tile.shared<8x4xf32>) -> ()
  gpu_tile.return
}

// -----

// What is in a kernel or a map is looked at after it has been verified itself.
gpu_tile.kernel @alloc_type(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>, threads = 32 : i32, shared_bytes = 0 : i32, arch = "sm_80"} {
  // expected-error @below {{result #0 must be a tile in shared memory, but got 'f32'}}
  %0 = "gpu_tile.alloc"() {offset = 0 : i64} : () -> f32
  gpu_tile.return
}

// -----

!f = !gpu_tile.fragment<32xf32, #gpu_tile.linear>
func.func @yield_nothing() {
  %0 = "gpu_tile.map"() ({
    // expected-error @below {{requires a single operand}}
    "gpu_tile.yield"() : () -> ()
  }) {indexing_maps = []} : () -> !f
  return
}

// -----

!x = !gpu_tile.fragment<16x1x16xf32, #gpu_tile.mma<outer = [1], rows = [0], cols = [2], warps = [1, 1]>>
!s = !gpu_tile.fragment<1x16x16xf32, #gpu_tile.mma<outer = [0], rows = [1], cols = [2], warps = [1, 1]>>
func.func @guard_C1_element(%x: !x, %s: !s, %rows: !gpu_tile.shared<16x1x16xbf16>, %any: i1) {
  // expected-error @below {{expected rows to hold x's elements 'f32', got 'bf16'}}
  %0, %1 = gpu_tile.guard %x into %s by %rows : !gpu_tile.shared<16x1x16xbf16> if %any : !x, !s
  return
}

// -----

!f = !gpu_tile.fragment<32xf32, #gpu_tile.linear>
func.func @map_C1_outside(%s: !gpu_tile.shared<32xf32>) {
  // expected-error @below {{expected map 0 of sums and multiples that carry [32] into [32], got affine_map<(d0) -> (d0 + 1)>}}
  %0 = gpu_tile.map (%s) maps [affine_map<(i) -> (i + 1)>] : (!gpu_tile.shared<32xf32>) -> !f {
  ^bb0(%a: f32):
    gpu_tile.yield %a : f32
  }
  return
}

// -----

!f = !gpu_tile.fragment<32xf32, #gpu_tile.linear>
func.func @map_C1_overflow(%s: !gpu_tile.shared<32xf32>) {
  // expected-error @below {{expected map 0 of sums and multiples that carry [32] into [32], got}}
  %0 = gpu_tile.map (%s) maps [affine_map<(i) -> (i * 4611686018427387904)>] : (!gpu_tile.shared<32xf32>) -> !f {
  ^bb0(%a: f32):
    gpu_tile.yield %a : f32
  }
  return
}

// -----

!f = !gpu_tile.fragment<64xf32, #gpu_tile.linear>
func.func @map_C1_quotient(%s: !gpu_tile.shared<64xf32>) {
  // expected-error @below {{expected map 0 of sums and multiples that carry [64] into [64], got affine_map<(d0) -> (d0 floordiv 2)>}}
  %0 = gpu_tile.map (%s) maps [affine_map<(i) -> (i floordiv 2)>] : (!gpu_tile.shared<64xf32>) -> !f {
  ^bb0(%a: f32):
    gpu_tile.yield %a : f32
  }
  return
}
