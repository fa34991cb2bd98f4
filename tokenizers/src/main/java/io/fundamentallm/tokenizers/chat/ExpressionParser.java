package io.fundamentallm.tokenizers.chat;

import io.fundamentallm.tokenizers.chat.Token.Kind;
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

  /** One expression, or a tuple of some between commas. */
  Expression tuple(boolean withCondition) {
    Expression first = withCondition ? expression() : or();
    if (!tokens.isOperator(",")) {
      return first;
    }
    List<Expression> items = new ArrayList<>(List.of(first));
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

  Expression expression() {
    Expression value = or();
    while (tokens.isName("if")) {
      int line = tokens.next().line();
      Expression condition = or();
      Expression then = value;
      Expression otherwise =
          tokens.skipName("else")
              ? expression()
              : scope -> new Undefined("the inline if of line " + line + " has no else");
      value =
          step(
              scope ->
                  Values.isTrue(condition.evaluate(scope))
                      ? then.evaluate(scope)
                      : otherwise.evaluate(scope));
    }
    return value;
  }

  Expression or() {
    Expression left = and();
    while (tokens.skipName("or")) {
      Expression first = left;
      Expression second = and();
      left =
          step(
              scope -> {
                Object value = first.evaluate(scope);
                return Values.isTrue(value) ? value : second.evaluate(scope);
              });
    }
    return left;
  }

  private Expression and() {
    Expression left = not();
    while (tokens.skipName("and")) {
      Expression first = left;
      Expression second = not();
      left =
          step(
              scope -> {
                Object value = first.evaluate(scope);
                return Values.isTrue(value) ? second.evaluate(scope) : value;
              });
    }
    return left;
  }

  private Expression not() {
    if (tokens.skipName("not")) {
      Expression negated = not();
      return step(scope -> !Values.isTrue(negated.evaluate(scope)));
    }
    return comparison();
  }

  /** {@code a < b < c} holds if both comparisons do, and looks at c only if the first does. */
  private Expression comparison() {
    int line = tokens.current().line();
    Expression first = sum();
    List<String> operators = new ArrayList<>();
    List<Expression> operands = new ArrayList<>();
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
    Token token = tokens.current();
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

  private Expression sum() {
    Expression left = concatenation();
    while (tokens.isOperator("+") || tokens.isOperator("-")) {
      left = arithmetic(tokens.next(), left, concatenation());
    }
    return left;
  }

  private Expression concatenation() {
    Expression left = product();
    while (tokens.isOperator("~")) {
      int line = tokens.next().line();
      Expression first = left;
      Expression second = product();
      left =
          located(
              line,
              scope -> {
                MarkedText start = Printed.str(first.evaluate(scope), scope.budget());
                MarkedText end = Printed.str(second.evaluate(scope), scope.budget());
                return start.plus(end, scope.budget());
              });
    }
    return left;
  }

  private Expression product() {
    Expression left = power();
    while (tokens.isOperator("*")
        || tokens.isOperator("/")
        || tokens.isOperator("//")
        || tokens.isOperator("%")) {
      left = arithmetic(tokens.next(), left, power());
    }
    return left;
  }

  private Expression power() {
    Expression left = unary(true);
    while (tokens.isOperator("**")) {
      left = arithmetic(tokens.next(), left, unary(true));
    }
    return left;
  }

  private static Expression arithmetic(Token operator, Expression left, Expression right) {
    return located(
        operator.line(),
        scope -> {
          Object first = left.evaluate(scope);
          return Operators.arithmetic(
              operator.value(), first, right.evaluate(scope), scope.budget());
        });
  }

  private Expression unary(boolean withFilters) {
    Expression value;
    if (tokens.isOperator("-") || tokens.isOperator("+")) {
      Token sign = tokens.next();
      Expression operand = unary(false);
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
  Expression filters(Expression value) {
    return primaries.filters(value);
  }

  Expression filter(Expression value) {
    return primaries.filter(value);
  }

  /** Pays for a step that makes nothing. */
  private static Expression step(Expression expression) {
    return scope -> {
      scope.budget().spend(1);
      return expression.evaluate(scope);
    };
  }

  /** Pays for a step and its result, and gives errors their line. */
  static Expression located(int line, Expression expression) {
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
