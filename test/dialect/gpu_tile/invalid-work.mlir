// Constraints of #gpu_tile.role and #gpu_tile.work, and where they may stand.
// RUN: mixer-opt %s --split-input-file --verify-diagnostics

// expected-error @below {{expected warps of the 32 of a block for role compute, got 2 times 16 from 8 on}}
#c1 = #gpu_tile.role<role = compute, first = 8, warps = 16, parts = 2>

// -----

// expected-error @below {{expected warps of the 32 of a block for role fetch, got 1 times 0 from 0 on}}
#c1 = #gpu_tile.role<role = fetch, first = 0, warps = 0>

// -----

// expected-error @below {{expected registers to be at least 0, got -8}}
#c2 = #gpu_tile.role<role = compute, first = 0, warps = 4, registers = -8>

// -----

// expected-error @below {{expected one or more of fetch, vectors, flush, early, factors and compute}}
#c1 = #gpu_tile.work<[]>

// -----

// expected-error @below {{expected one or more of fetch, vectors, flush, early, factors and compute}}
#c1 = #gpu_tile.work<[helpers]>

// -----

// expected-error @below {{expected each role once, got early twice}}
#c1 = #gpu_tile.work<[early, compute, early]>

// -----

// expected-error @below {{expected a shared tile of one stage or none to hand over, got '!gpu_tile.shared<64xf32, stages = 2>'}}
#c2 = #gpu_tile.work<[fetch], through = [!gpu_tile.shared<64xf32, stages = 2>]>

// -----

// expected-error @below {{expected held to be an mma, lanes, linear, columns or pieces layout, got 3 : i64}}
#c3 = #gpu_tile.work<[fetch], held = 3>

// -----

// expected-error @below {{expected a role, got weigh}}
#syntax = #gpu_tile.work<[weigh]>

// -----

// expected-error @below {{expected each_part, order, ahead, through or held, each once, got order}}
#syntax = #gpu_tile.work<[compute], order = 1, order = 2>

// -----

// expected-error @below {{'builtin.module' op expected gpu_tile.roles on tile.kernel only}}
module attributes {gpu_tile.roles = []} {
}

// -----

// expected-error @below {{'builtin.module' op expected gpu_tile.work to be a #gpu_tile.work, got 1 : i64}}
module attributes {gpu_tile.work = 1} {
}

// -----

// expected-error @below {{'builtin.module' op expected through to have 1 entries, got 2}}
module attributes {gpu_tile.work = #gpu_tile.work<[flush], through = [none, none]>} {
}

// -----

tile.program @p of @spec plan #mixer.algorithm<chunked, chunk = 64> buffers [] {
  // expected-error @below {{'tile.kernel' op expected gpu_tile.roles to be an array of #gpu_tile.role, got 1 : i64}}
  tile.kernel @k(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>, gpu_tile.roles = 1} {
    tile.return
  }
}

// -----

tile.program @p of @spec plan #mixer.algorithm<chunked, chunk = 64> buffers [] {
  // expected-error @below {{'tile.kernel' op expected each role once, got fetch twice}}
  tile.kernel @k(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 1>,
      gpu_tile.roles = [#gpu_tile.role<role = fetch, first = 0, warps = 1>, #gpu_tile.role<role = fetch, first = 1, warps = 1>]} {
    tile.return
  }
}
