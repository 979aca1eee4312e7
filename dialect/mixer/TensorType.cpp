// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The tensor type, the plan attribute, and the spelling of types, numbers and dimensions.

#include "Syntax.h"
#include "mixc/runtime/limits.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include <charconv>
#include <limits>
#include <tuple>

namespace mixc::mixer {
using namespace mlir;

std::string listDims(StringRef dims) {
  std::string text;
  for (char dim : dims)
    text += (text.empty() ? "" : ", ") + std::string(1, dim);
  return text;
}

//===--- Tensor type ---===//

bool isHeadDim(StringRef dim) { return dim == "H" || (dim.size() == 1 && kGroupDims.contains(dim)); }

TensorType TensorType::get(MLIRContext *ctx, ArrayRef<StringAttr> dims) { return get(ctx, dims, false); }

TensorType TensorType::get(MLIRContext *ctx, StringRef letters, bool io) {
  SmallVector<StringAttr> dims;
  for (char letter : letters)
    dims.push_back(StringAttr::get(ctx, StringRef(&letter, 1)));
  return get(ctx, dims, io);
}

int64_t TensorType::indexOf(StringRef dim) const {
  auto dims = getDims();
  auto it = llvm::find_if(dims, [&](StringAttr d) { return d.getValue() == dim; });
  return it == dims.end() ? -1 : it - dims.begin();
}

StringRef TensorType::getHeadDim() const {
  auto dims = getDims();
  auto it = llvm::find_if(dims, [](StringAttr dim) { return isHeadDim(dim.getValue()); });
  return it == dims.end() ? StringRef() : it->getValue();
}

std::string TensorType::getLetters() const {
  std::string letters;
  for (StringAttr dim : getDims())
    letters += dim.getValue();
  return letters;
}

bool TensorType::hasSameDims(TensorType other) const {
  return getRank() == other.getRank() && llvm::all_of(getDims(), [&](StringAttr dim) { return other.hasDim(dim.getValue()); });
}

std::string TensorType::getShortName() const {
  std::string name = "[";
  for (StringAttr dim : getDims())
    name += (name.size() > 1 ? "," : "") + dim.str();
  return name + (getIo() ? "] io" : "]");
}

/// For letters that would be dimensions, but for commas or their case.
static std::string adviceForDims(StringRef given) {
  const std::string dims = given.upper();
  if (dims.empty() || !llvm::all_of(dims, [](char dim) { return kDims.contains(dim); }))
    return "";
  std::string list;
  for (char dim : dims)
    list += (list.empty() ? "" : ",") + std::string(1, dim);
  return "; did you mean " + list + "?";
}

LogicalResult TensorType::verify(function_ref<InFlightDiagnostic()> emitError, ArrayRef<StringAttr> dims, bool io) {
  std::string seen, heads;
  for (StringAttr dim : dims) {
    if (dim.size() != 1 || !kDims.contains(dim.getValue())) // C1
      return emitError() << "expected dimensions among " << listDims(kDims) << ", got " << dim.getValue() << adviceForDims(dim);
    if (StringRef(seen).contains(dim.getValue())) // C2
      return emitError() << "expected every dimension once, got " << dim.getValue() << " twice";
    seen += dim.getValue();
    if (isHeadDim(dim.getValue()))
      heads += dim.getValue();
  }
  if (heads.size() > 1) // C3
    return emitError() << "expected one dimension of heads among " << listDims("H" + kGroupDims.str()) << ", got " << listDims(heads);
  return success();
}

ParseResult parseShortType(AsmParser &parser, TensorType &type) {
  SmallVector<StringAttr> dims;
  SMLoc loc = parser.getCurrentLocation();
  auto parseOne = [&]() -> ParseResult { return parseDim(parser, dims.emplace_back()); };
  if (*loc.getPointer() != '[')
    return parser.emitError(loc) << "expected dimensions in brackets, such as [B,T,H,P]";
  if (parseList(parser, AsmParser::Delimiter::Square, parseOne))
    return failure();
  bool io = succeeded(parser.parseOptionalKeyword("io"));
  type = parser.getChecked<TensorType>(loc, parser.getContext(), ArrayRef<StringAttr>(dims), io);
  return success(bool(type));
}

Type TensorType::parse(AsmParser &parser) {
  TensorType type;
  if (parser.parseLess() || parseShortType(parser, type) || parser.parseGreater())
    return {};
  return type;
}

void TensorType::print(AsmPrinter &printer) const { printer << '<' << getShortName() << '>'; }

//===--- Plans ---===//

LogicalResult AlgorithmAttr::verify(function_ref<InFlightDiagnostic()> emitError, Algorithm algorithm, int64_t chunk, int64_t heads,
                                    int64_t pblock, Type operand, Precision precision, int64_t stages, int64_t warps, bool associative,
                                    StringRef family, int64_t parts, int64_t pieces, int64_t persistent, int64_t teams, bool rebalance) {
  const std::tuple<StringRef, int64_t, int64_t, int64_t> numbers[] = {
      {"chunk", chunk, 0, MIXC_MAX_CHUNK},    {"heads", heads, 1, MIXC_MAX_SIZE},
      {"pblock", pblock, 0, MIXC_MAX_SIZE},   {"stages", stages, 1, MIXC_MAX_STAGES},
      {"warps", warps, 1, MIXC_MAX_WARPS},    {"parts", parts, 1, MIXC_MAX_PARTS},
      {"pieces", pieces, 1, MIXC_MAX_PIECES}, {"persistent", persistent, 0, MIXC_MAX_CHUNK},
      {"teams", teams, 0, MIXC_MAX_TEAMS}};
  for (auto [name, number, least, most] : numbers) // C1
    if (number < least || number > most)
      return emitError() << "expected " << name << " from " << least << " to " << most << ", got " << number;
  if (algorithm == Algorithm::Chunked && chunk == 0)
    return emitError() << "expected a chunk length, as in #mixer.algorithm<chunked, chunk = 64>";
  if (!operand.isF32() && !operand.isBF16() && !operand.isF16())
    return emitError() << "expected operand = f32, bf16 or f16, got " << operand;
  if (precision == Precision::TF32 && !operand.isF32()) // C2
    return emitError() << "expected precision = f32 with operands of " << operand << ", got tf32";
  if (precision == Precision::TF32 && algorithm == Algorithm::Scan) // C2
    return emitError() << "expected precision = f32 with the scan algorithm, which uses no matrix units, got tf32";
  if (associative && algorithm != Algorithm::Scan)
    return emitError() << "expected associative with the scan algorithm only, got " << stringifyAlgorithm(algorithm);
  if (algorithm != Algorithm::Chunked && (parts > 1 || pieces > 1 || teams > 0)) // C3
    return emitError() << "expected parts = 1, pieces = 1 and teams = 0 but for the chunked algorithm, got " << parts << ", " << pieces
                       << " and " << teams;
  if (algorithm != Algorithm::Chunked && !rebalance) // C3
    return emitError() << "expected rebalance = true but for the chunked algorithm, got false";
  return success();
}

static ParseResult parseBool(AsmParser &parser, StringRef key, bool &value) {
  SMLoc loc = parser.getCurrentLocation();
  StringRef word;
  if (parser.parseKeyword(&word))
    return failure();
  if (word != "true" && word != "false")
    return parser.emitError(loc) << "expected " << key << " = true or false, got " << word;
  value = word == "true";
  return success();
}

Attribute AlgorithmAttr::parse(AsmParser &parser, Type) {
  SMLoc loc = parser.getCurrentLocation();
  std::string name;
  if (parser.parseLess() || parser.parseKeywordOrString(&name))
    return {};
  auto algorithm = symbolizeAlgorithm(name);
  if (!algorithm) {
    parser.emitError(loc) << "expected quadratic, scan or chunked, got " << name;
    return {};
  }
  int64_t chunk = 0, heads = 1, pblock = 0, stages = 1, warps = 4, parts = 1, pieces = 1, persistent = 0, teams = 0;
  std::string family = "portable";
  Type operand = parser.getBuilder().getF32Type();
  bool associative = false, rebalance = true;
  Precision precision = Precision::F32;
  while (succeeded(parser.parseOptionalComma())) {
    SMLoc at = parser.getCurrentLocation();
    StringRef key;
    if (parser.parseKeyword(&key) || parser.parseEqual())
      return {};
    if (key == "operand") {
      if (parser.parseType(operand))
        return {};
    } else if (key == "family") {
      if (parser.parseKeywordOrString(&family))
        return {};
    } else if (key == "precision") {
      StringRef word;
      if (parser.parseKeyword(&word))
        return {};
      auto named = symbolizePrecision(word);
      if (!named) {
        parser.emitError(at) << "expected precision = f32 or tf32, got " << word;
        return {};
      }
      precision = *named;
    } else if (key == "associative" || key == "rebalance") {
      if (parseBool(parser, key, key == "associative" ? associative : rebalance))
        return {};
    } else {
      int64_t *field = llvm::StringSwitch<int64_t *>(key)
                           .Case("chunk", &chunk)
                           .Case("heads", &heads)
                           .Case("pblock", &pblock)
                           .Case("stages", &stages)
                           .Case("warps", &warps)
                           .Case("parts", &parts)
                           .Case("pieces", &pieces)
                           .Case("persistent", &persistent)
                           .Case("teams", &teams)
                           .Default(nullptr);
      if (!field) {
        parser.emitError(at) << "expected chunk, heads, pblock, operand, precision, stages, warps, associative, family, parts, pieces, "
                                "persistent, teams or rebalance, got "
                             << key;
        return {};
      }
      if (parser.parseInteger(*field))
        return {};
    }
  }
  if (parser.parseGreater())
    return {};
  return parser.getChecked<AlgorithmAttr>(loc, parser.getContext(), *algorithm, chunk, heads, pblock, operand, precision, stages, warps,
                                          associative, StringRef(family), parts, pieces, persistent, teams, rebalance);
}

void AlgorithmAttr::print(AsmPrinter &printer) const {
  printer << '<' << stringifyAlgorithm(getAlgorithm());
  auto number = [&](StringRef key, int64_t value, int64_t standard) {
    if (value != standard)
      printer << ", " << key << " = " << value;
  };
  number("chunk", getChunk(), 0);
  number("heads", getHeads(), 1);
  number("pblock", getPblock(), 0);
  if (!getOperand().isF32())
    printer << ", operand = " << getOperand();
  if (getPrecision() != Precision::F32)
    printer << ", precision = " << stringifyPrecision(getPrecision());
  number("stages", getStages(), 1);
  number("warps", getWarps(), 4);
  if (getAssociative())
    printer << ", associative = true";
  if (getFamily() != "portable") {
    printer << ", family = ";
    printer.printKeywordOrString(getFamily());
  }
  number("parts", getParts(), 1);
  number("pieces", getPieces(), 1);
  number("persistent", getPersistent(), 0);
  number("teams", getTeams(), 0);
  if (!getRebalance())
    printer << ", rebalance = false";
  printer << '>';
}

//===--- Numbers and dimensions ---===//

ParseResult parseUnsignedNumber(AsmParser &parser, double &value) {
  SMLoc loc = parser.getCurrentLocation();
  const char *begin = loc.getPointer();
  if (*begin < '0' || *begin > '9')
    return parser.emitError(loc) << "expected a number";
  const char *end = begin;
  auto digits = [&] {
    while (*end >= '0' && *end <= '9')
      ++end;
  };
  digits();
  if (*end == '.')
    ++end, digits();
  if (*end == 'e' || *end == 'E') {
    ++end;
    if (*end == '+' || *end == '-')
      ++end;
    digits();
  }
  // The lexer cuts 1e-10 into 1, e, -, 10: read the text, then step over its tokens.
  auto [last, problem] = std::from_chars(begin, end, value);
  if (last != end || llvm::isAlnum(*end) || *end == '_')
    return parser.emitError(loc) << "expected a decimal number";
  if (problem != std::errc() || value > std::numeric_limits<float>::max())
    return parser.emitError(loc) << "expected a number in f32's range, got " << StringRef(begin, end - begin);
  while (parser.getCurrentLocation().getPointer() < end) {
    const char *at = parser.getCurrentLocation().getPointer();
    StringRef word;
    APInt integer;
    double fraction;
    bool isFloat = *at >= '0' && *at <= '9' && StringRef(at, end - at).ltrim("0123456789").starts_with(".");
    if (succeeded(parser.parseOptionalMinus()) || succeeded(parser.parseOptionalPlus()) || succeeded(parser.parseOptionalKeyword(&word)))
      continue;
    if (isFloat ? failed(parser.parseFloat(fraction)) : !parser.parseOptionalInteger(integer).has_value())
      return parser.emitError(loc) << "expected a number";
  }
  return success();
}

ParseResult parseNumber(AsmParser &parser, double &value) {
  bool negative = succeeded(parser.parseOptionalMinus());
  if (succeeded(parser.parseOptionalKeyword("inf")))
    value = std::numeric_limits<double>::infinity();
  else if (parseUnsignedNumber(parser, value))
    return failure();
  if (negative)
    value = -value;
  return success();
}

std::string printNumber(const APFloat &value) {
  if (value.isInfinity())
    return value.isNegative() ? "-inf" : "inf";
  char text[32];
  auto end = std::to_chars(text, text + sizeof text, value.convertToFloat());
  return std::string(text, end.ptr);
}

ParseResult parseName(AsmParser &parser, StringRef what, StringRef &name) {
  SMLoc loc = parser.getCurrentLocation();
  if (failed(parser.parseOptionalKeyword(&name)))
    return parser.emitError(loc) << "expected " << what;
  return success();
}

ParseResult parseDim(AsmParser &parser, StringAttr &dim) {
  StringRef name;
  if (parseName(parser, "a dimension among " + listDims(kDims), name))
    return failure();
  dim = parser.getBuilder().getStringAttr(name);
  return success();
}

} // namespace mixc::mixer
