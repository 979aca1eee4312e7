// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// RUN: mixer-opt %s -split-input-file -verify-diagnostics

// Tensor type.

// C1
// expected-error@+1 {{expected dimensions among B, T, H, G, Q, K, V, R, W, L, N, P, got Z}}
mixer.spec @type_c1(%x: [B,T,Z]) -> () {
  mixer.return
}

// -----

// C2
// expected-error@+1 {{expected every dimension once, got T twice}}
mixer.spec @type_c2(%x: [B,T,T]) -> () {
  mixer.return
}

// -----

// C3
// expected-error@+1 {{expected one dimension of heads among H, G, Q, K, V, got H, G}}
mixer.spec @type_c3(%x: [B,T,H,G]) -> () {
  mixer.return
}

// -----

// mixer.spec

// C1
// expected-error@+1 {{expected a name and an optional mark for each of 1 arguments and 0 results}}
"mixer.spec"() <{sym_name = "spec_c1_names", function_type = (!mixer.tensor<[B]>) -> (), arg_names = [], result_names = [], arg_optional = array<i1: false>, result_optional = array<i1>}> ({
^bb0(%x: !mixer.tensor<[B]>):
  "mixer.return"() : () -> ()
}) : () -> ()

// -----

// C1
// expected-error@+1 {{expected block arguments of the argument types}}
"mixer.spec"() <{sym_name = "spec_c1_block", function_type = (!mixer.tensor<[B]>) -> (), arg_names = ["x"], result_names = [], arg_optional = array<i1: false>, result_optional = array<i1>}> ({
^bb0(%x: !mixer.tensor<[T]>):
  "mixer.return"() : () -> ()
}) : () -> ()

// -----

// C2
// expected-error@+1 {{expected different names for all arguments and results, got %x twice}}
mixer.spec @spec_c2_twice(%x: [B,T]) -> (%x: [B,T]) {
  mixer.return %x
}

// -----

// C2
// expected-error@+1 {{expected different names for all arguments and results, got x twice}}
"mixer.spec"() <{sym_name = "spec_c2_generic", function_type = (!mixer.tensor<[B]>) -> !mixer.tensor<[B]>, arg_names = ["x"], result_names = ["x"], arg_optional = array<i1: false>, result_optional = array<i1: false>}> ({
^bb0(%x: !mixer.tensor<[B]>):
  "mixer.return"(%x) : (!mixer.tensor<[B]>) -> ()
}) : () -> ()

// -----

// C2
// expected-error@+1 {{expected argument and result names of letters, digits and _, got a.b}}
mixer.spec @spec_c2_identifier(%a.b: [B,T]) -> () {
  mixer.return
}

// -----

// C3
// expected-error@+1 {{expected arguments and results of mixer tensor type, got 'f32'}}
"mixer.spec"() <{sym_name = "spec_c3", function_type = () -> f32, arg_names = [], result_names = ["y"], arg_optional = array<i1>, result_optional = array<i1: false>}> ({
  "mixer.return"() : () -> ()
}) : () -> ()

// -----

// C4
// expected-error@+1 {{expected sizes of H, G, Q, K, V, R, W, L, N, P, got T}}
mixer.spec @spec_c4_name(%x: [B,T]) -> () attributes {sizes = {T = 4 : i64}} {
  mixer.return
}

// -----

// C4
// expected-error@+1 {{expected a size from 1 to 1048576 for N, got 0 : i64}}
mixer.spec @spec_c4_zero(%x: [B,T,N]) -> () attributes {sizes = {N = 0 : i64}} {
  mixer.return
}

// -----

// C4
// expected-error@+1 {{expected a size from 1 to 1048576 for N, got 4611686018427387904 : i64}}
mixer.spec @spec_c4_huge(%x: [B,T,N]) -> () attributes {sizes = {N = 4611686018427387904 : i64}} {
  mixer.return
}

// -----

// C4
// expected-error@+1 {{expected a size from 1 to 1048576 for N, got -1 : i128}}
mixer.spec @spec_c4_wide(%x: [B,T,N]) -> () attributes {sizes = {N = 340282366920938463463374607431768211455 : i128}} {
  mixer.return
}

// -----

// C4
// expected-error@+1 {{expected G to divide H, got G = 3 and H = 8}}
mixer.spec @spec_c4_groups(%x: [B,T,H]) -> () attributes {sizes = {G = 3 : i64, H = 8 : i64}} {
  mixer.return
}

// -----

// C4
// expected-error@+1 {{expected V to divide H, got V = 3 and H = 8}}
mixer.spec @spec_c4_values(%x: [B,T,H]) -> () attributes {sizes = {K = 2 : i64, V = 3 : i64, H = 8 : i64}} {
  mixer.return
}

