package io.fundamentallm.tokenizers.chat;

import io.fundamentallm.tokenizers.chat.TemplateToken.Kind;
import io.fundamentallm.tokenizers.chat.value.MarkedText;
import io.fundamentallm.tokenizers.chat.value.Operators;
import io.fundamentallm.tokenizers.chat.value.PythonFormat;
import io.fundamentallm.tokenizers.chat.value.PythonList;
import io.fundamentallm.tokenizers.chat.value.TemplateException;
import io.fundamentallm.tokenizers.chat.value.Undefined;
import io.fundamentallm.tokenizers.chat.value.Values;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads expressions, by the grammar and precedences of {@code jinja2/parser.py}. */
final class ExpressionParser {
  private static final Set<String> COMPARISONS = Set.of("==", "!=", "<", "<=", ">", ">=");

  private final TokenStream tokens;
  private final PrimaryParser primaries;

  ExpressionParser(TokenStream tokens) {
    this.tokens = tokens;
    primaries = new PrimaryParser(tokens, this);
  }

  /** One expression, or a tuple of several separated by commas. */
  TemplateExpression tuple(boolean withCondition) {
    TemplateExpression first = withCondition ? expression() : or();
    if (!tokens.isOperator(",")) {
      return first;
    }
    List<TemplateExpression> items = new ArrayList<>(List.of(first));
    while (tokens.skipOperator(",") && !isTupleEnd()) {
      items.add(withCondition ? expression() : or());
    }
    return scope -> PythonList.tuple(PrimaryParser.evaluateAll(items, scope));
  }

  private boolean isTupleEnd() {
    Kind kind = tokens.current().kind();
    return kind == Kind.VARIABLE_END
        || kind == Kind.BLOCK_END
        || tokens.isOperator(")")
        || tokens.isName("recursive");
  }

  TemplateExpression expression() {
    TemplateExpression value = or();
    while (tokens.isName("if")) {
      int line = tokens.next().line();
      TemplateExpression condition = or();
      TemplateExpression then = value;
      TemplateExpression elseValue =
          tokens.skipName("else")
              ? expression()
              : scope -> new Undefined("the inline if of line " + line + " has no else");
      value =
          step(
              scope ->
                  Values.isTrue(condition.evaluate(scope))
                      ? then.evaluate(scope)
                      : elseValue.evaluate(scope));
    }
    return value;
  }

  TemplateExpression or() {
    TemplateExpression left = and();
    while (tokens.skipName("or")) {
      TemplateExpression first = left;
      TemplateExpression second = and();
      left =
          step(
              scope -> {
                Object value = first.evaluate(scope);
                return Values.isTrue(value) ? value : second.evaluate(scope);
              });
    }
    return left;
  }

  private TemplateExpression and() {
    TemplateExpression left = not();
    while (tokens.skipName("and")) {
      TemplateExpression first = left;
      TemplateExpression second = not();
      left =
          step(
              scope -> {
                Object value = first.evaluate(scope);
                return Values.isTrue(value) ? second.evaluate(scope) : value;
              });
    }
    return left;
  }

  private TemplateExpression not() {
    if (tokens.skipName("not")) {
      TemplateExpression negated = not();
      return step(scope -> !Values.isTrue(negated.evaluate(scope)));
    }
    return comparison();
  }

  /** {@code a < b < c} holds if both comparisons do, and looks at c only if the first does. */
  private TemplateExpression comparison() {
    int line = tokens.current().line();
    TemplateExpression first = sum();
    List<String> operators = new ArrayList<>();
    List<TemplateExpression> operands = new ArrayList<>();
    for (String operator = comparisonOperator();
        operator != null;
        operator = comparisonOperator()) {
      operators.add(operator);
      operands.add(sum());
    }
    if (operators.isEmpty()) {
      return first;
    }
    return located(
        line,
        scope -> {
          Object left = first.evaluate(scope);
          for (int i = 0; i < operators.size(); i++) {
            scope.budget().spend(1);
            Object right = operands.get(i).evaluate(scope);
            if (!Operators.holds(operators.get(i), left, right, scope.budget())) {
              return false;
            }
            left = right;
          }
          return true;
        });
  }

  private @Nullable String comparisonOperator() {
    TemplateToken token = tokens.current();
    if (token.kind() == Kind.OPERATOR && COMPARISONS.contains(token.value())) {
      return tokens.next().value();
    } else if (tokens.skipName("in")) {
      return "in";
    } else if (tokens.isName("not") && tokens.after().is(Kind.NAME, "in")) {
      tokens.next();
      tokens.next();
      return "not in";
    }
    return null;
  }

  private TemplateExpression sum() {
    TemplateExpression left = concatenation();
    while (tokens.isOperator("+") || tokens.isOperator("-")) {
      left = arithmetic(tokens.next(), left, concatenation());
    }
    return left;
  }

  private TemplateExpression concatenation() {
    TemplateExpression left = product();
    while (tokens.isOperator("~")) {
      int line = tokens.next().line();
      TemplateExpression first = left;
      TemplateExpression second = product();
      left =
          located(
              line,
              scope -> {
                MarkedText start = PythonFormat.str(first.evaluate(scope), scope.budget());
                MarkedText end = PythonFormat.str(second.evaluate(scope), scope.budget());
                return start.plus(end, scope.budget());
              });
    }
    return left;
  }

  private TemplateExpression product() {
    TemplateExpression left = power();
    while (tokens.isOperator("*")
        || tokens.isOperator("/")
        || tokens.isOperator("//")
        || tokens.isOperator("%")) {
      left = arithmetic(tokens.next(), left, power());
    }
    return left;
  }

  private TemplateExpression power() {
    TemplateExpression left = unary(true);
    while (tokens.isOperator("**")) {
      left = arithmetic(tokens.next(), left, unary(true));
    }
    return left;
  }

  private static TemplateExpression arithmetic(
      TemplateToken operator, TemplateExpression left, TemplateExpression right) {
    return located(
        operator.line(),
        scope -> {
          Object first = left.evaluate(scope);
          return Operators.arithmetic(
              operator.value(), first, right.evaluate(scope), scope.budget());
        });
  }

  private TemplateExpression unary(boolean withFilters) {
    TemplateExpression value;
    if (tokens.isOperator("-") || tokens.isOperator("+")) {
      TemplateToken sign = tokens.next();
      TemplateExpression operand = unary(false);
      value =
          located(
              sign.line(),
              scope ->
                  sign.value().equals("-")
                      ? Operators.negative(operand.evaluate(scope))
                      : Operators.positive(operand.evaluate(scope)));
    } else {
      value = primaries.primary();
    }
    value = primaries.postfix(value);
    return withFilters ? primaries.filtersAndTests(value) : value;
  }

  /** The filters of a block, on what the block wrote. */
  TemplateExpression filters(TemplateExpression value) {
    return primaries.filters(value);
  }

  TemplateExpression filter(TemplateExpression value) {
    return primaries.filter(value);
  }

  /** Pays for a step that creates nothing. */
  private static TemplateExpression step(TemplateExpression expression) {
    return scope -> {
      scope.budget().spend(1);
      return expression.evaluate(scope);
    };
  }

  /** Pays for a step and its result, and gives errors their line. */
  static TemplateExpression located(int line, TemplateExpression expression) {
    return scope -> {
      try {
        Object value = expression.evaluate(scope);
        scope.budget().spendFor(value);
        return value;
      } catch (TemplateException e) {
        throw e.at(line);
      }
    };
  }
}
