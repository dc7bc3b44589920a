// The reference compiles a template to functions with local variables. Which variable a name means
// is decided before anything runs, in two passes over each block: the first collects what the
// block (not the blocks inside of it) loads and stores, the second gives names their slots and
// enters the inner blocks. A block's own variable starts unset if the block stores it before
// anything else, as a copy if a block around has one of that name, else from the context.
#include "text/template/resolver.h"

#include <algorithm>
#include <map>

#include "text/template/filters.h"
#include "text/template/unassigned.h"

namespace mlxa::jinja {

namespace {

// A function of the compiled template: blocks on one level share slots by name.
struct Function {
  int depth = 0;
  std::map<std::pair<int, std::string>, uint32_t> slots;

  uint32_t slot(int level, const std::string& name) {
    auto added = slots.emplace(std::pair(level, name), static_cast<uint32_t>(slots.size()));
    return added.first->second;
  }
};

// The variables of one block.
class Symbols {
 public:
  Symbols(const Symbols* parent, Function& function)
      : parent_(parent), function_(function), level_(parent ? parent->level_ + 1 : 0) {}

  Function& function() const { return function_; }

  uint32_t declare_parameter(const std::string& name) {
    loads_.erase(name);
    return define(name);
  }

  void load(const std::string& name) {
    if (!find(name)) loads_[name] = {Load::Kind::kResolve, define(name), {}, name};
  }

  void store(const std::string& name, bool in_branch) {
    if (own_.count(name) > 0) return;
    auto outer = parent_ ? parent_->find(name) : std::nullopt;
    uint32_t index = define(name);
    if (outer) {
      loads_[name] = {Load::Kind::kAlias, index, slot_from(*outer), name};
    } else {
      loads_[name] = {in_branch ? Load::Kind::kResolve : Load::Kind::kUnset, index, {}, name};
    }
  }

  Slot slot(const std::string& name) {
    load(name);
    return slot_from(*find(name));
  }

  Scope scope() const {
    Scope scope;
    for (const auto& [name, load] : loads_) scope.loads.push_back(load);
    for (const auto& [name, index] : own_) scope.slots.push_back(index);
    return scope;
  }

 private:
  struct Place {
    const Function* function;
    uint32_t index;
  };

  uint32_t define(const std::string& name) {
    uint32_t index = function_.slot(level_, name);
    own_[name] = index;
    return index;
  }

  std::optional<Place> find(const std::string& name) const {
    for (const Symbols* symbols = this; symbols; symbols = symbols->parent_) {
      auto found = symbols->own_.find(name);
      if (found != symbols->own_.end()) return Place{&symbols->function_, found->second};
    }
    return std::nullopt;
  }

  Slot slot_from(const Place& place) const {
    return {static_cast<uint32_t>(function_.depth - place.function->depth), place.index};
  }

  const Symbols* parent_;
  Function& function_;
  int level_;
  std::map<std::string, uint32_t> own_;
  std::map<std::string, Load> loads_;
};

// The first pass.
class Collector {
 public:
  explicit Collector(Symbols& symbols) : symbols_(symbols) {}

  void visit(const Body& body) {
    for (const StmtPtr& stmt : body) visit(*stmt);
  }

  void load(const Expr& expr) {
    if (expr.kind == ExprKind::kName) symbols_.load(expr.text);
    for_children(expr, [this](const Expr& child) { load(child); });
  }

  void parameters(const Expr& target) {
    if (target.kind == ExprKind::kName) symbols_.declare_parameter(target.text);
    for (const ExprPtr& item : target.items) parameters(*item);
  }

 private:
  void store(const Expr& target) {
    if (target.kind == ExprKind::kName) {
      symbols_.store(target.text, branches_ > 0);
    } else if (target.kind == ExprKind::kMember) {
      load(*target.items[0]);
    } else {
      for (const ExprPtr& item : target.items) store(*item);
    }
  }

