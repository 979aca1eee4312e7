// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef MIXC_PASSES_CPUPASSES
#define MIXC_PASSES_CPUPASSES

include "mlir/Pass/PassBase.td"

def TileToCpu : Pass<"tile-to-cpu", "::mlir::ModuleOp"> {
  let summary = "lower tile programs to vector code for a CPU core";
  let description = [{
    Input: tile programs. Output: in place of a program, one `func.func` per kernel, of upstream dialects only
    (scf, arith, math, vector, llvm), with the signature

        (params: !llvm.ptr, block: i64, scratch: !llvm.ptr)

    `params` is a list of i64: B, T, splits, span, what the call says of its sequences (`mixc/runtime/descriptor.h`), then
    for every memref argument its pointer and its strides in elements. `scratch` is 64-byte aligned memory of the calling thread, `mixc.scratch_bytes` bytes of it as
    the function's attribute says; its content needs no initialisation and means nothing after the call.
    The functions are named `<program>__<kernel><suffix>`.

    Every tile gets a static place in `scratch`. Places are shared by tiles that do not live at the same time,
    results overwrite operands that die where this is safe, and loop-carried tiles are never copied when the loop
    updates them in order. The dimension that is contiguous in memory is chosen per tile, so that contractions
    and elementwise work run along contiguous vectors without transposing.

    A contraction keeps a block of accumulators in registers over its reduction. Elementwise operations that prepare
    what it starts from, or that use its result alone, are evaluated on the accumulators. A reduction over a tile that
    a select has masked above its diagonal stops there.

    A scan's loop over tokens is cut in two: whole tiles, and what is left. Where rows of its state have decays of their own, the state is
    kept divided by their product in the tile, as long as that is between 2^-16 and 2^16; the operands take it up, and the state what it
    lacks of 1, once a tile. A token that would leave this range, a reset for one, multiplies the state, and the product begins anew: that
    no later token decides. Beside a scan of one row, a tile that is loaded and read once, or written once and stored, has no place in
    `scratch` where the tensor's rows are contiguous and whole.

    A tile that a loop carries by elementwise operations alone, from a load of a tensor to a store into one, has no place in `scratch` where
    the tensors, which nothing else in the kernel reads or writes, have it without gaps, whole: the first trip reads it where it is loaded
    from, every trip writes it where it is stored. Both may be the same memory, element for element: a final state in place of its initial
    one. Elementwise work on a tile and sums of its rows are done in one loop, for several rows side by side.

    Numerics: f32 accumulators; products are contracted to fused multiply-adds, and a contraction sums in order of
    its reduction, so that results do not depend on anything but the program and the vector width.
    `tile.cumsum` adds in f64. Subnormal numbers count as zero inside a kernel (below 1.2e-38; they would cost a hundred
    cycles each, and decays pass through them); the caller's floating-point mode is restored.

    Fails when tiles need more than 1 GiB, or a kernel holds an operation that is neither one of the tile dialect, of scf (for, if), linalg
    (elementwise or contraction), a splat constant nor scalar arithmetic.

    Example: test/passes/cpu/kernel.mlir
  }];
  let options = [
    Option<"vectorWidth", "vector-width", "int64_t", /*default=*/"16", "f32 lanes of a vector: 16 (AVX-512) or 8 (AVX2)">,
    Option<"suffix", "suffix", "std::string", /*default=*/"", "appended to the names of the functions">];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::func::FuncDialect", "::mlir::linalg::LinalgDialect",
                           "::mlir::LLVM::LLVMDialect", "::mlir::math::MathDialect", "::mlir::scf::SCFDialect",
                           "::mlir::tensor::TensorDialect", "::mlir::vector::VectorDialect"];
}

def ApproximateMath : Pass<"approximate-math"> {
  let summary = "replace f32 exponentials and logarithms by polynomials";
  let description = [{
    Rewrites f32 math functions, scalar or vector, into arithmetic, so that a vector costs one evaluation and no call.
    exp2 and exp: 2^x = 2^round(x) * p(x - round(x)) with p of degree 6; within 2 ulp, subnormal results
    included; exactly 0 for x <= -150 and for -inf, +inf above 128, NaN for NaN. The others are MLIR's own approximations.

    Example: test/passes/cpu/approximate-math.mlir
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::math::MathDialect", "::mlir::vector::VectorDialect"];
}

#endif // MIXC_PASSES_CPUPASSES
