package io.fundamentallm.tokenizers.chat.value;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Python's operators on what templates can hold. */
public final class Operators {
  private Operators() {}

  public static Object arithmetic(String operator, Object a, Object b, TemplateBudget budget) {
    if (operator.equals("+") && a instanceof MarkedText left && b instanceof MarkedText right) {
      return left.plus(right, budget);
    } else if (operator.equals("+")
        && a instanceof PythonList left
        && b instanceof PythonList right
        && left.isTuple() == right.isTuple()) {
      budget.spend((long) left.size() + right.size());
      List<Object> items = new ArrayList<>(left);
      items.addAll(right);
      return left.like(items);
    } else if (operator.equals("*") && isSequence(a) && isInteger(b)) {
      return repeat(a, Values.integer(b), budget);
    } else if (operator.equals("*") && isInteger(a) && isSequence(b)) {
      return repeat(b, Values.integer(a), budget);
    } else if (operator.equals("%") && a instanceof MarkedText format) {
      return PercentFormat.format(format, b, budget);
    } else if (!Values.isNumber(a) || !Values.isNumber(b)) {
      throw unsupported(operator, a, b);
    }
    try {
      return isDecimal(a) || isDecimal(b) || operator.equals("/")
          ? decimals(operator, Values.decimal(a), Values.decimal(b))
          : integers(operator, Values.integer(a), Values.integer(b));
    } catch (ArithmeticException e) {
      throw new TemplateException("arithmetic: " + e.getMessage());
    }
  }

  private static boolean isSequence(Object value) {
    return value instanceof MarkedText || value instanceof PythonList;
  }

  /** Whether arithmetic with it is that of floats; templates only print integers that long. */
  private static boolean isDecimal(Object value) {
    return value instanceof Double || value instanceof BigInteger;
  }

  private static boolean isInteger(Object value) {
    return value instanceof Long || value instanceof Boolean;
  }

  private static Object integers(String operator, long a, long b) {
    return switch (operator) {
      case "+" -> Math.addExact(a, b);
      case "-" -> Math.subtractExact(a, b);
      case "*" -> Math.multiplyExact(a, b);
      case "//" -> Math.floorDiv(a, b);
      case "%" -> Math.floorMod(a, b);
      default -> b < 0 ? (Object) Math.pow((double) a, (double) b) : (Object) power(a, b);
    };
  }

  private static long power(long base, long exponent) {
    if (base >= -1 && base <= 1) {
      return (base == -1 && exponent % 2 == 0) || exponent == 0 ? 1 : base;
    }
    long result = 1;
    for (long i = 0; i < exponent; i++) {
      result = Math.multiplyExact(result, base);
    }
    return result;
  }

  private static Object decimals(String operator, double a, double b) {
    if (b == 0 && "//%".contains(operator)) {
      throw new ArithmeticException("division by zero");
    }
    return switch (operator) {
      case "+" -> a + b;
      case "-" -> a - b;
      case "*" -> a * b;
      case "/" -> a / b;
      case "//" -> Math.floor(a / b);
      case "%" -> a - b * Math.floor(a / b);
      default -> Math.pow(a, b);
    };
  }

  private static Object repeat(Object value, long given, TemplateBudget budget) {
    long times = Math.max(0, given);
    if (value instanceof MarkedText text) {
      MarkedTextBuilder out = new MarkedTextBuilder(budget);
      for (long i = 0; i < times && !text.isEmpty(); i++) {
        out.append(text);
      }
      return out.build();
    }
    PythonList list = (PythonList) value;
    List<Object> items = new ArrayList<>();
    for (long i = 0; i < times && !list.isEmpty(); i++) {
      if (items.size() > PythonList.LONGEST) {
        break; // refused below
      }
      budget.spend(list.size());
      items.addAll(list);
    }
    return list.like(items);
  }

  private static TemplateException unsupported(String operator, Object a, Object b) {
    for (Object operand : List.of(a, b)) {
      if (operand instanceof Undefined undefined) {
        return undefined.refusal();
      }
    }
    return new TemplateException(
        "'" + operator + "' between '" + Values.type(a) + "' and '" + Values.type(b) + "'");
  }

  public static Object negative(Object value) {
    if (value instanceof Double number) {
      return -number;
    } else if (value instanceof BigInteger number) {
      return Values.whole(number.negate());
    }
    return Math.negateExact(Values.integer(value));
  }

  public static Object positive(Object value) {
    return value instanceof Double || value instanceof BigInteger
        ? value
        : (Object) Values.integer(value);
  }

  public static boolean holds(String operator, Object a, Object b, TemplateBudget budget) {
    return switch (operator) {
      case "==" -> Values.equal(a, b, budget);
      case "!=" -> !Values.equal(a, b, budget);
      case "in" -> contains(b, a, budget);
      case "not in" -> !contains(b, a, budget);
      default -> ordered(operator, a, b, budget);
    };
  }

  private static boolean ordered(String operator, Object a, Object b, TemplateBudget budget) {
    if (a instanceof Undefined || b instanceof Undefined) {
      throw unsupported(operator, a, b);
    }
    int order = Values.compare(a, b, budget);
    return switch (operator) {
      case "<" -> order < 0;
      case "<=" -> order <= 0;
      case ">" -> order > 0;
      default -> order >= 0;
    };
  }

  public static boolean contains(Object container, Object item, TemplateBudget budget) {
    if (container instanceof MarkedText text) {
      MarkedText part = Values.text(item);
      budget.spendSearch(text, part);
      return text.text().contains(part.text());
    } else if (container instanceof PythonList list) {
      return list.stream().anyMatch(candidate -> Values.equal(candidate, item, budget));
    } else if (container instanceof Map<?, ?> map) {
      return map.containsKey(Values.key(item, budget));
    } else if (container instanceof Undefined) {
      return false;
    }
    throw new TemplateException("'" + Values.type(container) + "' contains nothing");
  }
}
