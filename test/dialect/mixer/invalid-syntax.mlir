// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// RUN: mixer-opt %s -split-input-file -verify-diagnostics

mixer.spec @unknown_value(%x: [B,T]) -> () {
  // expected-error@+1 {{expected a value defined before in this spec, or a type as in %z: [B,T,H], got %z}}
  %0 = mixer.map(%z) { (a) -> a }
  mixer.return
}

// -----

// expected-error@+1 {{expected a dimension among B, T, H, G, N, P}}
mixer.spec @no_dimension(%x: [B,4]) -> () {
  mixer.return
}

// -----

mixer.spec @unknown_name(%x: [B,T]) -> () {
  // expected-error@+1 {{expected a parameter, a let or a size among H, G, N, P, got y}}
  %0 = mixer.map(%x) { (a) -> a + y }
  mixer.return
}

// -----

mixer.spec @unknown_function(%x: [B,T]) -> () {
  // expected-error@+1 {{expected a function among exp, exp2, log, log1p, log2, sqrt, rsqrt, tanh, abs, min, max, sigmoid, silu, softplus, relu, elu, where, got gelu}}
  %0 = mixer.map(%x) { (a) -> gelu(a) }
  mixer.return
}

// -----

mixer.spec @arguments(%x: [B,T]) -> () {
  // expected-error@+1 {{expected 2 arguments of max, got 1}}
  %0 = mixer.map(%x) { (a) -> max(a) }
  mixer.return
}

// -----

mixer.spec @condition(%x: [B,T]) -> () {
  // expected-error@+1 {{expected a comparison as the first argument of where}}
  %0 = mixer.map(%x) { (a) -> where(a, a, a) }
  mixer.return
}

// -----

mixer.spec @comparison_as_number(%x: [B,T]) -> () {
  // expected-error@+1 {{expected a number in a product, got a comparison}}
  %0 = mixer.map(%x) { (a) -> (a < 1) * a }
  mixer.return
}

// -----

mixer.spec @comparison_as_value(%x: [B,T]) -> () {
  // expected-error@+1 {{expected a number as the value of the body, got a comparison}}
  %0 = mixer.map(%x) { (a) -> a < 1 }
  mixer.return
}

// -----

mixer.spec @same_parameters(%x: [B,T]) -> () {
  // expected-error@+1 {{expected different parameter names, got a twice}}
  %0 = mixer.map(%x, %x) { (a, a) -> a }
  mixer.return
}

// -----

mixer.spec @no_operand(%x: [B,T]) -> () {
  // expected-error@+1 {{expected a number, a name or (}}
  %0 = mixer.map(%x) { (a) -> a + * a }
  mixer.return
}

// -----

mixer.spec @no_in(%x: [B,T]) -> () {
  // expected-error@+1 {{expected 'in' after the value of let u}}
  %0 = mixer.map(%x) { (a) -> let u = a * a u + u }
  mixer.return
}

// -----

mixer.spec @unknown_key(%x: [B,T,H,P]) -> () {
  // expected-error@+1 {{expected x, b, c, decay, l, r, init, read or direction, got gate}}
  %o, %S = mixer.semiseparable x = %x, gate = %x
  mixer.return
}

// -----

mixer.spec @missing_key(%x: [B,T,H,P], %k: [B,T,H,N]) -> () {
  // expected-error@+1 {{expected c = a value}}
  %o, %S = mixer.semiseparable x = %x, b = %k
  mixer.return
}

// -----

mixer.spec @twice(%x: [B,T,H,P]) -> () {
  // expected-error@+1 {{expected x once}}
  %o, %S = mixer.semiseparable x = %x, x = %x
  mixer.return
}

// -----

mixer.spec @read(%x: [B,T,H,P], %k: [B,T,H,N]) -> () {
  // expected-error@+1 {{expected read = post or pre, got before}}
  %o, %S = mixer.semiseparable x = %x, b = %k, c = %k, read = before
  mixer.return
}

// -----

mixer.spec @range(%x: [B,T]) -> () {
  // expected-error@+1 {{expected a number in f32's range, got 1e39}}
  %0 = mixer.map(%x) { (a) -> a * 1e39 }
  mixer.return
}

// -----

mixer.spec @double_range(%x: [B,T]) -> () {
  // expected-error@+1 {{expected a number in f32's range, got 1e400}}
  %0 = mixer.map(%x) { (a) -> a * 1e400 }
  mixer.return
}

// -----

mixer.spec @hexadecimal(%x: [B,T]) -> () {
  // expected-error@+1 {{expected a decimal number}}
  %0 = mixer.map(%x) { (a) -> a * 0x10 }
  mixer.return
}

// -----

mixer.spec @exponent(%x: [B,T]) -> () {
  // expected-error@+1 {{expected a decimal number}}
  %0 = mixer.map(%x) { (a) -> a * 1e }
  mixer.return
}