  void visit(const Stmt& stmt) {
    switch (stmt.kind) {
      case StmtKind::kIf:
        load(*stmt.exprs[0]);
        branches_++;
        for (size_t i = 0; i < stmt.bodies.size(); i++) {
          if (i > 0 && i < stmt.exprs.size()) load(*stmt.exprs[i]);
          visit(stmt.bodies[i]);
        }
        branches_--;
        break;
      case StmtKind::kMacro:
      case StmtKind::kSetBlock:
        store(*stmt.target);
        break;
      default:
        for (const ExprPtr& expr : stmt.exprs) load(*expr);
        if (stmt.kind == StmtKind::kSet) store(*stmt.target);
    }
  }

  Symbols& symbols_;
  int branches_ = 0;
};

// The second pass.
class Resolver {
 public:
  void run(Template& tree) {
    Function function;
    Symbols symbols(nullptr, function);
    Collector(symbols).visit(tree.body);
    resolve(tree.body, {&symbols, true, false});
    tree.scope = symbols.scope();
    tree.function.slot_count = static_cast<uint32_t>(function.slots.size());
  }

 private:
  struct Frame {
    Symbols* symbols;
    bool top_level;  // assignments also go to the context
    bool soft;       // inside of an if: unknown filters fail when reached
  };

  void resolve(Body& body, const Frame& frame) {
    for (StmtPtr& stmt : body) resolve(*stmt, frame);
  }

  void resolve(Expr& expr, const Frame& frame) {
    if (expr.kind == ExprKind::kName) {
      expr.slot = frame.symbols->slot(expr.text);
      expr.exported = frame.top_level;
    }
    if (expr.kind == ExprKind::kFilter) {
      expr.filter = find_filter(expr.text);
      if (!expr.filter && !frame.soft) unknown("filter", expr);
    }
    if (expr.kind == ExprKind::kTest) {
      expr.test = find_test(expr.text);
      if (!expr.test && !frame.soft) unknown("test", expr);
    }
    Frame inner = frame;
    inner.soft = frame.soft || expr.kind == ExprKind::kCond;
    for_children(expr, [&](Expr& child) { resolve(child, inner); });
  }

  [[noreturn]] static void unknown(const std::string& what, const Expr& expr) {
    throw Failure(FailureKind::kSyntax, "No " + what + " named " + quote(expr.text) + ".",
                  expr.line);
  }

  void resolve(Stmt& stmt, const Frame& frame) {
    switch (stmt.kind) {
      case StmtKind::kFor:
        return resolve_for(stmt, frame);
      case StmtKind::kMacro:
      case StmtKind::kCallBlock:
      case StmtKind::kGeneration:
        return resolve_macro(stmt, frame);
      case StmtKind::kFilterBlock:
      case StmtKind::kSetBlock:
      case StmtKind::kWith:
        return resolve_block(stmt, frame);
      case StmtKind::kIf: {
        Frame soft = frame;
        soft.soft = true;
        for (ExprPtr& expr : stmt.exprs) resolve(*expr, soft);
        for (Body& body : stmt.bodies) resolve(body, soft);
        return;
      }
      default:
        for (ExprPtr& expr : stmt.exprs) resolve(*expr, frame);
        if (stmt.target) resolve(*stmt.target, frame);
    }
  }

  void resolve_block(Stmt& stmt, const Frame& frame) {
    Symbols symbols(frame.symbols, frame.symbols->function());
    Frame inner{&symbols, false, false};
    Collector collector(symbols);
    for (const ExprPtr& target : stmt.targets) collector.parameters(*target);
    collector.visit(stmt.bodies[0]);
    if (stmt.kind == StmtKind::kFilterBlock) collector.load(*stmt.exprs[0]);
    for (ExprPtr& target : stmt.targets) resolve(*target, inner);
    const Frame& exprs_frame = stmt.kind == StmtKind::kWith ? frame : inner;
    for (ExprPtr& expr : stmt.exprs) resolve(*expr, exprs_frame);
    if (stmt.target) resolve(*stmt.target, frame);
    resolve(stmt.bodies[0], inner);
    stmt.scope = symbols.scope();
  }