// -----

// C5
// expected-error@+1 {{expected io = f32, bf16 or f16, got 'f64'}}
mixer.spec @spec_c5(%x: [B,T] io) -> () attributes {io = f64} {
  mixer.return
}

// -----

// C6
mixer.spec @spec_c6_op(%x: [B,T] io) -> () {
  // expected-error@+1 {{expected mixer ops in a spec; elementwise work goes into a mixer.map}}
  %0 = arith.constant 1.0 : f32
  mixer.return
}

// -----

// mixer.return

// C1
mixer.spec @return_c1(%x: [B,T]) -> (%y: [B,T], %z: [B,T]) {
  // expected-error@+1 {{expected 2 operands, one for each result of @return_c1, got 1}}
  mixer.return %x
}

// -----

// C2
mixer.spec @return_c2(%x: [B,T,H]) -> (%y: [B,T,N]) {
  // expected-error@+1 {{expected the dimensions [B,T,N] of result y in any order, got [B,T,H]}}
  mixer.return %x
}

// -----

// mixer.map

// C1
mixer.spec @map_c1(%x: [B,T]) -> () {
  // expected-error@+1 {{expected 1 body parameters, one for each operand, got 2}}
  %0 = mixer.map(%x) { (a, b) -> a + b }
  mixer.return
}

// -----

// C1
mixer.spec @map_c1_type(%x: [B,T]) -> () {
  // expected-error@+1 {{expected body parameters of type f32, got 'f64'}}
  %0 = mixer.map(%x) body {
  ^bb0(%a: f64):
    %c = arith.constant 1.0 : f32
    mixer.yield %c : f32
  }
  mixer.return
}

// -----

// C2
mixer.spec @map_c2_op(%x: [B,T]) -> () {
  %0 = mixer.map(%x) body {
  ^bb0(%a: f32):
    // expected-error@+1 {{expected arith and math ops or mixer.size in the body of a mixer.map}}
    %i = mixer.index H
    mixer.yield %a : f32
  }
  mixer.return
}

// -----

mixer.spec @map_constant_comparison(%x: [B,T]) -> () {
  %0 = mixer.map(%x) body {
  ^bb0(%a: f32):
    // expected-error@+1 {{expected a predicate that depends on the operands; write the constant instead}}
    %w = arith.cmpf false, %a, %a : f32
    mixer.yield %a : f32
  }
  mixer.return
}

// -----

// C2
mixer.spec @map_c2_type(%x: [B,T]) -> () {
  %0 = mixer.map(%x) body {
  ^bb0(%a: f32):
    // expected-error@+1 {{expected f32 and i1 scalars in the body of a mixer.map}}
    %w = arith.extf %a : f32 to f64
    mixer.yield %a : f32
  }
  mixer.return
}

// -----

// C2
mixer.spec @map_c2_end(%x: [B,T]) -> () {
  // expected-error@+1 {{expected the body to end in mixer.yield}}
  %0 = mixer.map(%x) body {
  ^bb0(%a: f32):
    llvm.unreachable
  }
  mixer.return
}

// -----

// mixer.size, mixer.index, mixer.constant, mixer.sum

// C1
mixer.spec @size_c1(%x: [B,T]) -> () {
  %0 = mixer.map(%x) body {
  ^bb0(%a: f32):
    // expected-error@+1 {{expected one of H, G, Q, K, V, R, W, L, N, P, got T}}
    %t = mixer.size "T" : f32
    mixer.yield %t : f32
  }
  mixer.return
}

// -----

// C1
mixer.spec @index_c1() -> () {
  // expected-error@+1 {{expected one of H, G, Q, K, V, R, W, L, N, P, got T}}
  %0 = mixer.index T
  mixer.return
}

// -----

// C1
mixer.spec @constant_c1() -> () {
  // expected-error@+1 {{expected a type without io, got [B,T] io}}
  %0 = mixer.constant 1 : [B,T] io
  mixer.return
}

// -----

// C1
mixer.spec @sum_c1(%x: [B,T,N]) -> () {
  // expected-error@+1 {{expected one of H, G, Q, K, V, R, W, L, N, P, got T}}
  %0 = mixer.sum %x over T
  mixer.return
}

// -----

// C2
mixer.spec @sum_c2(%x: [B,T,N]) -> () {
  // expected-error@+1 {{expected an operand with the dimension P, got [B,T,N]}}
  %0 = mixer.sum %x over P
  mixer.return
}

// -----

// C3
mixer.spec @sum_c3_heads(%x: [B,T,N]) -> () {
  // expected-error@+1 {{expected a dimension of heads before in, one of H, G, Q, K, V, got N}}
  %0 = mixer.sum %x over N in G
  mixer.return
}

