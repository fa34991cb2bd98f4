package io.fundamentallm.tokenizers.chat;

import io.fundamentallm.tokenizers.chat.value.MarkedText;
import io.fundamentallm.tokenizers.chat.value.MarkedTextBuilder;
import io.fundamentallm.tokenizers.chat.value.TemplateBudget;
import java.util.List;

/** Something that writes, sets or repeats. */
@FunctionalInterface
interface Statement {
  /** Where to continue. */
  enum Flow {
    NEXT,
    BREAK,
    CONTINUE
  }

  Flow execute(Scope scope, MarkedTextBuilder out);

  /** Executes one after another, up to a break or continue. */
  static Flow all(List<Statement> body, Scope scope, MarkedTextBuilder out) {
    for (Statement statement : body) {
      scope.budget().spend(TemplateBudget.STATEMENT);
      Flow flow = statement.execute(scope, out);
      if (flow != Flow.NEXT) {
        return flow;
      }
    }
    return Flow.NEXT;
  }

  /** What a body writes, with its own variables. */
  static MarkedText captured(List<Statement> body, Scope scope) {
    MarkedTextBuilder out = new MarkedTextBuilder(scope.budget());
    all(body, scope, out);
    return out.build();
  }
}
