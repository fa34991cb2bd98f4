package io.fundamentallm.tokenizers.chat;

import io.fundamentallm.tokenizers.chat.Statement.Flow;
import io.fundamentallm.tokenizers.chat.TemplateToken.Kind;
import io.fundamentallm.tokenizers.chat.value.MarkedText;
import io.fundamentallm.tokenizers.chat.value.PythonFormat;
import io.fundamentallm.tokenizers.chat.value.TemplateException;
import io.fundamentallm.tokenizers.chat.value.Values;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Reads the template's text and its blocks. */
final class StatementParser {
  private final TokenStream tokens;
  private final ExpressionParser expressions;
  private int loops; // around the current statement

  private StatementParser(TokenStream tokens) {
    this.tokens = tokens;
    expressions = new ExpressionParser(tokens);
  }

  static List<Statement> parse(String template) {
    StatementParser parser = new StatementParser(new TokenStream(Lexer.tokens(template)));
    List<Statement> body = parser.until(Set.of());
    parser.tokens.expect(Kind.END);
    return body;
  }

  /** Statements up to the tag with one of these names; reads its beginning and name too. */
  private List<Statement> until(Set<String> ends) {
    List<Statement> body = new ArrayList<>();
    while (tokens.current().kind() != Kind.END) {
      TemplateToken token = tokens.next();
      if (token.kind() == Kind.DATA) {
        body.add(data(MarkedText.of(token.value())));
      } else if (token.kind() == Kind.VARIABLE_BEGIN) {
        body.add(located(token.line(), print(expressions.tuple(true))));
        tokens.expect(Kind.VARIABLE_END);
      } else {
        TemplateToken name = tokens.current();
        if (name.kind() == Kind.NAME && ends.contains(name.value())) {
          return body;
        }
        body.add(located(token.line(), block()));
      }
    }
    if (!ends.isEmpty()) {
      throw TemplateException.at(
          tokens.current().line(), "unexpected end of template, expected " + expected(ends));
    }
    return body;
  }

  private static Statement data(MarkedText text) {
    return (scope, out) -> {
      out.append(text);
      return Flow.NEXT;
    };
  }

  private static String expected(Set<String> ends) {
    return ends.stream().sorted().map(end -> "'" + end + "'").collect(Collectors.joining(" or "));
  }

  /** A body between the end of this tag and the tag with that name. */
  private List<Statement> body(String end) {
    List<Statement> body = body(Set.of(end));
    tokens.next();
    tokens.expect(Kind.BLOCK_END);
    return body;
  }

  /** A body that no jump leaves. */
  private List<Statement> closedBody(String end) {
    int around = loops;
    loops = 0;
    List<Statement> body = body(end);
    loops = around;
    return body;
  }

  private List<Statement> body(Set<String> ends) {
    tokens.skipOperator(":");
    tokens.expect(Kind.BLOCK_END);
    return until(ends);
  }

  private static Statement print(TemplateExpression expression) {
    return (scope, out) -> {
      out.append(PythonFormat.str(expression.evaluate(scope), scope.budget()));
      return Flow.NEXT;
    };
  }

  private static Statement located(int line, Statement statement) {
    return (scope, out) -> {
      try {
        return statement.execute(scope, out);
      } catch (TemplateException e) {
        throw e.at(line);
      }
    };
  }

  private Statement block() {
    TemplateToken name = tokens.expect(Kind.NAME);
    return switch (name.value()) {
      case "if" -> condition();
      case "for" -> loop();
      case "set" -> set();
      case "macro" -> macro();
      case "with" -> with();
      case "filter" -> filter();
      case "generation" -> generation();
      case "break" -> jump(name, Flow.BREAK);
      case "continue" -> jump(name, Flow.CONTINUE);
      default -> throw TemplateException.at(name.line(), "unknown tag '" + name.value() + "'");
    };
  }

  private Statement jump(TemplateToken name, Flow flow) {
    if (loops == 0) {
      throw TemplateException.at(name.line(), "'" + name.value() + "' outside a loop");
    }
    tokens.expect(Kind.BLOCK_END);
    return (scope, out) -> flow;
  }

  private Statement condition() {
    TemplateExpression condition = expressions.tuple(false);
    List<Statement> then = body(Set.of("elif", "else", "endif"));
    List<Statement> elseBody =
        switch (tokens.next().value()) {
          case "elif" -> List.of(condition());
          case "else" -> body("endif");
          default -> {
            tokens.expect(Kind.BLOCK_END);
            yield List.of();
          }
        };
    return (scope, out) ->
        Statement.all(Values.isTrue(condition.evaluate(scope)) ? then : elseBody, scope, out);
  }

