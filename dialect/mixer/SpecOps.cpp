// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// mixer.spec and mixer.return.

#include "Syntax.h"
#include "mixc/runtime/limits.h"
#include "mlir/IR/Builders.h"
#include "mlir/Interfaces/FunctionImplementation.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/ADT/TypeSwitch.h"
#include <numeric>

namespace mixc::mixer {
using namespace mlir;

//===--- SpecOp ---===//

StringRef SpecOp::getArgName(unsigned i) { return cast<StringAttr>(getArgNames()[i]).getValue(); }
StringRef SpecOp::getResultName(unsigned i) { return cast<StringAttr>(getResultNames()[i]).getValue(); }
TensorType SpecOp::getArgType(unsigned i) { return cast<TensorType>(getFunctionType().getInput(i)); }
TensorType SpecOp::getResultType(unsigned i) { return cast<TensorType>(getFunctionType().getResult(i)); }
Type SpecOp::getIoType() { return getIo().value_or(Type()); }
ReturnOp SpecOp::getReturn() { return cast<ReturnOp>(getBody()->getTerminator()); }

std::optional<int64_t> SpecOp::getSize(StringRef dim) {
  if (auto sizes = getSizes())
    if (auto size = sizes->getAs<IntegerAttr>(dim))
      return size.getInt();
  return std::nullopt;
}

int64_t SpecOp::getHeadsOfOneGroup() {
  int64_t heads = getSize("H").value_or(1), shared = heads;
  for (char letter : kGroupDims)
    shared = std::gcd(shared, heads / getSize(StringRef(&letter, 1)).value_or(1));
  return shared;
}

/// Whether the argument has B and no T and is what an op of the kind begins with: `beforeOf` gives an op's operand for that, null of
/// others.
static bool isTakenBefore(SpecOp spec, unsigned arg, function_ref<Value(Operation *)> beforeOf) {
  TensorType type = spec.getArgType(arg);
  if (!type.hasDim("B") || type.hasDim("T"))
    return false;
  // What takes a value from before the first token takes the argument itself, or what is made of it; then nothing else does.
  bool isTaken = false;
  SetVector<Value> dependent;
  dependent.insert(spec.getBody()->getArgument(arg));
  for (size_t i = 0; i < dependent.size(); ++i)
    for (OpOperand &use : dependent[i].getUses()) {
      Operation *user = use.getOwner();
      Value before = beforeOf(user);
      if (before == use.get() && i == 0)
        return true;
      if (before == use.get())
        isTaken = true;
      else if (isa<MapOp, SumOp>(user))
        dependent.insert(user->result_begin(), user->result_end());
      else
        return false;
    }
  return isTaken;
}

bool SpecOp::isInitialState(unsigned arg) {
  return isTakenBefore(*this, arg, [](Operation *op) {
    return TypeSwitch<Operation *, Value>(op)
        .Case<SemiseparableOp, RunningOp>([](auto op) { return op.getInit(); })
        .Case<PreviousOp, LastOp, ConvOp>([](auto op) { return op.getAfter(); })
        .Default(Value());
  });
}

bool SpecOp::isFinalState(unsigned result) {
  TensorType type = getResultType(result);
  return type.hasDim("B") && !type.hasDim("T");
}

bool SpecOp::isInitialStateOfRecurrence(unsigned arg) {
  return isTakenBefore(*this, arg, [](Operation *op) {
    auto recurrence = dyn_cast<SemiseparableOp>(op);
    return recurrence ? recurrence.getInit() : Value();
  });
}

bool SpecOp::isFinalStateOfRecurrence(unsigned result) {
  Value value = getReturn().getResults()[result];
  auto recurrence = value.getDefiningOp<SemiseparableOp>();
  return recurrence && value == recurrence.getState();
}

/// What `states` says of states of recurrences; else what the type says.
static Type elementType(SpecOp spec, TensorType type, bool isState) {
  if (isState && spec.getStates())
    return *spec.getStates();
  return type.getIo() ? spec.getIoType() : Type(Float32Type::get(spec.getContext()));
}

Type SpecOp::getArgElementType(unsigned i) { return elementType(*this, getArgType(i), isInitialStateOfRecurrence(i)); }
Type SpecOp::getResultElementType(unsigned i) { return elementType(*this, getResultType(i), isFinalStateOfRecurrence(i)); }

/// Also where an earlier result goes on from the same argument.
static std::optional<unsigned> goesOnFrom(SpecOp spec, unsigned result) {
  Value value = spec.getReturn().getResults()[result], before;
  if (auto last = value.getDefiningOp<LastOp>())
    before = last.getAfter();
  else if (auto running = value.getDefiningOp<RunningOp>(); running && value == running.getLast())
    before = running.getInit();
  auto argument = dyn_cast_or_null<BlockArgument>(before);
  if (!argument)
    return std::nullopt;
  const unsigned number = argument.getArgNumber();
  const bool isSame = spec.getArgType(number).getDims() == spec.getResultType(result).getDims() &&
                      spec.getArgElementType(number) == spec.getResultElementType(result);
  return isSame ? std::optional(number) : std::nullopt;
}

std::optional<unsigned> SpecOp::getHandedOn(unsigned result) {
  std::optional<unsigned> argument = goesOnFrom(*this, result);
  for (unsigned before = 0; argument && before < result; ++before)
    if (goesOnFrom(*this, before) == argument)
      return std::nullopt;
  return argument;
}

bool SpecOp::isStochasticState(unsigned result) {
  Value value = getReturn().getResults()[result];
  auto running = value.getDefiningOp<RunningOp>();
  Type element = getResultElementType(result);
  return getStochasticRounding() && element && element.getIntOrFloatBitWidth() == 16 &&
         (isFinalStateOfRecurrence(result) || (running && value == running.getLast()));
}

int64_t SpecOp::getUpdates() {
  auto ops = getBodyRegion().getOps<SemiseparableOp>();
  return llvm::any_of(ops, [](SemiseparableOp op) { return op.hasUpdates(); }) ? getSize("R").value_or(1) : 1;
}

bool SpecOp::isReadAlongP() {
  return llvm::any_of(getBodyRegion().getOps<SemiseparableOp>(), [](SemiseparableOp op) { return op.isReadAlongP(); });
}

void SpecOp::getAsmBlockArgumentNames(Region &region, OpAsmSetValueNameFn set) {
  for (auto [arg, name] : llvm::zip(region.getArguments(), getArgNames()))
    set(arg, cast<StringAttr>(name).getValue());
}

namespace {
/// One side of a spec's signature as it is parsed.
struct Signature {
  SmallVector<Attribute> names;
  SmallVector<Type> types;
  SmallVector<bool> optional;
};
} // namespace

/// `: [B,T,H,P] io optional` after the name of an argument or result; `optional io` as well.
static ParseResult parseSignatureEntry(OpAsmParser &parser, StringRef name, Signature &signature) {
  TensorType type;
  SMLoc loc = parser.getCurrentLocation();
  if (failed(parser.parseOptionalColon()))
    return parser.emitError(loc) << "expected : and dimensions after " << name << ", as in " << name << ": [B,T,H]";
  if (parseShortType(parser, type))
    return failure();
  bool isOptional = succeeded(parser.parseOptionalKeyword("optional"));
  if (isOptional && !type.getIo() && succeeded(parser.parseOptionalKeyword("io")))
    type = TensorType::get(parser.getContext(), type.getDims(), /*io=*/true);
  signature.names.push_back(parser.getBuilder().getStringAttr(name.drop_front()));
  signature.types.push_back(type);
  signature.optional.push_back(isOptional);
  loc = parser.getCurrentLocation();
  StringRef mark;
  if (failed(parser.parseOptionalKeyword(&mark)))
    return success();
  if (mark == "io" || mark == "optional")
    return parser.emitError(loc) << "expected " << mark << " once after the dimensions of " << name;
  return parser.emitError(loc) << "expected io or optional after the dimensions of " << name << ", got " << mark
                               << "; --dtype chooses the type of io tensors, all else is f32";
}

/// `attributes {...}`: those that a spec has, of the kind that it has.
static ParseResult parseSpecAttributes(OpAsmParser &parser, OperationState &state) {
  SMLoc loc = parser.getCurrentLocation();
  if (parser.parseOptionalAttrDictWithKeyword(state.attributes))
    return failure();
  auto isPlan = [](Attribute plan) { return isa<AlgorithmAttr>(plan); };
  for (NamedAttribute attribute : state.attributes) { // C8
    StringRef name = attribute.getName();
    Attribute value = attribute.getValue();
    auto expected = [&](StringRef what) -> ParseResult {
      return parser.emitError(loc) << "expected " << name << " = " << what << ", got " << value;
    };
    auto plans = dyn_cast<ArrayAttr>(value);
    if (name == "sizes" && !isa<DictionaryAttr>(value))
      return expected("{H = 24, ...}");
    if ((name == "io" || name == "states") && !isa<TypeAttr>(value))
      return expected("f32, bf16 or f16");
    if (name == "target" && !isa<TargetAttr>(value))
      return expected("#mixer.target<...>");
    if (name == "plans" && !(plans && llvm::all_of(plans, isPlan)))
      return expected("[#mixer.algorithm<...>, ...]");
    if ((name == "check_bounds" || name == "keep_states" || name == "stochastic_rounding") && !isa<UnitAttr>(value))
      return expected("nothing");
    if (name == "free" && !isa<StringAttr>(value))
      return expected("\"HG\" or other letters of heads");
    if (name == "bands" && !(isa<IntegerAttr>(value) && cast<IntegerAttr>(value).getType().isSignlessInteger(64)))
      return expected("a number");
  }
  return success();
}

/// A spec's ops end in mixer.return; the verifier would say so of regions and terminators.
static ParseResult checkReturn(Location spec, Region &body) {
  bool hasOps = !body.empty() && !body.front().empty();
  if (hasOps && isa<ReturnOp>(body.front().back()))
    return success();
  return emitError(hasOps ? body.front().back().getLoc() : spec) << "expected mixer.return with the results as the last op of a spec";
}

ParseResult SpecOp::parse(OpAsmParser &parser, OperationState &state) {
  Builder &builder = parser.getBuilder();
  auto &props = state.getOrAddProperties<Properties>();
  if (SpecScope *outer = SpecScope::get())
    return parser.emitError(parser.getNameLoc()) << "expected } before the next spec, at the end of @" << outer->getSpecName();
  SMLoc loc = parser.getCurrentLocation();
  if (*loc.getPointer() != '@')
    return parser.emitError(loc) << "expected the spec's name after mixer.spec, such as @mamba2";
  if (parser.parseSymbolName(props.sym_name))
    return failure();

  Signature args, results;
  llvm::StringSet<> seen;
  auto isNew = [&](const OpAsmParser::UnresolvedOperand &named) -> ParseResult { // C2
    if (seen.insert(named.name).second)
      return success();
    return parser.emitError(named.location) << "expected different names for all arguments and results, got " << named.name << " twice";
  };
  SmallVector<OpAsmParser::Argument> entry;
  auto parseArg = [&]() -> ParseResult {
    OpAsmParser::Argument arg;
    if (expectValue(parser) || parser.parseArgument(arg) || isNew(arg.ssaName) || parseSignatureEntry(parser, arg.ssaName.name, args))
      return failure();
    arg.type = args.types.back();
    entry.push_back(arg);
    return success();
  };
  auto parseResult = [&]() -> ParseResult {
    OpAsmParser::UnresolvedOperand result;
    return failure(expectValue(parser) || parser.parseOperand(result, /*allowResultNumber=*/false) || isNew(result) ||
                   parseSignatureEntry(parser, result.name, results));
  };
  if (parseList(parser, AsmParser::Delimiter::Paren, parseArg))
    return failure();
  loc = parser.getCurrentLocation();
  if (failed(parser.parseOptionalArrow()) || *parser.getCurrentLocation().getPointer() != '(')
    return parser.emitError(loc) << "expected -> and the results in parentheses after the arguments, as in -> (%y: [B,T,H,P])";
  if (parseList(parser, AsmParser::Delimiter::Paren, parseResult) || parseSpecAttributes(parser, state))
    return failure();
  loc = parser.getCurrentLocation();
  if (*loc.getPointer() != '{')
    return parser.emitError(loc) << "expected { before the ops of @" << props.sym_name.getValue();

  props.function_type = TypeAttr::get(builder.getFunctionType(args.types, results.types));
  props.arg_names = builder.getArrayAttr(args.names);
  props.result_names = builder.getArrayAttr(results.names);
  props.arg_optional = builder.getDenseBoolArrayAttr(args.optional);
  props.result_optional = builder.getDenseBoolArrayAttr(results.optional);

  SpecScope scope(props.sym_name.getValue());
  for (auto &arg : entry)
    scope.note(arg.ssaName.name.drop_front(), arg.ssaName.number, {arg.type, arg.ssaName.location});
  Region *body = state.addRegion();
  return failure(parser.parseRegion(*body, entry) || checkReturn(state.location, *body));
}

void SpecOp::print(OpAsmPrinter &printer) {
  printer << ' ';
  printer.printSymbolName(getSymName());
  auto entry = [&](TensorType type, bool optional) { printer << ": " << type.getShortName() << (optional ? " optional" : ""); };
  printer << '(';
  llvm::interleaveComma(getBody()->getArguments(), printer, [&](BlockArgument arg) {
    printer << arg;
    entry(getArgType(arg.getArgNumber()), isArgOptional(arg.getArgNumber()));
  });
  printer << ") -> (";
  llvm::interleaveComma(llvm::seq(getNumOutputs()), printer, [&](unsigned i) {
    printer << '%' << getResultName(i);
    entry(getResultType(i), isResultOptional(i));
  });
  printer << ')';
  printer.printOptionalAttrDictWithKeyword((*this)->getAttrs(),
                                           {getSymNameAttrName(), getFunctionTypeAttrName(), getArgNamesAttrName(),
                                            getResultNamesAttrName(), getArgOptionalAttrName(), getResultOptionalAttrName()});
  printer << ' ';
  printer.printRegion(getBodyRegion(), /*printEntryBlockArgs=*/false);
}

static bool isCIdentifier(StringRef name) {
  return !name.empty() && !llvm::isDigit(name.front()) && llvm::all_of(name, [](char c) { return llvm::isAlnum(c) || c == '_'; });
}

static LogicalResult verifySizes(SpecOp op, DictionaryAttr sizes) {
  for (NamedAttribute size : sizes) { // C4
    StringRef dim = size.getName();
    auto value = dyn_cast<IntegerAttr>(size.getValue());
    if (dim.size() != 1 || !kBoundDims.contains(dim))
      return op.emitOpError() << "expected sizes of " << listDims(kBoundDims) << ", got " << dim;
    if (!value || value.getValue().getSignificantBits() > 32 || value.getInt() < 1 || value.getInt() > MIXC_MAX_SIZE)
      return op.emitOpError() << "expected a size from 1 to " << MIXC_MAX_SIZE << " for " << dim << ", got " << size.getValue();
  }
  for (char letter : kGroupDims) { // C4
    StringRef dim(&letter, 1);
    auto heads = op.getSize("H"), groups = op.getSize(dim);
    if (heads && groups && *heads % *groups)
      return op.emitOpError() << "expected " << dim << " to divide H, got " << dim << " = " << *groups << " and H = " << *heads;
  }
  return success();
}

static LogicalResult verifyFree(SpecOp op) {
  if (op.getFree().has_value() != op.getBands().has_value() || (op.getBands() && int64_t(*op.getBands()) < 1)) // C9
    return op.emitOpError() << "expected free together with bands of at least 1";
  if (!op.getFree())
    return success();
  const StringRef free = *op.getFree();
  if (!free.starts_with("H")) // C9
    return op.emitOpError() << "expected free to begin with H, got " << op.getFreeAttr();
  for (char letter : free) // C9
    if (StringRef dim(&letter, 1); !isHeadDim(dim) || !op.getSize(dim))
      return op.emitOpError() << "expected free dimensions among " << listDims("H" + kGroupDims.str()) << " with a size, got " << dim;
  for (char letter : kGroupDims) // C9
    if (StringRef dim(&letter, 1); !op.isFree(dim) && op.getSize(dim).value_or(1) != 1)
      return op.emitOpError() << "expected " << dim << " = 1, which all heads share, or " << dim << " in free, got " << dim << " = "
                              << *op.getSize(dim);
  return success();
}

LogicalResult SpecOp::verify() {
  auto args = getFunctionType().getInputs(), results = getFunctionType().getResults();
  if (getArgNames().size() != args.size() || getArgOptional().size() != args.size() || // C1
      getResultNames().size() != results.size() || getResultOptional().size() != results.size())
    return emitOpError() << "expected a name and an optional mark for each of " << args.size() << " arguments and " << results.size()
                         << " results";
  if (!llvm::equal(getBodyRegion().getArgumentTypes(), args)) // C1
    return emitOpError() << "expected block arguments of the argument types";
  if (!isCIdentifier(getSymName())) // C2
    return emitOpError() << "expected a name of letters, digits and _, got " << getSymNameAttr();
  llvm::StringSet<> seen;
  for (Attribute attr : llvm::concat<const Attribute>(getArgNames().getValue(), getResultNames().getValue())) { // C2
    StringRef name = cast<StringAttr>(attr).getValue();
    if (!isCIdentifier(name))
      return emitOpError() << "expected argument and result names of letters, digits and _, got " << name;
    if (!seen.insert(name).second)
      return emitOpError() << "expected different names for all arguments and results, got " << name << " twice";
  }
  for (Type type : llvm::concat<const Type>(args, results)) // C3
    if (!isa<TensorType>(type))
      return emitOpError() << "expected arguments and results of mixer tensor type, got " << type;
  if (auto sizes = getSizes())
    if (failed(verifySizes(*this, *sizes)))
      return failure();
  if (failed(verifyFree(*this)))
    return failure();
  for (auto [name, bound] : {std::pair("io", getIo()), std::pair("states", getStates())}) // C5
    if (bound && !bound->isF32() && !bound->isBF16() && !bound->isF16())
      return emitOpError() << "expected " << name << " = f32, bf16 or f16, got " << *bound;
  if (getPlans() && getPlans()->empty()) // C8
    return emitOpError() << "expected plans = [#mixer.algorithm<...>, ...] with at least one plan, or no plans for mixc to choose";
  for (NamedAttribute other : (*this)->getDiscardableAttrs()) // C8
    if (!other.getName().getValue().contains('.'))
      return emitOpError() << "expected attributes among sizes, io, plans and target, got " << other.getName().getValue();
  return success();
}

LogicalResult SpecOp::verifyRegions() {
  for (Operation &op : *getBody()) // C6
    if (op.getDialect() != (*this)->getDialect())
      return op.emitOpError() << "expected mixer ops in a spec; elementwise work goes into a mixer.map";
  if (int64_t ops = countOps(getBodyRegion()); ops > kMostOps) // C7
    return emitOpError() << "expected at most " << kMostOps << " ops besides constants, got " << ops;
  return success();
}

//===--- ReturnOp ---===//

ParseResult ReturnOp::parse(OpAsmParser &parser, OperationState &state) {
  if (parser.parseOptionalAttrDict(state.attributes))
    return failure();
  const char *next = parser.getCurrentLocation().getPointer();
  const StringRef word = StringRef(next, strcspn(next, " \t\r\n,.}(")); // loc(...) may follow, and ops, which is an error
  if (*next != '%' && (word.empty() || word == "loc" || next[word.size()] == '.' || !llvm::isAlpha(*next)))
    return success();
  if (parser.parseCommaSeparatedList([&] { return parseOperand(parser, state.operands); }))
    return failure();
  SMLoc loc = parser.getCurrentLocation();
  if (*loc.getPointer() != '%')
    return success();
  // An op of the next line, or a value of this one.
  const char *before = loc.getPointer();
  while (llvm::isSpace(before[-1]) && before[-1] != '\n')
    --before;
  if (before[-1] == '\n')
    return success();
  return parser.emitError(loc) << "expected a comma before " << StringRef(loc.getPointer(), strcspn(loc.getPointer(), " \t\r\n,}"));
}

void ReturnOp::print(OpAsmPrinter &printer) {
  printer.printOptionalAttrDict((*this)->getAttrs());
  if (getNumOperands())
    printer << ' ';
  llvm::interleaveComma(getOperands(), printer, [&](Value value) { printOperand(printer, *this, value); });
}

LogicalResult ReturnOp::verify() {
  auto spec = cast<SpecOp>((*this)->getParentOp());
  if (getNumOperands() != spec.getNumOutputs()) // C1
    return emitOpError() << "expected " << spec.getNumOutputs() << " operands, one for each result of @" << spec.getSymName() << ", got "
                         << getNumOperands();
  for (auto [i, value] : llvm::enumerate(getOperands())) { // C2
    auto type = cast<TensorType>(value.getType()), declared = spec.getResultType(i);
    if (!type.hasSameDims(declared))
      return emitOpError() << "expected the dimensions " << declared.getShortName() << " of result " << spec.getResultName(i)
                           << " in any order, got " << type.getShortName();
  }
  return success();
}

} // namespace mixc::mixer
