// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// RUN: mixer-opt %s -split-input-file -verify-diagnostics

mixer.spec @unknown_value(%x: [B,T]) -> () {
  // expected-error@+1 {{expected an argument or the result of an op above, got %z}}
  %0 = mixer.map(%z) { (a) -> a }
  mixer.return
}

// -----

// expected-error@+1 {{expected a dimension among B, T, H, G, Q, K, V, R, W, L, N, P}}
mixer.spec @no_dimension(%x: [B,4]) -> () {
  mixer.return
}

// -----

mixer.spec @unknown_name(%x: [B,T]) -> () {
  // expected-error@+1 {{expected a parameter, a let or a size among H, G, Q, K, V, R, W, L, N, P, got y}}
  %0 = mixer.map(%x) { (a) -> a + y }
  mixer.return
}

// -----

mixer.spec @unknown_function(%x: [B,T]) -> () {
  // expected-error@+1 {{expected a function among exp, exp2, log, log1p, log2, pow, sqrt, rsqrt, sin, cos, tanh, abs, sign, min, max, clamp, sigmoid, silu, gelu, softplus, relu, elu, where, got swish}}
  %0 = mixer.map(%x) { (a) -> swish(a) }
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
  // expected-error@+1 {{expected x, b, c, decay, keep, l, r, init, mask, read or direction, got gate}}
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

// -----

mixer.spec @unequal(%x: [B,T]) -> () {
  // expected-error@+1 {{expected numbers, names, ( ) , + - * / < <= > >= == in an expression, got !; where(a == b, y, x) stands for where(a != b, x, y)}}
  %0 = mixer.map(%x) { (a) -> where(a != 0, a, 1) }
  mixer.return
}

// -----

mixer.spec @power(%x: [B,T]) -> () {
  // expected-error@+1 {{in an expression, got ^; pow(x, p) is a power}}
  %0 = mixer.map(%x) { (a) -> a^2 }
  mixer.return
}

// -----

mixer.spec @hash(%x: [B,T]) -> () {
  // expected-error@+2 {{in an expression, got #; // begins a comment}}
  %0 = mixer.map(%x) { (a) -> a
      # twice
      * 2 }
  mixer.return
}

// -----

mixer.spec @ampersands(%x: [B,T]) -> () {
  // expected-error@+1 {{in an expression, got &; one where(..) inside another joins conditions}}
  %0 = mixer.map(%x) { (a) -> where(a > 0 && a < 1, a, 1) }
  mixer.return
}

// -----

mixer.spec @no_brace(%x: [B,T]) -> () {
  // expected-error@+2 {{in an expression, got %; a body ends in } and names its parameters, without %}}
  %0 = mixer.map(%x) { (a) -> a
  %1 = mixer.map(%x) { (a) -> a }
  mixer.return
}

// -----

mixer.spec @point(%x: [B,T]) -> () {
  // expected-error@+1 {{expected a digit before the point, as in 0.5}}
  %0 = mixer.map(%x) { (a) -> a * .5 }
  mixer.return
}

// -----

mixer.spec @conjunction(%x: [B,T]) -> () {
  // expected-error@+1 {{expected + - * / < <= > >= == or } after an expression, got and; one where(..) inside another joins conditions}}
  %0 = mixer.map(%x) { (a) -> a > 0 and a < 1 }
  mixer.return
}

// -----

mixer.spec @two_words(%x: [B,T]) -> () {
  // expected-error@+1 {{expected + - * / < <= > >= == or } after an expression, got a}}
  %0 = mixer.map(%x) { (a) -> 2 a }
  mixer.return
}

// -----

// What is in a comment is no part of the expression.
mixer.spec @comment(%x: [B,T]) -> () {
  %0 = mixer.map(%x) { (a) -> a // a != b, .5 ^ #
      * 2. }
  mixer.return
}

// -----

mixer.spec @comma(%x: [B,T]) -> () {
  // expected-error@+1 {{expected a value, such as %x}}
  %0 = mixer.map(%x, ) { (a) -> a }
  mixer.return
}

// -----

// expected-error@+1 {{expected a value, such as %x}}
mixer.spec @signature_comma(%x: [B,T], ) -> () {
  mixer.return
}

// -----

mixer.spec @entry_comma(%x: [B,T,H,P], %k: [B,T,H,N]) -> (%o: [B,T,H,P]) {
  %o, %S = mixer.semiseparable x = %x, b = %k, c = %k,
  // expected-error@+1 {{expected x, b, c, decay, keep, l, r, init, mask, read or direction, got mixer.return}}
  mixer.return %o
}

// -----

// expected-error@+1 {{expected io or optional after the dimensions of %x, got bf16; --dtype chooses the type of io tensors, all else is f32}}
mixer.spec @typed(%x: [B,T] bf16) -> () {
  mixer.return
}

// -----

// expected-error@+1 {{expected io or optional after the dimensions of %y, got out; --dtype chooses the type of io tensors, all else is f32}}
mixer.spec @typed_result(%x: [B,T]) -> (%y: [B,T] out) {
  mixer.return %x
}

// -----

mixer.spec @near(%x: [B,T,H,P], %k: [B,T,H,N]) -> (%o: [B,T,H,P]) {
  // expected-error@+1 {{, mixer.yield, got mixer.semiseperable; did you mean 'mixer.semiseparable'?}}
  %o, %S = mixer.semiseperable x = %x, b = %k, c = %k
  mixer.return %o
}

// -----

mixer.spec @no_return(%x: [B,T]) -> (%y: [B,T]) {
  // expected-error@+1 {{expected mixer.return with the results as the last op of a spec}}
  %y = mixer.map(%x) { (a) -> a }
}

// -----

// expected-error@+1 {{expected mixer.return with the results as the last op of a spec}}
mixer.spec @empty(%x: [B,T]) -> (%y: [B,T]) {
}

// -----

// expected-error@+1 {{expected mixer.return with the results as the last op of a spec}}
mixer.spec @nothing() -> () {
}

// -----

// expected-error@+1 {{expected , or ) after %x}}
mixer.spec @argument_commas(%x: [B,T] io %k: [B,T]) -> () {
  mixer.return
}

// -----

// expected-error@+1 {{expected , or ) after %y}}
mixer.spec @result_commas(%x: [B,T]) -> (%y: [B,T] %z: [B,T]) {
  mixer.return %x, %x
}

// -----

// expected-error@+1 {{expected , or ] after H}}
mixer.spec @dimension_commas(%x: [B,T,H P]) -> () {
  mixer.return
}

// -----

mixer.spec @operand_commas(%x: [B,T]) -> () {
  // expected-error@+1 {{expected , or ) after %x}}
  %0 = mixer.map(%x %x) { (a, b) -> a }
  mixer.return
}

// -----

mixer.spec @parameter_commas(%x: [B,T]) -> () {
  // expected-error@+1 {{expected , or ) after a}}
  %0 = mixer.map(%x, %x) { (a b) -> a }
  mixer.return
}

// -----

mixer.spec @entry_commas(%x: [B,T,H,P], %k: [B,T,H,N]) -> (%o: [B,T,H,P]) {
  // expected-error@+1 {{expected a comma before c}}
  %o, %S = mixer.semiseparable x = %x, b = %k c = %k
  mixer.return %o
}

// -----

mixer.spec @running_commas(%x: [B,T,H], %g: [B,T,H]) -> (%o: [B,T,H]) {
  // expected-error@+1 {{expected a comma before decay}}
  %o, %before, %last = mixer.running max of %x decay = %g
  mixer.return %o
}

// -----

mixer.spec @return_commas(%x: [B,T]) -> (%y: [B,T], %z: [B,T]) {
  // expected-error@+1 {{expected a comma before %x}}
  mixer.return %x %x
}

// -----

// expected-error@+1 {{expected a value, such as %x, got io, which stands behind the dimensions without a comma}}
mixer.spec @mark_comma(%x: [B,T], io) -> () {
  mixer.return
}

// -----

// expected-error@+1 {{expected io once after the dimensions of %x}}
mixer.spec @io_twice(%x: [B,T] io optional io) -> () {
  mixer.return
}

// -----

// expected-error@+1 {{expected : and dimensions after %x, as in %x: [B,T,H]}}
mixer.spec @no_colon(%x [B,T]) -> () {
  mixer.return
}

// -----

// expected-error@+1 {{expected dimensions in brackets, such as [B,T,H,P]}}
mixer.spec @no_brackets(%x: io [B,T]) -> () {
  mixer.return
}

// -----

// expected-error@+1 {{expected dimensions among B, T, H, G, Q, K, V, R, W, L, N, P, got bth; did you mean B,T,H?}}
mixer.spec @small_letters(%x: [bth]) -> () {
  mixer.return
}

// -----

mixer.spec @no_equal(%x: [B,T,H,P], %k: [B,T,H,N]) -> (%o: [B,T,H,P]) {
  // expected-error@+1 {{expected = after b}}
  %o, %S = mixer.semiseparable x = %x, b %k, c = %k
  mixer.return %o
}

// -----

mixer.spec @no_braces(%x: [B,T]) -> (%o: [B,T]) {
  // expected-error@+1 {{expected a body in braces, such as { (x) -> 2 * x }}}
  %o = mixer.map(%x) (x) -> x
  mixer.return %o
}

// -----

// expected-error@+1 {{expected the spec's name after mixer.spec, such as @mamba2}}
mixer.spec no_at(%x: [B,T]) -> () {
  mixer.return
}

// -----

// expected-error@+1 {{expected -> and the results in parentheses after the arguments, as in -> (%y: [B,T,H,P])}}
mixer.spec @no_arrow(%x: [B,T]) => (%y: [B,T]) {
  mixer.return %x
}

// -----

// expected-error@+1 {{expected -> and the results in parentheses after the arguments, as in -> (%y: [B,T,H,P])}}
mixer.spec @no_parentheses(%x: [B,T]) -> %y: [B,T] {
  mixer.return %x
}

// -----

mixer.spec @no_begin(%x: [B,T]) -> (%y: [B,T])
  // expected-error@+1 {{expected { before the ops of @no_begin}}
  mixer.return %x
}

// -----

mixer.spec @first(%x: [B,T]) -> (%y: [B,T]) {
  mixer.return %x
// expected-error@+1 {{expected } before the next spec, at the end of @first}}
mixer.spec @second(%x: [B,T]) -> (%y: [B,T]) {
  mixer.return %x
}

// -----

// expected-error@+1 {{expected different names for all arguments and results, got %x twice}}
mixer.spec @arguments_of_a_name(%x: [B,T], %x: [B,T]) -> () {
  mixer.return
}

// -----

mixer.spec @results_of_a_name(%x: [B,T]) -> (
    %y: [B,T],
    // expected-error@+1 {{expected different names for all arguments and results, got %y twice}}
    %y: [B,T]) {
  mixer.return %x, %x
}

// -----

mixer.spec @too_few(%x: [B,T,H,P], %k: [B,T,H,N]) -> (%o: [B,T,H,P]) {
  // expected-error@+1 {{expected 2 names before =, one for each result: y and the state after the last token, got 1; names may stay unused}}
  %o = mixer.semiseparable x = %x, b = %k, c = %k
  mixer.return %o
}

// -----

mixer.spec @too_few_running(%x: [B,T,H]) -> (%o: [B,T,H]) {
  // expected-error@+1 {{expected 3 names before =, one for each result: the value at each token, the one before it and the last one, got 2; names}}
  %o, %last = mixer.running sum of %x
  mixer.return %o
}

// -----

mixer.spec @too_many(%x: [B,T]) -> (%o: [B,T]) {
  // expected-error@+1 {{expected 1 name before =, one for each result, got 2}}
  %o, %p = mixer.map(%x) { (x) -> x }
  mixer.return %o
}

// -----

// expected-note@+1 {{it is the name of this}}
mixer.spec @argument_again(%x: [B,T]) -> (%o: [B,T]) {
  // expected-error@+1 {{expected a new name, got %x, which is taken}}
  %x = mixer.map(%x) { (x) -> x }
  mixer.return %x
}

// -----

mixer.spec @results_again(%x: [B,T,H,P], %k: [B,T,H,N]) -> (%o: [B,T,H,P]) {
  // expected-note@+2 {{it is the name of this}}
  // expected-error@+1 {{expected a new name, got %o, which is taken}}
  %o, %o = mixer.semiseparable x = %x, b = %k, c = %k
  mixer.return %o
}

// -----

mixer.spec @below(%x: [B,T]) -> (%o: [B,T]) {
  %decays = mixer.map(%x) { (x) -> x }
  // expected-error@+1 {{expected an argument or the result of an op above, got %decay; did you mean '%decays'?}}
  %o = mixer.map(%decay) { (x) -> x }
  %decay = mixer.map(%x) { (x) -> x }
  mixer.return %o
}

// -----

mixer.spec @no_percent(%x: [B,T]) -> (%o: [B,T]) {
  // expected-error@+1 {{expected a value, such as %x, got x; names of values begin with %}}
  %o = mixer.map(x) { (x) -> x }
  mixer.return %o
}

// -----

mixer.spec @no_percent_returned(%x: [B,T]) -> (%o: [B,T]) {
  // expected-error@+1 {{expected a value, such as %x, got x; names of values begin with %}}
  mixer.return x
}

// -----

// Outside of a spec no types are known.
// expected-error@+1 {{expected a type outside of a spec, as in %x: [B,T,H]}}
%y = mixer.map(%x) { (x) -> x }

// -----

// C8 of mixer.spec: attributes that are none, or of another kind.

// expected-error@+1 {{'mixer.spec' op expected attributes among sizes, io, plans and target, got dtype}}
mixer.spec @dtype(%x: [B,T]) -> () attributes {dtype = bf16} {
  mixer.return
}

// -----

// expected-error@+1 {{expected attributes among sizes, io, plans and target, got plan}}
mixer.spec @plan(%x: [B,T]) -> () attributes {plan = [#mixer.algorithm<scan>]} {
  mixer.return
}

// -----

// expected-error@+1 {{expected check_bounds = nothing, got 3 : i64}}
mixer.spec @check_bounds_number(%x: [B,T]) -> () attributes {check_bounds = 3} {
  mixer.return
}

// -----

// expected-error@+1 {{expected states = f32, bf16 or f16, got 3 : i64}}
mixer.spec @states_number(%x: [B,T]) -> () attributes {states = 3} {
  mixer.return
}

// -----

// expected-error@+1 {{expected plans = [#mixer.algorithm<...>, ...], got 3 : i64}}
mixer.spec @plans_number(%x: [B,T]) -> () attributes {plans = 3} {
  mixer.return
}

// -----

// expected-error@+1 {{expected plans = [#mixer.algorithm<...>, ...], got ["scan"]}}
mixer.spec @plans_text(%x: [B,T]) -> () attributes {plans = ["scan"]} {
  mixer.return
}

// -----

// expected-error@+1 {{expected plans = [#mixer.algorithm<...>, ...] with at least one plan, or no plans for mixc to choose}}
mixer.spec @plans_empty(%x: [B,T]) -> () attributes {plans = []} {
  mixer.return
}

// -----

// expected-error@+1 {{expected io = f32, bf16 or f16, got 3 : i64}}
mixer.spec @io_number(%x: [B,T]) -> () attributes {io = 3} {
  mixer.return
}

// -----

// expected-error@+1 {{expected sizes = {H = 24, ...}, got "x"}}
mixer.spec @sizes_text(%x: [B,T]) -> () attributes {sizes = "x"} {
  mixer.return
}

// -----

// expected-error@+1 {{expected target = #mixer.target<...>, got "h100"}}
mixer.spec @target_text(%x: [B,T]) -> () attributes {target = "h100"} {
  mixer.return
}

// -----

// expected-error@+1 {{expected free = "HG" or other letters of heads, got 3 : i64}}
mixer.spec @free_number(%x: [B,T]) -> () attributes {free = 3} {
  mixer.return
}

// -----

// expected-error@+1 {{expected bands = a number, got "x"}}
mixer.spec @bands_text(%x: [B,T]) -> () attributes {bands = "x"} {
  mixer.return
}

// -----

// C9 of mixer.spec
// expected-error@+1 {{expected free together with bands of at least 1}}
mixer.spec @free_alone(%x: [B,T,H]) -> () attributes {free = "H", sizes = {H = 4}} {
  mixer.return
}

// -----

// C9 of mixer.spec
// expected-error@+1 {{expected free to begin with H, got "G"}}
mixer.spec @free_groups(%x: [B,T,H]) -> () attributes {bands = 2, free = "G", sizes = {H = 4, G = 2}} {
  mixer.return
}

// -----

// C9 of mixer.spec
// expected-error@+1 {{expected free dimensions among H, G, Q, K, V with a size, got G}}
mixer.spec @free_unbound(%x: [B,T,H]) -> () attributes {bands = 2, free = "HG", sizes = {H = 4}} {
  mixer.return
}

// -----

// C9 of mixer.spec
// expected-error@+1 {{expected G = 1, which all heads share, or G in free, got G = 2}}
mixer.spec @free_shared(%x: [B,T,H]) -> () attributes {bands = 2, free = "H", sizes = {H = 4, G = 2}} {
  mixer.return
}