  void resolve_for(Stmt& stmt, const Frame& frame) {
    for (ExprPtr& expr : stmt.exprs) resolve(*expr, frame);
    if (stmt.test) resolve_loop_test(stmt, frame);
    Function own{frame.symbols->function().depth + 1, {}};
    Function& function = stmt.recursive ? own : frame.symbols->function();
    Symbols symbols(frame.symbols, function);
    stmt.has_loop_variable = stmt.recursive || !unassigned_names(stmt.bodies[0], {"loop"}).empty();
    if (stmt.has_loop_variable) stmt.loop.index = symbols.declare_parameter("loop");
    Collector collector(symbols);
    collector.parameters(*stmt.target);
    collector.visit(stmt.bodies[0]);
    Frame inner{&symbols, false, false};
    resolve(*stmt.target, inner);
    resolve(stmt.bodies[0], inner);
    stmt.scope = symbols.scope();
    if (stmt.bodies.size() > 1) {
      Symbols else_symbols(frame.symbols, function);
      Collector(else_symbols).visit(stmt.bodies[1]);
      resolve(stmt.bodies[1], {&else_symbols, false, false});
      stmt.else_scope = else_symbols.scope();
    }
    stmt.function.slot_count = static_cast<uint32_t>(own.slots.size());
  }

  void resolve_loop_test(Stmt& stmt, const Frame& frame) {
    Function function{frame.symbols->function().depth + 1, {}};
    Symbols symbols(frame.symbols, function);
    Collector collector(symbols);
    collector.parameters(*stmt.target);
    collector.load(*stmt.test);
    Frame inner{&symbols, false, false};
    stmt.test_target = copy_target(*stmt.target);
    resolve(*stmt.test_target, inner);
    resolve(*stmt.test, inner);
    stmt.test_scope = symbols.scope();
    stmt.test_function.slot_count = static_cast<uint32_t>(function.slots.size());
  }

  static ExprPtr copy_target(const Expr& target) {
    auto copy = std::make_unique<Expr>();
    copy->kind = target.kind;
    copy->line = target.line;
    copy->text = target.text;
    for (const ExprPtr& item : target.items) copy->items.push_back(copy_target(*item));
    return copy;
  }

  void resolve_macro(Stmt& stmt, const Frame& frame) {
    MacroInfo& macro = *stmt.macro;
    for (ExprPtr& expr : stmt.exprs) resolve(*expr, frame);
    Function function{frame.symbols->function().depth + 1, {}};
    Symbols symbols(frame.symbols, function);
    Collector collector(symbols);
    for (const ExprPtr& target : macro.targets) collector.parameters(*target);
    for (const ExprPtr& value : macro.defaults) collector.load(*value);
    collector.visit(stmt.bodies[0]);
    declare_specials(stmt, symbols);
    Frame inner{&symbols, false, false};
    for (ExprPtr& target : macro.targets) resolve(*target, inner);
    for (ExprPtr& value : macro.defaults) resolve(*value, inner);
    resolve(stmt.bodies[0], inner);
    if (stmt.target) resolve(*stmt.target, frame);
    macro.scope = symbols.scope();
    macro.function.slot_count = static_cast<uint32_t>(function.slots.size());
  }

  // caller, kwargs and varargs are parameters of macros that read them.
  static void declare_specials(Stmt& stmt, Symbols& symbols) {
    MacroInfo& macro = *stmt.macro;
    auto read = unassigned_names(stmt.bodies[0], {"caller", "kwargs", "varargs"});
    auto parameter = [&macro](const char* name) {
      return std::find(macro.parameters.begin(), macro.parameters.end(), name);
    };
    auto special = [&](const char* name, bool& takes, Slot& slot) {
      takes = read.count(name) > 0 && parameter(name) == macro.parameters.end();
      if (takes) slot.index = symbols.declare_parameter(name);
    };
    auto caller = parameter("caller");
    if (caller != macro.parameters.end() && read.count("caller") > 0) {
      auto required = macro.parameters.size() - macro.defaults.size();
      if (static_cast<size_t>(caller - macro.parameters.begin()) < required) {
        throw Failure(FailureKind::kSyntax,
                      "When defining macros or call blocks the special \"caller\" argument must be "
                      "omitted or be given a default.",
                      stmt.line);
      }
    }
    special("caller", macro.takes_caller, macro.caller);
    special("kwargs", macro.takes_kwargs, macro.kwargs);
    special("varargs", macro.takes_varargs, macro.varargs);
  }
};

}  // namespace

void resolve_names(Template& tree) { Resolver().run(tree); }

}  // namespace mlxa::jinja
