#include "text/template/unassigned.h"

namespace mlxa::jinja {

namespace {

class UnassignedFinder {
 public:
  explicit UnassignedFinder(std::set<std::string> names) : names_(std::move(names)) {}

  std::set<std::string> find(const Body& body) {
    visit(body);
    return found_;
  }

 private:
  void load(const Expr& expr) {
    if (expr.kind == ExprKind::kName && names_.count(expr.text) > 0) found_.insert(expr.text);
    for_children(expr, [this](const Expr& child) { load(child); });
  }

  void store(const Expr& target) {
    if (target.kind == ExprKind::kName) names_.erase(target.text);
    if (target.kind != ExprKind::kTuple) return;
    for (const ExprPtr& item : target.items) store(*item);
  }

  void visit(const Body& body) {
    for (const StmtPtr& stmt : body) visit(*stmt);
  }

  void visit(const Stmt& stmt) {
    bool set = stmt.kind == StmtKind::kSet;
    if (!set && stmt.target && stmt.kind != StmtKind::kMacro) store(*stmt.target);
    for (const ExprPtr& target : stmt.targets) store(*target);
    if (set) store(*stmt.target);
    if (stmt.kind == StmtKind::kFilterBlock) visit(stmt.bodies[0]);
    if (stmt.kind == StmtKind::kIf) return visit_if(stmt);
    for (const ExprPtr& expr : stmt.exprs) load(*expr);
    if (stmt.macro) {
      for (const ExprPtr& target : stmt.macro->targets) store(*target);
      for (const ExprPtr& expr : stmt.macro->defaults) load(*expr);
    }
    if (stmt.kind != StmtKind::kFilterBlock) {
      for (const Body& body : stmt.bodies) visit(body);
    }
    if (stmt.test) load(*stmt.test);
  }

  void visit_if(const Stmt& stmt) {
    for (size_t i = 0; i < stmt.bodies.size(); i++) {
      if (i < stmt.exprs.size()) load(*stmt.exprs[i]);
      visit(stmt.bodies[i]);
    }
  }

  std::set<std::string> names_;
  std::set<std::string> found_;
};

}  // namespace

std::set<std::string> unassigned_names(const Body& body, std::set<std::string> names) {
  return UnassignedFinder(std::move(names)).find(body);
}

}  // namespace mlxa::jinja
