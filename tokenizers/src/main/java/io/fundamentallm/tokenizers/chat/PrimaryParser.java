package io.fundamentallm.tokenizers.chat;

import static io.fundamentallm.tokenizers.chat.ExpressionParser.located;

import io.fundamentallm.tokenizers.chat.TemplateToken.Kind;
import io.fundamentallm.tokenizers.chat.value.Callable;
import io.fundamentallm.tokenizers.chat.value.MarkedText;
import io.fundamentallm.tokenizers.chat.value.None;
import io.fundamentallm.tokenizers.chat.value.PythonList;
import io.fundamentallm.tokenizers.chat.value.Slice;
import io.fundamentallm.tokenizers.chat.value.TemplateBudget;
import io.fundamentallm.tokenizers.chat.value.TemplateException;
import io.fundamentallm.tokenizers.chat.value.Values;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads names and literals, and what follows them: subscripts, calls, filters and tests. */
final class PrimaryParser {
  private final TokenStream tokens;
  private final ExpressionParser expressions;

  PrimaryParser(TokenStream tokens, ExpressionParser expressions) {
    this.tokens = tokens;
    this.expressions = expressions;
  }

  TemplateExpression primary() {
    TemplateToken token = tokens.current();
    return switch (token.kind()) {
      case NAME -> name(tokens.next().value());
      case STRING -> strings();
      case INTEGER -> constant(integer(tokens.next()));
      case FLOAT -> constant(Double.valueOf(tokens.next().value()));
      case OPERATOR -> bracketed(token);
      default -> throw tokens.unexpected();
    };
  }

  /** Strings in a row are one. */
  private TemplateExpression strings() {
    StringBuilder text = new StringBuilder();
    while (tokens.current().kind() == Kind.STRING) {
      text.append(tokens.next().value());
    }
    return constant(MarkedText.of(text.toString()));
  }

  private static TemplateExpression constant(Object value) {
    return scope -> value;
  }

  private static TemplateExpression name(String name) {
    return switch (name) {
      case "true", "True" -> constant(true);
      case "false", "False" -> constant(false);
      case "none", "None" -> constant(None.NONE);
      default -> scope -> scope.get(name);
    };
  }

  private static Long integer(TemplateToken token) {
    try {
      return Long.valueOf(token.value());
    } catch (NumberFormatException e) {
      throw TemplateException.at(token.line(), "number out of range: " + token.value());
    }
  }

  private TemplateExpression bracketed(TemplateToken token) {
    return switch (token.value()) {
      case "(" -> parenthesised();
      case "[" -> list();
      case "{" -> dict();
      default -> throw tokens.unexpected();
    };
  }

  private TemplateExpression parenthesised() {
    tokens.next();
    TemplateExpression inner =
        tokens.isOperator(")") ? constant(PythonList.tuple(List.of())) : expressions.tuple(true);
    tokens.expectOperator(")");
    return inner;
  }

  private TemplateExpression list() {
    tokens.next();
    List<TemplateExpression> items = new ArrayList<>();
    while (!tokens.isOperator("]")) {
      items.add(expressions.expression());
      if (!tokens.isOperator("]")) {
        tokens.expectOperator(",");
      }
    }
    tokens.next();
    return scope -> PythonList.list(evaluateAll(items, scope));
  }

  private TemplateExpression dict() {
    tokens.next();
    List<TemplateExpression> keys = new ArrayList<>();
    List<TemplateExpression> values = new ArrayList<>();
    while (!tokens.isOperator("}")) {
      keys.add(expressions.expression());
      tokens.expectOperator(":");
      values.add(expressions.expression());
      if (!tokens.isOperator("}")) {
        tokens.expectOperator(",");
      }
    }
    tokens.next();
    return scope -> {
      Map<Object, Object> entries = new LinkedHashMap<>();
      scope.budget().spend((long) TemplateBudget.ENTRY * keys.size());
      for (int i = 0; i < keys.size(); i++) {
        Object key = Values.key(keys.get(i).evaluate(scope), scope.budget());
        entries.put(key, values.get(i).evaluate(scope));
      }
      return entries;
    };
  }

  static List<Object> evaluateAll(List<TemplateExpression> items, Scope scope) {
    scope.budget().spend(items.size());
    List<Object> values = new ArrayList<>(items.size());
    for (TemplateExpression item : items) {
      values.add(item.evaluate(scope));
    }
    return values;
  }

  TemplateExpression postfix(TemplateExpression start) {
    TemplateExpression value = start;
    while (true) {
      if (tokens.isOperator(".")) {
        value = dotted(value);
      } else if (tokens.isOperator("[")) {
        value = subscripted(value);
      } else if (tokens.isOperator("(")) {
        value = called(value);
      } else {
        return value;
      }
    }
  }

