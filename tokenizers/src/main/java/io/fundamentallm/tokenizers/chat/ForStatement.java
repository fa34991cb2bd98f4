package io.fundamentallm.tokenizers.chat;

import io.fundamentallm.tokenizers.chat.value.MarkedTextBuilder;
import io.fundamentallm.tokenizers.chat.value.TemplateBudget;
import io.fundamentallm.tokenizers.chat.value.Values;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A loop.
 *
 * @param condition which items to take, or null for all
 * @param elseBody what to do if there are none
 */
record ForStatement(
    Target target,
    TemplateExpression items,
    @Nullable TemplateExpression condition,
    List<Statement> body,
    List<Statement> elseBody)
    implements Statement {

  @Override
  public Flow execute(Scope scope, MarkedTextBuilder out) {
    List<Object> taken = taken(scope);
    if (taken.isEmpty()) {
      return Statement.all(elseBody, scope.inner(), out);
    }
    Loop loop = new Loop(taken);
    for (int i = 0; i < taken.size(); i++) {
      loop.moveTo(i);
      scope.budget().spend(TemplateBudget.ITERATION);
      Scope inner = scope.inner();
      inner.set("loop", loop);
      target.set(inner, taken.get(i));
      if (Statement.all(body, inner, out) == Flow.BREAK) {
        break;
      }
    }
    return Flow.NEXT;
  }

  private List<Object> taken(Scope scope) {
    List<Object> all = Values.items(items.evaluate(scope), scope.budget());
    if (condition == null) {
      return all;
    }
    List<Object> taken = new ArrayList<>();
    for (Object item : all) {
      scope.budget().spend(TemplateBudget.ITERATION);
      Scope inner = scope.inner();
      target.set(inner, item);
      if (Values.isTrue(condition.evaluate(inner))) {
        taken.add(item);
      }
    }
    return taken;
  }
}
