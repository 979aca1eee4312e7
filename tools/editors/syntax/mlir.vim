" Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
" Vim syntax of mixer specs and of MLIR around them; Vim and Neovim use it, docs/editors.md says how.
if exists('b:current_syntax')
  finish
endif

syntax match mlirComment '//.*$' contains=@Spell
syntax region mlirString start='"' skip='\\"' end='"' oneline
syntax match mlirNumber '\v<[0-9]+(\.[0-9]*)?([eE][-+]?[0-9]+)?>|<0x[0-9a-fA-F]+>'
syntax match mlirValue '%[A-Za-z0-9_$.#]\+'
syntax match mlirSymbol '@[A-Za-z0-9_$.]\+'
syntax match mlirAttribute '[#!][A-Za-z_][A-Za-z0-9_.]*'
syntax match mlirOperation '\v<[a-z_][a-z_0-9]*\.[a-z_][a-zA-Z_0-9.]*>'
syntax match mlirType '\v<(f16|bf16|f32|f64|index|i[0-9]+|vector|memref|tensor)>'
syntax keyword mlirKeyword attributes module func return to step iter_args
syntax keyword mixerMark io optional
syntax keyword mixerExpression let in inf
syntax match mixerEntry '\v<(x|b|c|decay|keep|l|r|init|mask|read|direction)\ze *\=[^=]'
syntax match mixerFunction '\v<(exp|exp2|log|log1p|log2|pow|sqrt|rsqrt|sin|cos|tanh|abs|sign|min|max|clamp|sigmoid|silu|gelu|softplus|relu|elu|where)\ze *\('
syntax match mixerDimensions '\[\([BTHGQKVRWLNP]\(, *\)\?\)\+\]'
syntax keyword mixerConstant post pre causal anticausal both quadratic scan chunked

highlight default link mlirComment Comment
highlight default link mlirString String
highlight default link mlirNumber Number
highlight default link mlirValue Identifier
highlight default link mlirSymbol Function
highlight default link mlirAttribute PreProc
highlight default link mlirOperation Statement
highlight default link mlirType Type
highlight default link mlirKeyword Keyword
highlight default link mixerMark StorageClass
highlight default link mixerExpression Keyword
highlight default link mixerEntry Label
highlight default link mixerFunction Function
highlight default link mixerDimensions Type
highlight default link mixerConstant Constant

let b:current_syntax = 'mlir'
