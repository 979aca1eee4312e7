#!/usr/bin/env python3
# Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""support.py MIXC: prints docs/support.md, from what MIXC does with a spec of each form.

A form counts as supported by an algorithm where `mixc explain` lists a plan of it and `mixc compile` lowers all of them, for the CPU to
LLVM IR and for GPUs to kernels. `ninja update-docs` writes the page, the test docs/support fails when it is stale.
"""
import json
import os
import re
import subprocess
import sys
import tempfile

SIZES = "H=4,P=64,N=64,G=2,K=1,V=2,R=2,W=4,L=3"
GROUPS = [("CPU, x86-64", "x86-64", None), ("GPU, sm_80 and later", "sm_80", False), ("GPU, sm_90a kernels", "h100", True)]
ALGORITHMS = ["quadratic", "scan", "chunked"]

ARGUMENTS = ("%x: [B,T,H,P] io, %u: [B,T,H] io, %b: [B,T,H,N] io, %c: [B,T,H,N] io, %bg: [B,T,G,N] io, %cg: [B,T,G,N] io, "
             "%bs: [B,T,N] io, %g: [B,T,H], %gt: [B,T], %gh: [H], %gn: [B,T,H,N], %l: [B,T,H,N] io, %r: [B,T,H,N] io, "
             "%kk: [B,T,K,N] io, %qg: [B,T,G,N] io, %xv: [B,T,V,P] io, %xr: [B,T,R,H,P] io, %br: [B,T,R,H,N] io, %lr: [B,T,R,H,N] io, "
             "%wx: [H,P,W], %wb: [H,W,N], %x0: [B,L,H,P] io optional, "
             "%h0: [B,H,N,P] optional, %hp: [B,H,P,N], %u0: [B,H], %mk: [H,T]")

Y = "%y: [B,T,H,P] io"
RECURRENCE = "%y, %S = mixer.semiseparable x = %x, b = %b, c = %c"
# What the form is, its results, its body before the return, what it returns.
FORMS = [
    ("no decay (linear attention)", Y, RECURRENCE, "%y"),
    ("one decay for each head, constant over T (RetNet, lightning attention)", Y, RECURRENCE + ", decay = %gh", "%y"),
    ("a decay for each token and head (Mamba-2, Simple GLA, mLSTM)", Y, RECURRENCE + ", decay = %g", "%y"),
    ("a decay for each token, shared by the heads", Y, RECURRENCE + ", decay = %gt", "%y"),
    ("b and c shared by groups of heads (G)", Y, "%y, %S = mixer.semiseparable x = %x, b = %bg, c = %cg, decay = %g", "%y"),
    ("b and c shared by all heads", Y, "%y, %S = mixer.semiseparable x = %x, b = %bs, c = %bs, decay = %g", "%y"),
    ("x, b, c and decays of numbers of heads of their own (G, Q, K, V)", Y,
     "%y, %S = mixer.semiseparable x = %xv, b = %kk, c = %qg, decay = %g", "%y"),
    ("several updates a token (R)", Y, "%y, %S = mixer.semiseparable x = %xr, b = %br, c = %c, decay = %g", "%y"),
    ("several corrections a token (DeltaProduct)", Y,
     "%y, %S = mixer.semiseparable x = %xr, b = %br, c = %c, decay = %g, l = %lr, r = %br", "%y"),
    ("N = P = 1, a recurrence for each channel (minGRU, RG-LRU)", "%y: [B,T,H] io",
     "%one = mixer.constant 1 : [B,T,H]\n  %y, %S = mixer.semiseparable x = %u, b = %one, c = %one, decay = %g", "%y"),
    ("x without P (N numbers for each head)", "%y: [B,T,H] io", "%y, %S = mixer.semiseparable x = %u, b = %b, c = %c, decay = %g", "%y"),
    ("initial and final state", Y + ", %hT: [B,H,N,P] optional", RECURRENCE + ", decay = %g, init = %h0", "%y, %S"),
    ("state stored as [B,H,P,N]", Y + ", %hT: [B,H,P,N]", RECURRENCE + ", decay = %g, init = %hp", "%y, %S"),
    ("a second x with the same b, c and decay (normaliser)", Y,
     "%one = mixer.constant 1 : [B,T,H]\n  %n, %S = mixer.semiseparable x = %x, b = %b, c = %c, decay = %g\n"
     "  %d, %z = mixer.semiseparable x = %one, b = %b, c = %c, decay = %g\n  %y = mixer.map(%n, %d) { (n, d) -> n / d }", "%y"),
    ("maps of x, decay and results (gates, skips, -inf decays)", Y,
     "%e = mixer.map(%g) { (g) -> where(g > -9, g, -inf) }\n  %v = mixer.map(%x, %g) { (x, g) -> x * (1 - exp(g)) }\n"
     "  %o, %S = mixer.semiseparable x = %v, b = %b, c = %c, decay = %e\n  %y = mixer.map(%o, %x) { (o, x) -> silu(o) * x }", "%y"),
    ("maps of b and c by a factor without N (scales, input gates)", Y,
     "%f = mixer.map(%b, %g) { (b, g) -> b * exp(g) }\n  %q = mixer.map(%c) { (c) -> c * rsqrt(N) }\n"
     "  %y, %S = mixer.semiseparable x = %x, b = %f, c = %q, decay = %g", "%y"),
    ("other maps of b and c (feature maps)", Y,
     "%f = mixer.map(%b) { (b) -> elu(b) + 1 }\n  %q = mixer.map(%c) { (c) -> elu(c) + 1 }\n"
     "  %y, %S = mixer.semiseparable x = %x, b = %f, c = %q, decay = %g", "%y"),
    ("a decay for each state entry (GLA, HGRN2, RWKV-6, Mamba-1)", Y, RECURRENCE + ", decay = %gn", "%y"),
    ("factors of the state that may be negative (keep)", Y,
     "%e = mixer.map(%u) { (u) -> tanh(u) }\n  " + RECURRENCE + ", decay = %g, keep = %e", "%y"),
    ("keep beside a decay for each entry, read = pre or direction = both", Y,
     "%e = mixer.map(%u) { (u) -> tanh(u) }\n  " + RECURRENCE + ", decay = %gn, keep = %e, read = pre, direction = both", "%y"),
    ("keep beside a correction", Y,
     "%e = mixer.map(%u) { (u) -> tanh(u) }\n  " + RECURRENCE + ", decay = %g, keep = %e, l = %l, r = %r", "%y"),
    ("rank-1 correction l, r (DeltaNet, Gated DeltaNet, RWKV-7)", Y, RECURRENCE + ", decay = %g, l = %l, r = %r", "%y"),
    ("read = pre", Y, RECURRENCE + ", read = pre", "%y"),
    ("c over P, y over N (transitions from the right)", "%y: [B,T,H,N] io",
     "%q = mixer.map(%x, %g) { (x, g) -> x * exp(g) }\n  %y, %S = mixer.semiseparable x = %x, b = %b, c = %q, decay = %gn, l = %l, r = %r", "%y"),
    ("direction = anticausal", Y, RECURRENCE + ", direction = anticausal", "%y"),
    ("direction = both", Y, RECURRENCE + ", direction = both", "%y"),
    ("a number for each distance of two tokens (mask)", Y, RECURRENCE + ", decay = %g, mask = %mk", "%y"),
    ("a second recurrence with another b, c or decay", Y,
     RECURRENCE + "\n  %z, %R = mixer.semiseparable x = %x, b = %c, c = %c\n  %w = mixer.map(%y, %z) { (y, z) -> y + z }", "%w"),
    ("a recurrence over another one's result", Y, RECURRENCE + "\n  %z, %R = mixer.semiseparable x = %y, b = %b, c = %c", "%z"),
    ("tokens before (short convolutions)", Y + ", %xT: [B,L,H,P] io optional",
     "%v = mixer.conv %x by %wx after %x0\n  %k = mixer.conv %b by %wb\n  %xT = mixer.last %x after %x0\n"
     "  %y, %S = mixer.semiseparable x = %v, b = %k, c = %c, decay = %g", "%y, %xT"),
    ("running sums and maxima (angles, the mLSTM's stabiliser)", Y + ", %mT: [B,H] optional",
     "%m, %e, %mT = mixer.running max of %u, decay = %g, init = %u0\n  %d = mixer.map(%g, %m, %e) { (g, m, e) -> g - (m - e) }\n"
     "  %v = mixer.map(%x, %u, %m) { (x, u, m) -> x * exp(u - m) }\n  %y, %S = mixer.semiseparable x = %v, b = %b, c = %c, decay = %d", "%y, %mT"),
    ("running sums with N", Y, "%z, %e, %zT = mixer.running sum of %gn\n  %k = mixer.map(%b, %z) { (b, z) -> b * cos(z) }\n"
     "  %y, %S = mixer.semiseparable x = %x, b = %k, c = %c, decay = %g", "%y"),
    ("a running value of another recurrence's result", Y, RECURRENCE + "\n  %s = mixer.sum %y over P\n"
     "  %m, %e, %mT = mixer.running max of %s\n  %w = mixer.map(%y, %m) { (y, m) -> y * m }", "%w"),
    ("the value before of a computed value", Y, "%u2 = mixer.map(%x) { (x) -> silu(x) }\n  %v = mixer.previous %u2 by 1\n"
     "  %y, %S = mixer.semiseparable x = %v, b = %b, c = %c", "%y"),
    ("mixer.sum", Y, "%s = mixer.sum %b over N\n  %v = mixer.map(%x, %s) { (x, s) -> x * s }\n"
     "  %y, %S = mixer.semiseparable x = %v, b = %b, c = %c", "%y"),
    ("sums over P of results (a norm for each head)", Y, RECURRENCE.replace("%y", "%o") + "\n  %q = mixer.map(%o) { (o) -> o * o }\n"
     "  %s = mixer.sum %q over P\n  %y = mixer.map(%o, %s) { (o, s) -> o * rsqrt(s / P + 1e-5) }", "%y"),
    ("sums over heads of results (norms over all channels, or over those of a group)", Y, RECURRENCE.replace("%y", "%o") + "\n"
     "  %v = mixer.map(%o, %x) { (o, x) -> o * silu(x) }\n  %q = mixer.map(%v) { (v) -> v * v }\n  %p = mixer.sum %q over P\n"
     "  %s = mixer.sum %p over H in G\n  %y = mixer.map(%v, %s) { (v, s) -> v * rsqrt(s * G / (H * P) + 1e-5) }", "%y"),
    ("sums over heads of operands", Y, "%s = mixer.sum %b over H\n  %k = mixer.map(%b, %s) { (b, s) -> b - s / H }\n"
     "  %y, %S = mixer.semiseparable x = %x, b = %k, c = %c, decay = %g", "%y"),
    ("sums over heads of final states", Y + ", %hs: [B,N,P]", RECURRENCE + "\n  %hs = mixer.sum %S over H", "%y, %hs"),
    ("maps alone, without a recurrence", Y, "%y = mixer.map(%x) { (x) -> silu(x) }", "%y"),
    ("a result without T that is no final state", Y + ", %e: [H]", "%e = mixer.map(%gh) { (g) -> exp(g) }\n  " + RECURRENCE, "%y, %e"),
]

HEADER = """# Which specs have an algorithm

