package io.fundamentallm.tokenizers.chat;

import io.fundamentallm.tokenizers.chat.value.TemplateBudget;
import io.fundamentallm.tokenizers.chat.value.Undefined;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Variables. What a loop's body sets is lost after the iteration, as in Jinja. */
final class Scope {
  private final @Nullable Scope outer;
  private final TemplateBudget budget;
  private final Map<String, Object> variables = new HashMap<>();

  private Scope(@Nullable Scope outer, TemplateBudget budget) {
    this.outer = outer;
    this.budget = budget;
  }

  static Scope outermost(TemplateBudget budget) {
    return new Scope(null, budget);
  }

  Scope inner() {
    return new Scope(this, budget);
  }

  TemplateBudget budget() {
    return budget;
  }

  Object get(String name) {
    for (Scope scope = this; scope != null; scope = scope.outer) {
      budget.spend(1);
      Object value = scope.variables.get(name);
      if (value != null) {
        return value;
      }
    }
    return Undefined.name(name);
  }

  void set(String name, Object value) {
    variables.put(name, value);
  }
}