// -----

// C3
mixer.spec @sum_c3_groups(%x: [B,T,G,N]) -> () {
  // expected-error@+1 {{expected groups other than G after in, one of G, Q, K, V, got H}}
  %0 = mixer.sum %x over G in H
  mixer.return
}

// -----

// C3
mixer.spec @sum_c3_same(%x: [B,T,G,N]) -> () {
  // expected-error@+1 {{expected groups other than G after in, one of G, Q, K, V, got G}}
  %0 = mixer.sum %x over G in G
  mixer.return
}

// -----

// C4
mixer.spec @sum_c4(%x: [B,T,K,N]) -> () attributes {sizes = {H = 6, K = 3, G = 2}} {
  // expected-error@+1 {{expected G to divide K, got G = 2 and K = 3}}
  %0 = mixer.sum %x over K in G
  mixer.return
}

// -----

mixer.spec @sum_of_what(%x: [B,T,H,N]) -> () {
  // expected-error@+1 {{expected a dimension among B, T, H, G, Q, K, V, R, W, L, N, P}}
  %0 = mixer.sum %x over H in %x
  mixer.return
}

// -----

// #mixer.algorithm

// expected-error@+1 {{expected a chunk length, as in #mixer.algorithm<chunked, chunk = 64>}}
module attributes {plan = #mixer.algorithm<chunked>} {}

// -----

// expected-error@+1 {{expected quadratic, scan or chunked, got fast}}
module attributes {plan = #mixer.algorithm<fast>} {}

// -----

// Every number has bounds.
// expected-error@+1 {{expected warps from 1 to 32, got 0}}
module attributes {plan = #mixer.algorithm<scan, warps = 0>} {}

// -----

// expected-error@+1 {{expected chunk from 0 to 65536, got 4611686018427387904}}
module attributes {plan = #mixer.algorithm<chunked, chunk = 4611686018427387904>} {}

// -----

// expected-error@+1 {{expected chunk from 0 to 65536, got -16}}
module attributes {plan = #mixer.algorithm<chunked, chunk = -16>} {}

// -----

// expected-error@+1 {{expected heads from 1 to 1048576, got 4611686018427387904}}
module attributes {plan = #mixer.algorithm<scan, heads = 4611686018427387904>} {}

// -----

// expected-error@+1 {{expected pblock from 0 to 1048576, got 9223372036854775807}}
module attributes {plan = #mixer.algorithm<scan, pblock = 9223372036854775807>} {}

// -----

// expected-error@+1 {{expected stages from 1 to 64, got 1000}}
module attributes {plan = #mixer.algorithm<scan, stages = 1000>} {}

// -----

// expected-error@+1 {{expected warps from 1 to 32, got 33}}
module attributes {plan = #mixer.algorithm<scan, warps = 33>} {}

// -----

// expected-error@+1 {{expected parts from 1 to 8, got -1}}
module attributes {plan = #mixer.algorithm<chunked, chunk = 64, parts = -1>} {}

// -----

// expected-error@+1 {{expected operand = f32, bf16 or f16, got 'f64'}}
module attributes {plan = #mixer.algorithm<quadratic, operand = f64>} {}

// -----

// expected-error@+1 {{expected associative with the scan algorithm only, got quadratic}}
module attributes {plan = #mixer.algorithm<quadratic, associative = true>} {}

// -----

// expected-error@+1 {{expected rebalance = true but for the chunked algorithm, got false}}
module attributes {plan = #mixer.algorithm<scan, rebalance = false>} {}

// -----

// expected-error@+1 {{expected rebalance = true or false, got maybe}}
module attributes {plan = #mixer.algorithm<chunked, chunk = 16, rebalance = maybe>} {}

// -----

// expected-error@+1 {{expected precision = f32 or tf32, got tf64}}
module attributes {plan = #mixer.algorithm<quadratic, precision = tf64>} {}

// -----

// Operands of 16 bits multiply as they are.
// expected-error@+1 {{expected precision = f32 with operands of 'bf16', got tf32}}
module attributes {plan = #mixer.algorithm<quadratic, operand = bf16, precision = tf32>} {}

// -----

// expected-error@+1 {{expected precision = f32 with the scan algorithm, which uses no matrix units, got tf32}}
module attributes {plan = #mixer.algorithm<scan, precision = tf32>} {}

// -----

// expected-error@+1 {{expected chunk, heads, pblock, operand, precision, stages, warps, associative, family, parts, pieces, persistent, teams or rebalance, got threads}}
module attributes {plan = #mixer.algorithm<scan, threads = 4>} {}
