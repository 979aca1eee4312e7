# Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Prints IR, JSON, or messages to the language server, that nest or go on as long as asked: deep.py KIND COUNT."""
import json
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


def messages(*more):
    start = {"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {"processId": 1, "rootPath": "", "capabilities": {}, "trace": "off"}}
    return "\n// -----\n".join([json.dumps(start), *more, json.dumps({"jsonrpc": "2.0", "id": 3, "method": "shutdown"}), json.dumps({"jsonrpc": "2.0", "method": "exit"})])


def opened(text):
    document = {"uri": "test:///deep.mlir", "languageId": "mlir", "version": 1, "text": text}
    return json.dumps({"jsonrpc": "2.0", "method": "textDocument/didOpen", "params": {"textDocument": document}})


texts = {
    "document": lambda: messages(opened("module {" * count)),
    "message": lambda: messages("[" * count, opened("module {}")),
    "parentheses": lambda: mapped("(" * count + "a" + ")" * count),
    "calls": lambda: mapped("exp(" * count + "a" + ")" * count),
    "minuses": lambda: mapped("- " * count + "a"),
    "terms": lambda: mapped(" + ".join("a" for _ in range(count))),
    "lets": lambda: mapped("let l0 = exp(a) in " + "".join(f"let l{i} = exp(l{i - 1}) in " for i in range(1, count)) + f"l{count - 1}"),
    "names": lambda: mapped("".join(f"let l{i} = {i} in " for i in range(count)) + "a"),
    "doubles": lambda: f"""mixer.spec @doubles(%x: [B,T,H] io, %a: [B,T,H]) -> (%y: [B,T,H] io) {{
  %v = mixer.map(%x, %a) {{ (x, a) -> let l0 = x * a in {"".join(f"let l{i} = l{i - 1} * l{i - 1} in " for i in range(1, count))}l{count - 1} }}
  %g = mixer.map(%a) {{ (a) -> let l0 = a + a in {"".join(f"let l{i} = l{i - 1} + l{i - 1} in " for i in range(1, count))}l{count - 1} }}
  %z, %S = mixer.semiseparable x = %v, b = %x, c = %x, decay = %g
  mixer.return %z
}}""",
    "maps": lambda: spec("\n".join(f"  %v{i} = mixer.map(%{'v%d' % (i - 1) if i else 'x'}) {{ (a) -> exp(a) }}" for i in range(count)), f"%v{count - 1}"),
    "digits": lambda: "module attributes {a = 1" + "0" * count + "} {}",
    "hexadecimal": lambda: "module attributes {a = 0x" + "f" * count + "} {}",
    "attribute": lambda: "module attributes {a = " + "[" * count + "]" * count + "} {}",
    "types": lambda: "func.func private @f(" + "tuple<" * count + "i1" + ">" * count + ")",
    "regions": lambda: "module {" * count + "}" * count,
}
print(texts[kind]())
