// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Flags.h"
#include "mixc/dialect/NearMiss.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/FormatVariadic.h"

using namespace llvm;
using namespace mixc;

void FlagTable::addText(StringRef name, StringRef value, StringRef help, std::string &variable) {
  add({name, value, help.str(), [name, value, &variable](StringRef text) -> Error {
         if (text.empty())
           return createStringError(name + ": expected " + value + ", got nothing");
         variable = text.str();
         return Error::success();
       }});
}

void FlagTable::addSwitch(StringRef name, StringRef help, bool &variable) {
  add({name, "", help.str(), [&variable](StringRef) {
         variable = true;
         return Error::success();
       }});
}

void FlagTable::addInteger(StringRef name, StringRef help, int64_t least, int64_t most, int64_t &variable) {
  add({name, "N", help.str(), [name, least, most, &variable](StringRef text) -> Error {
         int64_t number;
         if (text.getAsInteger(10, number) || number < least || number > most)
           return createStringError(formatv("{0}: expected an integer from {1} to {2}, got '{3}'", name, least, most, text).str());
         variable = number;
         return Error::success();
       }});
}

const Flag *FlagTable::find(StringRef name) const {
  for (const Flag &flag : flags)
    if (flag.name == name)
      return &flag;
  return nullptr;
}

/// Flags that some commands have and others do not, and the commands.
static StringRef commandsWith(StringRef flag) {
  return StringSwitch<StringRef>(flag)
      .Cases({"-o", "--name", "--emit", "--all-algorithms", "--variants", "--max-bytes", "--keep-states", "--batch-invariant"}, "compile")
      .Cases({"--out", "--check"}, "run")
      .Case("--check-bounds", "compile and run")
      .Case("--repeat", "bench")
      .Cases({"--report", "--measure"}, "explain")
      .Cases({"--segments", "--in", "--in-place", "--pool", "--keep", "--seed", "--device"}, "run and bench")
      .Cases({"--json", "--all"}, "bench and explain")
      .Case("--lengths", "run and bench and explain")
      .Default("");
}

Error FlagTable::unknown(StringRef name) const {
  if (StringRef others = commandsWith(name); !others.empty())
    return createStringError("unknown flag '" + name + "', which is one of mixc " + others);
  std::string hint = didYouMean(name, map_range(flags, [](const Flag &flag) { return flag.name; }), "; --help lists the flags");
  return createStringError(formatv("unknown flag '{0}'{1}", name, hint).str());
}

Expected<std::vector<StringRef>> FlagTable::parse(ArrayRef<StringRef> args) {
  std::vector<StringRef> positional;
  bool onlyPositional = false;
  for (size_t i = 0; i < args.size(); ++i) {
    StringRef arg = args[i];
    if (onlyPositional || arg == "-" || !arg.starts_with("-")) {
      positional.push_back(arg);
      continue;
    }
    if (arg == "--") {
      onlyPositional = true;
      continue;
    }
    auto [name, value] = arg.split('=');
    if (name == "--splits") // its name once, which scripts may have
      name = "--segments";
    bool hasValue = arg.contains('=');
    const Flag *flag = find(name);
    if (!flag)
      return unknown(name);
    if (flag->value.empty() && hasValue)
      return createStringError(formatv("{0}: expected no value, got '{1}'", name, value).str());
    if (!flag->value.empty() && !flag->value.starts_with("[") && !hasValue) {
      if (i + 1 == args.size())
        return createStringError(formatv("{0}: expected a value, as in {0}={1}", name, flag->value).str());
      value = args[++i];
    }
    if (!given.insert(name.str()).second && !flag->repeats)
      return createStringError(name + ": expected once, got it again" + (value.empty() ? "" : " with '" + value + "'"));
    if (Error error = flag->set(value))
      return error;
  }
  return positional;
}

void FlagTable::printHelp(raw_ostream &os) const {
  constexpr size_t column = 26;
  for (const Flag &flag : flags) {
    std::string head = flag.name.str();
    if (flag.value.starts_with("["))
      head += "[=" + flag.value.drop_front().str();
    else if (!flag.value.empty())
      head += (flag.name.starts_with("--") ? "=" : " ") + flag.value.str();
    os << "  " << head;
    SmallVector<StringRef> lines;
    StringRef(flag.help).split(lines, '\n');
    bool sameLine = head.size() + 4 <= column;
    for (StringRef line : lines) {
      if (sameLine)
        os.indent(column - 2 - head.size());
      else
        (os << "\n").indent(column);
      os << line;
      sameLine = false;
    }
    os << "\n";
  }
}
