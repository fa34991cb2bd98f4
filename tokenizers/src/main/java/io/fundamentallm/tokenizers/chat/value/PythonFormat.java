package io.fundamentallm.tokenizers.chat.value;

import java.math.BigDecimal;
import java.util.HexFormat;
import java.util.Map;
import java.util.Objects;

/** Values as Python prints them: {@code str} and {@code repr}. */
public final class PythonFormat {
  private PythonFormat() {}

  public static MarkedText str(Object value, TemplateBudget budget) {
    if (value instanceof MarkedText text) {
      return text;
    }
    MarkedTextBuilder out = new MarkedTextBuilder(budget);
    repr(value, out);
    return out.build();
  }

  private static void repr(Object value, MarkedTextBuilder out) {
    if (value instanceof MarkedText text) {
      quote(text, out);
    } else if (Values.isInteger(value)) {
      out.append(value.toString());
    } else if (value instanceof Double number) {
      out.budget().spend(TemplateBudget.FORMAT);
      out.append(decimal(number));
    } else if (value instanceof Boolean truth) {
      out.append(truth ? "True" : "False");
    } else if (value == None.NONE) {
      out.append("None");
    } else if (value instanceof PythonList list) {
      out.append(list.isTuple() ? "(" : "[");
      String between = "";
      for (Object item : list) {
        out.append(between);
        repr(item, out);
        between = ", ";
      }
      out.append(!list.isTuple() ? "]" : list.size() == 1 ? ",)" : ")");
    } else if (value instanceof Map<?, ?> map) {
      String between = "{";
      for (Map.Entry<?, ?> entry : map.entrySet()) {
        out.append(between);
        repr(Objects.requireNonNull(entry.getKey()), out);
        out.append(": ");
        repr(Objects.requireNonNull(entry.getValue()), out);
        between = ", ";
      }
      out.append(map.isEmpty() ? "{}" : "}");
    } else if (!(value instanceof Undefined)) {
      throw new TemplateException("cannot print a " + Values.type(value));
    }
  }

  private static void quote(MarkedText text, MarkedTextBuilder out) {
    String characters = text.text();
    char quote = characters.indexOf('\'') >= 0 && characters.indexOf('"') < 0 ? '"' : '\'';
    out.append(String.valueOf(quote));
    int plain = 0;
    for (int i = 0; i < characters.length(); ) {
      int c = characters.codePointAt(i);
      int next = i + Character.charCount(c);
      String escape = escape(c, quote);
      if (!escape.isEmpty()) {
        out.append(text.part(plain, i)).append(escape, text.isMarked(i));
        plain = next;
      }
      i = next;
    }
    out.append(text.part(plain, characters.length())).append(String.valueOf(quote));
  }

  /** How {@code repr} writes a character, or nothing if unchanged. */
  private static String escape(int c, char quote) {
    return switch (c) {
      case '\\' -> "\\\\";
      case '\n' -> "\\n";
      case '\r' -> "\\r";
      case '\t' -> "\\t";
      default -> {
        if (c == quote) {
          yield "\\" + quote;
        } else if (isPrintable(c)) {
          yield "";
        }
        HexFormat hex = HexFormat.of();
        yield c < 0x100
            ? "\\x" + hex.toHexDigits((byte) c)
            : c < 0x10000 ? "\\u" + hex.toHexDigits((char) c) : "\\U" + hex.toHexDigits(c);
      }
    };
  }

  /** As {@code str.isprintable}: not of the categories C and Z, the blank excepted. */
  private static boolean isPrintable(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.UNASSIGNED,
          Character.SPACE_SEPARATOR,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          c == ' ';
      default -> true;
    };
  }

  /** The shortest digits that read back, with Python's choice of exponents. */
  public static String decimal(double value) {
    if (Double.isNaN(value)) {
      return "nan";
    } else if (Double.isInfinite(value)) {
      return value > 0 ? "inf" : "-inf";
    } else if (value == 0) {
      return 1 / value < 0 ? "-0.0" : "0.0";
    }
    BigDecimal digits = new BigDecimal(Double.toString(value)).stripTrailingZeros();
    int exponent = digits.precision() - digits.scale() - 1;
    if (exponent >= -4 && exponent < 16) {
      String plain = digits.toPlainString();
      return plain.indexOf('.') < 0 ? plain + ".0" : plain;
    }
    String unscaled = digits.unscaledValue().abs().toString();
    return (value < 0 ? "-" : "")
        + unscaled.charAt(0)
        + (unscaled.length() > 1 ? "." + unscaled.substring(1) : "")
        + (exponent < 0 ? "e-" : "e+")
        + (Math.abs(exponent) < 10 ? "0" : "")
        + Math.abs(exponent);
  }
}
