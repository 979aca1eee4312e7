# Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Prints IR that nests, or goes on, as long as asked: deep.py KIND COUNT."""
import sys

kind, count = sys.argv[1], int(sys.argv[2])


def spec(lines, value):
    return f"""mixer.spec @deep(%x: [B,T,H] io) -> (%y: [B,T,H] io) {{
{lines}
  %z, %S = mixer.semiseparable x = {value}, b = %x, c = %x
  mixer.return %z
}}"""


def mapped(expression):
    return spec(f"  %v = mixer.map(%x) {{ (a) -> {expression} }}", "%v")


texts = {
    "parentheses": lambda: mapped("(" * count + "a" + ")" * count),
    "calls": lambda: mapped("exp(" * count + "a" + ")" * count),
    "minuses": lambda: mapped("- " * count + "a"),
    "terms": lambda: mapped(" + ".join("a" for _ in range(count))),
    "lets": lambda: mapped("let l0 = exp(a) in " + "".join(f"let l{i} = exp(l{i - 1}) in " for i in range(1, count)) + f"l{count - 1}"),
    "maps": lambda: spec("\n".join(f"  %v{i} = mixer.map(%{'v%d' % (i - 1) if i else 'x'}) {{ (a) -> exp(a) }}" for i in range(count)), f"%v{count - 1}"),
    "attribute": lambda: "module attributes {a = " + "[" * count + "]" * count + "} {}",
    "types": lambda: "func.func private @f(" + "tuple<" * count + "i1" + ">" * count + ")",
    "regions": lambda: "module {" * count + "}" * count,
}
print(texts[kind]())
