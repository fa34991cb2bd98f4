package io.fundamentallm.tokenizers.chat.value;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * How Python treats a value. Strings are {@link MarkedText}, integers {@link Long}, or {@link
 * BigInteger} beyond its range, floats {@link Double}, then {@link Boolean}, {@link None}, {@link
 * PythonList}, {@link Map} and {@link Undefined}; a template cannot reach any other Java object.
 */
public final class Values {
  private Values() {}

  /** The name of its type. */
  public static String type(Object value) {
    if (value instanceof MarkedText) {
      return "str";
    } else if (isInteger(value)) {
      return "int";
    } else if (value instanceof Double) {
      return "float";
    } else if (value instanceof Boolean) {
      return "bool";
    } else if (value instanceof PythonList list) {
      return list.isTuple() ? "tuple" : "list";
    } else if (value instanceof Map) {
      return "dict";
    } else if (value == None.NONE) {
      return "NoneType";
    }
    return value.getClass().getSimpleName();
  }

  public static boolean isTrue(Object value) {
    if (value instanceof Boolean truth) {
      return truth;
    } else if (value instanceof MarkedText text) {
      return !text.isEmpty();
    } else if (value instanceof Long number) {
      return number != 0;
    } else if (value instanceof Double number) {
      return number != 0;
    } else if (value instanceof PythonList list) {
      return !list.isEmpty();
    } else if (value instanceof Map<?, ?> map) {
      return !map.isEmpty();
    }
    // a BigInteger is never 0
    return value != None.NONE && !(value instanceof Undefined);
  }

  public static boolean equal(Object a, Object b, TemplateBudget budget) {
    budget.spend(1);
    if (a instanceof PythonList left && b instanceof PythonList right) {
      if (left.isTuple() != right.isTuple() || left.size() != right.size()) {
        return false;
      }
      for (int i = 0; i < left.size(); i++) {
        if (!equal(left.get(i), right.get(i), budget)) {
          return false;
        }
      }
      return true;
    } else if (a instanceof Map<?, ?> left && b instanceof Map<?, ?> right) {
      if (left.size() != right.size()) {
        return false;
      }
      for (Map.Entry<?, ?> entry : left.entrySet()) {
        Object other = right.get(key(Objects.requireNonNull(entry.getKey()), budget));
        if (other == null || !equal(Objects.requireNonNull(entry.getValue()), other, budget)) {
          return false;
        }
      }
      return true;
    } else if (isNumber(a) && isNumber(b)) {
      return compareNumbers(a, b) == 0;
    } else if (a instanceof MarkedText left && b instanceof MarkedText right) {
      budget.spend(left.length() == right.length() ? left.length() : 0);
      return left.equals(right);
    }
    return a instanceof Undefined ? b instanceof Undefined : a.equals(b);
  }

  /** The order of numbers, or of strings by code points. */
  public static int compare(Object a, Object b, TemplateBudget budget) {
    budget.spend(1);
    if (isNumber(a) && isNumber(b)) {
      return compareNumbers(a, b);
    } else if (a instanceof MarkedText left && b instanceof MarkedText right) {
      budget.spend(Math.min(left.length(), right.length()));
      return compareCodePoints(left.text(), right.text());
    } else if (a instanceof PythonList left && b instanceof PythonList right) {
      for (int i = 0; i < Math.min(left.size(), right.size()); i++) {
        if (!equal(left.get(i), right.get(i), budget)) {
          return compare(left.get(i), right.get(i), budget);
        }
      }
      return Integer.compare(left.size(), right.size());
    }
    throw new TemplateException("no order between '" + type(a) + "' and '" + type(b) + "'");
  }

  private static int compareNumbers(Object a, Object b) {
    if (a instanceof Double || b instanceof Double) {
      double left = decimal(a);
      double right = decimal(b);
      return left == right ? 0 : left < right ? -1 : 1;
    }
    return a instanceof BigInteger || b instanceof BigInteger
        ? big(a).compareTo(big(b))
        : Long.compare(integer(a), integer(b));
  }

  private static BigInteger big(Object value) {
    return value instanceof BigInteger number ? number : BigInteger.valueOf(integer(value));
  }

  private static int compareCodePoints(String a, String b) {
    for (int i = 0; i < Math.min(a.length(), b.length()); i++) {
      char left = a.charAt(i);
      char right = b.charAt(i);
      if (left != right) {
        // surrogates encode what comes after all other characters
        boolean leftHigh = Character.isSurrogate(left);
        return leftHigh == Character.isSurrogate(right)
            ? Character.compare(left, right)
            : leftHigh ? 1 : -1;
      }
    }
    return Integer.compare(a.length(), b.length());
  }

  public static boolean isNumber(Object value) {
    return isInteger(value) || value instanceof Double || value instanceof Boolean;
  }

  /** Whether it is an integer, and no boolean. */
  public static boolean isInteger(Object value) {
    return value instanceof Long || value instanceof BigInteger;
  }

  /** An integer as a template holds it. */
  public static Object whole(BigInteger number) {
    return number.bitLength() < Long.SIZE ? (Object) number.longValue() : number;
  }

  public static long integer(Object value) {
    if (value instanceof Long number) {
      return number;
    } else if (value instanceof Boolean truth) {
      return truth ? 1 : 0;
    }
    throw value instanceof BigInteger
        ? new TemplateException("expected an integer of 64 bits, got " + value)
        : wrongType("an integer", value);
  }

  public static double decimal(Object value) {
    if (value instanceof Double number) {
      return number;
    }
    return value instanceof BigInteger number ? number.doubleValue() : integer(value);
  }

  public static MarkedText text(Object value) {
    if (value instanceof MarkedText text) {
      return text;
    }
    throw wrongType("a string", value);
  }

  public static TemplateException wrongType(String wanted, Object value) {
    return value instanceof Undefined undefined
        ? undefined.refusal()
        : new TemplateException("expected " + wanted + ", got '" + type(value) + "'");
  }

  /** What a loop or filter goes through. */
  public static List<Object> items(Object value, TemplateBudget budget) {
    if (value instanceof PythonList list) {
      return list;
    } else if (value instanceof MarkedText text) {
      return text.characters(budget);
    } else if (value instanceof Map<?, ?> map) {
      budget.spend(map.size());
      return new ArrayList<>(map.keySet());
    } else if (value instanceof Undefined) {
      return List.of();
    }
    throw new TemplateException("'" + type(value) + "' object is not iterable");
  }

  public static long size(Object value, TemplateBudget budget) {
    if (value instanceof MarkedText text) {
      budget.spend(text.length());
      return text.codePoints();
    } else if (value instanceof PythonList list) {
      return list.size();
    } else if (value instanceof Map<?, ?> map) {
      return map.size();
    } else if (value instanceof Undefined) {
      return 0;
    }
    throw new TemplateException("object of type '" + type(value) + "' has no length");
  }

  /**
   * Checks that a value can be a key of a dict, and pays for looking it up. A dict goes through all
   * keys with the same hash that are of another kind. So many floats and long integers share each
   * hash that they cannot be keys. Of the other integers, at most two have the same hash.
   */
  public static Object key(Object value, TemplateBudget budget) {
    budget.spend(1);
    if (value instanceof MarkedText text) {
      budget.spend(text.length());
      return value;
    } else if (value instanceof Boolean || value == None.NONE) {
      return value;
    } else if (value instanceof Long number) {
      if (number != number.intValue()) {
        throw new TemplateException("expected an integer of 32 bits as key, got " + number);
      }
      return value;
    }
    throw wrongType("a string or integer as key", value);
  }
}