  private TemplateExpression dotted(TemplateExpression value) {
    TemplateToken dot = tokens.next();
    if (tokens.current().kind() == Kind.INTEGER) {
      Long index = integer(tokens.next());
      return located(
          dot.line(), scope -> Subscripts.item(value.evaluate(scope), index, scope.budget()));
    }
    String name = tokens.expect(Kind.NAME).value();
    return located(
        dot.line(), scope -> Subscripts.attribute(value.evaluate(scope), name, scope.budget()));
  }

  private TemplateExpression subscripted(TemplateExpression value) {
    TemplateToken bracket = tokens.next();
    TemplateExpression index = tokens.isOperator(":") ? slice(null) : expressions.expression();
    if (tokens.isOperator(":")) {
      index = slice(index);
    }
    tokens.expectOperator("]");
    TemplateExpression given = index;
    return located(
        bracket.line(),
        scope -> {
          Object container = value.evaluate(scope);
          return Subscripts.item(container, given.evaluate(scope), scope.budget());
        });
  }

  private TemplateExpression slice(@Nullable TemplateExpression start) {
    tokens.expectOperator(":");
    TemplateExpression stop = bound();
    TemplateExpression step = tokens.skipOperator(":") ? bound() : null;
    return scope -> new Slice(index(start, scope), index(stop, scope), index(step, scope));
  }

  private @Nullable TemplateExpression bound() {
    return tokens.isOperator(":") || tokens.isOperator("]") ? null : expressions.expression();
  }

  private static @Nullable Long index(@Nullable TemplateExpression bound, Scope scope) {
    Object value = bound == null ? None.NONE : bound.evaluate(scope);
    return value == None.NONE ? null : (Long) Values.integer(value);
  }

  private TemplateExpression called(TemplateExpression function) {
    int line = tokens.current().line();
    CallArguments arguments = callArguments();
    return located(
        line,
        scope -> {
          Object callee = function.evaluate(scope);
          if (callee instanceof Callable callable) {
            return callable.call(arguments.evaluate(scope));
          }
          throw Values.wrongType("a function", callee);
        });
  }

  private CallArguments callArguments() {
    tokens.expectOperator("(");
    List<TemplateExpression> positional = new ArrayList<>();
    Map<String, TemplateExpression> named = new LinkedHashMap<>();
    while (!tokens.isOperator(")")) {
      if (tokens.current().kind() == Kind.NAME && tokens.after().is(Kind.OPERATOR, "=")) {
        String name = tokens.next().value();
        tokens.next();
        named.put(name, expressions.expression());
      } else if (named.isEmpty()) {
        positional.add(expressions.expression());
      } else {
        throw tokens.unexpected();
      }
      if (!tokens.isOperator(")")) {
        tokens.expectOperator(",");
      }
    }
    tokens.next();
    return new CallArguments(positional, named);
  }

  TemplateExpression filtersAndTests(TemplateExpression start) {
    TemplateExpression value = start;
    while (true) {
      if (tokens.isOperator("|")) {
        value = filters(value);
      } else if (tokens.isName("is")) {
        value = test(value);
      } else if (tokens.isOperator("(")) {
        value = called(value);
      } else {
        return value;
      }
    }
  }

  TemplateExpression filters(TemplateExpression start) {
    TemplateExpression value = start;
    while (tokens.skipOperator("|")) {
      value = filter(value);
    }
    return value;
  }

  /** One filter, whose bar has already been read. */
  TemplateExpression filter(TemplateExpression value) {
    TemplateToken name = tokens.expect(Kind.NAME);
    CallArguments arguments = tokens.isOperator("(") ? callArguments() : CallArguments.NONE;
    return located(
        name.line(),
        scope -> {
          Object filtered = value.evaluate(scope);
          return Filters.apply(name.value(), filtered, arguments.evaluate(scope));
        });
  }

  private TemplateExpression test(TemplateExpression value) {
    int line = tokens.next().line();
    boolean negated = tokens.skipName("not");
    String name = tokens.expect(Kind.NAME).value();
    CallArguments arguments = CallArguments.NONE;
    if (tokens.isOperator("(")) {
      arguments = callArguments();
    } else if (tokens.isName("is")) {
      throw TemplateException.at(line, "tests with 'is' cannot be chained");
    } else if (startsOperand()) {
      arguments = new CallArguments(List.of(postfix(primary())), Map.of());
    }
    CallArguments given = arguments;
    return located(
        line,
        scope -> {
          Object tested = value.evaluate(scope);
          return Tests.holds(name, tested, given.evaluate(scope)) != negated;
        });
  }

  private boolean startsOperand() {
    TemplateToken token = tokens.current();
    return switch (token.kind()) {
      case STRING, INTEGER, FLOAT -> true;
      case OPERATOR -> token.value().equals("[") || token.value().equals("{");
      case NAME -> !List.of("else", "or", "and").contains(token.value());
      default -> false;
    };
  }
}
