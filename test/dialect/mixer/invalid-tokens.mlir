// RUN: mixer-opt %s -split-input-file -verify-diagnostics

// C1 of mixer.previous
mixer.spec @previous_c1_tokens(%x: [B,H]) -> (%y: [B,H]) {
  // expected-error@+1 {{expected x to have the dimension T, got [B,H]}}
  %y = mixer.previous %x by 1
  mixer.return %y
}

// -----

// C1 of mixer.previous
mixer.spec @previous_c1_updates(%x: [B,T,R,H]) -> (%y: [B,T,R,H]) {
  // expected-error@+1 {{expected x without R, got [B,T,R,H]}}
  %y = mixer.previous %x by 1
  mixer.return %y
}

// -----

// C2 of mixer.previous
mixer.spec @previous_c2_none(%x: [B,T]) -> (%y: [B,T]) {
  // expected-error@+1 {{expected by from 1 to 15, got 0}}
  %y = mixer.previous %x by 0
  mixer.return %y
}

// -----

// C2 of mixer.previous
mixer.spec @previous_c2_far(%x: [B,T]) -> (%y: [B,T]) {
  // expected-error@+1 {{expected by from 1 to 15, got 16}}
  %y = mixer.previous %x by 16
  mixer.return %y
}

// -----

// C3 of mixer.previous
mixer.spec @previous_c3_dims(%x: [B,T,H], %x0: [B,H]) -> (%y: [B,T,H]) {
  // expected-error@+1 {{expected the tokens before the first one over [B,L,H], got [B,H]}}
  %y = mixer.previous %x by 1 after %x0
  mixer.return %y
}

// -----

// C3 of mixer.previous
mixer.spec @previous_c3_size(%x: [B,T,H], %x0: [B,L,H]) -> (%y: [B,T,H]) attributes {sizes = {H = 1 : i64, L = 2 : i64}} {
  // expected-error@+1 {{expected L to be at least 3, the tokens that are read before the first one, got L = 2}}
  %y = mixer.previous %x by 3 after %x0
  mixer.return %y
}

// -----

// C1 of mixer.last
mixer.spec @last_c1(%x: [T,H]) -> (%y: [L,H]) {
  // expected-error@+1 {{expected x to have the dimension B, got [T,H]}}
  %y = mixer.last %x
  mixer.return %y
}

// -----

// C2 of mixer.last
mixer.spec @last_c2(%x: [B,T,H], %x0: [B,L]) -> (%y: [B,L,H]) {
  // expected-error@+1 {{expected the tokens before the first one over [B,L,H], got [B,L]}}
  %y = mixer.last %x after %x0
  mixer.return %y
}

// -----

// C1 of mixer.conv
mixer.spec @conv_c1(%x: [B,H], %w: [H,W]) -> (%y: [B,H]) {
  // expected-error@+1 {{expected x to have the dimension T, got [B,H]}}
  %y = mixer.conv %x by %w
  mixer.return %y
}

// -----

// C2 of mixer.conv
mixer.spec @conv_c2_taps(%x: [B,T,H], %w: [H]) -> (%y: [B,T,H]) {
  // expected-error@+1 {{expected weights over W and dimensions of x [B,T,H] without T, got [H]}}
  %y = mixer.conv %x by %w
  mixer.return %y
}

// -----

// C2 of mixer.conv
mixer.spec @conv_c2_dims(%x: [B,T,H], %w: [W,P]) -> (%y: [B,T,H]) {
  // expected-error@+1 {{expected weights over W and dimensions of x [B,T,H] without T, got [W,P]}}
  %y = mixer.conv %x by %w
  mixer.return %y
}

// -----

// C3 of mixer.conv
mixer.spec @conv_c3(%x: [B,T,H], %w: [W], %x0: [B,L,H]) -> (%y: [B,T,H]) attributes {sizes = {H = 1 : i64, L = 2 : i64, W = 4 : i64}} {
  // expected-error@+1 {{expected L to be at least 3, the tokens that are read before the first one, got L = 2}}
  %y = mixer.conv %x by %w after %x0
  mixer.return %y
}

// -----

// C4 of mixer.conv
mixer.spec @conv_c4(%x: [B,T,H], %w: [W]) -> (%y: [B,T,H]) attributes {sizes = {H = 1 : i64, W = 17 : i64}} {
  // expected-error@+1 {{expected W to be at most 16, got W = 17}}
  %y = mixer.conv %x by %w
  mixer.return %y
}

// -----

// C1 of mixer.tap
mixer.spec @tap_c1(%w: [H]) -> (%y: [H]) {
  // expected-error@+1 {{expected weights with W, got [H]}}
  %y = mixer.tap %w at 0
  mixer.return %y
}

// -----

// C2 of mixer.tap
mixer.spec @tap_c2_negative(%w: [W]) -> (%y: []) {
  // expected-error@+1 {{expected an index from 0, got -1}}
  %y = mixer.tap %w at -1
  mixer.return %y
}

// -----

// C2 of mixer.tap
mixer.spec @tap_c2_size(%w: [H,W]) -> (%y: [H]) attributes {sizes = {H = 1 : i64, W = 2 : i64}} {
  // expected-error@+1 {{expected an index from 0 to W - 1 = 1, got 2}}
  %y = mixer.tap %w at 2
  mixer.return %y
}

// -----

// What stands behind the operand
mixer.spec @syntax(%x: [B,T]) -> (%y: [B,T]) {
  // expected-error@+1 {{expected 'by'}}
  %y = mixer.previous %x at 1
  mixer.return %y
}