  private Statement loop() {
    Target target = target(false);
    tokens.expectName("in");
    TemplateExpression items = expressions.tuple(false);
    TemplateExpression condition = tokens.skipName("if") ? expressions.expression() : null;
    if (tokens.isName("recursive")) {
      throw TemplateException.at(tokens.current().line(), "recursive loops are not supported");
    }
    loops++;
    List<Statement> body = body(Set.of("else", "endfor"));
    loops--;
    boolean hasElse = tokens.next().value().equals("else");
    List<Statement> elseBody = List.of();
    if (hasElse) {
      elseBody = body("endfor");
    } else {
      tokens.expect(Kind.BLOCK_END);
    }
    return new ForStatement(target, items, condition, body, elseBody);
  }

  private Target target(boolean withNamespace) {
    List<Target> targets = new ArrayList<>();
    boolean parentheses = tokens.skipOperator("(");
    boolean tuple = false;
    do {
      if (!targets.isEmpty() && tokens.current().kind() != Kind.NAME) {
        break;
      }
      targets.add(oneTarget(withNamespace));
      tuple |= tokens.isOperator(",");
    } while (tokens.skipOperator(","));
    if (parentheses) {
      tokens.expectOperator(")");
    }
    return tuple ? Target.unpacked(targets) : targets.get(0);
  }

  private Target oneTarget(boolean withNamespace) {
    TemplateToken name = tokens.expect(Kind.NAME);
    if (withNamespace && tokens.skipOperator(".")) {
      return Target.attribute(name.value(), tokens.expect(Kind.NAME).value());
    }
    if (Set.of("true", "false", "none", "True", "False", "None").contains(name.value())) {
      throw TemplateException.at(name.line(), "cannot assign to '" + name.value() + "'");
    }
    return (scope, value) -> scope.set(name.value(), value);
  }

  private Statement set() {
    Target target = target(true);
    if (tokens.skipOperator("=")) {
      TemplateExpression value = expressions.tuple(true);
      tokens.expect(Kind.BLOCK_END);
      return (scope, out) -> {
        target.set(scope, value.evaluate(scope));
        return Flow.NEXT;
      };
    }
    Captured captured = new Captured();
    TemplateExpression filtered = expressions.filters(captured);
    captured.body = closedBody("endset");
    return (scope, out) -> {
      target.set(scope, filtered.evaluate(scope));
      return Flow.NEXT;
    };
  }

  /** What a body writes; known only after the filters on it are read. */
  private static final class Captured implements TemplateExpression {
    private List<Statement> body = List.of();

    @Override
    public Object evaluate(Scope scope) {
      return Statement.captured(body, scope.inner());
    }
  }

  private Statement filter() {
    Captured captured = new Captured();
    TemplateExpression filtered = expressions.filters(expressions.filter(captured));
    captured.body = closedBody("endfilter");
    return print(filtered);
  }

  private Statement macro() {
    String name = tokens.expect(Kind.NAME).value();
    tokens.expectOperator("(");
    List<Macro.Parameter> parameters = new ArrayList<>();
    while (!tokens.isOperator(")")) {
      String parameter = tokens.expect(Kind.NAME).value();
      @Nullable TemplateExpression defaultValue =
          tokens.skipOperator("=") ? expressions.expression() : null;
      parameters.add(new Macro.Parameter(parameter, defaultValue));
      if (!tokens.isOperator(")")) {
        tokens.expectOperator(",");
      }
    }
    tokens.next();
    List<Statement> body = closedBody("endmacro");
    return (scope, out) -> {
      scope.set(name, new Macro(name, parameters, body, scope));
      return Flow.NEXT;
    };
  }

  private Statement with() {
    List<Target> targets = new ArrayList<>();
    List<TemplateExpression> values = new ArrayList<>();
    while (tokens.current().kind() != Kind.BLOCK_END) {
      if (!targets.isEmpty()) {
        tokens.expectOperator(",");
      }
      targets.add(oneTarget(false));
      tokens.expectOperator("=");
      values.add(expressions.expression());
    }
    List<Statement> body = body("endwith");
    return (scope, out) -> {
      Scope inner = scope.inner();
      for (int i = 0; i < targets.size(); i++) {
        targets.get(i).set(inner, values.get(i).evaluate(scope));
      }
      return Statement.all(body, inner, out);
    };
  }

  /** Marks what an assistant says, for training with Hugging Face; writes its body. */
  private Statement generation() {
    List<Statement> body = closedBody("endgeneration");
    return (scope, out) -> {
      int begin = out.length();
      Flow flow = Statement.all(body, scope.inner(), out);
      out.markGenerated(begin);
      return flow;
    };
  }
}
