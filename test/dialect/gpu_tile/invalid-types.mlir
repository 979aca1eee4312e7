// RUN: mixer-opt %s --split-input-file --verify-diagnostics

// mma_C1_twice
// expected-error @below {{expected outer, rows and cols to name every dimension once, got 0}}
func.func private @mma_C1_twice(!gpu_tile.fragment<64x64xf32, #gpu_tile.mma<rows = [0], cols = [0], warps = [1, 1]>>)

// -----

// mma_C1_range
// expected-error @below {{expected outer, rows and cols to name every dimension once, got 2}}
func.func private @mma_C1_range(!gpu_tile.fragment<64x64xf32, #gpu_tile.mma<rows = [0], cols = [2], warps = [1, 1]>>)

// -----

// mma_C1_all
// expected-error @below {{expected outer, rows and cols to name all 3 dimensions}}
func.func private @mma_C1_all(!gpu_tile.fragment<2x64x64xf32, #gpu_tile.mma<rows = [1], cols = [2], warps = [1, 1]>>)

// -----

// mma_C2_rows
// expected-error @below {{expected the innermost row dimension to be a multiple of 16, got 24}}
func.func private @mma_C2_rows(!gpu_tile.fragment<24x64xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [1, 1]>>)

// -----

// mma_C2_cols
// expected-error @below {{expected the columns of a warp to be a multiple of 16, got 48 over 2 warps}}
func.func private @mma_C2_cols(!gpu_tile.fragment<64x48xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [1, 2]>>)

// -----

// mma_C3_positive
// expected-error @below {{expected positive warps, got 0 and 1}}
func.func private @mma_C3_positive(!gpu_tile.fragment<64x64xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [0, 1]>>)

// -----

// mma_C3_most
// expected-error @below {{expected at most 4 row groups, got 8}}
func.func private @mma_C3_most(!gpu_tile.fragment<64x64xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [8, 1]>>)

// -----

// lanes_C1_most
// expected-error @below {{expected at most 2 row dimensions, got 3}}
func.func private @lanes_C1_most(!gpu_tile.fragment<64x64xf32, #gpu_tile.lanes<rows = 3>>)

// -----

// lanes_C1_negative
// expected-error @below {{expected at most 2 row dimensions, got -1}}
func.func private @lanes_C1_negative(!gpu_tile.fragment<64x64xf32, #gpu_tile.lanes<rows = -1>>)

// -----

// fragment_C1
// expected-error @below {{expected elements of f32, bf16 or f16, got 'f64'}}
func.func private @fragment_C1(!gpu_tile.fragment<64xf64, #gpu_tile.linear>)

// -----

// fragment_C2_empty
// expected-error @below {{expected dimensions of at least 1 and at most 1048576 elements, got []}}
func.func private @fragment_C2_empty(!gpu_tile.fragment<f32, #gpu_tile.linear>)

// -----

// fragment_C2_zero
// expected-error @below {{expected dimensions of at least 1 and at most 1048576 elements, got [4, 0]}}
func.func private @fragment_C2_zero(!gpu_tile.fragment<4x0xf32, #gpu_tile.linear>)

// -----

// fragment_C2_large
// expected-error @below {{expected dimensions of at least 1 and at most 1048576 elements, got [1024, 2048]}}
func.func private @fragment_C2_large(!gpu_tile.fragment<1024x2048xf32, #gpu_tile.linear>)

// -----

// fragment_C2_overflow
// expected-error @below {{expected dimensions of at least 1 and at most 1048576 elements, got [4294967296, 4294967296]}}
func.func private @fragment_C2_overflow(!gpu_tile.fragment<4294967296x4294967296xf32, #gpu_tile.linear>)

// -----

// fragment_C3
// expected-error @below {{expected an mma, lanes, linear, columns or pieces layout}}
func.func private @fragment_C3(!gpu_tile.fragment<4xf32, 5 : i32>)

// -----

// pieces_C1
// expected-error @below {{expected a width that divides the last dimension, got 4}}
func.func private @pieces_C1(!gpu_tile.fragment<8x6xf32, #gpu_tile.pieces<width = 4, lanes = 2>>)

// -----

// pieces_C2
// expected-error @below {{expected lanes that are a power of two up to 32, got 3}}
func.func private @pieces_C2(!gpu_tile.fragment<8x6xf32, #gpu_tile.pieces<width = 2, lanes = 3>>)

// -----

// shared_C1_last
// expected-error @below {{expected swizzle to be below 1, got 1}}
func.func private @shared_C1_last(!gpu_tile.shared<64x64xf32, swizzle = 1>)

// -----

// shared_C1_negative
// expected-error @below {{expected swizzle to be below 1, got -2}}
func.func private @shared_C1_negative(!gpu_tile.shared<64x64xf32, swizzle = -2>)

// -----

// shared_C1_bytes
// expected-error @below {{expected a multiple of 16 bytes inside dimension 0, got 40}}
func.func private @shared_C1_bytes(!gpu_tile.shared<64x20xbf16, swizzle = 0>)

// -----

// shared_C2_elements
// expected-error @below {{expected elements of f32, bf16 or f16, got 'i32'}}
func.func private @shared_C2_elements(!gpu_tile.shared<64x64xi32>)

// -----

// shared_C2_empty
// expected-error @below {{expected dimensions of at least 1 and at most 2147483647 bytes, got 1 stages of []}}
func.func private @shared_C2_empty(!gpu_tile.shared<f32>)

// -----

// shared_C2_zero
// expected-error @below {{expected dimensions of at least 1 and at most 2147483647 bytes, got 1 stages of [0, 16]}}
func.func private @shared_C2_zero(!gpu_tile.shared<0x16xf32>)

// -----

// shared_C3_stages
// expected-error @below {{expected at least 1 stage, got 0}}
func.func private @shared_C3_stages(!gpu_tile.shared<64xf32, stages = 0>)

// -----

// shared_C3_bytes
// expected-error @below {{expected dimensions of at least 1 and at most 2147483647 bytes, got 2 stages of [65536, 4096]}}
func.func private @shared_C3_bytes(!gpu_tile.shared<65536x4096xf32, stages = 2>)

// -----

// shared_clause
// expected-error @below {{each once, got stage}}
func.func private @shared_clause(!gpu_tile.shared<64xf32, stage = 2>)

// -----

// shared_clause_twice
// expected-error @below {{each once, got stages}}
func.func private @shared_clause_twice(!gpu_tile.shared<64xf32, stages = 2, stages = 3>)

// -----

// shared_dynamic
// expected-error @below {{expected static shape}}
func.func private @shared_dynamic(!gpu_tile.shared<?x64xf32>)

// -----

// fragment_no_layout
// expected-error @below {{expected ','}}
func.func private @fragment_no_layout(!gpu_tile.fragment<64xf32>)

// -----

// mma_no_warps
// expected-error @below {{expected ','}}
// expected-error @below {{failed to parse GpuTile_FragmentType parameter 'layout'}}
func.func private @mma_no_warps(!gpu_tile.fragment<64x64xf32, #gpu_tile.mma<rows = [0], cols = [1]>>)

// -----

// expected-error @below {{expected swizzle to be below 1, got 9223372036854775807}}
func.func private @shared_C1_most(!gpu_tile.shared<64x64xbf16, swizzle = 9223372036854775807>)
