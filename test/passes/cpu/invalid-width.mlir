// RUN: mixer-opt %s --tile-to-cpu="vector-width=12" --verify-diagnostics

// expected-error @below {{tile-to-cpu: expected vector-width 8 or 16, got 12}}
module {}