<!-- Written by docs/support.py from what mixc does with a spec of each form; `ninja update-docs` writes it again. -->

Every form below can be written. Those with `yes` are compiled, forward only; there are no gradients. The others only parse: nothing
that a program could link computes them, and mixc refuses such a spec and ends with 3. (What the tests and `--check` compare with, an
evaluation in float64 inside the tools, knows every form.) sm_90a's own kernels are for 16-bit `io` tensors; all else runs the portable
ones there.

"""


def arguments_of(text):
    """The signature's entries that the body uses."""
    used = set(re.findall(r"%\w+", text))
    entries = re.findall(r"%\w+: \[[A-Z,]*\](?: io)?(?: optional)?", ARGUMENTS)
    return ", ".join(entry for entry in entries if entry.split(":")[0] in used)


def run(*command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    return done.returncode, done.stdout, done.stderr


def plans(mixc, path):
    """The algorithms with a plan, by target; or the reason why there is none."""
    code, out, err = run(mixc, "explain", path, f"--shape=B=4,T=4096,{SIZES}", "--dtype=bf16", "--target=" + ",".join(g[1] for g in GROUPS), "--json")
    if code == 3:
        return None, err.split("error: ", 1)[1].splitlines()[0]
    if code != 0:
        sys.exit(f"{path}: mixc explain ended with {code}\n{err}")
    found = {}
    for (group, target, special), machine in zip(GROUPS, json.loads(out)):
        for plan in machine["candidates"]:
            is_special = "family" in plan["plan"]
            if plan["rejected"]:
                continue
            if special is None or special == is_special:
                found.setdefault(group, set()).add(plan["algorithm"])
    return found, ""


def compile_all(mixc, path):
    for target, level in (("x86-64", "llvm"), ("sm_90a", "gpu_tile")):
        code, _, err = run(mixc, "compile", path, f"--shape={SIZES}", "--dtype=bf16", "--target=" + target, "--all-algorithms", "--emit=" + level,
                           "-o", path + ".out")
        if code != 0:
            sys.exit(f"{path}: expected to compile for {target}, got {code}\n{err}")


def main(mixc):
    print(HEADER + "| form | " + " | ".join(group for group, _, _ in GROUPS) + " |")
    print("|---|" + "---|" * len(GROUPS))
    refused = []
    with tempfile.TemporaryDirectory() as directory:
        for form, results, body, returned in FORMS:
            path = os.path.join(directory, "form.mlir")
            with open(path, "w") as file:
                file.write(f"mixer.spec @form({arguments_of(body)}) -> ({results.replace('%y', '%out').replace('%e:', '%other:')}) {{\n"
                           f"  {body}\n  mixer.return {returned}\n}}\n")
            found, reason = plans(mixc, path)
            if found is None:
                refused.append((form, reason))
                print(f"| {form} |" + " no algorithm yet |" * len(GROUPS))
                continue
            compile_all(mixc, path)
            cells = []
            for group, _, _ in GROUPS:
                algorithms = [name for name in ALGORITHMS if name in found.get(group, ())]
                cells.append("no; the portable ones" if not algorithms else "yes" if algorithms == ALGORITHMS else "yes: " + ", ".join(algorithms))
            print(f"| {form} | " + " | ".join(cells) + " |")
    print("\n`yes` alone: by all of quadratic, scan and chunked.\n\n## What is said of the others\n")
    for form, reason in refused:
        print(f"- {form}: *{reason}*")


main(*sys.argv[1:])
