// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Compares approximate() with the C library in double precision: errors in units in the last place of f32 or absolute ones, and the values
// where an exponential or a logarithm ends.
#include <math.h>
#include <stdalign.h>
#include <stdio.h>

void approximate(const float *x, float (*results)[8]);

typedef double (*function)(double);
#define FUNCTIONS 9
static const function kExact[FUNCTIONS] = {exp2, exp, log1p, log, log2, tanh, sin, cos, erf};
static const char *const kNames[FUNCTIONS] = {"exp2", "exp", "log1p", "log", "log2", "tanh", "sin", "cos", "erf"};
static const double kBounds[FUNCTIONS] = {1, 1.25, 2.5, 1, 2, 5, 0, 0, 0}; // ulp
static const double kAbsolute[FUNCTIONS] = {0, 0, 0, 0, 0, 0, 1.2e-7, 1.2e-7, 2.5e-7};
static int failures;

static void check(float x, int f, float got) {
  int isSine = kExact[f] == sin || kExact[f] == cos;
  double want = isSine && fabsf(x) > 0x1p20f ? NAN : kExact[f](x);
  float rounded = (float)want;
  double ulp = nextafterf(fabsf(rounded), INFINITY) - fabsf(rounded);
  int same = isnan(want) ? isnan(got) : isinf(rounded) ? got == rounded : fabs(got - want) <= kBounds[f] * ulp + kAbsolute[f];
  // The next number would already be infinite.
  if (isinf(rounded) || fabs(want) > 0x1.fffffcp127)
    same |= isinf(got) || fabsf(got) >= 0x1.fffff0p127f;
  if (!same && failures++ < 20)
    printf("%s(%.9g): expected %.9g, got %.9g\n", kNames[f], x, rounded, got);
}

static void run(const float *x) {
  alignas(32) float in[8];
  alignas(32) float results[FUNCTIONS][8];
  for (int i = 0; i < 8; ++i)
    in[i] = x[i];
  approximate(in, results);
  for (int f = 0; f < FUNCTIONS; ++f)
    for (int i = 0; i < 8; ++i)
      check(x[i], f, results[f][i]);
  for (int i = 0; i < 8; ++i) // decays below the smallest number are exactly zero
    if (x[i] <= -150 && results[0][i] != 0 && failures++ < 20)
      printf("exp2(%.9g): expected 0, got %g\n", x[i], results[0][i]);
}

int main(void) {
  const float edges[16] = {-INFINITY, INFINITY, NAN, 0, -0.0f, -150, -149, -149.5f, 128, 127.9f, -126, -1e9, 1e9, 1, -1, -104};
  run(edges);
  run(edges + 8);
  const double ranges[6][2] = {{-160, 130}, {-1, 1}, {-149.5, -120}, {0, 1e-3}, {0, 80}, {-0x1p20, 0x1p20}};
  unsigned state = 1;
  for (int r = 0; r < 6; ++r)
    for (int i = 0; i < 50000; ++i) {
      float x[8];
      for (int j = 0; j < 8; ++j) {
        state = state * 1664525u + 1013904223u;
        x[j] = (float)(ranges[r][0] + (ranges[r][1] - ranges[r][0]) * (state / 4294967296.0));
      }
      run(x);
    }
  return failures != 0;
}
