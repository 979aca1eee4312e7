// RUN: mixer-opt %s -split-input-file -verify-diagnostics

// C1
mixer.spec @c1_tokens(%x: [B,H]) -> (%y: [B,H]) {
  // expected-error@+1 {{expected x to have the dimension T, got [B,H]}}
  %y, %e, %l = mixer.running sum of %x
  mixer.return %y
}

// -----

// C1
mixer.spec @c1_batch(%x: [T,H]) -> (%y: [T,H]) {
  // expected-error@+1 {{expected x to have the dimension B, got [T,H]}}
  %y, %e, %l = mixer.running sum of %x
  mixer.return %y
}

// -----

// C1
mixer.spec @c1_columns(%x: [B,T,H,P]) -> (%y: [B,T,H,P]) {
  // expected-error@+1 {{expected x over B, T, heads and N at most, got [B,T,H,P]}}
  %y, %e, %l = mixer.running sum of %x
  mixer.return %y
}

// -----

// C1
mixer.spec @c1_updates(%x: [B,T,R,H]) -> (%y: [B,T,R,H]) {
  // expected-error@+1 {{expected x over B, T, heads and N at most, got [B,T,R,H]}}
  %y, %e, %l = mixer.running max of %x
  mixer.return %y
}

// -----

// C2
mixer.spec @c2(%x: [B,T,H]) -> (%y: [B,T,H]) {
  // expected-error@+1 {{expected decay beside max alone; a sum that decays is a mixer.semiseparable with b and c of ones}}
  %y, %e, %l = mixer.running sum of %x, decay = %x
  mixer.return %y
}

// -----

// C3
mixer.spec @c3(%x: [B,T,H], %f: [B,T,H,N]) -> (%y: [B,T,H]) {
  // expected-error@+1 {{expected decay over dimensions of x [B,T,H], got [B,T,H,N]}}
  %y, %e, %l = mixer.running max of %x, decay = %f
  mixer.return %y
}

// -----

// C4
mixer.spec @c4(%x: [B,T,H], %m0: [B]) -> (%y: [B,T,H]) {
  // expected-error@+1 {{expected init over [B,H], got [B]}}
  %y, %e, %l = mixer.running max of %x, init = %m0
  mixer.return %y
}

// -----

mixer.spec @kind(%x: [B,T,H]) -> (%y: [B,T,H]) {
  // expected-error@+1 {{expected sum or max, got min}}
  %y, %e, %l = mixer.running min of %x
  mixer.return %y
}

// -----

mixer.spec @no_kind(%x: [B,T,H]) -> (%y: [B,T,H]) {
  // expected-error@+1 {{expected sum or max}}
  %y, %e, %l = mixer.running %x
  mixer.return %y
}

// -----

mixer.spec @entry(%x: [B,T,H]) -> (%y: [B,T,H]) {
  // expected-error@+1 {{expected decay or init, got keep}}
  %y, %e, %l = mixer.running max of %x, keep = %x
  mixer.return %y
}

// -----

mixer.spec @twice(%x: [B,T,H]) -> (%y: [B,T,H]) {
  // expected-error@+1 {{expected decay once}}
  %y, %e, %l = mixer.running max of %x, decay = %x, decay = %x
  mixer.return %y
}
